//! The help of every command is a contract: a difference fails until the golden file is written
//! again with `SALDO_GOLDEN=write`.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::saldo;
use std::path::Path;

#[test]
fn help_texts_are_those_that_are_committed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/help.md");
    let now = saldo(&["dev", "commands"]).ends(0).out;
    if std::env::var_os("SALDO_GOLDEN").is_some_and(|word| word == "write") {
        std::fs::write(&path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (at, (new, old)) in now.lines().zip(committed.lines()).enumerate() {
        assert_eq!(new, old, "help.md, line {}", at + 1);
    }
    assert_eq!(now.lines().count(), committed.lines().count(), "help.md");
}

#[test]
fn every_option_says_what_it_is_for() {
    let help = saldo(&["dev", "commands"]).ends(0).out;
    let lines: Vec<&str> = help.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let option = line.trim_start();
        let is_option =
            line.starts_with("  ") && option.starts_with('-') && !option.starts_with("- ");
        if is_option {
            let next = lines.get(at + 1).map_or("", |next| next.trim());
            let said = option.contains("  ") || !next.is_empty();
            assert!(said, "line {}: {line}", at + 1);
        }
    }
}
