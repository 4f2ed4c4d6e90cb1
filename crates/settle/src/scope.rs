//! What an agreement reads: the sums that a close gathers and keeps, and a proof commits to.

use crate::agreement::{Agreement, Window};
use crate::error::SettleError;
use crate::measure::{Matcher, Measure, Need, Term};
use crate::period::Period;
use jiff::civil::Date;
use ledger::time::{BUCKET_NANOS, Span};

/// The sums that any step of an agreement reads under its selection. Rating these sums and no
/// others gives the same statement.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    needs: Vec<Need>,
    parts: Vec<Part<'a>>,
}

/// One term of one need: accounts, and how and over which time their sums are read.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// Place in [`Scope::needs`].
    pub need: usize,
    /// Code of the asset that is read.
    pub asset: String,
    /// Which sums.
    pub matcher: Matcher<'a>,
    /// Over which time, nanoseconds UTC.
    pub span: Span,
}

impl Part<'_> {
    /// Whether sums of this account in this asset are read, whatever their grain.
    pub fn reads_account(&self, path: &str, asset: &str) -> bool {
        self.asset == asset && self.matcher.matches_account(path)
    }
}

impl<'a> Scope<'a> {
    /// Prepares the scope for a period of this span. `measures` has at least those that the
    /// agreement reads.
    ///
    /// # Errors
    /// [`SettleError::MeasureUnknown`], [`SettleError::DimUnknown`]; those of a window's bounds.
    pub fn new(
        agreement: &Agreement,
        measures: &'a [Measure],
        span: Span,
    ) -> Result<Self, SettleError> {
        let needs = agreement.needs(measures, span)?;
        let mut parts = Vec::new();
        for (place, need) in needs.iter().enumerate() {
            for term in terms(measures, &need.measure) {
                let (selection, grain) = (&need.selection, &need.grain);
                let matcher = Matcher::at(term, &need.measure, selection, grain)?;
                let span = grain.span().unwrap_or(span);
                parts.push(Part { need: place, asset: need.asset.clone(), matcher, span });
            }
        }
        Ok(Self { needs, parts })
    }

    /// What is read, in a fixed order.
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// Whether the agreement reads the sum of this path in this asset.
    pub fn reads(&self, path: &str, asset: &str) -> bool {
        self.parts.iter().any(|part| part.asset == asset && part.matcher.matches(path))
    }

    /// Every term of every need, in a fixed order.
    pub fn parts(&self) -> &[Part<'a>] {
        &self.parts
    }
}

fn terms<'a>(measures: &'a [Measure], name: &str) -> &'a [Term] {
    measures.iter().find(|measure| measure.name == name).map_or(&[], |measure| &measure.terms)
}

impl Agreement {
    /// What its steps read of a period of this span, in a fixed order, each once.
    ///
    /// # Errors
    /// [`SettleError::MeasureUnknown`]; those of a window's bounds.
    pub fn needs(&self, measures: &[Measure], span: Span) -> Result<Vec<Need>, SettleError> {
        let mut needs = std::collections::BTreeSet::new();
        for read in self.reads() {
            let found = measures.iter().find(|measure| measure.name == read.measure);
            let measure = found.ok_or_else(|| SettleError::MeasureUnknown {
                step: self.name.clone(),
                measure: read.measure.clone(),
            })?;
            let window = self.window(read.window, span)?;
            needs.insert(Need::of(measure, &read.asset, &read.selection, (&read.by, window)));
        }
        Ok(needs.into_iter().collect())
    }

    /// The span of a window, where it is another one than the period's.
    ///
    /// # Errors
    /// Those of a period's bounds.
    pub fn window(&self, window: Window, span: Span) -> Result<Option<(i64, i64)>, SettleError> {
        let start = match window {
            Window::Period => return Ok(None),
            Window::Within(kind) => {
                Period::containing(kind, span.start, &self.zone)?.span(&self.zone)?.start
            }
            // One that is in force without a beginning begins with the first bucket of all time.
            Window::Agreement => self.effective.start.max(i64::MIN / BUCKET_NANOS * BUCKET_NANOS),
            Window::Days(first, last) => {
                let day = |date: Date| date.to_string().parse::<Period>()?.span(&self.zone);
                let (from, until) = (day(first)?.start, day(last)?.end);
                let start = from.clamp(span.start, span.end);
                return Ok(Some((start, until.clamp(start, span.end))));
            }
        };
        Ok((start < span.start).then_some((start, span.end)))
    }
}
