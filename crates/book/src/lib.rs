//! Book files to diagnostics and compiled rules.
//!
//! It reads a directory of YAML files that were given to it as bytes, reports every mistake with
//! its file, line and column, and compiles what is sound. It knows nothing of stores, networks,
//! clocks or the file system.

mod account;
pub mod code;
pub mod compile;
mod define;
pub mod diagnostic;
pub mod example;
pub mod file;
pub mod mapping;
pub mod names;
mod net;
mod paths;
pub mod plan;
pub mod plugin;
pub mod read;
pub mod scalar;
pub mod schema;
pub mod signing;
pub mod suggest;
pub mod trial;
pub mod yaml;

pub use code::{CODES, codes};
pub use compile::{Compiled, Files, compile};
pub use diagnostic::{Diagnostic, Severity};
pub use example::template;
pub use schema::schemas;
