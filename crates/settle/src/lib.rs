//! Pure settlement: periods, measures over account sums, agreements as ordered typed steps, and
//! the statements that rating an agreement gives.
//!
//! It knows nothing of files, networks, clocks, randomness, async, serialization frameworks or
//! floats. Calendar arithmetic uses zone data compiled into the program; what time it is, is never
//! asked. Two ratings of the same inputs give the same bytes, in whatever order the sums come.
//!
//! Precision: sums, products and differences are exact (at most 38 digits and 38 decimals, rates
//! at most [`limits::RATE_SCALE_MAX`] decimals), and what does not fit is an error. Only a `round`
//! step, or the `round` of a figure, ever drops a digit.

pub mod agreement;
pub mod calendar;
mod canon;
mod check;
pub mod correct;
mod digits;
pub mod effect;
pub mod error;
pub mod invoice;
pub mod limits;
pub mod measure;
pub mod outside;
pub mod period;
pub mod quotes;
pub mod rate;
mod run;
pub mod scope;
pub mod statement;
pub mod steps;
pub mod words;

pub use agreement::{Agreement, Figure, Operand, Read, RoundTo, Title, Window};
pub use correct::{Change, Correction, correction};
pub use digits::unrounded;
pub use effect::{Movement, Owed, effect, is_settlement};
pub use error::{CODES, SettleError};
pub use measure::{
    AccountSum, Grain, Measure, MeasureRow, Need, Seg, Selection, Side, Sign, Term, measure,
};
pub use outside::{Nothing, Outside, QuoteAsk, QuoteUsed, Recorded};
pub use period::{CustomCalendar, Cycle, Period, PeriodKind};
pub use rate::{Inputs, Left, rate};
pub use scope::Scope;
pub use statement::{Effect, Label, Line, LineId, LineKind, Previous, Reading, Section, Statement};
pub use steps::{Rule, Step};

/// What amounts are made of, for crates that use this one only.
pub use ledger;
