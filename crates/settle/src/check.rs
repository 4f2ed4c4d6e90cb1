//! Checking an agreement before it rates anything: every mistake, not just the first.

use crate::agreement::{Agreement, Figure, Operand, Read, RoundTo, Window};
use crate::error::SettleError;
use crate::limits::{ITEMS_MAX, RATE_SCALE_MAX, ROUND_SCALE_MAX, ROUND_TENS_MAX, STEPS_MAX};
use crate::measure::Selection;
use crate::period::PeriodKind;
use ledger::{Asset, Decimal, name};
use std::collections::{BTreeMap, BTreeSet};

/// What is known while the steps are walked in order.
pub(crate) struct Checker<'a> {
    agreement: &'a Agreement,
    /// What the running amount is in.
    asset: Asset,
    step: String,
    /// Names of the lines printed so far, with the assets they are in.
    names: BTreeMap<String, String>,
    /// Measures read so far, each with the selection in force.
    reads: BTreeSet<Read>,
    selection: Selection,
    window: Window,
    /// Names of the balances that steps keep from period to period; those of parts begin so.
    keeps: BTreeSet<String>,
    mistakes: Vec<SettleError>,
}

impl Agreement {
    /// Every mistake in the agreement itself; empty when it can rate. Whether its measures and
    /// parties exist is for the book to say.
    pub fn check(&self) -> Vec<SettleError> {
        let mut mistakes = self.shape();
        let mut walk = self.walk();
        if walk.asset != self.asset {
            let reason = format!("it ends in {}, not exchanged", walk.asset.code);
            let agreement = self.name.clone();
            walk.mistakes.push(SettleError::AgreementShape { agreement, reason });
        }
        for name in self.opening.keys() {
            let of = name.split('/').next().unwrap_or_default();
            if !walk.keeps.contains(of) {
                let reason = format!("no step keeps the balance `{name}` of its opening");
                let agreement = self.name.clone();
                walk.mistakes.push(SettleError::AgreementShape { agreement, reason });
            }
        }
        mistakes.append(&mut walk.mistakes);
        mistakes.extend(self.due.as_ref().and_then(|due| due.check().err()));
        mistakes.extend(self.custom.as_ref().and_then(|custom| custom.check().err()));
        mistakes
    }

    /// The names of all measures that its steps read.
    pub fn measures(&self) -> BTreeSet<String> {
        self.reads().into_iter().map(|read| read.measure).collect()
    }

    /// Every measure that its steps read, and how.
    pub fn reads(&self) -> BTreeSet<Read> {
        self.walk().reads
    }

    /// Whether a statement depends on the one before: some step keeps a balance.
    pub fn keeps_balances(&self) -> bool {
        !self.opening.is_empty() || !self.walk().keeps.is_empty()
    }

    fn walk(&self) -> Checker<'_> {
        let mut checker = Checker {
            agreement: self,
            asset: self.asset.clone(),
            step: String::new(),
            names: BTreeMap::new(),
            reads: BTreeSet::new(),
            selection: Selection::default(),
            window: Window::Period,
            keeps: BTreeSet::new(),
            mistakes: Vec::new(),
        };
        for step in &self.steps {
            step.name.clone_into(&mut checker.step);
            step.rule.step().check(&mut checker);
        }
        checker
    }

    fn shape(&self) -> Vec<SettleError> {
        let asset = &self.asset;
        let known_zone = crate::period::is_zone(&self.zone);
        let rules = [
            (is_name(&self.name), "its name is not a lower-case word"),
            (self.version > 0, "versions begin at 1"),
            (!self.from.is_empty() && !self.to.is_empty(), "a party is missing"),
            (self.from != self.to, "both parties are the same"),
            (name::is_asset_code(asset.code.as_bytes()), "its asset is not an asset code"),
            (asset.scale <= ROUND_SCALE_MAX, "its asset has too many decimals"),
            (self.effective.start < self.effective.end, "it ends before it begins"),
            (known_zone, "its time zone is not known"),
            (
                self.custom.is_some() == (self.period == PeriodKind::Custom),
                "custom periods and a list of them belong together",
            ),
            (!self.steps.is_empty(), "it has no steps"),
            (self.steps.len() <= STEPS_MAX, "it has too many steps"),
        ];
        let wrong = rules.into_iter().filter(|(holds, _)| !holds);
        let shape = wrong.map(|(_, reason)| SettleError::AgreementShape {
            agreement: self.name.clone(),
            reason: reason.to_owned(),
        });
        shape.collect()
    }
}

