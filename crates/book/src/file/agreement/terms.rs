//! From the steps of one version of terms to settlement's own, with what only their order shows:
//! names given twice, lines that are not there yet, selections that a measure cannot follow.

use std::collections::BTreeSet;

use ledger::{Asset, Decimal};
use settle::limits::{ITEMS_MAX, RATE_SCALE_MAX, ROUND_SCALE_MAX, STEPS_MAX};
use settle::steps::{
    Band, Bound, Cap, Deduct, Deduction, Method, Minimum, Round, Select, Share, Sum, Tier,
};
use settle::{Effect, Operand, RoundTo, Rule, Selection, Step};

use super::Around;
use crate::code;
use crate::diagnostic::{Place, Placed, Reporter};
use crate::file::steps::{
    BandSpec, DeductSpec, DeductionSpec, EffectWord, FigureParts, MethodWord, OperandSpec,
    RoundStep, SelectSpec, StepSpec, TierSpec,
};
use crate::names::Form;
use crate::scalar::{Exact, Rate};
use crate::suggest;

/// Compiles the steps of one version.
pub struct StepsOf<'a, 'r> {
    around: Around<'a>,
    asset: Option<&'a Asset>,
    pub(in crate::file) reporter: &'a mut Reporter<'r>,
    /// Names of the lines so far.
    lines: Vec<String>,
    /// Dimensions of the selection in force.
    selected: BTreeSet<String>,
    /// Whether a step has set the running amount.
    has_amount: bool,
}

impl<'a, 'r> StepsOf<'a, 'r> {
    /// A compiler for terms settled in `asset`.
    pub fn new(
        around: Around<'a>,
        asset: Option<&'a Asset>,
        reporter: &'a mut Reporter<'r>,
    ) -> Self {
        let (lines, selected) = (Vec::new(), BTreeSet::new());
        Self { around, asset, reporter, lines, selected, has_amount: false }
    }

    /// The steps, in order.
    pub fn compile(mut self, specs: &Placed<Vec<Placed<StepSpec>>>) -> Vec<Step> {
        if specs.value.len() > STEPS_MAX {
            let message = format!("there are more than {STEPS_MAX} steps");
            self.reporter.error(code::TOO_MANY, specs.place, message, "");
        }
        let steps = specs.value.iter().take(STEPS_MAX).map(|spec| self.step(spec)).collect();
        self.check_end(specs);
        steps
    }

    fn check_end(&mut self, specs: &Placed<Vec<Placed<StepSpec>>>) {
        if !self.has_amount {
            let message = "no step sets an amount: begin with `sum`";
            self.reporter.error(code::STEP_ORDER, specs.place, message, code::STEP_ORDER.cause);
        }
        let last = specs.value.last();
        if let Some(last) = last.filter(|step| !matches!(step.value, StepSpec::Round(_))) {
            let message = "the last step must be `round`: what is owed has the asset's decimals";
            self.reporter.error(code::STEP_ORDER, last.place, message, "add a `round` step");
        }
    }

    fn step(&mut self, spec: &Placed<StepSpec>) -> Step {
        let (word, name) = match &spec.value {
            StepSpec::Select(spec) => ("select", &spec.name),
            StepSpec::Sum(spec) => ("sum", &spec.name),
            StepSpec::Deduct(spec) => ("deduct", &spec.name),
            StepSpec::Tier(spec) => ("tier", &spec.name),
            StepSpec::Share(spec) => ("share", &spec.name),
            StepSpec::Minimum(spec) => ("minimum", &spec.name),
            StepSpec::Cap(spec) => ("cap", &spec.name),
            StepSpec::Round(spec) => ("round", &spec.name),
        };
        let own = Placed { value: word.to_owned(), place: spec.place };
        let name = name.as_ref().unwrap_or(&own);
        let rule = match &spec.value {
            StepSpec::Select(spec) => Rule::Select(self.select(spec)),
            StepSpec::Sum(spec) => {
                self.measure(&spec.measure);
                let effect = self.effect(spec.effect);
                Rule::Sum(Sum { measure: spec.measure.value.clone(), effect })
            }
            StepSpec::Deduct(spec) => Rule::Deduct(self.deduct(spec, name.place)),
            StepSpec::Tier(spec) => Rule::Tier(self.tier(spec)),
            StepSpec::Share(spec) => {
                let amount = self.figure(FigureParts::from(spec));
                Rule::Share(Share { amount, effect: self.effect(spec.effect) })
            }
            StepSpec::Minimum(step) => {
                Rule::Minimum(Minimum { amount: self.bound(step.into(), name.place) })
            }
            StepSpec::Cap(step) => Rule::Cap(Cap { limit: self.bound(step.into(), name.place) }),
            StepSpec::Round(spec) => Rule::Round(Round { to: self.round_step(spec) }),
        };
        self.name_line(name);
        Step { name: name.value.clone(), rule }
    }

