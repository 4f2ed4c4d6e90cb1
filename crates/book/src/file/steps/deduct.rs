//! `deduct`: an ordered waterfall of named deductions.

use super::{FigureSpec, RoundSpec, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::Title;
use crate::file::agreement::StepsOf;
use crate::read::Named;
use crate::scalar::{Exact, Rate};
use settle::Rule;
use settle::limits::ITEMS_MAX;
use settle::steps::{Deduct, Deduction};

crate::step_record! {
    /// Takes named deductions from the running amount.
    pub struct DeductSpec {
        /// Deductions by name, taken in the order of the file.
        pub items: Named<DeductionSpec>,
        /// Whether deductions stop at zero; what they could not take is stated as excess.
        pub floor_at_zero: bool = default,
    }
}

crate::record! {
    /// One deduction: of a measure, a line, an amount, or the running amount.
    pub struct DeductionSpec {
        /// What people read on its line.
        pub title: Title = default,
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
        /// At most this much.
        pub cap: Option<Placed<FigureSpec>> = default,
        /// What becomes of what could not be taken; it is lost where nothing is said.
        pub excess: Option<Placed<ExcessWord>> = default,
    }
}

crate::choice! {
    /// What becomes of what a deduction could not take.
    pub enum ExcessWord {
        /// It is stated, and forgotten.
        Lost = "lost",
        /// It is kept, and asked for first in the next period.
        Carried = "carried",
    }
}

crate::figure_parts!(DeductionSpec);

impl Spell for DeductSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        if self.items.0.is_empty() || self.items.0.len() > ITEMS_MAX {
            let message = format!("a step has 1 to {ITEMS_MAX} deductions");
            steps.reporter.error(code::TOO_MANY, place, message, "");
        }
        let mut items = Vec::new();
        for (name, item) in self.items.sound() {
            let amount = steps.figure(item.into());
            let cap = item.cap.as_ref().map(|cap| steps.figure((&cap.value).into()));
            let carried = item.excess.as_ref().filter(|word| word.value == ExcessWord::Carried);
            if let Some(word) = carried.filter(|_| cap.is_none() && !self.floor_at_zero) {
                let message = "nothing is left to carry where neither a cap nor a floor bounds it";
                let hint = "add `cap`, or `floor_at_zero: true`";
                steps.reporter.error(code::STEP_ORDER, word.place, message, hint);
            }
            let carried = carried.is_some();
            let title = (&item.title).into();
            items.push(Deduction { name: name.value.clone(), title, amount, cap, carried });
            steps.name_line(name);
        }
        Rule::Deduct(Deduct { items, floor_at_zero: self.floor_at_zero })
    }
}
