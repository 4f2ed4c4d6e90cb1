//! Versions of agreements that both parties sign: their text, their file, and what is refused.

mod world;

use ledger::time::Span;
use proof::agreed::file::AgreementFile;
use proof::agreed::{AgreedError, AgreedVersion, PartyKey, signed_by};
use proof::note::{SignedNote, SigningKey};
use world::{OPERATOR, START, agreement, key, measure};

fn party(seed: u8) -> SigningKey {
    SigningKey::from_seed("alpha", [seed; 32]).expect("a good name")
}

fn offer(rate: &str) -> AgreementFile {
    let measures = vec![measure().encode()];
    AgreementFile::offer(OPERATOR, agreement(rate).encode(), measures, &key()).expect("it signs")
}

fn version(rate: &str) -> AgreedVersion {
    offer(rate).open().expect("sound").0
}

#[test]
fn the_text_is_for_people_and_has_one_spelling() {
    let text = version("0.12").to_string();
    let lines: Vec<&str> = text.lines().collect();
    let hash = version("0.12").terms.to_base64();
    assert_eq!(
        lines,
        [
            "saldo.countersign.v1",
            "operator: casino",
            "agreement: provider-share",
            "version: 1",
            "from: casino",
            "to: alpha",
            "holds from: always",
            "holds until: for good",
            &format!("terms: {hash}"),
        ]
    );
    assert_eq!(text.parse(), Ok(version("0.12")));
    let bounded = AgreedVersion {
        holds: Span { start: START, end: START + 900_000_000_000 },
        ..version("0.12")
    };
    let text = bounded.to_string();
    assert!(text.contains("holds from: 2026-11-01T00:00:00Z\nholds until: 2026-11-01T00:15:00Z\n"));
    assert_eq!(text.parse(), Ok(bounded));
    for (good, bad) in [
        ("saldo.countersign.v1", "saldo.countersign.v2"),
        ("version: 1", "version: 01"),
        ("version: 1", "version: +1"),
        ("version: 1", "version: 4294967296"),
        ("from: casino\n", ""),
        ("operator: casino", "operator:casino"),
        ("2026-11-01T00:00:00Z", "2026-11-01T01:00:00+01:00"),
        ("2026-11-01T00:00:00Z", "2026-11-01"),
        ("terms: ", "terms: A"),
        (hash.as_str(), ""),
    ] {
        let garbled = text.replacen(good, bad, 1);
        assert_ne!(garbled, text, "{good}");
        assert_eq!(garbled.parse::<AgreedVersion>(), Err(AgreedError::Malformed), "{bad}");
    }
    let more = text + "more\n";
    assert_eq!(more.parse::<AgreedVersion>(), Err(AgreedError::Malformed));
}

/// The code with which a note is refused, or the names of the keys that signed it.
fn outcome(note: &SignedNote, keys: &[PartyKey], at: i64) -> Result<Vec<String>, &'static str> {
    signed_by(note, &[OPERATOR, "alpha"], keys, at).map_err(|error| error.code())
}

/// A name, who signs, the keys known, what comes of it.
type Case<'a> = (&'a str, &'a [&'a SigningKey], &'a [PartyKey], Result<Vec<String>, &'a str>);

