//! `threshold`: what is too small is not paid but kept for the next period.

use super::{RoundSpec, Spell};
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::{Exact, Rate};
use settle::Rule;
use settle::steps::Threshold;

crate::step_record! {
    /// Pays the running amount, with what was held back before, only where it is not below a
    /// figure; it is held back whole otherwise.
    pub struct ThresholdSpec {
        /// A measure.
        pub measure: Option<Placed<String>> = default,
        /// An earlier line.
        pub line: Option<Placed<String>> = default,
        /// A fixed amount.
        pub amount: Option<Placed<Exact>> = default,
        /// The fraction that is taken; the whole where nothing is said.
        pub rate: Option<Placed<Rate>> = default,
        /// How the result is rounded.
        pub round: Option<RoundSpec> = default,
    }
}

crate::figure_parts!(ThresholdSpec);

impl Spell for ThresholdSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        Rule::Threshold(Threshold { at: steps.bound(self.into(), place) })
    }
}
