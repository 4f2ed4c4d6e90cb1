//! The order of closes: where a statement begins with what the one before left, periods close
//! one after another.

use super::agreement_of;
use super::terms::Terms;
use crate::engine::Engine;
use crate::error::EngineError;
use ledger::time::Span;
use settle::Period;

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
}
