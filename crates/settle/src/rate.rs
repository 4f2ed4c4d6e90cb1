//! Rating: an agreement over a period's account sums gives a statement.

use crate::agreement::Agreement;
use crate::calendar::{Base, Due, DueBase, due};
use crate::correct::Correction;
use crate::error::SettleError;
use crate::measure::{AccountSum, Measure};
use crate::outside::{Nothing, Outside};
use crate::period::Period;
use crate::run::Run;
use crate::statement::{Previous, Statement, statement_id};
use ledger::time::Span;
use ledger::{Decimal, DecimalError};
use std::collections::BTreeMap;

/// What an agreement is rated from.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The measures of the book, in any order.
    pub measures: &'a [Measure],
    /// The sums that the agreement's [`Scope`](crate::Scope) names, in any order; one path may
    /// come in several parts. Others do not take part.
    pub sums: &'a [AccountSum],
    /// What earlier statements left.
    pub left: &'a Left,
    /// Who knows exchange rates and runs plug-ins.
    pub outside: &'a dyn Outside,
}

/// What earlier statements of an agreement left for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// The statement before, where there is one.
    pub previous: Option<Previous>,
    /// Balances by name, in the agreement's asset; those of the agreement's `opening` where no
    /// statement came before.
    pub balances: BTreeMap<String, Decimal>,
    /// What late facts changed in periods that are closed.
    pub corrections: Vec<Correction>,
}

static NOTHING_LEFT: Left =
    Left { previous: None, balances: BTreeMap::new(), corrections: Vec::new() };

impl<'a> Inputs<'a> {
    /// Inputs of an agreement that keeps no balances and asks for nothing outside.
    pub fn of(measures: &'a [Measure], sums: &'a [AccountSum]) -> Self {
        Self { measures, sums, left: &NOTHING_LEFT, outside: &Nothing }
    }
}

/// Rates `agreement` for `period`, whose time was resolved to `span` when it was opened.
///
/// Where no step goes by groups and nothing is corrected, which lines the statement has follows
/// from the agreement alone: without any sums the same lines state zeros.
///
/// # Errors
/// The first mistake of [`Agreement::check`] or of a measure that it reads; a period of another
/// kind or outside the effective span; [`SettleError::Overflow`]; [`SettleError::Unrounded`]; what
/// is missing outside.
pub fn rate(
    agreement: &Agreement,
    period: Period,
    span: Span,
    inputs: &Inputs<'_>,
) -> Result<Statement, SettleError> {
    admit(agreement, period, span, inputs)?;
    let id = statement_id(&agreement.name, period, agreement.version);
    let mut run = Run::new(agreement, (period, span), inputs, id);
    for step in &agreement.steps {
        run.begin(step);
        step.rule.step().apply(&mut run)?;
    }
    crate::correct::print(&inputs.left.corrections, &mut run)?;
    let overflow = run.overflow();
    let done = run.finish();
    let payable = done.running.rescale(agreement.asset.scale).map_err(|error| match error {
        DecimalError::Inexact => SettleError::Unrounded {
            agreement: agreement.name.clone(),
            payable: done.running.canonical().to_string(),
            asset: agreement.asset.code.clone(),
        },
        _ => overflow,
    })?;
    let due = due_of(agreement, period, payable)?;
    Ok(Statement {
        agreement: agreement.name.clone(),
        version: agreement.version,
        period,
        span,
        from: agreement.from.clone(),
        to: agreement.to.clone(),
        asset: agreement.asset.clone(),
        previous: inputs.left.previous.clone(),
        opening: done.opening,
        lines: done.lines,
        closing: done.closing,
        quotes: done.quotes,
        due,
        payable,
    })
}

/// The days that count from the period's end alone.
fn due_of(
    agreement: &Agreement,
    period: Period,
    payable: Decimal,
) -> Result<Vec<Due>, SettleError> {
    let Some(terms) = &agreement.due else { return Ok(Vec::new()) };
    if terms.parts.iter().any(|part| part.rule.base != Base::PeriodEnd) {
        return Ok(Vec::new());
    }
    let period_end = agreement.cycle().last_day(period)?;
    let base = DueBase { period_end, closed: None, stated: None };
    due(terms, &base, payable, agreement.asset.scale)
}

fn admit(
    agreement: &Agreement,
    period: Period,
    span: Span,
    inputs: &Inputs<'_>,
) -> Result<(), SettleError> {
    if let Some(mistake) = agreement.check().into_iter().next() {
        return Err(mistake);
    }
    let read = agreement.measures();
    for measure in inputs.measures.iter().filter(|measure| read.contains(&measure.name)) {
        measure.check()?;
    }
    let (name, text) = (agreement.name.clone(), period.to_string());
    if period.kind() != agreement.period {
        return Err(SettleError::PeriodKind { agreement: name, period: text });
    }
    if span.start >= span.end {
        return Err(SettleError::PeriodEmpty { period: text, zone: agreement.zone.clone() });
    }
    let effective = agreement.effective;
    if span.start < effective.start || effective.end < span.end {
        let version = agreement.version.to_string();
        return Err(SettleError::NotEffective { agreement: name, version, period: text });
    }
    Ok(())
}
