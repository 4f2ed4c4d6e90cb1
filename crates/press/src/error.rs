//! What can go wrong in setting a statement.

use settle::ledger::code::Code;
use std::fmt;

/// A statement whose lines do not come to what it says.
pub const NOT_ADDING_UP: Code = Code {
    code: "E3501",
    title: "the lines of the statement do not add up",
    cause: "The amounts of the lines do not come to the running amounts and the payable amount \
            that the statement states, or need more than 38 digits.",
    hint: "Run `saldo verify`; a statement that it accepts adds up.",
};
/// A file that could not be made.
pub const NOT_MADE: Code = Code {
    code: "E3502",
    title: "the file could not be made",
    cause: "The statement is larger than the format can hold, or an embedded font is damaged.",
    hint: "Take `--format json`, which has no such limit.",
};

/// Every code of this crate, ascending.
pub const CODES: &[Code] = &[NOT_ADDING_UP, NOT_MADE];

/// Why a statement could not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PressError {
    /// The lines do not come to what the statement says.
    NotAddingUp {
        /// Where: the id of a line, or of the statement.
        at: String,
    },
    /// The file could not be made.
    NotMade {
        /// Why.
        reason: String,
    },
}

impl PressError {
    /// Its page.
    pub fn page(&self) -> Code {
        match self {
            Self::NotAddingUp { .. } => NOT_ADDING_UP,
            Self::NotMade { .. } => NOT_MADE,
        }
    }

    /// What, in particular.
    pub fn what(&self) -> &str {
        let (Self::NotAddingUp { at: what } | Self::NotMade { reason: what }) = self;
        what
    }
}

impl fmt::Display for PressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.page().title, self.what())
    }
}

impl std::error::Error for PressError {}
