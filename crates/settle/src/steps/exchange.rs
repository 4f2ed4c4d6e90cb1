//! `exchange`: from the asset in force into another one, at a rate that is given or quoted.

use super::Apply;
use super::parts::{common, part_name};
use crate::agreement::RoundTo;
use crate::calendar::DueBase;
use crate::canon::{Fields, Map, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::measure::DAY;
use crate::quotes::{DateRule, FxDates, FxTerms};
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind, Reading};
use jiff::civil::Date;
use ledger::{Asset, Decimal};

/// Turns the running amount, or a measure row by row, into another asset. From here on measures
/// are read in that asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What it becomes.
    pub to: Asset,
    /// What is exchanged instead of the running amount.
    pub measure: Option<String>,
    /// With a measure: the dimensions by which its rows are exchanged one by one.
    pub by: Vec<String>,
    /// At what rate.
    pub rate: RateOf,
    /// How an exchanged amount is rounded.
    pub round: RoundTo,
    /// Whether the rows are rounded one by one and then added up; otherwise their exact sum is
    /// rounded once. The difference is stated either way.
    pub each: bool,
}

/// Where a rate is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RateOf {
    /// One unit of the asset in force is this much of the other, as the agreement says.
    Fixed(Decimal),
    /// As a source quotes it.
    Quoted(FxTerms),
}

impl Apply for Exchange {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        match &self.measure {
            None => self.running(run),
            Some(measure) => self.rows(measure, run),
        }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        let other = checker.asset().code != self.to.code;
        checker.ensure(other, "it exchanges into the asset that is in force already");
        let daily = self.is_daily();
        match &self.measure {
            Some(measure) => checker.measure_by(measure, &self.row_dims(), checker.window()),
            None => {
                checker.ensure(self.by.is_empty(), "only a measure is exchanged row by row");
                checker.ensure(!self.each, "only the rows of a measure are rounded one by one");
                checker.ensure(!daily, "only a measure has days of transactions");
            }
        }
        match &self.rate {
            RateOf::Fixed(rate) => {
                checker.number(*rate);
                checker.ensure(*rate > Decimal::ZERO, "its rate is not above zero");
            }
            RateOf::Quoted(terms) => {
                if let Err(error) = terms.check() {
                    checker.wrong(&error.to_string());
                }
            }
        }
        checker.round(self.round);
        checker.turn_to(self.to.clone());
        if self.measure.is_some() {
            checker.prints_part("difference");
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::from([
            ("round".into(), text(self.round)),
            ("scale".into(), text(self.to.scale)),
            ("to".into(), text(&self.to.code)),
        ]);
        if let Some(measure) = &self.measure {
            map.insert("measure".into(), text(measure));
            map.insert("by".into(), list(self.by.iter().map(text)));
        }
        if self.each {
            map.insert("rounding".into(), text("each"));
        }
        match &self.rate {
            RateOf::Fixed(rate) => map.insert("rate".into(), text(rate.canonical())),
            RateOf::Quoted(terms) => map.insert("quotes".into(), terms.value()),
        };
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let measure = fields.optional("measure")?;
        let by = if measure.is_some() { fields.texts("by")? } else { Vec::new() };
        let each = fields.has("rounding");
        if each {
            fields.word("rounding", |word| (word == "each").then_some(()))?;
        }
        let rate = match fields.optional("rate")? {
            Some(rate) => RateOf::Fixed(rate),
            None => RateOf::Quoted(FxTerms::read(fields.map("quotes")?)?),
        };
        Ok(Self {
            to: Asset { code: fields.text("to")?, scale: fields.parse("scale")? },
            measure,
            by,
            rate,
            round: fields.parse("round")?,
            each,
        })
    }
}

/// A rate, and what it stands on for people.
struct Found {
    rate: Decimal,
    quote: Option<String>,
}

/// One row as exchanged.
struct Row {
    part: String,
    base: Decimal,
    found: Found,
    exact: Decimal,
    amount: Decimal,
}

impl Exchange {
    fn running(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let (from, base) = (run.asset().code.clone(), run.running());
        let found = self.rate_on(None, run)?;
        let amount = self.rounded(run.fit(base.checked_mul(found.rate))?, run)?;
        run.turn_to(self.to.clone());
        let taken = Taken { base: Some(base), rate: Some(found.rate), amount, readings: vec![] };
        let entry = Entry::of(LineKind::Exchange, taken, Effect::Set);
        run.print(found.noted(entry.rounded(Some(self.round)).note("from", from)))
    }

