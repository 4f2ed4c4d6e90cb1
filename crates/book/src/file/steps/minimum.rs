//! `minimum`: tops the running amount up.

use super::{RoundSpec, Spell};
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::{Exact, Rate};
use settle::Rule;
use settle::steps::Minimum;

crate::step_record! {
    /// Tops the running amount up to a guaranteed one.
    pub struct MinimumSpec {
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

crate::figure_parts!(MinimumSpec);

impl Spell for MinimumSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        Rule::Minimum(Minimum { amount: steps.bound(self.into(), place) })
    }
}
