//! `reserve`: holds back a part of what is paid, and releases it later.

use super::{FigureSpec, RoundSpec, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::{Exact, Rate};
use settle::Rule;
use settle::limits::LAG_DAYS_MAX;
use settle::steps::{Reserve, Rolling};

crate::step_record! {
    /// Holds back a part of every period for some days, or up to a target, or both.
    pub struct ReserveSpec {
        /// What is held of every period, and for how long.
        pub rolling: Option<RollingSpec> = default,
        /// How much should always be held.
        pub target: Option<Placed<FigureSpec>> = default,
        /// The measure of what was charged back: it is paid from what is held, the oldest first.
        pub chargebacks: Option<Placed<String>> = default,
    }
}

crate::record! {
    /// A hold that is released by date.
    pub struct RollingSpec {
        /// A measure; what is running where nothing is named.
        pub measure: Option<Placed<String>> = default,
        /// An earlier line.
        pub line: Option<Placed<String>> = default,
        /// A fixed amount.
        pub amount: Option<Placed<Exact>> = default,
        /// The fraction that is held.
        pub rate: Option<Placed<Rate>> = default,
        /// How the hold is rounded.
        pub round: Option<RoundSpec> = default,
        /// Days from the last day of the period to the release.
        pub days: Placed<u32>,
    }
}

crate::figure_parts!(RollingSpec);

impl Spell for ReserveSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        if self.rolling.is_none() && self.target.is_none() {
            let message = "a reserve needs `rolling`, `target` or both";
            steps.reporter.error(code::MISSING_KEY, place, message, "");
        }
        let rolling = self.rolling.as_ref().map(|rolling| {
            let days = &rolling.days;
            if !(1..=LAG_DAYS_MAX).contains(&days.value) {
                let message = format!("a hold is released after 1 to {LAG_DAYS_MAX} days");
                steps.reporter.error(code::OUT_OF_BOUNDS, days.place, message, "");
            }
            Rolling { amount: steps.figure(rolling.into()), days: days.value }
        });
        let target = self.target.as_ref();
        let target = target.map(|target| steps.bound((&target.value).into(), target.place));
        if let Some(measure) = &self.chargebacks {
            steps.measure(measure);
        }
        let chargebacks = self.chargebacks.as_ref().map(|measure| measure.value.clone());
        Rule::Reserve(Reserve { rolling, target, chargebacks })
    }
}