    fn name_line(&mut self, name: &Placed<String>) {
        Form::Word.check("a step", name, self.reporter);
        if self.lines.contains(&name.value) {
            let message = format!("an earlier step is named `{}` already", name.value);
            self.reporter.error(code::DUPLICATE_NAME, name.place, message, "give it a `name`");
        }
        self.lines.push(name.value.clone());
    }

    fn effect(&mut self, word: Option<EffectWord>) -> Effect {
        let effect = word.map_or(Effect::Set, Effect::from);
        self.has_amount |= effect != Effect::Keep;
        effect
    }

    fn select(&mut self, spec: &SelectSpec) -> Select {
        let mut selection = Selection::default();
        self.selected.clear();
        for (dim, values) in spec.only.sound() {
            if matches!(dim.value.as_str(), "source" | "kind") || self.check_dim(dim) {
                self.selected.insert(dim.value.clone());
            }
            if values.is_empty() {
                self.reporter.error(code::EMPTY, dim.place, "no value is selected", "");
            }
            let values = values.iter().map(|value| self.value_of(&dim.value, value)).collect();
            selection.dims.insert(dim.value.clone(), values);
        }
        Select { selection }
    }

    fn check_dim(&mut self, dim: &Placed<String>) -> bool {
        self.around.scope.dims.check(dim, self.reporter)
    }

    /// The value as accounts have it: of a party its name.
    fn value_of(&mut self, dim: &str, value: &Placed<String>) -> String {
        let rules = self.around.rules;
        let names_party = rules.dims.iter().any(|known| known.name == dim && known.party);
        if names_party {
            if let Some(party) = rules.party(&value.value) {
                return rules.parties[usize::from(party)].name.clone();
            }
            self.around.scope.parties.check(value, self.reporter);
        }
        value.value.clone()
    }

    pub(in crate::file) fn measure(&mut self, name: &Placed<String>) -> Operand {
        if self.around.scope.measures.check(name, self.reporter) {
            self.check_selected(name);
        }
        Operand::Measure(name.value.clone())
    }

    /// A selection by a dimension that the measure's accounts do not have cannot be told apart.
    fn check_selected(&mut self, name: &Placed<String>) {
        let measure = self.around.measures.iter().find(|measure| measure.name == name.value);
        for dim in &self.selected {
            let lacks = |term: &settle::Term| term.template.iter().all(|s| s.dim() != Some(dim));
            if measure.is_some_and(|measure| measure.terms.iter().any(lacks)) {
                let message = format!("the accounts of `{}` do not all have `{dim}`", name.value);
                let hint = format!("do not select by `{dim}`, or add it to the accounts");
                self.reporter.error(code::SELECT_DIM, name.place, message, hint);
            }
        }
    }

    pub(in crate::file) fn line(&mut self, name: &Placed<String>) -> Operand {
        // Parts of lines, such as `bonuses/excess`, are for settlement to know.
        let whole = name.value.split('/').next().unwrap_or_default();
        if !self.lines.iter().any(|line| line == whole) {
            let message = format!("no earlier step is named `{}`", name.value);
            let hint = suggest::hint(&name.value, self.lines.iter().map(String::as_str));
            self.reporter.error(code::UNKNOWN_NAME, name.place, message, hint);
        }
        Operand::Line(name.value.clone())
    }

    pub(in crate::file) fn fixed(&mut self, amount: &Placed<Exact>) -> Operand {
        let Exact(value) = amount.value;
        self.check_amount(value, amount.place);
        Operand::Fixed(value)
    }

    fn check_amount(&mut self, amount: Decimal, place: Place) {
        if amount.is_negative() {
            let message = "an amount in an agreement is zero or above";
            self.reporter.error(code::OUT_OF_BOUNDS, place, message, "");
        }
        let scale = self.asset.map_or(RATE_SCALE_MAX, |asset| asset.scale);
        if amount.canonical().scale() > scale {
            let message = format!("the amount has more than the asset's {scale} decimals");
            self.reporter.error(code::OUT_OF_BOUNDS, place, message, "");
        }
    }

    pub(in crate::file) fn rate(&mut self, rate: &Placed<Rate>) -> Decimal {
        let Rate(value) = rate.value;
        if value.is_negative() || value > Decimal::ONE {
            let message = "a rate lies between 0% and 100%";
            let hint = "\"2.5%\" is the same as \"0.025\"";
            self.reporter.error(code::OUT_OF_BOUNDS, rate.place, message, hint);
        }
        if value.scale() > RATE_SCALE_MAX {
            let message = format!("a rate has at most {RATE_SCALE_MAX} decimals");
            self.reporter.error(code::OUT_OF_BOUNDS, rate.place, message, "");
        }
        value
    }

    pub(in crate::file) fn check_scale(&mut self, scale: &Placed<u8>) {
        if scale.value > ROUND_SCALE_MAX {
            let message = format!("at most {ROUND_SCALE_MAX} decimals can stay");
            self.reporter.error(code::OUT_OF_BOUNDS, scale.place, message, "");
        }
    }

