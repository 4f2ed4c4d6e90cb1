//! By when a document is issued.

use super::{Reason, TaxInvoice};
use crate::calendar::{Base, DayOfMonth, DueRule, Holidays, Lag, Roll};
use crate::error::SettleError;
use jiff::civil::Date;

impl TaxInvoice {
    /// The day that the law names: the 10th of the month after the document's own (art. 34 (3));
    /// for a letter of credit opened after the half-year of the supply, the 25th on which that
    /// half-year's return is due. `None` for a mistake, which is amended when it is found.
    ///
    /// The law lets it go to the next business day where the day is a holiday or a Saturday: that
    /// is [`TaxInvoice::issue_until`].
    ///
    /// # Errors
    /// [`SettleError::DateRange`].
    pub fn issue_by(&self) -> Result<Option<Date>, SettleError> {
        let from = match &self.amends {
            None => self.written,
            Some(amends) => match amends.reason {
                Reason::Correction | Reason::Double => return Ok(None),
                Reason::Change | Reason::Return | Reason::Cancel => self.written,
                Reason::LetterOfCredit => {
                    let end = half_year_end(amends.original_written)?;
                    if amends.happened > end {
                        return last_day_of_credit(amends.original_written).map(Some);
                    }
                    amends.happened
                }
            },
        };
        tenth(Roll::None).date(from, &[]).map(Some)
    }

    /// [`TaxInvoice::issue_by`], or the next business day where that is none.
    ///
    /// # Errors
    /// [`SettleError::DateRange`], [`SettleError::HolidaysEnd`], [`SettleError::NoBusinessDay`].
    pub fn issue_until(&self, holidays: &[Holidays]) -> Result<Option<Date>, SettleError> {
        let Some(day) = self.issue_by()? else { return Ok(None) };
        let rolled = DueRule { base: Base::Statement, lag: Lag::Days(0), roll: Roll::Following };
        rolled.date(day, holidays).map(Some)
    }
}

fn tenth(roll: Roll) -> DueRule {
    let lag = Lag::Months { months: 1, day: DayOfMonth::Day(10) };
    DueRule { base: Base::Statement, lag, roll }
}

/// The last day of the half-year that taxes a supply of `date`.
pub(super) fn half_year_end(date: Date) -> Result<Date, SettleError> {
    let (month, day) = if date.month() <= 6 { (6, 30) } else { (12, 31) };
    Date::new(date.year(), month, day).map_err(|_| out_of_calendar(date))
}

/// The last day on which a letter of credit for a supply of `date` may be opened: the 25th of the
/// month after the half-year.
pub(super) fn last_day_of_credit(date: Date) -> Result<Date, SettleError> {
    let end = half_year_end(date)?;
    let lag = Lag::Months { months: 1, day: DayOfMonth::Day(25) };
    DueRule { base: Base::Statement, lag, roll: Roll::None }.date(end, &[])
}

fn out_of_calendar(date: Date) -> SettleError {
    SettleError::DateRange { date: date.to_string() }
}
