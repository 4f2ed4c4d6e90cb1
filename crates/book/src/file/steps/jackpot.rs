//! `jackpot`: contributions taken and passed on, and wins repaid.

use super::{FigureSpec, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use settle::Rule;
use settle::steps::Jackpot;

crate::step_record! {
    /// Takes a contribution before a share is taken; or, after that, passes it on and takes back
    /// the wins that were paid for the pool.
    pub struct JackpotSpec {
        /// What is taken for the pool.
        pub contribution: Option<Placed<FigureSpec>> = default,
        /// The earlier `jackpot` whose contribution is passed on.
        pub pool: Option<Placed<String>> = default,
        /// The wins that are repaid.
        pub repaid: Option<Placed<FigureSpec>> = default,
    }
}

impl Spell for JackpotSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        let passes_on = self.pool.is_some() || self.repaid.is_some();
        if self.contribution.is_some() == passes_on {
            let message = "a jackpot step has `contribution`, or `pool` and `repaid`";
            steps.reporter.error(code::MISSING_KEY, place, message, "take and repay in two steps");
        }
        let mut figure = |spec: &Option<Placed<FigureSpec>>| {
            let spec = spec.as_ref()?;
            Some(steps.bound((&spec.value).into(), spec.place))
        };
        let (contribution, repaid) = (figure(&self.contribution), figure(&self.repaid));
        if let Some(pool) = &self.pool {
            steps.line(pool);
        }
        let pool = self.pool.as_ref().map(|pool| pool.value.clone());
        Rule::Jackpot(Jackpot { contribution, pool, repaid })
    }
}
