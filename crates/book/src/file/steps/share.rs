//! `share`: a part of a figure at one rate.

use super::{EffectWord, FigureParts, Head, RoundSpec, Spell};
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::Rate;
use settle::Rule;
use settle::steps::Share;

crate::step_record! {
    /// Takes a share at one rate.
    pub struct ShareSpec {
        /// A measure.
        pub measure: Option<Placed<String>> = default,
        /// An earlier line.
        pub line: Option<Placed<String>> = default,
        /// The fraction that is taken.
        pub rate: Placed<Rate>,
        /// How the result is rounded.
        pub round: Option<RoundSpec> = default,
        /// What becomes of the running amount; `set` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

impl Spell for ShareSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        let amount = steps.figure(FigureParts {
            measure: self.measure.as_ref(),
            line: self.line.as_ref(),
            amount: None,
            rate: Some(&self.rate),
            round: self.round.as_ref(),
        });
        Rule::Share(Share { amount, effect: steps.effect(self.effect) })
    }

    fn head(&self) -> Head<'_> {
        self.own_head()
    }
}
