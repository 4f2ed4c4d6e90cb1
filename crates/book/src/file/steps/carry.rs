//! `carry`: what becomes of a running amount below zero.

use super::Spell;
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::names::Form;
use settle::Rule;
use settle::steps::{Carry, CarryTo};

crate::step_record! {
    /// Leaves no running amount below zero.
    pub struct CarrySpec {
        /// Where what is below zero goes.
        pub to: Placed<CarryWord>,
        /// The pool, where it is shared: several steps name the same one.
        pub pool: Option<Placed<String>> = default,
    }
}

crate::choice! {
    /// Where a running amount below zero goes.
    pub enum CarryWord {
        /// To the next statement, which begins with it.
        Forward = "forward",
        /// Nowhere: it is forgotten.
        Reset = "reset",
        /// Into a pool that several steps of the agreement share.
        Shared = "shared",
    }
}

impl Spell for CarrySpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        if let Some(pool) = &self.pool {
            Form::Word.check("a pool", pool, steps.reporter);
            if self.to.value != CarryWord::Shared {
                let message = "only `to: shared` has a pool";
                steps.reporter.error(code::STEP_ORDER, pool.place, message, "leave `pool` out");
            }
        }
        let to = match self.to.value {
            CarryWord::Forward => CarryTo::Forward,
            CarryWord::Reset => CarryTo::Reset,
            CarryWord::Shared => {
                let Some(pool) = &self.pool else {
                    let message = "`to: shared` needs `pool`, the name of what is shared";
                    steps.reporter.error(code::MISSING_KEY, self.to.place, message, "");
                    return Rule::Carry(Carry { to: CarryTo::Forward });
                };
                CarryTo::Shared(pool.value.clone())
            }
        };
        Rule::Carry(Carry { to })
    }
}
