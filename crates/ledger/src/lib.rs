//! Pure double entry: exact amounts, events and their canonical bytes, compiled posting rules,
//! accounts and totals, and the decision what becomes of an event.
//!
//! It knows nothing of files, networks, clocks, randomness, async, serialization frameworks or
//! floats: everything it decides on is an argument, and it cannot fail for a reason outside.

pub mod account;
pub mod asset;
pub mod code;
pub mod decide;
pub mod decimal;
pub mod event;
pub mod limits;
pub mod name;
pub mod outcome;
pub mod reject;
pub mod rules;
pub mod time;
pub mod totals;
mod wide;

pub use asset::Asset;
pub use decimal::{Decimal, DecimalError, Rounding};
pub use event::{Dim, Draft, EventRef, EventView};
pub use outcome::{Outcome, Stage};
pub use reject::Reject;
pub use rules::Rules;
pub use totals::Total;
