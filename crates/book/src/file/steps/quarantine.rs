//! `quarantine`: sets large losses of single players apart.

use super::Spell;
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::Exact;
use ledger::Decimal;
use settle::Rule;
use settle::steps::Quarantine;

crate::step_record! {
    /// Sets apart what large players won, and takes it from their own later revenue alone.
    pub struct QuarantineSpec {
        /// The measure of revenue, below zero where players won.
        pub measure: Placed<String>,
        /// The dimension that tells players apart.
        pub by: Placed<String>,
        /// How much revenue below zero makes a player a large one.
        pub threshold: Placed<Exact>,
    }
}

impl Spell for QuarantineSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        steps.measure(&self.measure);
        steps.groups(std::slice::from_ref(&self.by));
        let Exact(threshold) = self.threshold.value;
        steps.check_amount(threshold, self.threshold.place);
        if threshold == Decimal::ZERO {
            let message = "the threshold is above zero";
            steps.reporter.error(code::OUT_OF_BOUNDS, self.threshold.place, message, "");
        }
        let (measure, by) = (self.measure.value.clone(), self.by.value.clone());
        Rule::Quarantine(Quarantine { measure, by, threshold })
    }
}
