//! Where a file stands: its crate, whether it is test code, and which parts of it are.

use super::scan::{Source, is_word, item_end, skip_space, words};
use super::{File, Look};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

/// The one list of generated files and folders (`folder/`): the rules leave them out.
pub const GENERATED: &[&str] = &[];

/// Folders of a crate whose files are test code.
const TEST_FOLDERS: &[&str] = &["tests", "benches"];

/// The crate that a file belongs to, and its place inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'p> {
    /// Directory name of the crate (`ledger`, `xtask`); empty outside of crates.
    pub krate: &'p str,
    /// Path inside the crate (`src/lib.rs`).
    pub inner: &'p str,
}

impl<'p> Place<'p> {
    /// Reads the place off a path from the root of the workspace.
    pub fn new(path: &'p str) -> Self {
        let inside = path.strip_prefix("crates/").unwrap_or(path);
        let own = path.starts_with("crates/") || path.starts_with("xtask/");
        match inside.split_once('/') {
            Some((krate, inner)) if own => Self { krate, inner },
            _ => Self { krate: "", inner: path },
        }
    }

    /// Whether the file is shipped code: under `src/` of a crate.
    pub fn is_src(&self) -> bool {
        self.inner.starts_with("src/")
    }
}

/// Whether the path is a Rust file.
pub fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "rs")
}

/// Whether the file is in [`GENERATED`].
pub fn is_generated(path: &str) -> bool {
    let covers = |entry: &str| path == entry || entry.ends_with('/') && path.starts_with(entry);
    GENERATED.iter().any(|entry| covers(entry))
}

/// The files that another file declares as `#[cfg(test)] mod name;`, by every path they may have.
pub fn test_modules(files: &[File]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| is_rust(&file.path)) {
        let source = Source::new(&file.text);
        for range in test_ranges(&source.code) {
            let item = &source.code[range];
            let declared = words(item, "mod").next().filter(|_| item.trim_end().ends_with(';'));
            let Some(at) = declared else { continue };
            let from = skip_space(item, at + 3);
            let name: String =
                item[from..].chars().take_while(|c| c.is_ascii() && is_word(*c as u8)).collect();
            let base = module_folder(&file.path);
            found.insert(format!("{base}{name}.rs"));
            found.insert(format!("{base}{name}/mod.rs"));
        }
    }
    found
}

/// The folder, with its closing slash, in which the modules declared by a file stand.
fn module_folder(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(f, n)| (f, n));
    let slash = if folder.is_empty() { "" } else { "/" };
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => format!("{folder}{slash}"),
        _ => format!("{folder}{slash}{}/", name.trim_end_matches(".rs")),
    }
}

/// Whether all of a file is test code, by its path alone.
fn is_test_path(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    name == "tests.rs"
        || name.ends_with("_tests.rs")
        || folders.split('/').any(|folder| TEST_FOLDERS.contains(&folder))
}

/// Everything the rules need to know of one Rust file.
pub fn look<'f>(file: &'f File, test_modules: &BTreeSet<String>) -> Look<'f> {
    let source = Source::new(&file.text);
    let whole = is_test_path(&file.path) || test_modules.contains(&file.path);
    let everything = 0..file.text.len();
    let tests = if whole { vec![everything] } else { test_ranges(&source.code) };
    Look { path: &file.path, place: Place::new(&file.path), source, tests }
}

/// The byte ranges of items behind `#[cfg(test)]`, `#[cfg(all(test, ..))]` and `#[test]`.
fn test_ranges(code: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("#[") {
        let close = closing_bracket(code, at + 1);
        let words: String =
            code[at + 2..close].chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let is_test = words == "test"
            || words == "cfg(test)"
            || words.starts_with("cfg(all(") && (words[8..].split([',', ')']).any(|w| w == "test"));
        if is_test {
            found.push(at..item_end(code, past_attributes(code, close + 1)).1);
        }
    }
    found
}

/// Skips white space and further attributes.
fn past_attributes(code: &str, from: usize) -> usize {
    let at = skip_space(code, from);
    if code[at.min(code.len())..].starts_with("#[") {
        return past_attributes(code, closing_bracket(code, at + 1) + 1);
    }
    at
}

/// The offset of the bracket that closes the one at `open`, or the end of the text.
fn closing_bracket(code: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        depth += i32::from(byte == b'[') - i32::from(byte == b']');
        if depth == 0 {
            return at;
        }
    }
    code.len()
}
