//! What a tier charges for a period, and the lines that say so.

use super::band::{Band, Given};
use super::{Method, Tier};
use crate::agreement::{Operand, Window};
use crate::error::SettleError;
use crate::measure::MeasureRow;
use crate::run::{Entry, Run, Taken};
use crate::statement::{Effect, LineKind, Reading};
use crate::steps::parts::part_name;
use ledger::Decimal;

/// What is rated: the figure of the period, and where a window is rated along, the figure from the
/// window's start to the period's end.
#[derive(Clone, Copy)]
struct Rated {
    base: Decimal,
    until: Option<Decimal>,
}

/// What is charged, with everything but the measures read that decided it.
struct Charge<'a> {
    amount: Decimal,
    rate: Option<Decimal>,
    notes: Vec<(&'static str, String)>,
    /// Of each band its place from 1, what is rated in it, and what that gives.
    bands: Vec<(usize, &'a Band, Decimal, Decimal)>,
}

impl Tier {
    /// One figure.
    pub(super) fn whole(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let (base, mut readings) = run.operand(&self.of, run.running())?;
        let mut until = None;
        if let (true, Operand::Measure(name)) = (self.is_cumulative(), &self.of) {
            let reading = run.reading_over(name, self.window.unwrap_or_default())?;
            until = Some(reading.value);
            readings.push(reading);
        }
        let chosen_by = self.chosen_by(&mut readings, run)?;
        let charge = self.charge(Rated { base, until }, chosen_by, run)?;
        if self.method == Method::Marginal {
            for (at, band, width, amount) in charge.bands {
                let (base, rate) = (Some(width), Some(band.rate));
                let taken = Taken { base, rate, amount, readings: Vec::new() };
                let mut entry = Entry::of(LineKind::Band, taken, Effect::Keep).part(at);
                if let Some(bound) = band.upto {
                    entry = entry.note("upto", bound);
                }
                run.print(entry.rounded(self.round))?;
            }
        }
        let (base, rate) = (Some(base), charge.rate);
        let taken = Taken { base, rate, amount: charge.amount, readings };
        let mut entry = Entry::of(LineKind::Tier, taken, self.effect);
        for (name, value) in charge.notes {
            entry = entry.note(name, value);
        }
        run.print(if self.method == Method::Slab { entry.rounded(self.round) } else { entry })
    }

    /// Each group on its own, and then their sum.
    pub(super) fn each(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let Operand::Measure(name) = &self.of else { return Ok(()) };
        let mut readings = Vec::new();
        let chosen_by = self.chosen_by(&mut readings, run)?;
        let rows = run.rows(name, &self.per, run.window())?;
        let over = match self.window.filter(|_| self.is_cumulative()) {
            Some(window) => run.rows(name, &self.per, window)?,
            None => Vec::new(),
        };
        let (mut base, mut amount, mut count) = (Decimal::ZERO, Decimal::ZERO, 0u64);
        for row in rows {
            let value = run.asset().decimal(row.value);
            let same = |other: &&MeasureRow| other.by == row.by;
            // A group that its window does not have would have no figure before the period.
            let until = over.iter().find(same).map_or(row.value, |other| other.value);
            let until = self.is_cumulative().then(|| run.asset().decimal(until));
            let charge = self.charge(Rated { base: value, until }, chosen_by, run)?;
            base = run.fit(base.checked_add(value))?;
            amount = run.fit(amount.checked_add(charge.amount))?;
            count = count.checked_add(row.count).ok_or_else(|| run.overflow())?;
            run.print(self.group(&row, value, charge))?;
        }
        readings.insert(0, Reading { measure: name.clone(), value: base, count });
        let taken = Taken { base: Some(base), rate: None, amount, readings };
        run.print(Entry::of(LineKind::Tier, taken, self.effect).note("per", self.per.join(",")))
    }

    fn group(&self, row: &MeasureRow, base: Decimal, charge: Charge<'_>) -> Entry {
        let Charge { amount, rate, notes, bands } = charge;
        let taken = Taken { base: Some(base), rate, amount, readings: Vec::new() };
        let part = part_name(row.by.iter().map(|(_, value)| value.as_str()));
        let mut entry = Entry::of(LineKind::Group, taken, Effect::Keep).part(part);
        entry.quantity = Some(Decimal::from_minor(row.count.into(), 0));
        for (name, value) in notes {
            entry = entry.note(name, value);
        }
        if self.method == Method::Marginal {
            // A line for each band of each item would be too many to read.
            let term = |(_, band, width, _): &(usize, &Band, Decimal, Decimal)| {
                format!("{}*{}", width.canonical(), band.rate.canonical())
            };
            let rated = bands.iter().filter(|(.., width, _)| !width.is_zero());
            entry = entry.note("bands", rated.map(term).collect::<Vec<_>>().join(" "));
        }
        entry.rounded(self.round)
    }

    /// The figure that chooses the band, where it is another one.
    fn chosen_by(
        &self,
        readings: &mut Vec<Reading>,
        run: &mut Run<'_>,
    ) -> Result<Option<Decimal>, SettleError> {
        let Some(by) = &self.by else { return Ok(None) };
        if let (Operand::Measure(name), Some(window)) = (by, self.window) {
            let reading = run.reading_over(name, window)?;
            readings.push(reading.clone());
            return Ok(Some(reading.value));
        }
        let (figure, more) = run.operand(by, run.running())?;
        readings.extend(more);
        Ok(Some(figure))
    }

    fn charge(
        &self,
        rated: Rated,
        chosen_by: Option<Decimal>,
        run: &Run<'_>,
    ) -> Result<Charge<'_>, SettleError> {
        let Some(until) = rated.until else {
            let given = self.gives(rated.base, chosen_by.unwrap_or(rated.base), run)?;
            return Ok(self.plain(given, chosen_by));
        };
        let from = run.fit(until.checked_sub(rated.base))?;
        let (had, due) = (self.gives(from, from, run)?, self.gives(until, until, run)?);
        let amount = run.fit(due.amount.checked_sub(had.amount))?;
        let mut notes = vec![
            ("window", self.window.unwrap_or(Window::Period).to_string()),
            ("before", from.canonical().to_string()),
            ("before.amount", had.amount.canonical().to_string()),
            ("until", until.canonical().to_string()),
            ("until.amount", due.amount.canonical().to_string()),
        ];
        let mut bands = Vec::new();
        if self.method == Method::Slab {
            let rate = |given: &Given<'_>| given.parts.first().map(|(_, band, ..)| band.rate);
            let rates = [("before.rate", rate(&had)), ("until.rate", rate(&due))];
            let named =
                |(name, rate): (_, Option<Decimal>)| Some((name, rate?.canonical().to_string()));
            notes.extend(rates.into_iter().filter_map(named));
        }
        for ((at, band, width, part), (_, _, less, had)) in due.parts.into_iter().zip(had.parts) {
            let width = run.fit(width.checked_sub(less))?;
            bands.push((at, band, width, run.fit(part.checked_sub(had))?));
        }
        Ok(Charge { amount, rate: None, notes, bands })
    }

    /// A charge of the period alone.
    fn plain<'a>(&self, given: Given<'a>, chosen_by: Option<Decimal>) -> Charge<'a> {
        let (mut notes, mut rate) = (Vec::new(), None);
        if let (Method::Slab, Some((at, band, ..))) = (self.method, given.parts.first()) {
            rate = Some(band.rate);
            notes.push(("band", at.to_string()));
            notes.extend(band.upto.map(|bound| ("upto", bound.to_string())));
            if let Some(figure) = chosen_by {
                notes.push(("by", figure.canonical().to_string()));
                notes.extend(self.window.map(|window| ("window", window.to_string())));
            }
        }
        Charge { amount: given.amount, rate, notes, bands: given.parts }
    }
}
