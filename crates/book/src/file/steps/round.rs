//! `round`: the step that drops digits.

use super::{RoundingWord, Spell};
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use settle::steps::Round;
use settle::{RoundTo, Rule};

crate::step_record! {
    /// Rounds the running amount.
    pub struct RoundStepSpec {
        /// Decimals that stay, those of the asset where nothing is said; -1 rounds to tens.
        pub scale: Option<Placed<i8>> = default,
        /// Which way.
        pub mode: RoundingWord,
        /// Whether what rounding drops is kept, and added before the next statement rounds.
        pub keep_residue: bool = default,
    }
}

impl Spell for RoundStepSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        if let Some(scale) = &self.scale {
            steps.check_scale(scale);
        }
        let scale = self.scale.as_ref().map_or_else(|| steps.scale(), |scale| scale.value);
        Rule::Round(Round {
            to: RoundTo { scale, mode: self.mode.into() },
            keep_residue: self.keep_residue,
        })
    }
}
