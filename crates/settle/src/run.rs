//! One rating under way: the running amount, the figures steps may read, the lines printed.

use crate::agreement::{Agreement, Figure, Operand, RoundTo};
use crate::error::SettleError;
use crate::measure::{Selection, measure};
use crate::rate::Inputs;
use crate::statement::{Effect, Line, LineKind, Reading};
use ledger::{Decimal, DecimalError};
use std::collections::BTreeMap;

/// A figure as it was worked out.
pub(crate) struct Taken {
    /// What it was taken of; `None` when it was taken whole.
    pub(crate) base: Option<Decimal>,
    pub(crate) rate: Option<Decimal>,
    pub(crate) amount: Decimal,
    pub(crate) readings: Vec<Reading>,
}

/// A line about to be printed.
pub(crate) struct Entry {
    pub(crate) kind: LineKind,
    /// Name of the part of the step; empty for the step's own line.
    pub(crate) part: String,
    /// The name other steps know the line by, where it is not step and part.
    pub(crate) name: Option<String>,
    pub(crate) taken: Taken,
    pub(crate) effect: Effect,
    pub(crate) notes: BTreeMap<String, String>,
}

impl Entry {
    /// A line that states `amount` and nothing else.
    pub(crate) fn stating(kind: LineKind, amount: Decimal, effect: Effect) -> Self {
        let taken = Taken { base: None, rate: None, amount, readings: Vec::new() };
        Self::of(kind, taken, effect)
    }

    /// A line that states a figure.
    pub(crate) fn of(kind: LineKind, taken: Taken, effect: Effect) -> Self {
        let (part, name, notes) = (String::new(), None, BTreeMap::new());
        Self { kind, part, name, taken, effect, notes }
    }

    #[allow(clippy::needless_pass_by_value)] // called with values made on the spot
    pub(crate) fn part(mut self, name: impl ToString) -> Self {
        self.part = name.to_string();
        self
    }

    /// For a part that is known by its own name alone: a deduction.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self.part(name)
    }

    /// Notes how the amount was rounded, where it was.
    pub(crate) fn rounded(self, round: Option<RoundTo>) -> Self {
        match round {
            Some(to) => self.note("round", to),
            None => self,
        }
    }

    /// Notes the bound that decided the amount, and what the bound was taken of.
    pub(crate) fn limited(mut self, limit: &Taken) -> Self {
        self.taken.readings.extend_from_slice(&limit.readings);
        self.note("limit", limit.amount.canonical())
    }

    #[allow(clippy::needless_pass_by_value)] // called with values made on the spot
    pub(crate) fn note(mut self, name: &str, value: impl ToString) -> Self {
        self.notes.insert(name.to_owned(), value.to_string());
        self
    }
}

pub(crate) struct Run<'a> {
    agreement: &'a Agreement,
    inputs: &'a Inputs<'a>,
    statement_id: String,
    selection: Selection,
    running: Decimal,
    /// Amounts of the lines so far, by name.
    named: BTreeMap<String, Decimal>,
    /// Measures read under the selection in force.
    read: BTreeMap<String, Reading>,
    lines: Vec<Line>,
    /// Place of the step under way, from 1, and its name.
    place: usize,
    step: String,
}

impl<'a> Run<'a> {
    pub(crate) fn new(agreement: &'a Agreement, inputs: &'a Inputs<'a>, id: String) -> Self {
        Self {
            agreement,
            inputs,
            statement_id: id,
            selection: Selection::default(),
            running: Decimal::ZERO,
            named: BTreeMap::new(),
            read: BTreeMap::new(),
            lines: Vec::new(),
            place: 0,
            step: String::new(),
        }
    }

    pub(crate) fn begin(&mut self, step: &str) {
        self.place += 1;
        step.clone_into(&mut self.step);
    }

    pub(crate) fn finish(self) -> (Vec<Line>, Decimal) {
        (self.lines, self.running)
    }

    pub(crate) fn running(&self) -> Decimal {
        self.running
    }

    pub(crate) fn select(&mut self, selection: Selection) {
        self.selection = selection;
        self.read.clear();
    }

