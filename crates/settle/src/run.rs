//! One rating under way: the running amount, the figures steps may read, the lines printed.

use crate::agreement::{Agreement, Figure, Operand, RoundTo, Title, Window};
use crate::error::SettleError;
use crate::measure::{MeasureRow, Selection, measure_of};
use crate::outside::{QuoteAsk, QuoteUsed};
use crate::period::Period;
use crate::rate::Inputs;
use crate::statement::{Effect, Label, Line, LineKind, Reading};
use crate::steps::Step;
use ledger::time::Span;
use ledger::{Asset, Decimal, DecimalError};
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
    /// What people read on the line of a part; a step's own line has the step's.
    pub(crate) title: Title,
    pub(crate) taken: Taken,
    pub(crate) effect: Effect,
    /// How many the amount is of, where it is so much for each.
    pub(crate) quantity: Option<Decimal>,
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
        let (part, name, title) = (String::new(), None, Title::default());
        Self { kind, part, name, title, taken, effect, quantity: None, notes: BTreeMap::new() }
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
    period: Period,
    span: Span,
    inputs: &'a Inputs<'a>,
    statement_id: String,
    selection: Selection,
    window: Window,
    /// What measures are read in and the running amount is in.
    asset: Asset,
    running: Decimal,
    /// Amounts of the lines so far, by name.
    named: BTreeMap<String, Decimal>,
    /// Measures read under the selection in force.
    read: BTreeMap<String, Reading>,
    lines: Vec<Line>,
    /// Balances as the statement found them, and as they are now.
    opening: BTreeMap<String, Decimal>,
    closing: BTreeMap<String, Decimal>,
    quotes: Vec<QuoteUsed>,
    /// Place of the step under way, from 1, and what it is called.
    place: usize,
    step: String,
    title: Title,
    label: Label,
}

