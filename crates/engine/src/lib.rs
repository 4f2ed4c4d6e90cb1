//! The engine: verify, load, decide, commit, publish; and on top of it close, verify, explain
//! and prove. It defines the ports that a disk or a cluster implements.
//!
//! It knows no driver, no environment variable and no wall clock: time, ids and randomness are
//! in the records of the Log or are arguments.

pub mod access;
pub mod accounts;
pub mod agreed;
pub mod batch;
pub mod block;
pub mod books;
pub mod close;
pub mod control;
pub mod counters;
mod deltas;
pub mod document;
pub mod effect;
pub mod engine;
pub mod error;
pub mod gather;
pub mod invoice;
pub mod key;
pub mod legal_hold;
pub mod live;
pub mod locate;
pub mod lookup;
pub mod operator_key;
mod overlay;

pub mod once;
pub mod plan;
pub mod port;
pub mod prepare;
pub mod prove;
pub mod query;
pub mod recent;
pub mod record;
pub mod schemas;
pub mod stage;
pub mod state;
mod step;
pub mod streams;
pub mod sums;
pub mod trace;
pub mod verify;
pub mod waiting;
pub mod webhook;
pub mod wire;

pub use control::{Command, Control};
pub use engine::{Engine, Secrets};
pub use error::{CODES, EngineError};
pub use prepare::{Prepared, Preparer};
pub use step::Would;
