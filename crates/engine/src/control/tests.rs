//! Kinds that came later than the first fixture, byte for byte.
#![allow(clippy::unwrap_used)] // a failing unwrap fails the test

use super::*;
use crate::agreed::Countersigned;
use crate::query::scan::hex;

const HEAD: &str = "0700000000000000030000006b696d";

fn check(command: Command, kind: &str, fields: &str) {
    let control = Control { at: 7, author: "kim".into(), command };
    let bytes = control.encode();
    assert_eq!(hex(&bytes), format!("0100{kind}{HEAD}{fields}"));
    assert_eq!(Control::decode(&bytes).as_ref(), Ok(&control));
    for length in 0..bytes.len() {
        assert_eq!(Control::decode(&bytes[..length]), Err(BadBytes), "{length} bytes");
    }
}

fn resolve(reason: &str) -> Command {
    Command::Resolve { later: 2, keep_later: true, reason: reason.into() }
}

fn fix(reason: &str) -> Command {
    let (operator, source, record) = ("o".into(), "s".into(), vec![9]);
    Command::Fix { position: 3, operator, source, revision: 4, record, reason: reason.into() }
}

fn close(reason: &str) -> Command {
    let (agreement, period) = ("a".into(), "p".into());
    Command::Close { agreement, period, start: 1, end: 2, reason: reason.into() }
}

#[test]
fn reasons_have_kinds_of_their_own() {
    let closed = "010000006101000000700100000000000000 0200000000000000".replace(' ', "");
    let fixed = "0300000000000000010000006f01000000730400000001000000 09".replace(' ', "");
    for (command, kind, fields) in [
        (resolve(""), "04", "020000000000000001".to_owned()),
        (resolve("y"), "10", "0100000079020000000000000001".to_owned()),
        (fix(""), "06", fixed.clone()),
        (fix("y"), "0f", format!("0100000079{fixed}")),
        (close(""), "02", closed.clone()),
        (close("y"), "1c", format!("0100000079{closed}")),
    ] {
        check(command, kind, &fields);
    }
}

#[test]
fn a_countersigning_is_kept_under_the_terms_that_were_signed() {
    let text = "saldo.countersign.v1\noperator: o\nagreement: a\nversion: 258\nfrom: o\nto: p\n\
                holds from: always\nholds until: for good\n\
                terms: AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n";
    let key = proof::note::SigningKey::from_seed("o", [1; 32]).unwrap();
    let note = proof::note::SignedNote::sign(text, &[&key]).unwrap().to_string();
    let signed = Countersigned {
        at: 7,
        author: "kim".into(),
        position: (5, 6),
        operator_key: "k".into(),
        note: note.clone(),
    };
    let key = [b"countersigned:a\0".as_slice(), &[0, 0, 1, 2], &[1; 32]].concat();
    assert_eq!(signed.key(), Ok(key));
    let bytes = signed.encode();
    let head = "010700000000000000030000006b696d05000000000000000600000000000000010000006b";
    assert!(hex(&bytes).starts_with(head), "{}", hex(&bytes));
    assert_eq!(Countersigned::decode(&bytes).as_ref(), Ok(&signed));
    for length in 0..bytes.len() {
        assert_eq!(Countersigned::decode(&bytes[..length]), Err(BadBytes), "{length} bytes");
    }
    let garbled = Countersigned { note: "nothing".into(), ..signed };
    assert_eq!(garbled.key(), Err(BadBytes));
    let (agreement, operator_key) = ("a".into(), "k".into());
    let fields = hex(&{
        let mut writer = Writer::default();
        writer.text("a").u32(2).text("k").text(&note);
        writer.bytes
    });
    check(Command::Countersign { agreement, version: 2, operator_key, note }, "0e", &fields);
}

#[test]
fn holds_and_releases_come_back_and_no_cut_is_taken_for_one() {
    let holding = Holding {
        agreement: "fee".into(),
        period: "2026-03".into(),
        line: "20-share".into(),
        reason: "분쟁".into(),
    };
    let kinds = [(12, Command::Hold(holding.clone())), (13, Command::Release(holding))];
    for (kind, command) in kinds {
        let control = Control { at: 7, author: "kim".into(), command };
        let bytes = control.encode();
        assert_eq!(bytes[..3], [1, 0, kind]);
        assert_eq!(Control::decode(&bytes), Ok(control));
        for length in 0..bytes.len() {
            assert_eq!(Control::decode(&bytes[..length]), Err(BadBytes), "{length} bytes");
        }
    }
}

#[test]
fn what_was_refused_at_the_door_comes_back_and_no_cut_of_it_does() {
    let refused = vec![
        ("feed-a".to_owned(), "E8041".to_owned(), 2),
        ("feed-b".to_owned(), "E8044".to_owned(), u64::MAX),
    ];
    let control = Control { at: 7, author: "door".into(), command: Command::Door { refused } };
    let bytes = control.encode();
    assert_eq!((bytes[2], Control::decode(&bytes)), (24, Ok(control)));
    for length in 0..bytes.len() {
        assert_eq!(Control::decode(&bytes[..length]), Err(BadBytes), "{length}");
    }
}

#[test]
fn a_change_of_the_schema_registry_is_a_blob() {
    check(Command::Schema { change: vec![1, 2] }, "28", "020000000102");
}

#[test]
fn webhooks_and_their_progress_come_back() {
    let cursor = crate::query::Cursor { position: 5, place: 6 };
    let progress = vec![Progress { id: "w".into(), cursor }];
    check(Command::Webhook { endpoint: vec![9] }, "16", "0100000009");
    let fields = "010000000100000077050000000000000006000000";
    check(Command::Delivered { progress }, "17", fields);
}

#[test]
fn what_is_recorded_of_access_is_one_blob_each() {
    for (command, kind) in [
        (Command::Access { credential: vec![9] }, "14"),
        (Command::Denied { denied: vec![9] }, "15"),
        (Command::TokenKey { key: vec![9] }, "1a"),
        (Command::SignIns { tried: vec![9] }, "1b"),
        (Command::LegalHold { hold: vec![9] }, "1d"),
        (Command::OperatorKey { note: vec![9] }, "1e"),
    ] {
        check(command, kind, "0100000009");
    }
}
