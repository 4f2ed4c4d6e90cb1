//! From the steps of one version of terms to settlement's own, with what only their order shows:
//! names given twice, lines that are not there yet, selections that a measure cannot follow.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ledger::{Asset, Decimal};
use settle::limits::{RATE_SCALE_MAX, ROUND_SCALE_MAX, ROUND_TENS_MAX, STEPS_MAX};
use settle::measure::OWN_DIMS;
use settle::{Effect, Label, Operand, Step};

use super::Around;
use crate::code;
use crate::diagnostic::{Place, Placed, Reporter};
use crate::file::steps::{EffectWord, StepSpec};
use crate::names::Form;
use crate::plugin;
use crate::scalar::{Exact, Rate};
use crate::suggest;

/// Compiles the steps of one version.
pub struct StepsOf<'a, 'r> {
    around: Around<'a>,
    asset: Option<&'a Asset>,
    pub(in crate::file) reporter: &'a mut Reporter<'r>,
    /// Names of the lines so far.
    lines: Vec<String>,
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
        Self { around, asset, reporter, lines: Vec::new(), has_amount: false }
    }

    /// The steps, in order.
    pub fn compile(mut self, specs: &Placed<Vec<Placed<StepSpec>>>) -> Vec<Step> {
        if specs.value.len() > STEPS_MAX {
            let message = format!("there are more than {STEPS_MAX} steps");
            self.reporter.error(code::TOO_MANY, specs.place, message, "");
        }
        let steps: Vec<Step> =
            specs.value.iter().take(STEPS_MAX).map(|spec| self.step(spec)).collect();
        self.check_end(specs, &steps);
        steps
    }

    fn check_end(&mut self, specs: &Placed<Vec<Placed<StepSpec>>>, steps: &[Step]) {
        if !self.has_amount {
            let message = "no step sets an amount: begin with `sum`";
            self.reporter.error(code::STEP_ORDER, specs.place, message, code::STEP_ORDER.cause);
        }
        let Some(asset) = self.asset else { return };
        if let Some(fine) = settle::unrounded(steps, asset).and_then(|at| specs.value.get(at)) {
            let code = &asset.code;
            let message = format!(
                "what this step gives may have more decimals than {code}, and nothing rounds it"
            );
            let hint = "add a `round` step after it";
            self.reporter.error(code::STEP_ORDER, fine.place, message, hint);
        }
    }

    fn step(&mut self, spec: &Placed<StepSpec>) -> Step {
        let (word, spelt) = spec.value.spell();
        let head = spelt.head();
        let own = Placed { value: word.to_owned(), place: spec.place };
        let name = head.name.unwrap_or(&own);
        let rule = spelt.rule(self, name.place);
        self.name_line(name);
        let label = head
            .label
            .map(|label| Label { kind: label.class.clone(), subkind: label.subclass.clone() });
        Step {
            name: name.value.clone(),
            title: head.title.map(settle::Title::from).unwrap_or_default(),
            label: label.unwrap_or_default(),
            rule,
        }
    }

    pub(in crate::file) fn name_line(&mut self, name: &Placed<String>) {
        Form::Word.check("a step", name, self.reporter);
        if self.lines.contains(&name.value) {
            let message = format!("an earlier step is named `{}` already", name.value);
            self.reporter.error(code::DUPLICATE_NAME, name.place, message, "give it a `name`");
        }
        self.lines.push(name.value.clone());
    }

    pub(in crate::file) fn effect(&mut self, word: Option<EffectWord>) -> Effect {
        self.effect_or(word, Effect::Set)
    }

    /// The effect, `otherwise` where nothing is said.
    pub(in crate::file) fn effect_or(
        &mut self,
        word: Option<EffectWord>,
        otherwise: Effect,
    ) -> Effect {
        let effect = word.map_or(otherwise, Effect::from);
        self.has_amount |= effect != Effect::Keep;
        effect
    }

    pub(in crate::file) fn check_dim(&mut self, dim: &Placed<String>) -> bool {
        self.around.scope.dims.check(dim, self.reporter)
    }

    /// What people are called is not known to a book, so nothing can be selected by it.
    pub(in crate::file) fn check_impersonal(&mut self, dim: &Placed<String>) {
        let dims = &self.around.rules.dims;
        if dims.iter().any(|known| known.name == dim.value && known.personal) {
            let message =
                format!("nothing can be selected by the personal dimension `{}`", dim.value);
            self.reporter.error(code::SELECT_DIM, dim.place, message, code::SELECT_DIM.hint);
        }
    }

    /// The value as accounts have it: of a party its name.
    pub(in crate::file) fn value_of(&mut self, dim: &str, value: &Placed<String>) -> String {
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
        self.around.scope.measures.check(name, self.reporter);
        Operand::Measure(name.value.clone())
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

    pub(in crate::file) fn check_amount(&mut self, amount: Decimal, place: Place) {
        if amount.is_negative() {
            let message = "an amount in an agreement is zero or above";
            self.reporter.error(code::OUT_OF_BOUNDS, place, message, "");
        }
        self.check_decimals(amount, place);
    }

    /// An amount, below zero or not, with no more decimals than the asset.
    pub(in crate::file) fn check_decimals(&mut self, amount: Decimal, place: Place) {
        let scale = self.asset.map_or(RATE_SCALE_MAX, |asset| asset.scale);
        if amount.canonical().scale() > scale {
            let message = format!("the amount has more than the asset's {scale} decimals");
            self.reporter.error(code::OUT_OF_BOUNDS, place, message, "");
        }
    }

    pub(in crate::file) fn rate(&mut self, rate: &Placed<Rate>) -> Decimal {
        self.rate_up_to(rate, 1)
    }

    /// A rate of at most `most` times the whole.
    pub(in crate::file) fn rate_up_to(&mut self, rate: &Placed<Rate>, most: i128) -> Decimal {
        let Rate(value) = rate.value;
        if value.is_negative() || value > Decimal::from_minor(most, 0) {
            let message = format!("a rate lies between 0% and {most}00% here");
            let hint = "\"2.5%\" is the same as \"0.025\"";
            self.reporter.error(code::OUT_OF_BOUNDS, rate.place, message, hint);
        }
        self.check_fineness(value, rate.place);
        value
    }

    /// A number that need not have the asset's decimals.
    pub(in crate::file) fn check_fineness(&mut self, number: Decimal, place: Place) {
        if number.canonical().scale() > RATE_SCALE_MAX {
            let message = format!("a rate has at most {RATE_SCALE_MAX} decimals");
            self.reporter.error(code::OUT_OF_BOUNDS, place, message, "");
        }
    }

    pub(in crate::file) fn check_scale(&mut self, scale: &Placed<i8>) {
        if !(-ROUND_TENS_MAX..=ROUND_SCALE_MAX.cast_signed()).contains(&scale.value) {
            let message = format!(
                "at most {ROUND_SCALE_MAX} decimals can stay, and at most {ROUND_TENS_MAX} tens go"
            );
            self.reporter.error(code::OUT_OF_BOUNDS, scale.place, message, "");
        }
    }

    pub(in crate::file) fn check_party(&mut self, party: &Placed<String>) -> bool {
        self.around.scope.parties.check(party, self.reporter)
    }

    /// Whether a plug-in is there, can be run, and is the one with this hash; otherwise whether
    /// the hash is what is wrong, and what is.
    pub(in crate::file) fn pinned(&self, file: &str, hash: &str) -> Result<(), (bool, String)> {
        let found = self.around.files.get(file).filter(|_| plugin::is_plugin(file));
        let bytes = found.ok_or_else(|| (false, format!("the book has no plug-in `{file}`")))?;
        plugin::check(bytes).map_err(|reason| (false, format!("`{file}`: {reason}")))?;
        let own = plugin::sha256(bytes);
        if own == hash {
            return Ok(());
        }
        Err((true, format!("`{file}` is another program: its hash is {own}")))
    }

    /// The party above each party.
    pub(in crate::file) fn parents(&self) -> &'a BTreeMap<String, String> {
        self.around.parents
    }

    /// What the agreement is settled in, where that is declared.
    /// Checks that the book has quotes of this source.
    pub(in crate::file) fn quoted_by(&mut self, source: &Placed<String>) {
        self.around.scope.quotes.check(source, self.reporter);
    }

    pub(in crate::file) fn settled_in(&self) -> Option<Asset> {
        self.asset.cloned()
    }

    /// The dimensions that a measure is grouped by: the book's, and those that every event has.
    pub(in crate::file) fn groups(&mut self, dims: &[Placed<String>]) -> Vec<String> {
        crate::names::no_repeats(dims, "dimension", self.reporter);
        for dim in dims.iter().filter(|dim| !OWN_DIMS.contains(&dim.value.as_str())) {
            self.check_dim(dim);
        }
        dims.iter().map(|dim| dim.value.clone()).collect()
    }

    /// Decimals of what the agreement is settled in.
    pub(in crate::file) fn scale(&self) -> i8 {
        self.asset.map_or(0, |asset| asset.scale.cast_signed())
    }

    /// The asset of this name, where it is declared.
    pub(in crate::file) fn asset_named(&mut self, name: &Placed<String>) -> Option<Asset> {
        self.around.scope.assets.check(name, self.reporter);
        self.around.rules.assets.iter().find(|asset| asset.code == name.value).cloned()
    }

    /// A calendar date.
    pub(in crate::file) fn date(&mut self, text: &Placed<String>) -> Option<Date> {
        let date = text.value.parse().ok();
        if date.is_none() {
            let message = format!("`{}` is not a date such as 2026-03-31", text.value);
            self.reporter.error(code::NOT_A_TIME, text.place, message, "");
        }
        date
    }
}
