//! `sum`: reads a measure.

use super::{EffectWord, Spell};
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use settle::Rule;
use settle::steps::Sum;

crate::step_record! {
    /// Reads a measure.
    pub struct SumSpec {
        /// The measure.
        pub measure: Placed<String>,
        /// What becomes of the running amount; `set` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

impl Spell for SumSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        steps.measure(&self.measure);
        let effect = steps.effect(self.effect);
        Rule::Sum(Sum { measure: self.measure.value.clone(), effect })
    }
}
