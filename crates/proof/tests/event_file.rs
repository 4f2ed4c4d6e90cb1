//! The proof file of an event: it holds as issued, and no byte of it can be changed.

mod world;

use proof::event_file::EventProof;
use proof::file::file_type;
use proof::note::SigningKey;
use proptest::prelude::*;
use world::{event_file, keys};

#[test]
fn a_file_comes_back_and_says_what_it_shows() {
    let file = event_file();
    let bytes = file.encode();
    assert_eq!(EventProof::parse(&bytes).as_ref(), Ok(&file));
    assert_eq!(file_type(&bytes).as_deref(), Some("event"));
    let facts = file.check(&keys()).expect("it holds");
    assert_eq!((facts.id.as_str(), facts.sequence, facts.tree_size), ("t-81", 12, 40));
    assert_eq!(facts.amount.map(|amount| amount.to_string()).as_deref(), Some("12.34"));
    assert_eq!(facts.signers, ["casino"]);
}

fn code(file: &EventProof) -> &'static str {
    file.check(&keys()).map_or_else(|error| error.code(), |_| "clean")
}

#[test]
fn every_field_is_bound() {
    type Change = fn(&mut EventProof);
    let cases: [(&str, Change); 13] = [
        ("clean", |_| ()),
        ("E6061", |file| file.operator = "casino2".into()),
        ("E6061", |file| file.source = "studio-b".into()),
        ("E6061", |file| file.id.push('1')),
        ("E6060", |file| file.canonical.truncate(9)),
        ("E6013", |file| *file.canonical.last_mut().expect("bytes") ^= 1),
        ("E6013", |file| file.pseudonyms[0][3] ^= 1),
        ("E6013", |file| file.pseudonyms.clear()),
        ("E6060", |file| file.pseudonyms = vec![[0; 16]; 256]),
        ("E6013", |file| file.placement.blind[0] ^= 1),
        ("E6010", |file| file.placement.sequence = 40),
        ("E6062", |file| file.placement.tree_size = 41),
        ("E6012", |file| file.placement.inclusion.clear()),
    ];
    for (number, (wanted, change)) in cases.into_iter().enumerate() {
        let mut file = event_file();
        change(&mut file);
        assert_eq!(code(&file), wanted, "case {number}");
    }
}

#[test]
fn only_the_operators_own_key_counts() {
    let check = |name: &str, seed: u8| {
        let key = SigningKey::from_seed(name, [seed; 32]).expect("a good name");
        let checked = event_file().check(&[key.verifier().clone()]);
        checked.map_or_else(|error| error.code(), |_| "clean")
    };
    for (name, seed, wanted) in
        [("casino", 3, "clean"), ("casino", 4, "E6034"), ("casino2", 3, "E6034"), ("x", 3, "E6034")]
    {
        assert_eq!(check(name, seed), wanted, "{name} {seed}");
    }
    // A key of another name that did sign does not speak for the operator either.
    let stranger = SigningKey::from_seed("stranger", [9; 32]).expect("a good name");
    let mut file = event_file();
    let checkpoint = proof::checkpoint::Checkpoint::open(
        file.placement.checkpoint.as_bytes(),
        "casino/studio-a",
        &keys(),
    );
    let note = checkpoint.expect("it holds").sign(&[&stranger]).expect("it signs");
    file.placement.checkpoint = note.to_string();
    let checked = file.check(&[stranger.verifier().clone()]);
    assert_eq!(checked.map_err(|error| error.code()), Err("E6034"));
}

#[test]
fn no_byte_can_be_changed_left_out_or_added() {
    let bytes = event_file().encode();
    let holds =
        |bytes: &[u8]| EventProof::parse(bytes).is_ok_and(|file| file.check(&keys()).is_ok());
    assert!(holds(&bytes));
    for at in 0..bytes.len() {
        for mask in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= mask;
            assert!(!holds(&changed), "byte {at} with {mask}");
        }
        assert!(!holds(&bytes[..at]), "cut at {at}");
        assert!(!holds(&[&bytes[..at], b" ", &bytes[at..]].concat()), "a space at {at}");
    }
}

#[test]
fn other_files_are_told_apart() {
    let text = String::from_utf8(event_file().encode()).expect("JSON");
    for (from, to, code) in [
        ("\"saldo-proof\": 1", "\"saldo-proof\": 2", "E6051"),
        ("\"event\"", "\"statement\"", "E6051"),
        ("\"id\"", "\"also\": 1, \"id\"", "E6050"),
        ("  \"id\"", "\"id\"", "E6050"),
        ("\"sequence\": 12", "\"sequence\": -12", "E6050"),
        ("\"sequence\": 12", "\"sequence\": 12.0", "E6050"),
        ("\"t-81\"", "\"\\u0074-81\"", "E6050"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let error = EventProof::parse(changed.as_bytes()).expect_err(to);
        assert_eq!(error.code(), code, "{to}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        proof::fuzz_event_file(&bytes);
        proof::fuzz_note(&bytes);
        proof::fuzz_statement_file(&bytes);
    }

    #[test]
    fn files_with_any_field_replaced_are_answered(at in 0_usize..60, text in ".{0,40}") {
        let file = String::from_utf8(event_file().encode()).expect("JSON");
        let mut pieces: Vec<&str> = file.split('"').collect();
        let at = at % pieces.len();
        pieces[at] = &text;
        proof::fuzz_event_file(pieces.join("\"").as_bytes());
    }
}