impl Checker<'_> {
    /// What the agreement is settled in.
    pub(crate) fn settled_in(&self) -> Asset {
        self.agreement.asset.clone()
    }

    /// What the running amount is in.
    pub(crate) fn asset(&self) -> &Asset {
        &self.asset
    }

    /// From here on, measures are read in `asset` and the running amount is in it.
    pub(crate) fn turn_to(&mut self, asset: Asset) {
        self.asset = asset;
    }

    /// The step keeps a balance from period to period.
    pub(crate) fn keeps(&mut self) {
        self.keeps.insert(self.step.clone());
    }

    /// The step keeps a balance that other steps share.
    pub(crate) fn keeps_pool(&mut self, pool: &str) {
        self.keeps.insert(crate::run::pool_name(pool));
    }

    /// The step keeps a balance, which is in the agreement's asset, of its running amount.
    pub(crate) fn keeps_running(&mut self) {
        self.keeps();
        self.keeps_asset();
    }

    /// What is running is in the agreement's asset, as balances are.
    pub(crate) fn keeps_asset(&mut self) {
        let same = self.asset == self.agreement.asset;
        self.ensure(same, "it keeps a balance of an amount that is not in the agreement's asset");
    }

    /// A mistake in a parameter of the step.
    pub(crate) fn wrong(&mut self, reason: &str) {
        let (step, reason) = (self.step.clone(), reason.to_owned());
        self.mistakes.push(SettleError::StepShape { step, reason });
    }

    /// A mistake unless `holds`.
    pub(crate) fn ensure(&mut self, holds: bool, reason: &str) {
        if !holds {
            self.wrong(reason);
        }
    }

    /// The step prints a line known by the step's own name.
    pub(crate) fn prints(&mut self) {
        let name = self.step.clone();
        self.prints_named(&name);
    }

    /// The step prints a line known by `name`, which people chose.
    pub(crate) fn prints_named(&mut self, name: &str) {
        self.ensure(is_name(name), "its name, or that of a part, is not a lower-case word");
        let asset = self.asset.code.clone();
        if self.names.insert(name.to_owned(), asset).is_some() {
            self.mistakes.push(SettleError::NameTwice { step: name.to_owned() });
        }
    }

    /// The step prints a line for its part `part`.
    pub(crate) fn prints_part(&mut self, part: impl std::fmt::Display) {
        self.names.insert(format!("{}/{part}", self.step), self.asset.code.clone());
    }

    /// A deduction of the step prints a line for its part `part`.
    pub(crate) fn prints_below(&mut self, deduction: &str, part: &str) {
        self.names.insert(format!("{deduction}/{part}"), self.asset.code.clone());
    }

    /// From here on, measures are read under `selection`.
    pub(crate) fn select(&mut self, selection: &Selection, window: Window) {
        self.selection.clone_from(selection);
        self.window = window;
    }

    /// The selection in force.
    pub(crate) fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The time over which measures are read as a rule.
    pub(crate) fn window(&self) -> Window {
        self.window
    }

    /// The step reads a measure.
    pub(crate) fn measure(&mut self, name: &str) {
        self.measure_by(name, &[], self.window);
    }

    /// The step reads a measure in groups, over a window.
    pub(crate) fn measure_by(&mut self, name: &str, by: &[String], window: Window) {
        self.ensure(!name.is_empty(), "it names no measure");
        self.reads.insert(Read {
            measure: name.to_owned(),
            asset: self.asset.code.clone(),
            selection: self.selection.clone(),
            by: by.to_vec(),
            window,
        });
    }

    pub(crate) fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Running => {}
            Operand::Measure(name) => self.measure(name),
            Operand::Fixed(amount) => self.number(*amount),
            Operand::Line(line) => {
                let same = self.line_asset(line).is_none_or(|asset| asset == self.asset.code);
                self.ensure(same, "it reads a line that is in another asset");
            }
        }
    }

    /// The code of the asset that an earlier line is in; a mistake where there is no such line.
    pub(crate) fn line_asset(&mut self, line: &str) -> Option<String> {
        let found = self.names.get(line).cloned();
        if found.is_none() {
            let (step, line) = (self.step.clone(), line.to_owned());
            self.mistakes.push(SettleError::LineUnknown { step, line });
        }
        found
    }

    pub(crate) fn figure(&mut self, figure: &Figure) {
        self.operand(&figure.of);
        if let Some(rate) = figure.rate {
            self.number(rate);
        }
        if let Some(to) = figure.round {
            self.round(to);
        }
    }

    /// A rate or a fixed amount.
    pub(crate) fn number(&mut self, number: Decimal) {
        let fits = number.canonical().scale() <= RATE_SCALE_MAX;
        self.ensure(fits, "a rate or amount has more than 18 decimals");
    }

    pub(crate) fn round(&mut self, to: RoundTo) {
        let allowed = -ROUND_TENS_MAX..=ROUND_SCALE_MAX.cast_signed();
        self.ensure(allowed.contains(&to.scale), "it rounds to more than 18 decimals or tens");
    }

    pub(crate) fn count(&mut self, items: usize) {
        self.ensure((1..=ITEMS_MAX).contains(&items), "it has no parts, or more than 200");
    }
}

fn is_name(name: &str) -> bool {
    name::is_word(name.as_bytes())
}