    fn rows(&self, measure: &str, run: &mut Run<'_>) -> Result<(), SettleError> {
        let from = run.asset().clone();
        let dims = self.row_dims();
        let mut reading = Reading { measure: measure.to_owned(), value: Decimal::ZERO, count: 0 };
        let mut rows = Vec::new();
        for row in run.rows(measure, &dims, run.window())? {
            let day = self.is_daily().then(|| row.by.last().and_then(|(_, day)| day.parse().ok()));
            let found = self.rate_on(day.flatten(), run)?;
            let base = from.decimal(row.value);
            let exact = run.fit(base.checked_mul(found.rate))?;
            let amount = self.rounded(exact, run)?;
            reading.value = run.fit(reading.value.checked_add(base))?;
            reading.count = reading.count.saturating_add(row.count);
            let part = part_name(row.by.iter().map(|(_, value)| value.as_str()));
            rows.push(Row { part, base, found, exact, amount });
        }
        run.turn_to(self.to.clone());
        self.state(&from.code, reading, &rows, run)
    }

    fn state(
        &self,
        from: &str,
        reading: Reading,
        rows: &[Row],
        run: &mut Run<'_>,
    ) -> Result<(), SettleError> {
        let (mut exact, mut sum) = (Decimal::ZERO, Decimal::ZERO);
        for row in rows {
            exact = run.fit(exact.checked_add(row.exact))?;
            sum = run.fit(sum.checked_add(row.amount))?;
            if row.part.is_empty() {
                continue;
            }
            let (base, rate) = (Some(row.base), Some(row.found.rate));
            let taken = Taken { base, rate, amount: row.amount, readings: Vec::new() };
            let entry = Entry::of(LineKind::Exchange, taken, Effect::Keep).part(&row.part);
            run.print(row.found.noted(entry.rounded(Some(self.round)).note("from", from)))?;
        }
        let once = self.rounded(exact, run)?;
        let difference = run.fit(once.checked_sub(sum))?;
        let entry = Entry::stating(LineKind::Round, difference, Effect::Keep).part("difference");
        run.print(entry.note("once", once.canonical()).note("each", sum.canonical()))?;
        let taken = Taken {
            base: Some(reading.value),
            rate: common(rows.iter().map(|row| row.found.rate)),
            amount: if self.each { sum } else { once },
            readings: vec![reading],
        };
        let rounding = if self.each { "each" } else { "once" };
        let entry = Entry::of(LineKind::Exchange, taken, Effect::Set).rounded(Some(self.round));
        run.print(entry.note("from", from).note("rounding", rounding))
    }

    fn rounded(&self, exact: Decimal, run: &Run<'_>) -> Result<Decimal, SettleError> {
        run.fit(self.round.apply(exact))
    }

    /// Whether each day of transactions has a rate of its own.
    fn is_daily(&self) -> bool {
        matches!(&self.rate, RateOf::Quoted(terms) if terms.rule == DateRule::Transaction)
    }

    fn row_dims(&self) -> Vec<String> {
        let mut dims = self.by.clone();
        if self.is_daily() {
            dims.push(DAY.to_owned());
        }
        dims
    }

    fn rate_on(&self, transaction: Option<Date>, run: &mut Run<'_>) -> Result<Found, SettleError> {
        let terms = match &self.rate {
            RateOf::Fixed(rate) => return Ok(Found { rate: *rate, quote: None }),
            RateOf::Quoted(terms) => terms,
        };
        let period = run.agreement().cycle().days(run.period())?;
        let payment = match terms.rule {
            DateRule::Payment => payment_day(run)?,
            _ => None,
        };
        let dates = FxDates { period, transaction, payment };
        let ask = terms.ask(&run.asset().code.clone(), &self.to.code, &dates)?;
        let used = run.quote(&ask)?;
        let quote = format!("{} {}: {}", ask.source, ask.on, used.from);
        Ok(Found { rate: used.rate, quote: Some(quote) })
    }
}

impl Found {
    fn noted(&self, entry: Entry) -> Entry {
        match &self.quote {
            Some(quote) => entry.note("quote", quote),
            None => entry,
        }
    }
}

/// The day on which the first part is due, as far as that follows from the period alone.
fn payment_day(run: &Run<'_>) -> Result<Option<Date>, SettleError> {
    let agreement = run.agreement();
    let Some(terms) = &agreement.due else { return Ok(None) };
    let Some(part) = terms.parts.first() else { return Ok(None) };
    let period_end = agreement.cycle().last_day(run.period())?;
    let base = DueBase { period_end, closed: None, stated: None };
    part.rule.date(base.day(part.rule.base)?, &terms.holidays).map(Some)
}
