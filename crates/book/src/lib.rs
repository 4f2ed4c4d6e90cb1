//! Book files to diagnostics and compiled rules.
//!
//! It reads a directory of YAML files that were given to it as bytes, reports every mistake with
//! its file, line and column, and compiles what is sound. It knows nothing of stores, networks,
//! clocks or the file system.

pub mod code;
mod define;
pub mod diagnostic;
pub mod mapping;
pub mod read;
pub mod suggest;
pub mod yaml;

pub use code::CODES;
pub use diagnostic::{Diagnostic, Severity};
