//! `select`: which accounts and days the following steps read, and in which asset.

use super::Spell;
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::read::Named;
use settle::steps::Select;
use settle::{Rule, Selection, Window};

crate::step_record! {
    /// Narrows what following steps read; replaces the selection before it.
    pub struct SelectSpec {
        /// For each dimension the values that count; no dimension selects everything. `kind` and
        /// `source` are dimensions too.
        pub only: Named<Vec<Placed<String>>> = default,
        /// The first day that counts, in the agreement's zone: `2026-03-01`.
        pub first_day: Option<Placed<String>> = default,
        /// The last day that counts.
        pub last_day: Option<Placed<String>> = default,
        /// The asset that is read from here on; the agreement's where nothing is said.
        pub asset: Option<Placed<String>> = default,
    }
}

impl Spell for SelectSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        let mut selection = Selection::default();
        for (dim, values) in self.only.sound() {
            if !matches!(dim.value.as_str(), "source" | "kind") {
                steps.check_dim(dim);
                steps.check_impersonal(dim);
            }
            if values.is_empty() {
                steps.reporter.error(code::EMPTY, dim.place, "no value is selected", "");
            }
            let values = values.iter().map(|value| steps.value_of(&dim.value, value)).collect();
            selection.dims.insert(dim.value.clone(), values);
        }
        let asset = self.asset.as_ref().and_then(|asset| steps.asset_named(asset));
        Rule::Select(Select { selection, days: self.days(steps), asset })
    }
}

impl SelectSpec {
    fn days(&self, steps: &mut StepsOf<'_, '_>) -> Option<Window> {
        let (first, last) = match (&self.first_day, &self.last_day) {
            (None, None) => return None,
            (Some(first), Some(last)) => (first, last),
            (Some(one), None) | (None, Some(one)) => {
                let message = "days go from `first_day` to `last_day`: both are needed";
                steps.reporter.error(code::MISSING_KEY, one.place, message, "");
                return None;
            }
        };
        let days = (steps.date(first)?, steps.date(last)?);
        if days.0 > days.1 {
            let message = "`last_day` is before `first_day`";
            steps.reporter.error(code::EFFECTIVE_ORDER, last.place, message, "");
        }
        Some(Window::Days(days.0, days.1))
    }
}
