//! `share`: a part of a figure at one rate.

use super::{EffectWord, FigureParts, RoundSpec, Spell};
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::Rate;
use settle::steps::Share;
use settle::{Figure, Rule};

/// The highest rate of a markup: ten times the cost.
const MARKUP_MAX: i128 = 10;

crate::step_record! {
    /// Takes a share at one rate.
    pub struct ShareSpec {
        /// A measure.
        pub measure: Option<Placed<String>> = default,
        /// An earlier line.
        pub line: Option<Placed<String>> = default,
        /// The fraction that is taken.
        pub rate: Placed<Rate>,
        /// Whether the rate is one on top of a cost, and may go up to 1000%.
        pub markup: bool = default,
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
            rate: None,
            round: self.round.as_ref(),
        });
        let most = if self.markup { MARKUP_MAX } else { 1 };
        let rate = steps.rate_up_to(&self.rate, most);
        let amount = Figure { rate: Some(rate), ..amount };
        Rule::Share(Share { amount, effect: steps.effect(self.effect) })
    }
}
