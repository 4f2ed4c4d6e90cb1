//! `credit`: prepaid credit, bought in lots and drawn from the oldest on.

use super::{EffectWord, RoundSpec, Spell};
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::Rate;
use settle::Rule;
use settle::steps::Credit;

crate::step_record! {
    /// Sells credit and draws from it; the result is the price of what was bought.
    pub struct CreditSpec {
        /// The measure of credit bought, at face.
        pub bought: Placed<String>,
        /// The measure that draws from it.
        pub drawn: Placed<String>,
        /// The fraction of face that it costs.
        pub price: Placed<Rate>,
        /// How the price is rounded.
        pub round: Option<RoundSpec> = default,
        /// What becomes of the running amount; `set` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

impl Spell for CreditSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        steps.measure(&self.bought);
        steps.measure(&self.drawn);
        Rule::Credit(Credit {
            bought: self.bought.value.clone(),
            drawn: self.drawn.value.clone(),
            price: steps.rate(&self.price),
            round: self.round.as_ref().map(|round| steps.round_to(round)),
            effect: steps.effect(self.effect),
        })
    }
}
