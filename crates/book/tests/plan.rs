//! What differs between two books, and which events would no longer be taken.
#![allow(clippy::unwrap_used)] // a test stops at the first surprise

use book::plan::{breaks, changes};
use book::{Compiled, Files};

fn compiled(files: &Files) -> Compiled {
    let (compiled, found) = book::compile(files, 1);
    compiled.unwrap_or_else(|| panic!("{found:?}"))
}

fn payments() -> Files {
    let files = book::template("payments").unwrap();
    files.into_iter().map(|(path, text)| (path.to_owned(), text.into())).collect()
}

/// Replaces `from` in one file of the payments book, and compares what is found.
#[track_caller]
fn check(path: &str, (from, to): (&str, &str), changed: &[&str], broken: &[&str]) {
    let old = payments();
    let mut new = old.clone();
    let text = String::from_utf8(old[path].clone()).unwrap();
    assert!(text.contains(from), "{path} has {from:?}");
    new.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
    let (old, new) = (compiled(&old), compiled(&new));
    let differ = changes(&old, &new);
    let shown: Vec<String> =
        differ.iter().map(|c| format!("{} {} {}", c.what, c.name, c.how.word())).collect();
    assert_eq!(shown, changed, "{to}");
    let found = breaks(&old.rules, &new.rules);
    let shown: Vec<String> = found.iter().map(|b| format!("{}: {}", b.what, b.message)).collect();
    assert_eq!(shown, broken, "{to}");
    // The other way round everything is different again, and nothing differs from itself.
    assert_eq!(changes(&new, &old).len(), differ.len());
    assert_eq!((changes(&new, &new), breaks(&new.rules, &new.rules)), (vec![], vec![]));
}

#[test]
fn what_a_changed_book_changes() {
    let share = "agreements/merchant-0-settlement.yaml";
    check(share, ("3%", "4%"), &["agreement merchant-0-settlement changed"], &[]);
    check(share, ("# The agreement", "# An agreement"), &[], &[]);
    check(
        "kinds.yaml",
        ("dims: [merchant, method]", "dims: [merchant, method, payer]"),
        &["kind capture changed"],
        &["kind capture: events without the dimension payer are not taken any more"],
    );
    check(
        "kinds.yaml",
        ("sign: non-negative", "sign: positive"),
        &["kind capture changed"],
        &["kind capture: amounts zero or below are not taken any more"],
    );
    check(
        "kinds.yaml",
        ("ref: { optional: [capture] }", "ref: { required: [capture] }"),
        &["kind refund changed"],
        &["kind refund: events without a reference are not taken any more"],
    );
    // A dimension before the others moves every number, and changes nothing else.
    check(
        "dims.yaml",
        ("dims:\n", "dims:\n  aaa: { title: { en: Aaa, ko: 가 } }\n"),
        &["dimension aaa added"],
        &[],
    );
}
