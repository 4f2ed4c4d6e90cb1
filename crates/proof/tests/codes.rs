//! Every stable code has a page, and every page is of a code that the crate can give.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the crate's own sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// What the sources write between quotes as `E` and four digits.
fn given() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = std::fs::read_to_string(path).expect("text");
        for piece in text.split('"').filter(|piece| piece.len() == 5 && piece.starts_with('E')) {
            if piece[1..].bytes().all(|byte| byte.is_ascii_digit()) {
                found.insert(piece.to_owned());
            }
        }
    }
    found
}

#[test]
fn pages_and_codes_are_the_same_set() {
    let pages: Vec<&str> = proof::CODES.iter().map(|page| page.code).collect();
    assert!(pages.is_sorted_by(|a, b| a < b), "{pages:?}");
    let listed: BTreeSet<String> = pages.iter().map(|&code| code.to_owned()).collect();
    assert_eq!(listed, given());
}

#[test]
fn pages_say_something() {
    for page in proof::CODES {
        assert!(page.code.starts_with("E6"), "{}", page.code);
        for text in [page.title, page.cause, page.hint] {
            assert!(text.len() > 15 && text.trim() == text, "{}: {text:?}", page.code);
        }
        assert!(page.hint.ends_with('.') && page.cause.ends_with('.'), "{}", page.code);
        assert!(page.title.starts_with(char::is_lowercase), "{}", page.code);
    }
}
