//! Configuration, wiring and intake: decode, vault, append.
//!
//! It knows where things are on this machine (settings, books, keys, data), opens one operator's
//! engine over the embedded ports, and feeds it. It knows nothing of HTTP, of how results are
//! shown, or of the simulator. The clock and the system's randomness are read here and nowhere
//! below.

pub mod access;
pub mod backup;
pub mod bench;
pub mod check;
pub mod clock;
pub mod code;
pub mod config;
mod copy;
pub mod error;
pub mod fix;
pub mod forget;
pub mod home;
pub mod init;
pub mod intake;
pub mod invoice;
pub mod keys;
pub mod legal_hold;
pub mod mine;
pub mod observe;
pub mod once;
pub mod operator;
pub mod operator_key;
pub mod paper;
pub mod party_key;
pub mod plan;
pub mod registry;
pub mod retention;
pub mod sandbox;
pub mod schemas;
mod seal;
pub mod service;
pub mod session;
pub mod totp;
pub mod webhooks;

pub use error::NodeError;
pub use home::{Home, OperatorHome};
pub use service::Service;
pub use session::{Purpose, Session};

/// What the command line shows values of; it has no edge of its own to these crates.
pub use {book, connect, engine, formats, ledger, press, proof, settle};
