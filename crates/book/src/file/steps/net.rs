//! `net`: several agreements of the same two parties in one payment.

use super::Spell;
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use settle::steps::{Net, Netted};
use settle::{Effect, Owed, Rule};

crate::step_record! {
    /// Adds what the statements of other agreements of the same two parties came to, one line for
    /// each, so that one payment settles them all.
    pub struct NetSpec {
        /// The agreements, by name.
        pub agreements: Placed<Vec<Placed<String>>>,
    }
}

impl Spell for NetSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        steps.effect_or(None, Effect::Add);
        if self.agreements.value.is_empty() {
            let place = self.agreements.place;
            steps.reporter.error(code::EMPTY, place, "it names no agreement", "");
        }
        crate::names::no_repeats(&self.agreements.value, "agreement", steps.reporter);
        // Which way each of them pays is known when all agreements are.
        let netted = |name: &Placed<String>| Netted {
            agreement: name.value.clone(),
            owed: Owed::Payable,
            reversed: false,
        };
        Rule::Net(Net { agreements: self.agreements.value.iter().map(netted).collect() })
    }
}