#[test]
fn both_must_have_signed_with_keys_that_held() {
    let operator = PartyKey::always(OPERATOR, key().verifier().clone());
    let known = |seed| PartyKey::always("alpha", party(seed).verifier().clone());
    let until = |end| PartyKey { valid: Span { start: START, end }, ..known(7) };
    let of_other = PartyKey { party: "beta".into(), ..known(7) };
    let both = vec![OPERATOR.to_owned(), "alpha".to_owned()];
    let (own, stranger) = (party(7), party(8));
    let operators = key();
    let cases: &[Case<'_>] = &[
        ("both", &[&operators, &own], &[operator.clone(), known(7)], Ok(both.clone())),
        ("any order", &[&own, &operators], &[operator.clone(), known(7)], Ok(both.clone())),
        ("one of two keys", &[&operators, &own], &[operator.clone(), known(8), known(7)], Ok(both)),
        ("only the operator", &[&operators], &[operator.clone(), known(7)], Err("E6092")),
        ("only the party", &[&own], &[operator.clone(), known(7)], Err("E6092")),
        ("another key", &[&operators, &stranger], &[operator.clone(), known(7)], Err("E6092")),
        ("no key known", &[&operators, &own], &[], Err("E6092")),
        ("another's key", &[&operators, &own], &[operator.clone(), of_other], Err("E6092")),
        ("an old key", &[&operators, &own], &[operator.clone(), until(START + 5)], Err("E6093")),
        ("the last instant", &[&operators, &own], &[operator.clone(), until(START + 10)], {
            Ok(vec![OPERATOR.to_owned(), "alpha".to_owned()])
        }),
    ];
    for (name, signers, keys, wanted) in cases {
        let note = version("0.12").sign(signers).expect("it signs");
        assert_eq!(outcome(&note, keys, START + 9), *wanted, "{name}");
    }
    let note = version("0.12").sign(&[&operators, &own]).expect("it signs").to_string();
    let altered = note.replace("version: 1", "version: 2");
    let altered = SignedNote::parse(altered.as_bytes()).expect("still a note");
    assert_eq!(outcome(&altered, &[operator, known(7)], START), Err("E6035"), "changed text");
}

#[test]
fn a_file_is_signed_by_those_concerned_and_only_as_it_is() {
    let mut file = offer("0.12");
    file.sign(&party(7)).expect("a party to it");
    let once = file.encode();
    file.sign(&party(7)).expect("again");
    assert_eq!(file.encode(), once, "a second signature by the same key adds nothing");
    assert_eq!(AgreementFile::parse(&once).as_ref(), Ok(&file));
    let sub = SigningKey::from_seed("alpha/finance", [9; 32]).expect("a good name");
    file.sign(&sub).expect("a key of the party");
    let other = SigningKey::from_seed("alphabet", [9; 32]).expect("a good name");
    assert_eq!(file.sign(&other).map_err(|error| error.code()), Err("E6094"));
    assert_eq!(file.open().expect("sound").1.signatures().len(), 3);

    let changed = AgreementFile { agreement: agreement("0.13").encode(), ..file.clone() };
    let unread = AgreementFile { agreement: b"{}".to_vec(), ..file.clone() };
    let without = AgreementFile { measures: Vec::new(), ..file.clone() };
    let note = file.note.replace("to: alpha", "to: beta");
    let renamed = AgreementFile { note, ..file.clone() };
    let checkpoint = SignedNote::sign("casino/control\n1\n", &[&key()]).expect("a text");
    let no_version = AgreementFile { note: checkpoint.to_string(), ..file.clone() };
    let no_note = AgreementFile { note: "nothing".into(), ..file };
    for (name, mut file, code) in [
        ("other terms", changed, "E6091"),
        ("other measures", without, "E6091"),
        ("another party", renamed, "E6091"),
        ("another note", no_version, "E6090"),
        ("no note", no_note, "E6033"),
    ] {
        assert_eq!(file.open().map_err(|error| error.code()), Err(code), "{name}");
        assert_eq!(file.sign(&party(7)).map_err(|error| error.code()), Err(code), "{name}");
    }
    assert!(unread.open().is_err_and(|error| error.code().starts_with("E7")));
}

#[test]
fn files_have_one_spelling() {
    let bytes = offer("0.12").encode();
    let text = String::from_utf8(bytes).expect("JSON");
    for (name, garbled) in [
        ("a space", text.replacen("\"note\": ", "\"note\":  ", 1)),
        ("another type", text.replacen("\"agreement\",", "\"event\",", 1)),
        ("a later version", text.replacen("\"saldo-proof\": 1", "\"saldo-proof\": 2", 1)),
        ("an unknown field", text.replacen("\"note\"", "\"more\": 1,\n  \"note\"", 1)),
        ("a cut", text[..text.len() - 3].to_owned()),
    ] {
        assert_ne!(garbled, text, "{name}");
        assert!(AgreementFile::parse(garbled.as_bytes()).is_err(), "{name}");
    }
}
