//! Statements as PDF and XLSX, in English and Korean, with the fonts embedded.
//!
//! It turns a rated statement into bytes: the same ones for the same [`Document`], on every
//! machine. It knows nothing of networks, stores, files, clocks, environment or randomness; what
//! it prints is in the document, and its fonts are in the program.

mod blocks;
pub mod document;
pub mod error;
mod figure;
mod grid;
mod notes;
mod pdf;
mod statement;
mod text;
mod words;
mod xlsx;

pub use document::{Document, Language, Status};
pub use error::{CODES, PressError};
pub use grid::{Grid, grid};
pub use pdf::pdf;
pub use statement::{Facts, Names};
pub use xlsx::xlsx;

use std::collections::BTreeSet;

/// A finished file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Characters that could not be printed, and are shown as a crossed box.
    pub unprintable: BTreeSet<char>,
}
