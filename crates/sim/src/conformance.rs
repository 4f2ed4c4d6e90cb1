//! What every implementation of a port must do, as suites that run on any of them. They know the
//! traits of `engine` and nothing of what implements them.
//!
//! A suite is given a way to make fresh places; a place can be opened again and again, one at a
//! time, and each opening finds what the one before left. A failed check panics with its reason.

// To panic is how a suite reports, and a table of its checks is clearest in place.
#![allow(clippy::missing_panics_doc, clippy::type_complexity)]

pub mod invoice;
pub mod log;
pub mod raw;
pub mod store;
pub mod vault;

/// Opens the same place once more.
pub type Reopen<T> = Box<dyn FnMut() -> Box<T>>;
