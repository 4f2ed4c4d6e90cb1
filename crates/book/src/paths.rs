//! Which files a book may have, and where.

use crate::code;
use crate::compile::Files;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::{Place, Reporter};
use crate::plugin::is_plugin;
use crate::suggest;

const FIXED_FILES: &[&str] = &[
    "assets.yaml",
    "dims.yaml",
    "kinds.yaml",
    "measures.yaml",
    "operator.yaml",
    "parties.yaml",
    "sources.yaml",
];
const DIRECTORIES: &[&str] = &["agreements/", "calendars/", "mappings/", "quotes/"];
const NEEDED_FILES: &[&str] = &["assets.yaml", "kinds.yaml", "operator.yaml", "sources.yaml"];

/// The paths of the files in a directory of the book.
pub(crate) fn in_directory<'f>(files: &'f Files, directory: &str) -> impl Iterator<Item = &'f str> {
    let paths = files.keys().map(String::as_str);
    paths.filter(move |path| path.starts_with(directory) && stem(path).is_some())
}

/// The name of a file one directory down: `bustabit` of `mappings/bustabit.yaml`.
pub(crate) fn stem(path: &str) -> Option<&str> {
    let (_, name) = path.split_once('/')?;
    name.strip_suffix(".yaml").filter(|name| !name.is_empty() && !name.contains('/'))
}

/// The name of a CSV file one directory down.
pub(crate) fn csv_stem(path: &str) -> Option<&str> {
    let (_, name) = path.split_once('/')?;
    name.strip_suffix(".csv").filter(|name| !name.is_empty() && !name.contains('/'))
}

/// Whether a file is a policy or tests of policies: the book carries them, the service reads them.
fn is_policy(path: &str) -> bool {
    let name = path.strip_prefix("policies/").filter(|name| !name.contains('/'));
    let stem = name.and_then(|n| n.strip_suffix(".cedar").or(n.strip_suffix(".test.yaml")));
    stem.is_some_and(|stem| !stem.is_empty())
}

/// Reports files that are not of a book, and those that it lacks.
pub(crate) fn check_paths(files: &Files, found: &mut Vec<Diagnostic>) {
    for path in files.keys() {
        let is_listed = DIRECTORIES.iter().any(|dir| path.starts_with(dir));
        let is_csv = path.starts_with("quotes/") && csv_stem(path).is_some();
        let is_other = is_csv || is_plugin(path) || is_policy(path);
        let is_known = (is_listed && stem(path).is_some()) || is_other;
        if FIXED_FILES.contains(&path.as_str()) || is_known {
            continue;
        }
        let hint = if is_listed {
            "files here end with .yaml (quotes also .csv), without directories between".to_owned()
        } else {
            suggest::hint(path, FIXED_FILES.iter().copied())
        };
        let message = format!("a book has no file `{path}`");
        Reporter::new(path, found).error(code::UNKNOWN_FILE, Place::START, message, hint);
    }
    for path in NEEDED_FILES.iter().filter(|path| !files.contains_key(**path)) {
        let message = format!("the file {path} is missing");
        let hint = code::MISSING_FILE.hint;
        Reporter::new(path, found).error(code::MISSING_FILE, Place::START, message, hint);
    }
}
