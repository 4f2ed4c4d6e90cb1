//! Which of the finer sums that were read a scope reads: several asks are answered from one
//! reading, each with its own values of the finer dimensions.

use settle::scope::Part;
use settle::{Grain, Scope};

/// Bit of what no account tells and no value does: not looked at yet.
const UNKNOWN: u128 = 1 << 127;
/// Selections that are told apart by a bit each; of more, all are taken for selected, and left
/// for rating to leave out.
const BITS: usize = 127;

/// The parts of one grain, with what they select of its dimensions.
pub(super) struct Selected<'s> {
    parts: Vec<(&'s Part<'s>, u128)>,
    /// One part of each selection, by bit.
    selections: Vec<&'s Part<'s>>,
    /// By place of values: the bits of the selections that they are in.
    values: Vec<u128>,
}

impl<'s> Selected<'s> {
    /// What `scope` reads at a grain.
    pub fn of(scope: &'s Scope<'s>, grain: &Grain) -> Self {
        let mut selections: Vec<&Part<'_>> = Vec::new();
        let mut parts = Vec::new();
        for part in scope.parts().iter().filter(|part| scope.needs()[part.need].grain == *grain) {
            let same = |known: &&Part<'_>| known.matcher.finer().eq(part.matcher.finer());
            let bit = selections.iter().position(same).unwrap_or_else(|| {
                selections.push(part);
                selections.len() - 1
            });
            parts.push((part, if bit < BITS { 1 << bit } else { !UNKNOWN }));
        }
        Self { parts, selections, values: Vec::new() }
    }

    /// The bits of the selections under which an account is read.
    pub fn of_account(&self, path: &str, asset: &str) -> u128 {
        let reads = |part: &&(&Part<'_>, u128)| part.0.reads_account(path, asset);
        self.parts.iter().filter(reads).fold(0, |mask, (_, bit)| mask | bit)
    }

    /// The bits of the selections that the values at a place are in; `read` gives the values.
    pub fn of_values<'v>(
        &mut self,
        place: u32,
        grain: &Grain,
        read: impl FnOnce() -> Vec<&'v str>,
    ) -> u128 {
        let at = place as usize;
        if self.values.len() <= at {
            self.values.resize(at + 1, UNKNOWN);
        }
        if self.values[at] == UNKNOWN {
            self.values[at] = self.look(grain, &read());
        }
        self.values[at]
    }

    fn look(&self, grain: &Grain, values: &[&str]) -> u128 {
        if self.selections.len() > BITS {
            return !UNKNOWN;
        }
        let value = |dim: &str| {
            let place = grain.by.iter().position(|known| known == dim);
            place.and_then(|at| values.get(at)).copied().unwrap_or_default().to_owned()
        };
        let bits = self.selections.iter().enumerate();
        let selects = bits.filter(|(_, part)| part.matcher.selects(value));
        selects.fold(0, |mask, (bit, _)| mask | 1 << bit)
    }
}
