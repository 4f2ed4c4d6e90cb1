//! `cap`: bounds the running amount from above.

use super::{RoundSpec, Spell};
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::{Exact, Rate};
use settle::Rule;
use settle::steps::Cap;

crate::step_record! {
    /// Bounds the running amount from above.
    pub struct CapSpec {
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

crate::figure_parts!(CapSpec);

impl Spell for CapSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        Rule::Cap(Cap { limit: steps.bound(self.into(), place) })
    }
}