    fn round_step(&mut self, spec: &RoundStep) -> RoundTo {
        let own = self.asset.map_or(0, |asset| asset.scale);
        if let Some(scale) = &spec.scale {
            self.check_scale(scale);
        }
        let scale = spec.scale.as_ref().map_or(own, |scale| scale.value);
        RoundTo { scale, mode: spec.mode.into() }
    }

    fn bound(&mut self, parts: FigureParts<'_>, place: Place) -> settle::Figure {
        if parts.measure.is_none() && parts.line.is_none() && parts.amount.is_none() {
            let message = "a bound needs `amount`, `measure` or `line`";
            self.reporter.error(code::MISSING_KEY, place, message, "");
        }
        self.figure(parts)
    }

    fn deduct(&mut self, spec: &DeductSpec, place: Place) -> Deduct {
        if spec.items.0.is_empty() || spec.items.0.len() > ITEMS_MAX {
            let message = format!("a step has 1 to {ITEMS_MAX} deductions");
            self.reporter.error(code::TOO_MANY, place, message, "");
        }
        let mut items = Vec::new();
        for (name, item) in spec.items.sound() {
            items.push(self.deduction(name, item));
            self.name_line(name);
        }
        Deduct { items, floor_at_zero: spec.floor_at_zero }
    }

    fn deduction(&mut self, name: &Placed<String>, spec: &DeductionSpec) -> Deduction {
        let amount = self.figure(spec.into());
        let cap = spec.cap.as_ref().map(|cap| self.figure((&cap.value).into()));
        Deduction { name: name.value.clone(), amount, cap }
    }

    fn operand(&mut self, spec: &Placed<OperandSpec>) -> Operand {
        match &spec.value {
            OperandSpec::Measure(name) => self.measure(name),
            OperandSpec::Line(name) => self.line(name),
            OperandSpec::Amount(amount) => {
                self.fixed(&Placed { value: *amount, place: spec.place })
            }
        }
    }

    fn tier(&mut self, spec: &TierSpec) -> Tier {
        let method = match spec.method {
            MethodWord::Slab => Method::Slab,
            MethodWord::Marginal => Method::Marginal,
        };
        if let Some(by) = spec.by.as_ref().filter(|_| method == Method::Marginal) {
            let message = "only a slab can be chosen by another figure";
            self.reporter.error(code::STEP_ORDER, by.place, message, "leave `by` out");
        }
        Tier {
            of: spec.of.as_ref().map_or(Operand::Running, |of| self.operand(of)),
            by: spec.by.as_ref().map(|by| self.operand(by)),
            method,
            bands: self.bands(&spec.bands),
            round: spec.round.as_ref().map(|round| self.round_to(round)),
            effect: self.effect(spec.effect),
        }
    }

    fn bands(&mut self, specs: &Placed<Vec<Placed<BandSpec>>>) -> Vec<Band> {
        if specs.value.is_empty() || specs.value.len() > ITEMS_MAX {
            let message = format!("a tier has 1 to {ITEMS_MAX} bands");
            self.reporter.error(code::TOO_MANY, specs.place, message, "");
        }
        let mut last: Option<Decimal> = None;
        let mut bands = Vec::new();
        for (at, spec) in specs.value.iter().enumerate() {
            let is_last = at + 1 == specs.value.len();
            let upto = self.band_end(spec, is_last);
            if let Some((bound, place)) = upto {
                self.check_amount(bound.at, place);
                if last.map_or(bound.at <= Decimal::ZERO, |last| bound.at <= last) {
                    let message = "the bounds of tiers ascend from above zero";
                    let hint = code::TIER_BOUNDS.hint;
                    self.reporter.error(code::TIER_BOUNDS, place, message, hint);
                }
                last = Some(bound.at);
            }
            let rate = self.rate(&spec.value.rate);
            bands.push(Band { upto: upto.map(|(bound, _)| bound), rate });
        }
        bands
    }

    fn band_end(&mut self, spec: &Placed<BandSpec>, is_last: bool) -> Option<(Bound, Place)> {
        let BandSpec { up_to, below, .. } = &spec.value;
        let (end, inclusive) = match (up_to, below) {
            (Some(_), Some(below)) => {
                let message = "a band ends with `up_to` or `below`, not both";
                self.reporter.error(code::TIER_BOUNDS, below.place, message, "keep one of them");
                (Some(below), false)
            }
            (up_to, None) => (up_to.as_ref(), true),
            (None, below) => (below.as_ref(), false),
        };
        if end.is_some() == is_last {
            let place = end.map_or(spec.place, |end| end.place);
            let message = if is_last {
                "the last band goes on without end and has no bound"
            } else {
                "a band before the last needs `up_to` or `below`"
            };
            self.reporter.error(code::TIER_BOUNDS, place, message, code::TIER_BOUNDS.hint);
        }
        end.map(|end| (Bound { at: end.value.0, inclusive }, end.place))
    }
}
