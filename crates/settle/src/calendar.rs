//! Calendars of business days, and the days on which what is payable falls due.

mod business;
mod due;
mod encode;
mod holidays;
mod split;

pub use business::Business;
pub use due::{Base, DayOfMonth, Due, DueBase, DuePart, DueRule, DueTerms, Lag, Roll, due};
pub use holidays::{Holidays, Weekdays};
pub use split::split;
pub(crate) use split::{apportion, units};