/// What a rating gives.
pub(crate) struct Done {
    pub(crate) lines: Vec<Line>,
    pub(crate) running: Decimal,
    pub(crate) opening: BTreeMap<String, Decimal>,
    pub(crate) closing: BTreeMap<String, Decimal>,
    pub(crate) quotes: Vec<QuoteUsed>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        agreement: &'a Agreement,
        (period, span): (Period, Span),
        inputs: &'a Inputs<'a>,
        id: String,
    ) -> Self {
        let left = inputs.left;
        let first = left.previous.is_none() && left.balances.is_empty();
        let opening = if first { agreement.opening.clone() } else { left.balances.clone() };
        Self {
            agreement,
            period,
            span,
            inputs,
            statement_id: id,
            selection: Selection::default(),
            window: Window::Period,
            asset: agreement.asset.clone(),
            running: Decimal::ZERO,
            named: BTreeMap::new(),
            read: BTreeMap::new(),
            lines: Vec::new(),
            closing: opening.clone(),
            opening,
            quotes: Vec::new(),
            place: 0,
            step: String::new(),
            title: Title::default(),
            label: Label::default(),
        }
    }

    pub(crate) fn begin(&mut self, step: &Step) {
        self.begin_named(&step.name);
        self.title.clone_from(&step.title);
        self.label.clone_from(&step.label);
    }

    pub(crate) fn begin_named(&mut self, name: &str) {
        self.place += 1;
        name.clone_into(&mut self.step);
        self.title = Title::default();
        self.label = Label::default();
    }

    pub(crate) fn finish(mut self) -> Done {
        self.closing.retain(|_, amount| !amount.is_zero());
        self.opening.retain(|_, amount| !amount.is_zero());
        let Self { lines, running, opening, closing, quotes, .. } = self;
        Done { lines, running, opening, closing, quotes }
    }

    pub(crate) fn agreement(&self) -> &'a Agreement {
        self.agreement
    }

    pub(crate) fn period(&self) -> Period {
        self.period
    }

    /// The period's time.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Name of the step under way.
    pub(crate) fn step_name(&self) -> &str {
        &self.step
    }

    /// What measures are read in and the running amount is in.
    pub(crate) fn asset(&self) -> &Asset {
        &self.asset
    }

    /// From here on, measures are read in `asset` and the running amount is in it.
    pub(crate) fn turn_to(&mut self, asset: Asset) {
        self.asset = asset;
        self.read.clear();
    }

    /// A balance of the step under way as it stands: of the step itself where `part` is empty.
    pub(crate) fn balance(&self, part: &str) -> Decimal {
        self.closing.get(&self.balance_name(part)).copied().unwrap_or(Decimal::ZERO)
    }

    /// Sets a balance of the step under way; it opens the next statement.
    pub(crate) fn set_balance(&mut self, part: &str, amount: Decimal) {
        self.closing.insert(self.balance_name(part), amount);
    }

    /// A balance that several steps share, as it stands.
    pub(crate) fn pool(&self, pool: &str) -> Decimal {
        self.closing.get(&pool_name(pool)).copied().unwrap_or(Decimal::ZERO)
    }

    /// Sets a balance that several steps share; it opens the next statement.
    pub(crate) fn set_pool(&mut self, pool: &str, amount: Decimal) {
        self.closing.insert(pool_name(pool), amount);
    }

    /// The parts under which the step under way keeps balances, in order of name, with what is
    /// there.
    pub(crate) fn balances(&self) -> Vec<(String, Decimal)> {
        let prefix = format!("{}/", self.step);
        let own = self.closing.range(prefix.clone()..);
        let own = own.map_while(|(name, amount)| Some((name.strip_prefix(&prefix)?, amount)));
        own.map(|(part, amount)| (part.to_owned(), *amount)).collect()
    }

    fn balance_name(&self, part: &str) -> String {
        if part.is_empty() { self.step.clone() } else { format!("{}/{part}", self.step) }
    }

    /// An exchange rate; the statement records it.
    pub(crate) fn quote(&mut self, ask: &QuoteAsk) -> Result<QuoteUsed, SettleError> {
        if let Some(used) = self.quotes.iter().find(|used| used.ask == *ask) {
            return Ok(used.clone());
        }
        let used = self.inputs.outside.quote(ask)?;
        self.quotes.push(used.clone());
        Ok(used)
    }

    /// What a plug-in answers.
    pub(crate) fn plugin(&self, hash: &str, input: &[u8]) -> Result<Vec<u8>, SettleError> {
        self.inputs.outside.plugin(hash, input)
    }

    /// The amount of an earlier line.
    pub(crate) fn line(&self, name: &str) -> Result<Decimal, SettleError> {
        let unknown = || {
            let (step, line) = (self.step.clone(), name.to_owned());
            SettleError::LineUnknown { step, line }
        };
        self.named.get(name).copied().ok_or_else(unknown)
    }

    pub(crate) fn running(&self) -> Decimal {
        self.running
    }

    pub(crate) fn select(&mut self, selection: Selection, window: Window) {
        self.selection = selection;
        self.window = window;
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
            Operand::Line(line) => Ok((self.line(line)?, Vec::new())),
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
            Some(to) => self.fit(to.apply(product))?,
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
        let rows = self.rows(name, &[], self.window)?;
        let (value, count) = rows.first().map_or((0, 0), |row| (row.value, row.count));
        let reading = Reading { measure: name.to_owned(), value: self.asset.decimal(value), count };
        self.read.insert(name.to_owned(), reading.clone());
        Ok(reading)
    }

    /// A measure over a window, under the selection in force.
    pub(crate) fn reading_over(
        &mut self,
        name: &str,
        window: Window,
    ) -> Result<Reading, SettleError> {
        let rows = self.rows(name, &[], window)?;
        let (value, count) = rows.first().map_or((0, 0), |row| (row.value, row.count));
        Ok(Reading { measure: name.to_owned(), value: self.asset.decimal(value), count })
    }

    /// The time over which measures are read as a rule.
    pub(crate) fn window(&self) -> Window {
        self.window
    }

    /// The rows of a measure in the asset in force, in order of the values of `by`; a group
    /// without postings has none.
    pub(crate) fn rows(
        &self,
        name: &str,
        by: &[String],
        window: Window,
    ) -> Result<Vec<MeasureRow>, SettleError> {
        let found = self.inputs.measures.iter().find(|measure| measure.name == name);
        let found = found.ok_or_else(|| SettleError::MeasureUnknown {
            step: self.step.clone(),
            measure: name.to_owned(),
        })?;
        let of = (self.asset.code.as_str(), &self.selection, by);
        let need = self.agreement.need(found, of, window, self.span)?;
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let rows = measure_of(found, self.inputs.sums, &need, &by)?;
        Ok(rows.into_iter().filter(|row| row.asset == self.asset.code).collect())
    }

    /// Applies an entry to the running amount and prints its line.
    pub(crate) fn print(&mut self, entry: Entry) -> Result<(), SettleError> {
        let Entry { kind, part, name, title, taken, effect, quantity, notes } = entry;
        let title = if part.is_empty() { self.title.clone() } else { title };
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
            title,
            label: self.label.clone(),
            asset: (self.asset != self.agreement.asset).then(|| self.asset.clone()),
            quantity,
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

/// No step has a name with a colon, so that no balance of a step is taken for a pool.
pub(crate) fn pool_name(pool: &str) -> String {
    format!("pool:{pool}")
}
