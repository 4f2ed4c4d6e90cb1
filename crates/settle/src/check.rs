//! Checking an agreement before it rates anything: every mistake, not just the first.

use crate::agreement::{Agreement, Figure, Operand, RoundTo};
use crate::error::SettleError;
use crate::limits::{ITEMS_MAX, RATE_SCALE_MAX, ROUND_SCALE_MAX, STEPS_MAX};
use crate::measure::Selection;
use ledger::{Decimal, name};
use std::collections::BTreeSet;

/// What is known while the steps are walked in order.
#[derive(Default)]
pub(crate) struct Checker {
    step: String,
    /// Names of the lines printed so far.
    names: BTreeSet<String>,
    /// Measures read so far, each with the selection in force.
    reads: BTreeSet<(String, Selection)>,
    selection: Selection,
    mistakes: Vec<SettleError>,
}

impl Agreement {
    /// Every mistake in the agreement itself; empty when it can rate. Whether its measures and
    /// parties exist is for the book to say.
    pub fn check(&self) -> Vec<SettleError> {
        let mut mistakes = self.shape();
        mistakes.append(&mut self.walk().mistakes);
        mistakes
    }

    /// The names of all measures that its steps read.
    pub fn measures(&self) -> BTreeSet<String> {
        self.reads().into_iter().map(|(measure, _)| measure).collect()
    }

    /// Every measure that its steps read, with the selections under which they read it.
    pub fn reads(&self) -> BTreeSet<(String, Selection)> {
        self.walk().reads
    }

    fn walk(&self) -> Checker {
        let mut checker = Checker::default();
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

impl Checker {
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
        if !self.names.insert(name.to_owned()) {
            self.mistakes.push(SettleError::NameTwice { step: name.to_owned() });
        }
    }

    /// The step prints a line for its part `part`.
    pub(crate) fn prints_part(&mut self, part: impl std::fmt::Display) {
        self.names.insert(format!("{}/{part}", self.step));
    }

    /// A deduction of the step prints the line of what it could not take.
    pub(crate) fn prints_excess(&mut self, deduction: &str) {
        self.names.insert(format!("{deduction}/excess"));
    }

    /// From here on, measures are read under `selection`.
    pub(crate) fn select(&mut self, selection: &Selection) {
        self.selection.clone_from(selection);
    }

    /// The step reads a measure.
    pub(crate) fn measure(&mut self, name: &str) {
        self.ensure(!name.is_empty(), "it names no measure");
        self.reads.insert((name.to_owned(), self.selection.clone()));
    }

    pub(crate) fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Running => {}
            Operand::Measure(name) => self.measure(name),
            Operand::Fixed(amount) => self.number(*amount),
            Operand::Line(line) if self.names.contains(line) => {}
            Operand::Line(line) => {
                let (step, line) = (self.step.clone(), line.clone());
                self.mistakes.push(SettleError::LineUnknown { step, line });
            }
        }
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
        self.ensure(to.scale <= ROUND_SCALE_MAX, "it rounds to more than 18 decimals");
    }

    pub(crate) fn count(&mut self, items: usize) {
        self.ensure((1..=ITEMS_MAX).contains(&items), "it has no parts, or more than 200");
    }
}

fn is_name(name: &str) -> bool {
    name::is_word(name.as_bytes())
}
