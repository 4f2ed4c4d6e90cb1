//! Reads a book from its directory and checks it.

use crate::NodeError;
use crate::code;
use crate::home::OperatorHome;
use book::{Compiled, Diagnostic, Files};
use std::fs;
use std::path::Path;

/// Deepest directory of a book; what lies deeper is not read, and `check` names its beginning.
const DEPTH_MAX: usize = 4;
/// Most files read: a book has dozens.
const FILES_MAX: usize = 10_000;

/// The outcome of checking a book.
#[derive(Debug)]
pub struct Checked {
    /// Its files.
    pub files: Files,
    /// The compiled book; none when a diagnostic is an error.
    pub compiled: Option<Compiled>,
    /// Every mistake and warning, in the order of files and places; tests that fail are mistakes.
    pub diagnostics: Vec<Diagnostic>,
    /// Tests of agreements that were run.
    pub tests: usize,
}

/// The files of the operator's book, by path relative to its directory.
///
/// # Errors
/// [`code::NO_BOOK`], or as the system reports.
pub fn read_files(home: &OperatorHome) -> Result<Files, NodeError> {
    read_dir(&home.book)
}

/// The files of the book in `dir`, by path relative to it.
///
/// # Errors
/// [`code::NO_BOOK`], or as the system reports.
pub fn read_dir(dir: &Path) -> Result<Files, NodeError> {
    if !dir.is_dir() {
        return Err(NodeError::said(code::NO_BOOK, dir.display().to_string()));
    }
    let mut files = Files::new();
    collect(dir, "", DEPTH_MAX, &mut files)?;
    Ok(files)
}

/// Reads and compiles the book on disk as `revision`.
///
/// # Errors
/// [`code::NO_BOOK`], or as the system reports; mistakes in files are in the result.
pub fn check(home: &OperatorHome, revision: u32) -> Result<Checked, NodeError> {
    Ok(check_files(read_files(home)?, &home.operator, revision))
}

/// Compiles files as `revision` of the operator's book.
pub fn check_files(files: Files, operator: &str, revision: u32) -> Checked {
    let (compiled, mut diagnostics) = book::compile(&files, revision);
    let named = compiled.as_ref().map(|book| book.rules.operator.as_str());
    let mut compiled_ok = true;
    if let Some(named) = named.filter(|named| *named != operator) {
        compiled_ok = false;
        diagnostics.push(Diagnostic {
            code: code::UNKNOWN_OPERATOR.code,
            severity: book::Severity::Error,
            file: "operator.yaml".to_owned(),
            line: 1,
            column: 1,
            message: format!("the book is of `{named}`, and its directory of `{operator}`"),
            hint: format!("write `operator: {operator}`"),
        });
    }
    let mut compiled = compiled.filter(|_| compiled_ok);
    let mut tests = 0;
    if let Some(book) = &compiled {
        let (run, failed) = book::trial::run(book, &book.outside());
        tests = run;
        if !failed.is_empty() {
            compiled = None;
        }
        diagnostics.extend(failed);
        book::diagnostic::sort(&mut diagnostics);
    }
    Checked { files, compiled, diagnostics, tests }
}

fn collect(dir: &Path, prefix: &str, depth: usize, files: &mut Files) -> Result<(), NodeError> {
    let failed = |error| NodeError::system("reading", dir, error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        entries.push(entry.map_err(failed)?);
    }
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        // What editors and version control leave behind is not the book's.
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let (path, relative) = (entry.path(), format!("{prefix}{name}"));
        if path.is_dir() {
            if depth > 0 {
                collect(&path, &format!("{relative}/"), depth - 1, files)?;
            }
            continue;
        }
        if files.len() >= FILES_MAX {
            let what = format!("more than {FILES_MAX} files below {}", dir.display());
            return Err(NodeError::said(code::NO_BOOK, what));
        }
        let bytes = fs::read(&path).map_err(|error| NodeError::system("reading", &path, error))?;
        files.insert(relative, bytes);
    }
    Ok(())
}
