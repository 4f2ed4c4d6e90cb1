//! Rating: an agreement over a period's account sums gives a statement.

use crate::agreement::Agreement;
use crate::error::SettleError;
use crate::measure::{AccountSum, Measure};
use crate::period::Period;
use crate::run::Run;
use crate::statement::{Statement, statement_id};
use ledger::DecimalError;
use ledger::time::Span;

/// What an agreement is rated from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The measures of the book, in any order.
    pub measures: &'a [Measure],
    /// Account sums over the span, in any order; one account may come in several parts. Sums in
    /// other assets than the agreement's do not take part.
    pub sums: &'a [AccountSum],
}

/// Rates `agreement` for `period`, whose time was resolved to `span` when it was opened.
///
/// Which lines the statement has follows from the agreement alone: without any sums the same
/// lines state zeros.
///
/// # Errors
/// The first mistake of [`Agreement::check`] or of a measure that it reads; a period of another
/// kind or outside the effective span; [`SettleError::Overflow`]; [`SettleError::Unrounded`].
pub fn rate(
    agreement: &Agreement,
    period: Period,
    span: Span,
    inputs: &Inputs<'_>,
) -> Result<Statement, SettleError> {
    admit(agreement, period, span, inputs)?;
    let id = statement_id(&agreement.name, period, agreement.version);
    let mut run = Run::new(agreement, inputs, id);
    for step in &agreement.steps {
        run.begin(&step.name);
        step.rule.step().apply(&mut run)?;
    }
    let overflow = run.overflow();
    let (lines, payable) = run.finish();
    let payable = payable.rescale(agreement.asset.scale).map_err(|error| match error {
        DecimalError::Inexact => SettleError::Unrounded {
            agreement: agreement.name.clone(),
            payable: payable.canonical().to_string(),
            asset: agreement.asset.code.clone(),
        },
        _ => overflow,
    })?;
    Ok(Statement {
        agreement: agreement.name.clone(),
        version: agreement.version,
        period,
        span,
        from: agreement.from.clone(),
        to: agreement.to.clone(),
        asset: agreement.asset.clone(),
        lines,
        payable,
    })
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
