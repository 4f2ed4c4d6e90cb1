//! The contract of the service: the documents that travel, the codes of its refusals and the HTTP
//! status of every code.
//!
//! It knows shapes and words. It knows no engine, no store and no transport: the server fills
//! these documents, clients read them, and the `OpenAPI` document is generated from them. Amounts
//! are decimal strings, times RFC 3339 in UTC, hashes lower-case hexadecimal, tree roots base64.

pub mod access;
pub mod address;
pub mod agreements;
pub mod book;
pub mod changes;
#[cfg(feature = "client")]
pub mod client;
pub mod code;
pub mod commands;
pub mod events;
pub mod figures;
pub mod invoices;
pub mod legal_holds;
pub mod periods;
pub mod problem;
pub mod quarantine;
pub mod schemas;
pub mod sources;
pub mod statement;
pub mod status;
pub mod story;
pub mod verification;
pub mod webhooks;

pub use code::CODES;
pub use problem::Problem;
