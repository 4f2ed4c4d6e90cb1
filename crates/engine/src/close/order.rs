//! The order of closes: where a statement begins with what the one before left, periods close
//! one after another.

use super::agreement_of;
use super::terms::Terms;
use crate::engine::Engine;
use crate::error::EngineError;
use ledger::time::Span;
use settle::{Agreement, Period, Rule};

impl Engine {
    /// Why the period may not be closed now, where its agreement keeps balances from one period
    /// to the next.
    pub(super) fn out_of_order(
        &self,
        agreement: &str,
        period: &str,
        span: Span,
    ) -> Result<Option<String>, EngineError> {
        let revision = self.state.books.current();
        let revision = revision.ok_or_else(|| EngineError::Unknown("a recorded book".into()))?;
        let terms = Terms::of(revision, agreement, span)?.agreement;
        if !terms.keeps_balances() {
            return Ok(None);
        }
        let closed = self.closed_of(agreement)?;
        let later = closed.iter().find(|(_, closed)| closed.span.start >= span.end);
        if let Some((later, _)) = later {
            return Ok(Some(format!(
                "{agreement} is closed for {later} already, which began with the balances of the \
                 period before; {period} cannot be put in before it (what came late is corrected \
                 in the next open period)"
            )));
        }
        let before = closed.iter().filter(|(_, closed)| closed.span.end <= span.start);
        let Some(end) = before.map(|(_, closed)| closed.span.end).max() else { return Ok(None) };
        if end == span.start {
            return Ok(None);
        }
        let missing: Result<Period, _> = terms.cycle().containing(end, &terms.zone);
        let missing = missing.and_then(|missing| Ok((missing, terms.span(missing)?)));
        Ok(match missing {
            // Between two versions there may be a time without terms.
            Ok((_, gap)) if agreement_of(&revision.compiled, agreement, gap).is_err() => None,
            Ok((missing, _)) => Some(format!(
                "{agreement} keeps balances, and {missing} before {period} is not closed (`saldo \
                 close {missing} --agreement {agreement}` first)"
            )),
            Err(_) => None,
        })
    }

    /// The periods of netted agreements that end in this one and are not closed, one sentence
    /// each.
    pub(super) fn netted_open(
        &self,
        agreement: &str,
        span: Span,
    ) -> Result<Vec<String>, EngineError> {
        let revision = self.state.books.current();
        let revision = revision.ok_or_else(|| EngineError::Unknown("a recorded book".into()))?;
        let terms = Terms::of(revision, agreement, span)?.agreement;
        let mut open = Vec::new();
        for step in &terms.steps {
            let Rule::Net(net) = &step.rule else { continue };
            for netted in &net.agreements {
                let name = &netted.agreement;
                let versions = revision.compiled.agreements.iter().filter(|a| a.name == *name);
                for period in
                    versions.map(|a| ending_in(a, span)).collect::<Result<Vec<_>, _>>()?.concat()
                {
                    let period = period.to_string();
                    let closed = self.closed(name, &period)?;
                    if closed.is_none_or(|closed| closed.sequence.is_none()) {
                        open.push(format!(
                            "{agreement} nets {name}, and {period} of it is not closed (`saldo \
                             close {period} --agreement {name}` first)"
                        ));
                    }
                }
            }
        }
        Ok(open)
    }
}

/// The periods of a version of an agreement that end in `span`, in order.
fn ending_in(agreement: &Agreement, span: Span) -> Result<Vec<Period>, EngineError> {
    let (cycle, holds) = (agreement.cycle(), agreement.effective);
    let mut at = span.start.max(holds.start);
    let mut found = Vec::new();
    while at < span.end.min(holds.end) {
        let period = cycle.containing(at, &agreement.zone)?;
        let own = agreement.span(period)?;
        if holds.start <= own.start && own.end <= holds.end && own.end <= span.end {
            found.push(period);
        }
        at = own.end;
    }
    Ok(found)
}
