//! Files that cannot be read at all.

use ledger::code::Code;

/// Why a file gives no rows, or no further ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {}: {detail}", code.code, code.title)]
pub struct FormatError {
    /// Its page, `E3` and three digits.
    pub code: Code,
    /// What was found; without values of rows.
    pub detail: String,
}

impl FormatError {
    /// An error of this code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// Reading failed.
    pub(crate) fn io(error: &std::io::Error) -> Self {
        Self::new(crate::code::CANNOT_OPEN, error.to_string())
    }
}
