//! A book with any bytes as one of its files: compiled, or refused with a reason.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// A sound book, into which the bytes come.
static BOOK: LazyLock<book::Files> = LazyLock::new(|| {
    let files = book::template("app-store").expect("a template of this name is shipped");
    files.into_iter().map(|(path, text)| (path.to_owned(), text.into())).collect()
});

const PATHS: [&str; 9] = [
    "operator.yaml",
    "assets.yaml",
    "dims.yaml",
    "parties.yaml",
    "sources.yaml",
    "kinds.yaml",
    "measures.yaml",
    "agreements/a.yaml",
    "mappings/m.yaml",
];

// The first byte says which file it is.
fuzz_target!(|bytes: &[u8]| {
    let Some((first, text)) = bytes.split_first() else { return };
    let mut files = BOOK.clone();
    files.insert(PATHS[usize::from(*first) % PATHS.len()].to_owned(), text.to_vec());
    let (compiled, found) = book::compile(&files, 1);
    let is_refused = found.iter().any(|line| line.severity == book::Severity::Error);
    assert_eq!(compiled.is_none(), is_refused);
});
