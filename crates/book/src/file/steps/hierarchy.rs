//! `hierarchy`: commissions down a tree of parties.

use super::{EffectWord, RoundSpec, Spell};
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::scalar::Rate;
use settle::Rule;
use settle::limits::ITEMS_MAX;
use settle::steps::{Hierarchy, LevelRate, NetLoss};
use std::collections::BTreeSet;

crate::step_record! {
    /// Commissions of what happened at the leaves of the tree of parties (`parent` in
    /// parties.yaml): each level keeps its rate less the rate below it.
    pub struct HierarchySpec {
        /// The dimension whose values are the parties of the leaves.
        pub party: Placed<String>,
        /// The dimension by whose values rates may differ.
        pub product: Option<Placed<String>> = default,
        /// The measure that turnover commissions are taken of.
        pub turnover: Option<Placed<String>> = default,
        /// Commissions of what players lost.
        pub net_loss: Option<NetLossSpec> = default,
        /// Rates of the parties.
        pub rates: Placed<Vec<LevelRateSpec>>,
        /// How lines are rounded, so that they add up; not at all where nothing is said.
        pub round: Option<RoundSpec> = default,
        /// The party whose part is the result; all of them where nothing is said.
        pub pays: Option<Placed<String>> = default,
        /// What becomes of the running amount; `set` where nothing is said.
        pub effect: Option<EffectWord> = default,
    }
}

crate::record! {
    /// Commissions of the net losses of players, less what turnover commissions took of them.
    pub struct NetLossSpec {
        /// The measure of what players lost.
        pub measure: Placed<String>,
        /// Whether every product by itself does not fall below zero, or all of a leaf together.
        pub floor: FloorWord,
    }
}

crate::choice! {
    /// What does not fall below zero.
    pub enum FloorWord {
        /// Every product by itself.
        Each = "each",
        /// All products of a leaf together.
        All = "all",
    }
}

crate::record! {
    /// The rates of one party from one day on.
    pub struct LevelRateSpec {
        /// The party.
        pub party: Placed<String>,
        /// The product that they are for; all where nothing is said.
        pub product: Option<Placed<String>> = default,
        /// The first day on which they hold; always where nothing is said.
        pub from: Option<Placed<String>> = default,
        /// The fraction of turnover.
        pub turnover: Option<Placed<Rate>> = default,
        /// The fraction of net losses.
        pub net_loss: Option<Placed<Rate>> = default,
    }
}

impl Spell for HierarchySpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, place: Place) -> Rule {
        if self.turnover.is_none() && self.net_loss.is_none() {
            let message = "a hierarchy needs `turnover`, `net_loss` or both";
            steps.reporter.error(code::MISSING_KEY, place, message, "");
        }
        let measures = [self.turnover.as_ref(), self.net_loss.as_ref().map(|loss| &loss.measure)];
        for measure in measures.into_iter().flatten() {
            steps.measure(measure);
        }
        for dim in [Some(&self.party), self.product.as_ref()].into_iter().flatten() {
            steps.groups(std::slice::from_ref(dim));
        }
        let count = self.rates.value.len();
        if count == 0 || count > ITEMS_MAX {
            let message = format!("a hierarchy has 1 to {ITEMS_MAX} rates");
            steps.reporter.error(code::TOO_MANY, self.rates.place, message, "");
        }
        if let Some(party) = &self.pays {
            steps.check_party(party);
        }
        let name = |name: &Placed<String>| name.value.clone();
        let net_loss = self.net_loss.as_ref().map(|loss| NetLoss {
            measure: loss.measure.value.clone(),
            each: loss.floor == FloorWord::Each,
        });
        let made = Hierarchy {
            party: self.party.value.clone(),
            product: self.product.as_ref().map(name),
            turnover: self.turnover.as_ref().map(name),
            net_loss,
            parents: steps.parents().clone(),
            rates: self.rates.value.iter().map(|rate| self.level(rate, steps)).collect(),
            round: self.round.as_ref().map(|round| steps.round_to(round)),
            pays: self.pays.as_ref().map(name),
            effect: steps.effect(self.effect),
        };
        self.check_levels(&made, steps);
        Rule::Hierarchy(made)
    }
}

impl HierarchySpec {
    fn level(&self, spec: &LevelRateSpec, steps: &mut StepsOf<'_, '_>) -> LevelRate {
        steps.check_party(&spec.party);
        if spec.turnover.is_none() && spec.net_loss.is_none() {
            let message = "a rate is that of `turnover`, of `net_loss` or both";
            steps.reporter.error(code::MISSING_KEY, spec.party.place, message, "");
        }
        if let (None, Some(product)) = (&self.product, &spec.product) {
            let message = "no dimension has products: `product` of the step is missing";
            steps.reporter.error(code::MISSING_KEY, product.place, message, "");
        }
        LevelRate {
            party: spec.party.value.clone(),
            product: spec.product.as_ref().map(|product| product.value.clone()),
            from: spec.from.as_ref().and_then(|from| steps.date(from)),
            turnover: spec.turnover.as_ref().map(|rate| steps.rate(rate)),
            net_loss: spec.net_loss.as_ref().map(|rate| steps.rate(rate)),
        }
    }

    /// What no level may keep, and rates of one party from the same day.
    fn check_levels(&self, made: &Hierarchy, steps: &mut StepsOf<'_, '_>) {
        let mut seen = BTreeSet::new();
        for (spec, rate) in self.rates.value.iter().zip(&made.rates) {
            if !seen.insert((&rate.party, &rate.product, rate.from)) {
                let message = format!("`{}` has two rates from the same day", rate.party);
                steps.reporter.error(code::DUPLICATE_NAME, spec.party.place, message, "");
            }
        }
        let mut told = BTreeSet::new();
        for (at, parent, day) in made.faults() {
            let Some(spec) = self.rates.value.get(at).filter(|_| told.insert(at)) else { continue };
            let day = day.map(|day| format!(" from {day} on")).unwrap_or_default();
            let own = &spec.party.value;
            let message = format!("the rate of `{own}` is above that of `{parent}`{day}");
            let hint = code::LEVEL_ABOVE.hint;
            steps.reporter.error(code::LEVEL_ABOVE, spec.party.place, message, hint);
        }
    }
}
