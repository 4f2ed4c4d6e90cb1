//! `tax`: taxes added to an amount, included in it, or held back from it.

use super::{EffectWord, OperandSpec, RoundSpec, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::read::Named;
use crate::scalar::Rate;
use settle::limits::ITEMS_MAX;
use settle::steps::{Tax, TaxItem, TaxMethod};
use settle::{Effect, Operand, Rule};

crate::step_record! {
    /// Takes taxes of a figure, each rounded by itself.
    pub struct TaxSpec {
        /// Whether the taxes come on top of the figure, are in it, or are held back from it.
        pub method: Placed<TaxWord>,
        /// What is taxed; the running amount where nothing is said.
        pub of: Option<Placed<OperandSpec>> = default,
        /// Dimensions by whose groups a measure is taxed one by one: a payee, an item.
        pub by: Vec<Placed<String>> = default,
        /// Taxes by name, in the order of the file.
        pub items: Placed<Named<TaxItemSpec>>,
        /// What becomes of the running amount; where nothing is said, taxes on top are added, and
        /// taxes held back are taken away.
        pub effect: Option<EffectWord> = default,
    }
}

crate::record! {
    /// One tax.
    pub struct TaxItemSpec {
        /// The fraction of what is taxed.
        pub rate: Placed<Rate>,
        /// The earlier tax of the step that this one is a surtax on.
        pub on: Option<Placed<String>> = default,
        /// How the tax is rounded; of an included tax what is supplied.
        pub round: RoundSpec,
    }
}

crate::choice! {
    /// How taxes lie to a figure.
    pub enum TaxWord {
        /// On top of it.
        Added = "added",
        /// In it.
        Included = "included",
        /// Held back from it.
        Withheld = "withheld",
    }
}

impl Spell for TaxSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        let (method, otherwise) = match self.method.value {
            TaxWord::Added => (TaxMethod::Added, Effect::Add),
            TaxWord::Included => (TaxMethod::Included, Effect::Keep),
            TaxWord::Withheld => (TaxMethod::Withheld, Effect::Subtract),
        };
        let of = self.of.as_ref().map_or(Operand::Running, |of| steps.operand(of));
        let by = steps.groups(&self.by);
        if let (false, Some(first)) = (matches!(of, Operand::Measure(_)), self.by.first()) {
            let message = "only a measure is taxed group by group";
            steps.reporter.error(code::MISSING_KEY, first.place, message, "give `of` a measure");
        }
        let items = self.items(steps);
        let effect = self.effect.map_or(otherwise, Effect::from);
        Rule::Tax(Tax { method, of, by, items, effect })
    }
}

impl TaxSpec {
    fn items(&self, steps: &mut StepsOf<'_, '_>) -> Vec<TaxItem> {
        let named = &self.items.value;
        let most = if self.method.value == TaxWord::Included { 1 } else { ITEMS_MAX };
        if named.0.is_empty() || named.0.len() > most {
            let message = format!("such a step has 1 to {most} taxes");
            steps.reporter.error(code::TOO_MANY, self.items.place, message, "");
        }
        let mut items: Vec<TaxItem> = Vec::new();
        for (name, spec) in named.sound() {
            let rate = steps.rate(&spec.rate);
            let earlier = |on: &&Placed<String>| items.iter().any(|item| item.name == on.value);
            if let Some(on) = spec.on.as_ref().filter(|on| !earlier(on)) {
                let message = format!("no earlier tax of the step is named `{}`", on.value);
                steps.reporter.error(code::UNKNOWN_NAME, on.place, message, "");
            }
            let on = spec.on.as_ref().map(|on| on.value.clone());
            let round = steps.round_to(&spec.round);
            items.push(TaxItem { name: name.value.clone(), rate, on, round });
            steps.name_line(name);
        }
        items
    }
}
