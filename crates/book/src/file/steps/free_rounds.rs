//! `free-rounds`: what free rounds cost, by who funds them.

use super::Spell;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::read::Named;
use crate::scalar::Rate;
use ledger::Decimal;
use settle::Rule;
use settle::steps::FreeRounds;

crate::step_record! {
    /// Takes the part of free rounds that the one who is paid funds.
    pub struct FreeRoundsSpec {
        /// The measure of what free rounds cost.
        pub measure: Placed<String>,
        /// The dimension that says who funds them.
        pub by: Placed<String>,
        /// The fraction that is taken, by value of the dimension: "100%" for rounds funded by the
        /// one who is paid, "0%" by the one who pays, between them for shared ones.
        pub taken: Named<Placed<Rate>>,
        /// The fraction for every other value; nothing where nothing is said.
        pub otherwise: Option<Placed<Rate>> = default,
    }
}

impl Spell for FreeRoundsSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        steps.measure(&self.measure);
        steps.groups(std::slice::from_ref(&self.by));
        let by = self.by.value.clone();
        let taken = self.taken.sound();
        let taken =
            taken.map(|(value, rate)| (steps.value_of(&by, value), steps.rate(rate))).collect();
        let otherwise = self.otherwise.as_ref();
        let otherwise = otherwise.map_or(Decimal::ZERO, |rate| steps.rate(rate));
        let measure = self.measure.value.clone();
        Rule::FreeRounds(FreeRounds { measure, by, taken, otherwise })
    }
}
