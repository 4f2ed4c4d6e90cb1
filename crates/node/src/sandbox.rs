//! The sandbox of an operator: an operator of its own, `OPERATOR-sandbox`, with the same book and
//! keys and data apart, made when it is first asked for.

use crate::session::{Purpose, Session};
use crate::{Home, NodeError, code};
use book::Files;
use std::path::Path;

/// What the name of a sandbox ends with.
pub const SUFFIX: &str = "-sandbox";

/// The name of an operator's sandbox.
pub fn name(operator: &str) -> String {
    format!("{operator}{SUFFIX}")
}

/// Opens the sandbox of `operator` in the directory, with the files of the operator's book; makes
/// it where there is none.
///
/// # Errors
/// [`code::BAD_NAME`] where the name would be too long; as [`crate::init::init`] and
/// [`Session::open`].
pub fn open(dir: &Path, operator: &str, files: &Files) -> Result<Session, NodeError> {
    let sandbox = name(operator);
    let files = renamed(files, &sandbox);
    let known = Home::open(dir)?.config.operators.contains(&sandbox);
    if !known {
        crate::init::init(dir, &files, &sandbox)?;
    }
    let mut session = Session::open(dir, Some(&sandbox), Purpose::Change, &mut |_, _| {})?;
    if known {
        follow(&mut session, operator, &files)?;
    }
    Ok(session)
}

/// Gives an open sandbox the book of its operator, where that has changed.
///
/// # Errors
/// When the book cannot be written or recorded.
pub fn follow(session: &mut Session, operator: &str, files: &Files) -> Result<(), NodeError> {
    let files = renamed(files, &name(operator));
    let current = session.operator.engine.state().books.current();
    if current.is_some_and(|current| current.files == files) {
        return Ok(());
    }
    let place = session.place.book.clone();
    if place.exists() {
        let failed = |error| NodeError::system("emptying", &place, error);
        std::fs::remove_dir_all(&place).map_err(failed)?;
    }
    crate::init::write_book(&place, &files)?;
    session.apply(&format!("as the book of {operator}"))
}

/// The files of a book under another operator's name.
fn renamed(files: &Files, operator: &str) -> Files {
    let line = |line: &str| match line.strip_prefix("operator:") {
        Some(_) => format!("operator: {operator}\n"),
        None => format!("{line}\n"),
    };
    let text = |path: &str, bytes: &[u8]| match (path, str::from_utf8(bytes)) {
        ("operator.yaml", Ok(text)) => text.lines().map(line).collect::<String>().into_bytes(),
        _ => bytes.to_vec(),
    };
    files.iter().map(|(path, bytes)| (path.clone(), text(path, bytes))).collect()
}

/// Refuses an operator that is a sandbox itself.
///
/// # Errors
/// [`code::BAD_CREDENTIAL`].
pub fn of(operator: &str) -> Result<(), NodeError> {
    if operator.ends_with(SUFFIX) {
        let what = "a sandbox has none of its own: make the key without `sandbox`";
        return Err(NodeError::said(code::BAD_CREDENTIAL, what));
    }
    Ok(())
}
