//! Changes come back from their bytes; the registry takes only those that fit.

use super::*;

fn words(text: &str) -> Text {
    let references = vec![Referred { name: "n".into(), subject: "base".into(), version: 1 }];
    Text { kind: 2, text: text.into(), references, fingerprint: [text.as_bytes()[0]; 32] }
}

fn register(subject: &str, version: u32, id: u32, text: &str) -> Change {
    Change::Register { subject: subject.into(), version, id, text: words(text) }
}

fn delete(subject: &str, version: u32, for_good: bool) -> Change {
    let subject = subject.into();
    match version {
        0 => Change::DeleteSubject { subject, for_good },
        _ => Change::DeleteVersion { subject, version, for_good },
    }
}

#[test]
fn a_change_comes_back_and_no_cut_is_taken_for_one() {
    for change in [
        register("s", 1, 1, "{}"),
        delete("s", 3, true),
        delete("s", 0, false),
        Change::Level { subject: String::new(), level: 7 },
        Change::Mode { subject: "s".into(), mode: 2 },
    ] {
        let bytes = change.encode();
        assert_eq!(Change::decode(&bytes), Ok(change.clone()));
        for length in 0..bytes.len() {
            assert_eq!(Change::decode(&bytes[..length]), Err(BadBytes), "{change:?} {length}");
        }
    }
}

#[test]
fn only_what_fits_is_taken_and_numbers_are_never_used_again() {
    let mut registry = Registry::default();
    for (change, fits) in [
        (register("base", 2, 1, "{}"), false),
        (register("base", 1, 2, "{}"), false),
        (register("base", 1, 1, "{}"), true),
        (register("base", 2, 1, "{ }"), false),
        (register("other", 1, 1, "{}"), true),
        (register("", 1, 2, "x"), false),
        (delete("base", 1, true), false),
        (delete("base", 1, false), true),
        (delete("base", 1, false), false),
        (delete("base", 0, false), false),
        (delete("base", 0, true), true),
        (delete("base", 0, true), false),
        (delete("nobody", 0, false), false),
        (register("base", 1, 2, "xyz"), false),
        (register("base", 2, 2, "xyz"), true),
        (Change::Level { subject: "base".into(), level: 3 }, true),
        (Change::Level { subject: "base".into(), level: 0 }, true),
    ] {
        let before = registry.clone();
        let done = registry.apply(change.clone(), 9);
        assert_eq!(done.is_ok(), fits, "{change:?} {done:?}");
        assert!(fits || registry == before, "{change:?} changed something");
    }
    assert_eq!(registry.referring("base", 1), BTreeSet::from([1, 2]));
    assert_eq!((registry.next_id(), registry.id_of(&[b'x'; 32])), (3, Some(2)));
    assert!(registry.levels.is_empty());
}
