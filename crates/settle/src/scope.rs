//! What an agreement reads: the sums that a close gathers and keeps, and a proof commits to.

use crate::agreement::{Agreement, Window};
use crate::error::SettleError;
use crate::measure::{self, AccountSum, Matcher, Measure, Need, Selection};
use crate::period::{Period, local_day};
use jiff::civil::Date;
use ledger::time::{BUCKET_NANOS, Span};

/// The sums that any step of an agreement reads under its selection. Rating these sums and no
/// others gives the same statement.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    measures: &'a [Measure],
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
            let Some(measure) = named(measures, &need.measure) else { continue };
            let own = measure.terms.iter().map(|term| (term, need.selection.clone()));
            let cut = measure.cut.iter();
            let closing = cut.flat_map(|cut| cut.seen_on.iter().map(|term| (term, cut.closing())));
            for (term, selection) in own.chain(closing) {
                let grain = &need.grain;
                let matcher = Matcher::at(term, &need.measure, &selection, grain)?;
                let span = grain.span().unwrap_or(span);
                parts.push(Part { need: place, asset: need.asset.clone(), matcher, span });
            }
        }
        Ok(Self { measures, needs, parts })
    }

    /// Of these sums, those that the need at a place counts: a cut measure is read from further
    /// back than it counts.
    ///
    /// # Errors
    /// [`SettleError::DimUnknown`].
    pub fn counted<'s>(
        &self,
        place: usize,
        sums: &'s [AccountSum],
    ) -> Result<Vec<&'s AccountSum>, SettleError> {
        let need = self.needs.get(place);
        let cut = need.and_then(|need| {
            let measure = named(self.measures, &need.measure)?;
            measure.cut.as_ref().map(|_| (need, measure))
        });
        if let Some((need, measure)) = cut {
            let counted = measure::counted(measure, sums, need)?;
            return Ok(counted.into_iter().map(|(sum, _)| sum).collect());
        }
        let parts = || self.parts.iter().filter(|part| part.need == place);
        let reads = |sum: &&AccountSum| {
            parts().any(|part| part.asset == sum.asset && part.matcher.matches(&sum.path))
        };
        Ok(sums.iter().filter(reads).collect())
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

fn named<'a>(measures: &'a [Measure], name: &str) -> Option<&'a Measure> {
    measures.iter().find(|measure| measure.name == name)
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
            let of = (read.asset.as_str(), &read.selection, read.by.as_slice());
            needs.insert(self.need(measure, of, read.window, span)?);
        }
        Ok(needs.into_iter().collect())
    }

    /// What reading a measure takes: asset, selection and groups, over a window of a period. A cut
    /// measure is read from further back than what counts.
    ///
    /// # Errors
    /// Those of a window's bounds.
    pub(crate) fn need(
        &self,
        measure: &Measure,
        (asset, selection, by): (&str, &Selection, &[String]),
        window: Window,
        span: Span,
    ) -> Result<Need, SettleError> {
        let window = self.window(window, span)?;
        let Some(cut) = &measure.cut else {
            return Ok(Need::of(measure, asset, selection, (by, window), None));
        };
        let (start, end) = window.unwrap_or((span.start, span.end));
        let days = (local_day(start, &self.zone)?, local_day(end, &self.zone)?);
        let window = Some((cut.reach(start), end));
        Ok(Need::of(measure, asset, selection, (by, window), Some(days)))
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
