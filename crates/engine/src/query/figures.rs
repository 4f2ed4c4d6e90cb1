//! Totals and measures over a span of time.

use super::scan;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::live::Asked;
use crate::sums;
use ledger::time::{Bucket, Span};
use settle::effect::ROOT;
use settle::{AccountSum, Measure, MeasureRow, Seg, Selection};

impl Engine {
    /// Account sums from `from` (inclusive) to `to` (exclusive), nanoseconds UTC, both optional
    /// and on quarters of an hour; ascending by path and asset.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] for a bound that is not on a quarter of an hour; a failing Store.
    pub fn totals(
        &self,
        asked: &Asked<'_>,
        from: Option<i64>,
        to: Option<i64>,
    ) -> Result<Vec<AccountSum>, EngineError> {
        let bound = |nanos: i64| {
            Bucket::is_boundary(nanos).then(|| Bucket::of(nanos)).ok_or_else(|| {
                EngineError::Unknown(
                    "totals are kept per quarter of an hour UTC; give a time on one".into(),
                )
            })
        };
        let from = from.map(bound).transpose()?.unwrap_or(sums::ALWAYS.0);
        let to = to.map(bound).transpose()?.unwrap_or(sums::ALWAYS.1);
        self.live.borrow_mut().sums(self.store(), (from, to), asked)
    }

    /// A measure over a span, grouped by the dimensions `by`. Dimensions of the measure's
    /// accounts are grouped from totals; others by scanning the events.
    ///
    /// # Errors
    /// [`EngineError::Unknown`] for an unknown measure or dimension; a failing port.
    pub fn measure(
        &self,
        name: &str,
        span: Span,
        by: &[&str],
    ) -> Result<Vec<MeasureRow>, EngineError> {
        let measure = self.measure_for(name, by)?;
        if in_accounts(measure, by) {
            return self.measure_of_accounts(name, span, by, &mut |_, _| true);
        }
        scan::measure_by_events(self, measure, span, by)
    }

    /// A measure over a span, grouped by dimensions of its accounts, of those accounts alone that
    /// `wanted` accepts (path, asset).
    ///
    /// # Errors
    /// [`EngineError::Unknown`] for an unknown measure, or a dimension that its accounts do not
    /// have; a failing port.
    pub fn measure_of_accounts(
        &self,
        name: &str,
        span: Span,
        by: &[&str],
        wanted: &mut dyn FnMut(&str, &str) -> bool,
    ) -> Result<Vec<MeasureRow>, EngineError> {
        let measure = self.measure_for(name, by)?;
        if !in_accounts(measure, by) {
            let what = format!("a dimension of the accounts of {name} among {}", by.join(", "));
            return Err(EngineError::Unknown(what));
        }
        let everything = Selection::default();
        let matchers = matchers(measure, &everything)?;
        let span = sums::buckets_of(span)?;
        let sums = sums::account_sums(self.store(), span, &mut |path, asset| {
            matchers.iter().any(|matcher| matcher.matches(path)) && wanted(path, asset)
        })?;
        Ok(settle::measure(measure, &sums, &everything, by)?)
    }

    /// A measure that can be told by itself, and grouped by these dimensions.
    fn measure_for(&self, name: &str, by: &[&str]) -> Result<&Measure, EngineError> {
        let measure = self.measure_named(name)?;
        if measure.cut.is_some() {
            let what = format!("the measure {name} outside an agreement; it is cut by rounds");
            return Err(EngineError::Unknown(what));
        }
        for dim in by {
            let declared = *dim == "kind" || *dim == "source";
            if !declared && self.lookup()?.rules.dim(dim).is_none() {
                let dims = &self.lookup()?.rules.dims;
                let known: Vec<&str> = dims.iter().map(|dim| dim.name.as_str()).collect();
                let what = format!("no dimension {dim}; the book has {}", known.join(", "));
                return Err(EngineError::Unknown(what));
            }
        }
        let settled = measure
            .terms
            .iter()
            .any(|term| matches!(term.template.first(), Some(Seg::Literal(text)) if text == ROOT));
        if settled && !by.is_empty() {
            let what = format!("{name} is what statements came to, and those have no dimensions");
            return Err(EngineError::Unknown(what));
        }
        Ok(measure)
    }

    /// The measure of the book in force with this name.
    ///
    /// # Errors
    /// [`EngineError::Unknown`], naming those that there are.
    pub fn measure_named(&self, name: &str) -> Result<&Measure, EngineError> {
        let revision = self.state.books.current();
        let revision = revision.ok_or_else(|| EngineError::Unknown("a recorded book".into()))?;
        let measures = &revision.compiled.measures;
        measures.iter().find(|measure| measure.name == name).ok_or_else(|| {
            let known: Vec<&str> = measures.iter().map(|measure| measure.name.as_str()).collect();
            EngineError::Unknown(format!("no measure {name}; the book has {}", known.join(", ")))
        })
    }

    /// Decimals of an asset in the book in force; 0 for one that it does not have.
    pub fn asset_scale(&self, code: &str) -> u8 {
        let revision = self.state.books.current();
        let rules = revision.map(|revision| &revision.lookup.rules);
        rules
            .and_then(|rules| Some(rules.assets[usize::from(rules.asset(code)?)].scale))
            .unwrap_or(0)
    }
}

/// Whether totals can be grouped by these dimensions: every account of the measure has them.
fn in_accounts(measure: &Measure, by: &[&str]) -> bool {
    by.iter().all(|dim| measure.terms.iter().all(|term| term.position(dim).is_some()))
}

/// One matcher for each term of a measure.
///
/// # Errors
/// When the selection names a dimension that a term does not have.
pub(crate) fn matchers<'a>(
    measure: &'a Measure,
    selection: &Selection,
) -> Result<Vec<settle::measure::Matcher<'a>>, EngineError> {
    let new = |term| settle::measure::Matcher::new(term, &measure.name, selection);
    Ok(measure.terms.iter().map(new).collect::<Result<_, _>>()?)
}
