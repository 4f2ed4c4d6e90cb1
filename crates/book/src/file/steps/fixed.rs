//! `fixed`: an amount that does not depend on what happened.

use super::{EffectWord, RoundSpec, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::Exact;
use settle::steps::Fixed;
use settle::{Effect, Rule};

crate::step_record! {
    /// Takes a fixed amount for each period.
    pub struct FixedSpec {
        /// For a whole period; below zero for a credit.
        pub amount: Placed<Exact>,
        /// The first day on which it is due, in the agreement's zone: `2026-03-01`.
        pub first_day: Option<Placed<String>> = default,
        /// The last such day.
        pub last_day: Option<Placed<String>> = default,
        /// Where only the days of the period that count are charged, how their part is rounded. A
        /// period of which any day counts is charged whole where nothing is said.
        pub prorate: Option<RoundSpec> = default,
        /// What becomes of the running amount; `add` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

impl Spell for FixedSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        steps.check_decimals(self.amount.value.0, self.amount.place);
        let first = self.first_day.as_ref().and_then(|day| steps.date(day));
        let last = self.last_day.as_ref().and_then(|day| steps.date(day));
        if let (Some(first), Some(last), Some(day)) = (first, last, &self.last_day)
            && first > last
        {
            let message = "`last_day` is before `first_day`";
            steps.reporter.error(code::EFFECTIVE_ORDER, day.place, message, "");
        }
        Rule::Fixed(Fixed {
            amount: self.amount.value.0,
            first,
            last,
            prorate: self.prorate.as_ref().map(|round| steps.round_to(round)),
            effect: steps.effect_or(self.effect, Effect::Add),
        })
    }
}
