//! What every Vault must do.

use super::Reopen;
use engine::port::{Pseudonym, Vault};
use std::collections::BTreeSet;

/// Runs the suite on fresh places.
///
/// # Panics
/// When the Vault does not do what it must.
pub fn run(fresh: &dyn Fn() -> Reopen<dyn Vault>) {
    let cases: [(&str, fn(Reopen<dyn Vault>)); 4] = [
        ("one pseudonym a subject", one_each),
        ("keeps what was flushed", keeps),
        ("erases", erases),
        ("awkward subjects", awkward),
    ];
    for (name, case) in cases {
        eprintln!("vault: {name}");
        case(fresh());
    }
}

/// The pseudonyms of `subjects`.
///
/// # Panics
/// When the Vault refuses.
pub fn ask(vault: &dyn Vault, subjects: &[&str]) -> Vec<Pseudonym> {
    let mut out = Vec::new();
    vault.pseudonyms(subjects, &mut out).expect("pseudonyms are given");
    assert_eq!(out.len(), subjects.len());
    out
}

fn one_each(mut place: Reopen<dyn Vault>) {
    let vault = place();
    assert!(vault.is_empty());
    assert_eq!(vault.find("p-1"), None);
    let first = ask(&*vault, &["p-1", "p-2", "p-1", "p-3"]);
    assert_eq!(first[0], first[2]);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 3);
    assert_eq!(ask(&*vault, &["p-3", "p-2"]), [first[3], first[1]]);
    assert_eq!((vault.find("p-2"), vault.len()), (Some(first[1]), 3));
    let mut out = vec![[7; 16]];
    vault.pseudonyms(&["p-1"], &mut out).expect("is given");
    assert_eq!(out, [[7; 16], first[0]], "answers are appended");
}

fn keeps(mut place: Reopen<dyn Vault>) {
    let mut known: Vec<(String, Pseudonym)> = Vec::new();
    for round in 0..4 {
        let vault = place();
        assert_eq!(vault.len(), known.len());
        for (subject, pseudonym) in &known {
            assert_eq!(vault.find(subject), Some(*pseudonym));
            assert_eq!(ask(&*vault, &[subject]), [*pseudonym]);
        }
        for index in 0..50 {
            let subject = format!("person {round}/{index}");
            let pseudonym = ask(&*vault, &[&subject])[0];
            known.push((subject, pseudonym));
        }
        vault.flush().expect("flushes");
        vault.flush().expect("flushes nothing");
    }
}

fn erases(mut place: Reopen<dyn Vault>) {
    let vault = place();
    let before = ask(&*vault, &["a", "b", "c"]);
    assert!(vault.erase("b").expect("erases"));
    assert!(!vault.erase("b").expect("there is no row"));
    assert!(!vault.erase("z").expect("there was no row"));
    assert_eq!((vault.find("b"), vault.len()), (None, 2));
    drop(vault);
    let vault = place();
    assert_eq!((vault.find("b"), vault.find("c")), (None, Some(before[2])));
    assert_ne!(ask(&*vault, &["b"])[0], before[1], "a new row is a new person");
    vault.flush().expect("flushes");
    drop(vault);
    assert_eq!(place().len(), 3);
}

fn awkward(mut place: Reopen<dyn Vault>) {
    let long = "x".repeat(60_000);
    let subjects = ["", " ", "p", "P", "p ", "김민수", "\u{0}", &long];
    let vault = place();
    let all = ask(&*vault, &subjects);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), subjects.len());
    vault.flush().expect("flushes");
    drop(vault);
    assert_eq!(ask(&*place(), &subjects), all);
}
