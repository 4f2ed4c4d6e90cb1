//! Keys of parties and agreements that both sign: what is read, and what is refused.
#![allow(clippy::unwrap_used)] // a test stops at the first surprise

mod common;

use book::plan::{How, changes};
use book::{Compiled, Diagnostic};
use common::sound_with;

const KEY: &str = "casino+2c7d9332+Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR";

fn compile(keys: &str, countersigned: &str) -> (Option<Compiled>, Vec<Diagnostic>) {
    let parties = format!(
        "parties:\n  house: {{ role: operator }}\n  evolution: {{ role: provider }}\n  \
         netent: {{ role: provider }}\n  casino:\n    role: partner\n{keys}"
    );
    let agreement = format!(
        "agreement: share\nfrom: house\nto: casino\nasset: EUR\nperiod: month\n{countersigned}\
         terms:\n  - version: 1\n    steps:\n      - sum: {{ measure: ggr }}\n"
    );
    let files = sound_with(&[("parties.yaml", &parties), ("agreements/share.yaml", &agreement)]);
    book::compile(&files, 1)
}

fn keys(rest: &str) -> String {
    format!("    keys:\n      - {{ key: {KEY}{rest} }}\n")
}

#[test]
fn keys_hold_between_dates_and_the_operator_is_no_counterparty() {
    let (found, _) = compile(
        &keys(", holds_from: 2026-01-01, holds_until: 2027-01-01T00:00:00Z"),
        "countersigned: required\n",
    );
    let found = found.unwrap();
    let key = &found.signing.keys["casino"][0];
    assert_eq!(key.key, KEY);
    // The zone of the book is Asia/Seoul.
    assert_eq!(key.valid.start, 1_767_193_200_000_000_000);
    assert_eq!(key.valid.end, 1_798_761_600_000_000_000);
    assert_eq!(found.signing.counterparties(&found.agreements[0]), ["casino"]);
    assert!(found.signing.required.contains("share"));
    let (other, _) = compile(&keys(""), "countersigned: optional\n");
    let other = other.unwrap();
    assert!(other.signing.required.is_empty());
    let valid = other.signing.keys["casino"][0].valid;
    assert_eq!((valid.start, valid.end), (i64::MIN, i64::MAX));
    let differs = changes(&found, &other).into_iter().map(|change| (change.what, change.how));
    let differs: Vec<_> = differs.collect();
    assert_eq!(differs, [("agreement", How::Changed), ("party", How::Changed)]);
}

#[test]
fn what_is_no_key_of_the_party_is_refused() {
    let named = |from: &str, to: &str| keys("").replacen(from, to, 1);
    for (keys, countersigned, wanted) in [
        (String::new(), "", None),
        (keys(""), "", None),
        (String::new(), "countersigned: required\n", Some(("E1417", 6))),
        (String::new(), "countersigned: optional\n", None),
        (keys(""), "countersigned: yes\n", Some(("E1106", 6))),
        (named("casino+", "casinos+"), "", Some(("E1218", 8))),
        (named("casino+", "casino/x+"), "", Some(("E1218", 8))),
        (named("2c7d9332", "2c7d9333"), "", Some(("E1218", 8))),
        (named("+Ae1J", "+Ae1K"), "", Some(("E1218", 8))),
        (named("zfR", "zf"), "", Some(("E1218", 8))),
        (named("+Ae", "+Be"), "", Some(("E1218", 8))),
        (named(KEY, "casino"), "", Some(("E1218", 8))),
        (keys(", holds_from: 2026-13-01"), "", Some(("E1109", 8))),
        (keys(", holds_from: 2026-02-01, holds_until: 2026-02-01"), "", Some(("E1404", 8))),
    ] {
        let (_, found) = compile(&keys, countersigned);
        let first = found.first().map(|found| (found.code, found.line));
        assert_eq!(first, wanted, "{keys}{countersigned}{found:?}");
    }
}