    /// An error for a number that does not fit.
    pub(crate) fn overflow(&self) -> SettleError {
        SettleError::Overflow { step: self.step.clone() }
    }

    /// The result of an operation, or the error that names the step.
    pub(crate) fn fit(
        &self,
        result: Result<Decimal, DecimalError>,
    ) -> Result<Decimal, SettleError> {
        // Without trailing zeros, so that digits are spent on value alone.
        result.map(Decimal::canonical).map_err(|_| self.overflow())
    }

    /// What an operand is worth, `running` standing for the running amount.
    pub(crate) fn operand(
        &mut self,
        operand: &Operand,
        running: Decimal,
    ) -> Result<(Decimal, Vec<Reading>), SettleError> {
        match operand {
            Operand::Running => Ok((running, Vec::new())),
            Operand::Fixed(amount) => Ok((*amount, Vec::new())),
            Operand::Line(line) => {
                let unknown = || {
                    let (step, line) = (self.step.clone(), line.clone());
                    SettleError::LineUnknown { step, line }
                };
                Ok((*self.named.get(line).ok_or_else(unknown)?, Vec::new()))
            }
            Operand::Measure(name) => {
                let reading = self.reading(name)?;
                Ok((reading.value, vec![reading]))
            }
        }
    }

    /// A figure, `running` standing for the running amount.
    pub(crate) fn figure_at(
        &mut self,
        figure: &Figure,
        running: Decimal,
    ) -> Result<Taken, SettleError> {
        let (base, readings) = self.operand(&figure.of, running)?;
        let product = match figure.rate {
            Some(rate) => self.fit(base.checked_mul(rate))?,
            None => base,
        };
        let amount = match figure.round {
            Some(to) => self.fit(product.round(to.scale, to.mode))?,
            None => product,
        };
        let whole = figure.rate.is_none() && figure.round.is_none();
        Ok(Taken { base: (!whole).then_some(base), rate: figure.rate, amount, readings })
    }

    pub(crate) fn figure(&mut self, figure: &Figure) -> Result<Taken, SettleError> {
        self.figure_at(figure, self.running)
    }

    fn reading(&mut self, name: &str) -> Result<Reading, SettleError> {
        if let Some(reading) = self.read.get(name) {
            return Ok(reading.clone());
        }
        let found = self.inputs.measures.iter().find(|measure| measure.name == name);
        let found = found.ok_or_else(|| SettleError::MeasureUnknown {
            step: self.step.clone(),
            measure: name.to_owned(),
        })?;
        let asset = &self.agreement.asset;
        let rows = measure(found, self.inputs.sums, &self.selection, &[])?;
        let row = rows.iter().find(|row| row.asset == asset.code);
        let (value, count) = row.map_or((0, 0), |row| (row.value, row.count));
        let reading = Reading { measure: name.to_owned(), value: asset.decimal(value), count };
        self.read.insert(name.to_owned(), reading.clone());
        Ok(reading)
    }

    /// Applies an entry to the running amount and prints its line.
    pub(crate) fn print(&mut self, entry: Entry) -> Result<(), SettleError> {
        let Entry { kind, part, name, taken, effect, notes } = entry;
        self.running = match effect {
            Effect::Set => taken.amount,
            Effect::Add => self.fit(self.running.checked_add(taken.amount))?,
            Effect::Subtract => self.fit(self.running.checked_sub(taken.amount))?,
            Effect::Keep => self.running,
        };
        let below = if part.is_empty() { part } else { format!("/{part}") };
        let path = format!("{}0-{}{below}", self.place, self.step);
        let name = name.unwrap_or_else(|| format!("{}{below}", self.step));
        self.named.insert(name.clone(), taken.amount);
        self.lines.push(Line {
            id: format!("{}/{path}", self.statement_id),
            path,
            kind,
            name,
            base: taken.base,
            rate: taken.rate,
            amount: taken.amount,
            effect,
            running: self.running,
            readings: taken.readings,
            notes,
        });
        Ok(())
    }
}
