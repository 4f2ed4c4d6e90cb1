//! `split`: a figure into named parts that add up to it exactly.

use super::{OperandSpec, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::names::Form;
use crate::read::Named;
use crate::scalar::{Exact, Rate};
use crate::suggest;
use ledger::Decimal;
use settle::limits::ITEMS_MAX;
use settle::steps::{Gets, Part, Split};
use settle::{Operand, Rule};

crate::step_record! {
    /// Splits a figure into named parts that add up to it exactly, each a line `<step>/<part>`.
    pub struct SplitSpec {
        /// What is split; the running amount where nothing is said.
        pub of: Option<Placed<OperandSpec>> = default,
        /// Parts by name, in the order of the file.
        pub parts: Placed<Named<Placed<PartSpec>>>,
        /// The part that becomes the running amount; it stays as it is where nothing is said.
        pub keep: Option<Placed<String>> = default,
    }
}

crate::record! {
    /// How much a part gets: a rate, an amount or a weight.
    pub struct PartSpec {
        /// A fraction of the whole figure.
        pub rate: Option<Placed<Rate>> = default,
        /// A fixed amount, whatever the figure.
        pub amount: Option<Placed<Exact>> = default,
        /// Of what rates and amounts leave, a part in proportion to this weight: `"1"`.
        pub weight: Option<Placed<Exact>> = default,
    }
}

impl Spell for SplitSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        let specs = &self.parts;
        if specs.value.0.is_empty() || specs.value.0.len() > ITEMS_MAX {
            let message = format!("a split has 1 to {ITEMS_MAX} parts");
            steps.reporter.error(code::TOO_MANY, specs.place, message, "");
        }
        let mut parts = Vec::new();
        for (name, spec) in specs.value.sound() {
            Form::Word.check("a part", name, steps.reporter);
            if let Some(gets) = gets(spec, steps) {
                parts.push(Part { name: name.value.clone(), gets });
            }
        }
        if !parts.is_empty() && parts.len() == specs.value.0.len() {
            check_whole(&parts, specs.place, steps);
        }
        if let Some(keep) = &self.keep
            && !specs.value.names().any(|name| name == keep.value)
        {
            let message = format!("no part is named `{}`", keep.value);
            let hint = suggest::hint(&keep.value, specs.value.names());
            steps.reporter.error(code::UNKNOWN_NAME, keep.place, message, hint);
        }
        let of = self.of.as_ref().map_or(Operand::Running, |of| steps.operand(of));
        let keep = self.keep.as_ref().map(|keep| keep.value.clone());
        Rule::Split(Split { of, parts, keep })
    }
}

fn gets(spec: &Placed<PartSpec>, steps: &mut StepsOf<'_, '_>) -> Option<Gets> {
    let PartSpec { rate, amount, weight } = &spec.value;
    match (rate, amount, weight) {
        (Some(rate), None, None) => Some(Gets::Rate(steps.rate(rate))),
        (None, Some(amount), None) => {
            steps.check_decimals(amount.value.0, amount.place);
            Some(Gets::Fixed(amount.value.0))
        }
        (None, None, Some(weight)) => {
            let value = weight.value.0;
            if value.is_negative() {
                let message = "a weight is zero or above";
                steps.reporter.error(code::OUT_OF_BOUNDS, weight.place, message, "");
            }
            steps.check_fineness(value, weight.place);
            Some(Gets::Weight(value))
        }
        _ => {
            let message = "a part gets a `rate`, an `amount` or a `weight`, and one only";
            steps.reporter.error(code::STEP_ORDER, spec.place, message, "");
            None
        }
    }
}

/// Somebody must get what rates and amounts leave, and rates must not be more than the whole.
fn check_whole(parts: &[Part], place: Place, steps: &mut StepsOf<'_, '_>) {
    let rates = parts.iter().filter_map(|part| match part.gets {
        Gets::Rate(rate) => Some(rate),
        Gets::Fixed(_) | Gets::Weight(_) => None,
    });
    let Ok(rates) = rates.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add) else { return };
    let weighs = |part: &Part| matches!(part.gets, Gets::Weight(weight) if !weight.is_zero());
    let fixed = |part: &Part| matches!(part.gets, Gets::Fixed(_));
    let whole = rates == Decimal::ONE && !parts.iter().any(fixed);
    if rates > Decimal::ONE {
        let message = "the rates of the parts are more than 100%";
        steps.reporter.error(code::OUT_OF_BOUNDS, place, message, "");
    } else if !whole && !parts.iter().any(weighs) {
        let message = "nobody gets what the rates and amounts leave";
        let hint = "give one part a `weight`, or let the rates add up to 100%";
        steps.reporter.error(code::STEP_ORDER, place, message, hint);
    }
}
