//! The ports on services: the Log on Kafka, the Store on PostgreSQL.
//!
//! It knows how these services answer, fail and are fenced. It knows nothing of events, books,
//! money or `local`, and reads no clock but to limit its waiting. Its calls block: whoever owns
//! them runs them on a thread that may wait, never inside an asynchronous runtime.

pub mod kafka;
pub mod limits;
pub mod postgres;

pub use kafka::{KafkaLog, KafkaOptions};
pub use postgres::{PgOptions, PgStore};
