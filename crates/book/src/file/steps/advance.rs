//! `advance`: what was paid in advance, worked off by what is earned.

use super::{FigureSpec, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::Exact;
use settle::Rule;
use settle::limits::ITEMS_MAX;
use settle::steps::{Advance, Grant};

crate::step_record! {
    /// Works off what was paid in advance. What was advanced before the first statement stands in
    /// the agreement's `opening`, under the step's name.
    pub struct AdvanceSpec {
        /// What is advanced, in order of day.
        pub grants: Vec<Placed<GrantSpec>> = default,
        /// The most that one period works off; all that it earned where nothing is said.
        pub most: Option<Placed<FigureSpec>> = default,
    }
}

crate::record! {
    /// One advance.
    pub struct GrantSpec {
        /// The day, in the agreement's zone: `2026-03-01`. The period that it lies in already
        /// works it off.
        pub on: Placed<String>,
        /// How much.
        pub amount: Placed<Exact>,
        /// Whether it is paid apart from statements, as it is where nothing is said, or by the
        /// statement of the period.
        pub paid: Option<PaidWord> = default,
    }
}

crate::choice! {
    /// How an advance is paid.
    pub enum PaidWord {
        /// Apart from statements.
        Apart = "apart",
        /// By the statement of the period that the day lies in.
        ByStatement = "by-statement",
    }
}

impl Spell for AdvanceSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        if self.grants.len() > ITEMS_MAX {
            let message = format!("a step has at most {ITEMS_MAX} advances");
            steps.reporter.error(code::TOO_MANY, place, message, "");
        }
        let mut grants: Vec<Grant> = Vec::new();
        for Placed { value: spec, .. } in &self.grants {
            steps.fixed(&spec.amount);
            if spec.amount.value.0.is_zero() {
                let message = "an advance is above zero";
                steps.reporter.error(code::OUT_OF_BOUNDS, spec.amount.place, message, "");
            }
            let Some(on) = steps.date(&spec.on) else { continue };
            if grants.last().is_some_and(|last| last.on >= on) {
                let message = "advances stand in order of day, one a day";
                steps.reporter.error(code::EFFECTIVE_ORDER, spec.on.place, message, "");
            }
            let pays = spec.paid == Some(PaidWord::ByStatement);
            grants.push(Grant { on, amount: spec.amount.value.0, pays });
        }
        let most = self.most.as_ref().map(|most| steps.figure((&most.value).into()));
        Rule::Advance(Advance { grants, most })
    }
}
