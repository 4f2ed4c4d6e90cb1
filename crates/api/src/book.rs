//! The book: its revisions, and what a changed one would do.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The book in force, and every revision before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Book {
    /// The revision in force.
    pub revision: u32,
    /// Every revision, the latest first.
    pub revisions: Vec<BookRevision>,
}

/// A revision of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookRevision {
    /// Its number.
    pub revision: u32,
    /// When it was recorded, RFC 3339 in UTC.
    pub at: String,
    /// Who recorded it.
    pub by: String,
    /// Why; empty for the first one.
    pub reason: String,
    /// SHA-256 of each file, lower-case hexadecimal, by path.
    pub files: BTreeMap<String, String>,
}

/// A changed book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// Every file's text by path; absent for the files in the operator's directory on the server.
    #[serde(default)]
    pub files: Option<BTreeMap<String, String>>,
}

/// A changed book that comes into force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// Every file's text by path; absent for the files in the operator's directory on the server.
    #[serde(default)]
    pub files: Option<BTreeMap<String, String>>,
    /// Why it is changed: recorded for good.
    pub reason: String,
}

/// What is wrong with a book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Checked {
    /// How many files it has.
    pub files: usize,
    /// How many tests of agreements were run.
    pub tests: usize,
    /// How many mistakes it has; with none it can be applied.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// Each of them.
    pub diagnostics: Vec<BookDiagnostic>,
}

/// One mistake or warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookDiagnostic {
    /// Its code.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What a changed book would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Planned {
    /// The revision in force.
    pub revision: u32,
    /// The check of the changed book.
    pub check: Checked,
    /// What differs.
    pub changes: Vec<BookChange>,
    /// What is taken today and would not be.
    pub breaks: Vec<BookBreak>,
    /// Periods whose statement would be another.
    pub periods: Vec<PlannedPeriod>,
    /// Older periods that were left out.
    pub left_out: u64,
}

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookChange {
    /// What it is: an agreement, a measure …
    pub what: String,
    /// Its name.
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub how: String,
}

/// Something that is taken today and would not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookBreak {
    /// What it is.
    pub what: String,
    /// Why it would not be taken.
    pub message: String,
}

/// A period under both books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedPeriod {
    /// The agreement.
    pub agreement: String,
    /// The period.
    pub period: String,
    /// Whether it is closed: the difference would be a correction.
    pub closed: bool,
    /// Code of the asset.
    pub asset: String,
    /// What is payable under the book in force, a decimal.
    pub before: Option<String>,
    /// What would be payable.
    pub after: Option<String>,
    /// Why the changed book cannot rate it.
    pub refused: Option<String>,
}
