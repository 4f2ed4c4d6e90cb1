//! `total`: a sum of earlier lines.

use super::{EffectWord, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use settle::steps::Total;
use settle::{Rule, Sign};

crate::step_record! {
    /// Adds earlier lines up.
    pub struct TotalSpec {
        /// Lines that are added.
        pub add: Vec<Placed<String>> = default,
        /// Lines that are taken away.
        pub subtract: Vec<Placed<String>> = default,
        /// What becomes of the running amount; `set` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

impl Spell for TotalSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        if self.add.is_empty() && self.subtract.is_empty() {
            let message = "a total needs lines: `add`, `subtract` or both";
            steps.reporter.error(code::MISSING_KEY, place, message, "");
        }
        let mut lines = Vec::new();
        for (sign, names) in [(Sign::Plus, &self.add), (Sign::Minus, &self.subtract)] {
            for name in names {
                steps.line(name);
                lines.push((sign, name.value.clone()));
            }
        }
        Rule::Total(Total { lines, effect: steps.effect(self.effect) })
    }
}
