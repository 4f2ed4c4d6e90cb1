//! The span of a period in a zone: from local midnight to local midnight.

use super::{Period, PeriodKind};
use crate::error::SettleError;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use ledger::time::{Bucket, Span};

impl Period {
    /// The period's time in the zone with this IANA name, nanoseconds UTC.
    ///
    /// A day begins at the first instant that its local date has: where clocks jump over
    /// midnight, that is the instant of the jump; where midnight comes twice, the earlier one.
    /// Periods that follow each other therefore never overlap and leave no gap.
    ///
    /// # Errors
    /// [`SettleError::ZoneUnknown`], [`SettleError::PeriodEmpty`] and [`SettleError::OffBucket`];
    /// [`SettleError::PeriodUndeclared`] for a custom period, which [`super::Cycle::span`] knows.
    pub fn span(self, zone: &str) -> Result<Span, SettleError> {
        let undeclared = || SettleError::PeriodUndeclared { period: self.to_string() };
        let days = self.days().ok_or_else(undeclared)?;
        self.span_of_days(days, zone)
    }

    /// The first day, and the first day after.
    pub(crate) fn days(self) -> Option<(Date, Date)> {
        Some((self.first_day()?, self.end_day()?))
    }

    /// The time from the first of two days up to the other.
    pub(super) fn span_of_days(self, days: (Date, Date), zone: &str) -> Result<Span, SettleError> {
        let found = find(zone)?;
        let empty = || SettleError::PeriodEmpty { period: self.to_string(), zone: zone.to_owned() };
        let start = day_start(days.0, &found).ok_or_else(empty)?;
        let end = day_start(days.1, &found).ok_or_else(empty)?;
        if start >= end {
            return Err(empty());
        }
        if !Bucket::is_boundary(start) || !Bucket::is_boundary(end) {
            let (period, zone) = (self.to_string(), zone.to_owned());
            return Err(SettleError::OffBucket { period, zone });
        }
        Ok(Span { start, end })
    }

    /// The period of `kind` that the instant `nanos` (UTC, since 1970) lies in, in a zone.
    ///
    /// # Errors
    /// [`SettleError::ZoneUnknown`]; [`SettleError::PeriodSyntax`] outside the years of periods,
    /// and for custom ones, which [`super::Cycle::containing`] finds.
    pub fn containing(kind: PeriodKind, nanos: i64, zone: &str) -> Result<Self, SettleError> {
        let day = local_day(nanos, zone)?;
        Self::of_day(kind, day).ok_or_else(|| outside(nanos))
    }
}

pub(super) fn outside(nanos: i64) -> SettleError {
    SettleError::PeriodSyntax { text: format!("{nanos} ns") }
}

/// The local day that the instant `nanos` (UTC, since 1970) lies in.
pub(crate) fn local_day(nanos: i64, zone: &str) -> Result<Date, SettleError> {
    let zone = find(zone)?;
    let at = Timestamp::from_nanosecond(nanos.into()).map_err(|_| outside(nanos))?;
    let mut day = zone.to_datetime(at).date();
    // Around a fold over midnight a clock shows yesterday again: the day has begun already.
    while let Some(next) = day.tomorrow().ok().filter(|next| begun(*next, &zone, nanos)) {
        day = next;
    }
    Ok(day)
}

fn begun(day: Date, zone: &TimeZone, nanos: i64) -> bool {
    day_start(day, zone).is_some_and(|start| start <= nanos)
}

/// Whether the zone data has a zone of this name.
pub(crate) fn is_zone(zone: &str) -> bool {
    find(zone).is_ok()
}

fn find(zone: &str) -> Result<TimeZone, SettleError> {
    let unknown = |_| SettleError::ZoneUnknown { zone: zone.chars().take(64).collect() };
    TimeZoneDatabase::bundled().get(zone).map_err(unknown)
}

/// The first instant of a local day, nanoseconds UTC; `None` outside the range of 64 bits.
fn day_start(day: Date, zone: &TimeZone) -> Option<i64> {
    let midnight = day.to_datetime(Time::midnight());
    let at = match zone.to_ambiguous_timestamp(midnight).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(midnight).ok()?,
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(midnight).ok()?,
        AmbiguousOffset::Gap { before, .. } => {
            // Midnight as the old offset counts it is the jump itself or after it.
            let after = before.to_timestamp(midnight).ok()?;
            let within = after.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?;
            zone.preceding(within).next()?.timestamp()
        }
    };
    i64::try_from(at.as_nanosecond()).ok()
}
