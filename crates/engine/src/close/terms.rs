//! The terms that a period is rated under: one version of an agreement in one revision of the
//! book, with what the book knows for it.

use super::agreement_of;
use crate::books::Revision;
use crate::error::EngineError;
use crate::gather::Ask;
use ledger::time::Span;
use settle::{AccountSum, Agreement, Inputs, Left, Measure, Period, Scope, Statement};

/// An agreement with the measures that it reads.
pub struct Terms<'b> {
    /// The agreement.
    pub agreement: &'b Agreement,
    /// In order of their names.
    pub measures: Vec<Measure>,
    compiled: &'b book::Compiled,
}

impl<'b> Terms<'b> {
    /// The terms of the version that holds for the whole of `span`.
    ///
    /// # Errors
    /// [`EngineError::Unknown`].
    pub fn of(revision: &'b Revision, agreement: &str, span: Span) -> Result<Self, EngineError> {
        Self::in_book(&revision.compiled, agreement, span)
    }

    /// The same in a book that need not be recorded.
    ///
    /// # Errors
    /// [`EngineError::Unknown`].
    pub fn in_book(
        compiled: &'b book::Compiled,
        agreement: &str,
        span: Span,
    ) -> Result<Self, EngineError> {
        Ok(Self::with(compiled, agreement_of(compiled, agreement, span)?))
    }

    /// The terms of one version of an agreement of the book.
    pub fn with(compiled: &'b book::Compiled, agreement: &'b Agreement) -> Self {
        let read = agreement.measures();
        let measures = compiled.measures.iter().filter(|measure| read.contains(&measure.name));
        let mut measures: Vec<Measure> = measures.cloned().collect();
        measures.sort_by(|a, b| a.name.cmp(&b.name));
        Self { agreement, measures, compiled }
    }

    /// What they read of a period.
    ///
    /// # Errors
    /// When a measure lacks what is asked of it.
    pub fn scope(&self, span: Span) -> Result<Scope<'_>, EngineError> {
        Ok(Scope::new(self.agreement, &self.measures, span)?)
    }

    /// The question for the sums of a scope.
    pub fn ask<'s>(&'s self, scope: &'s Scope<'s>) -> Ask<'s> {
        Ask { scope, zone: &self.agreement.zone, merged_for: None }
    }

    /// The same for sums that are rated and then forgotten. Which events close rounds is seen on
    /// accounts as they are.
    pub fn ask_merged<'s>(&'s self, scope: &'s Scope<'s>) -> Ask<'s> {
        let is_cut = self.measures.iter().any(|measure| measure.cut.is_some());
        let merged_for = (!is_cut).then_some((self.agreement, self.measures.as_slice()));
        Ask { merged_for, ..self.ask(scope) }
    }

    /// Rates the sums of a period.
    ///
    /// # Errors
    /// When the agreement cannot be rated for it.
    pub fn rate(
        &self,
        (period, span): (&str, Span),
        sums: &[AccountSum],
        left: &Left,
    ) -> Result<Statement, EngineError> {
        let period: Period = period.parse()?;
        let outside = self.compiled.outside();
        let inputs = Inputs { measures: &self.measures, sums, left, outside: &outside };
        Ok(settle::rate(self.agreement, period, span, &inputs)?)
    }
}
