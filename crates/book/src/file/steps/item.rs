//! `item`: so much for each.

use super::{EffectWord, RoundSpec, Spell};
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::Exact;
use settle::steps::{Count, Item};
use settle::{Effect, Rule};

crate::step_record! {
    /// Takes so much for each posting of a measure, or for each unit of its value.
    pub struct ItemSpec {
        /// The measure.
        pub measure: Placed<String>,
        /// What is counted; its postings where nothing is said.
        pub count: Option<CountWord> = default,
        /// For each; below zero for a credit. May be finer than the asset.
        pub each: Placed<Exact>,
        /// How the product is rounded.
        pub round: Option<RoundSpec> = default,
        /// What becomes of the running amount; `add` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

crate::choice! {
    /// What of a measure is counted.
    pub enum CountWord {
        /// Its postings; one that takes another back counts as one more.
        Postings = "postings",
        /// Its value, in whole units of the asset.
        Value = "value",
    }
}

impl Spell for ItemSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        steps.measure(&self.measure);
        steps.check_fineness(self.each.value.0, self.each.place);
        Rule::Item(Item {
            measure: self.measure.value.clone(),
            count: match self.count {
                Some(CountWord::Value) => Count::Value,
                Some(CountWord::Postings) | None => Count::Postings,
            },
            each: self.each.value.0,
            round: self.round.as_ref().map(|round| steps.round_to(round)),
            effect: steps.effect_or(self.effect, Effect::Add),
        })
    }
}
