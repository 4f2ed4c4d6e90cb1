//! What is wrong with a book, and where: one diagnostic per mistake, collected and never only the
//! first.

use std::fmt;

use ledger::code::Code;

/// A place in a file, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl Place {
    /// The beginning of a file: for what is missing from it.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it begins.
    pub place: Place,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The book cannot be used.
    Error,
    /// The book can be used, but probably does not say what was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `E1` and three digits; its page is in the registry.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file, relative to the book's directory.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
    /// One sentence: what is wrong.
    pub message: String,
    /// What was probably meant, or what to do; empty where there is nothing to add.
    pub hint: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, severity, file, line, column, message, hint } = self;
        write!(f, "{file}:{line}:{column}: {severity} {code}: {message}")?;
        if hint.is_empty() { Ok(()) } else { write!(f, "\n    {hint}") }
    }
}

/// Collects the diagnostics of one file.
#[derive(Debug)]
pub struct Reporter<'a> {
    file: &'a str,
    found: &'a mut Vec<Diagnostic>,
}

impl<'a> Reporter<'a> {
    /// A reporter for `file` that appends to `found`.
    pub fn new(file: &'a str, found: &'a mut Vec<Diagnostic>) -> Self {
        Self { file, found }
    }

    /// The file that it reports on.
    pub fn file(&self) -> &str {
        self.file
    }

    /// Reports an error; `hint` may be empty.
    pub fn error(
        &mut self,
        code: Code,
        place: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(code, Severity::Error, place, message.into(), hint.into());
    }

    /// Reports what can be lived with; `hint` may be empty.
    pub fn warning(
        &mut self,
        code: Code,
        place: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(code, Severity::Warning, place, message.into(), hint.into());
    }

    fn push(&mut self, code: Code, severity: Severity, at: Place, message: String, hint: String) {
        self.found.push(Diagnostic {
            code: code.code,
            severity,
            file: self.file.to_owned(),
            line: at.line,
            column: at.column,
            message,
            hint,
        });
    }
}

/// Whether any of `found` makes the book unusable.
pub fn has_errors(found: &[Diagnostic]) -> bool {
    found.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Puts `found` into the order of reading: by file, place and code.
pub fn sort(found: &mut [Diagnostic]) {
    found.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.line, d.column, d.code);
        a.file.cmp(&b.file).then_with(|| key(a).cmp(&key(b)))
    });
}
