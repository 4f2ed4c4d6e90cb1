//! Business days: days on which none of several holiday sets is closed.

use super::{Holidays, Roll};
use crate::error::SettleError;
use crate::limits::CLOSED_DAYS_MAX;
use jiff::civil::Date;

/// The union of holiday sets; without any, every day is a business day.
#[derive(Clone, Copy, Debug)]
pub struct Business<'a> {
    holidays: &'a [Holidays],
}

impl<'a> Business<'a> {
    /// Business days of all of `holidays` together.
    pub fn of(holidays: &'a [Holidays]) -> Self {
        Self { holidays }
    }

    /// Whether business is done on `date` everywhere.
    ///
    /// # Errors
    /// [`SettleError::HolidaysEnd`] when one of the sets says nothing of that year.
    pub fn is_open(self, date: Date) -> Result<bool, SettleError> {
        match self.holidays.iter().find(|set| !set.covers(date)) {
            Some(set) => {
                Err(SettleError::HolidaysEnd { holidays: set.name.clone(), date: date.to_string() })
            }
            None => Ok(!self.holidays.iter().any(|set| set.is_closed(date))),
        }
    }

    /// The business day that `roll` moves `date` to.
    ///
    /// # Errors
    /// As [`Business::is_open`]; [`SettleError::NoBusinessDay`].
    pub fn roll(self, date: Date, roll: Roll) -> Result<Date, SettleError> {
        let following = || self.nearest(date, Step::Forward);
        let preceding = || self.nearest(date, Step::Back);
        let same_month = |found: Date| found.first_of_month() == date.first_of_month();
        match roll {
            Roll::None => Ok(date),
            Roll::Following => following(),
            Roll::Preceding => preceding(),
            Roll::ModifiedFollowing => following()
                .and_then(|found| if same_month(found) { Ok(found) } else { preceding() }),
            Roll::ModifiedPreceding => preceding()
                .and_then(|found| if same_month(found) { Ok(found) } else { following() }),
        }
    }

    /// The `count`-th business day after `date`, which need not be one; for 0, `date` itself.
    ///
    /// # Errors
    /// As [`Business::roll`].
    pub fn after(self, date: Date, count: u32) -> Result<Date, SettleError> {
        (0..count).try_fold(date, |day, _| self.nearest(step(day, Step::Forward)?, Step::Forward))
    }

    fn nearest(self, date: Date, way: Step) -> Result<Date, SettleError> {
        let mut day = date;
        for _ in 0..CLOSED_DAYS_MAX {
            if self.is_open(day)? {
                return Ok(day);
            }
            day = step(day, way)?;
        }
        Err(SettleError::NoBusinessDay { date: date.to_string() })
    }
}

#[derive(Clone, Copy)]
enum Step {
    Forward,
    Back,
}

fn step(date: Date, way: Step) -> Result<Date, SettleError> {
    let next = match way {
        Step::Forward => date.tomorrow(),
        Step::Back => date.yesterday(),
    };
    next.map_err(|_| SettleError::DateRange { date: date.to_string() })
}
