//! How the periods of one agreement follow each other, whether by the calendar or by a list.

use super::span::{local_day, outside};
use super::{CustomCalendar, Period, PeriodKind};
use crate::error::SettleError;
use jiff::civil::Date;
use ledger::time::Span;

/// The periods of one kind; custom ones come with their list.
#[derive(Clone, Copy, Debug)]
pub struct Cycle<'a> {
    /// How long they are.
    pub kind: PeriodKind,
    /// The list of custom periods; not looked at for other kinds.
    pub custom: Option<&'a CustomCalendar>,
}

impl Cycle<'_> {
    /// The period's first day, and the first day after it.
    ///
    /// # Errors
    /// [`SettleError::PeriodUndeclared`].
    pub fn days(self, period: Period) -> Result<(Date, Date), SettleError> {
        let days = match period.kind() {
            PeriodKind::Custom => self.list().and_then(|list| list.days(period)),
            _ => period.days(),
        };
        days.ok_or_else(|| SettleError::PeriodUndeclared { period: period.to_string() })
    }

    /// The period's last day: what due dates count from.
    ///
    /// # Errors
    /// [`SettleError::PeriodUndeclared`].
    pub fn last_day(self, period: Period) -> Result<Date, SettleError> {
        let (_, end) = self.days(period)?;
        end.yesterday().map_err(|_| SettleError::DateRange { date: end.to_string() })
    }

    /// The period's time in a zone, as [`Period::span`] gives it.
    ///
    /// # Errors
    /// As [`Period::span`].
    pub fn span(self, period: Period, zone: &str) -> Result<Span, SettleError> {
        period.span_of_days(self.days(period)?, zone)
    }

    /// The period that the instant `nanos` (UTC, since 1970) lies in, in a zone.
    ///
    /// # Errors
    /// As [`Period::containing`].
    pub fn containing(self, nanos: i64, zone: &str) -> Result<Period, SettleError> {
        let day = local_day(nanos, zone)?;
        self.of_day(day).ok_or_else(|| outside(nanos))
    }

    /// The period right after; `None` where the years of periods, or the list, end.
    pub fn next(self, period: Period) -> Option<Period> {
        self.of_day(self.days(period).ok()?.1)
    }

    /// The period right before; `None` where the years of periods, or the list, begin.
    pub fn previous(self, period: Period) -> Option<Period> {
        self.of_day(self.days(period).ok()?.0.yesterday().ok()?)
    }

    fn of_day(self, day: Date) -> Option<Period> {
        match self.kind {
            PeriodKind::Custom => self.list()?.of_day(day),
            kind => Period::of_day(kind, day),
        }
    }
}

impl<'a> Cycle<'a> {
    fn list(self) -> Option<&'a CustomCalendar> {
        self.custom.filter(|_| self.kind == PeriodKind::Custom)
    }
}
