//! What a statement's file says of both sides: the signed version, and the operator's commands.

mod world;

use proof::agreed::AgreedVersion;
use proof::digest::sha256;
use proof::leaf::RecordLeafData;
use proof::note::{SigningKey, VerifierKey};
use proof::statement_file::{Moved, Notice, Report, StatementProof, Told};
use world::{Fact, Issue, OPERATOR, agreement, facts, key, keys, measure, place};

fn party(seed: u8) -> SigningKey {
    SigningKey::from_seed("alpha", [seed; 32]).expect("a good name")
}

/// The note of the terms with this rate, signed by these.
fn note(rate: &str, signers: &[&SigningKey]) -> String {
    let version = AgreedVersion::of(OPERATOR, &agreement(rate).encode(), &[measure().encode()]);
    version.and_then(|version| version.sign(signers)).expect("it signs").to_string()
}

fn file(countersigned: Option<String>, notices: Option<Vec<Notice>>) -> StatementProof {
    let mut file = StatementProof { countersigned, notices, ..Issue::of(&facts()).file() };
    file.sign_manifest(&[&key()]).expect("it signs");
    StatementProof::parse(&file.encode()).expect("its own bytes")
}

fn check(file: &StatementProof, more: &[VerifierKey]) -> Report {
    let keys = [keys(), more.to_vec()].concat();
    file.check(&keys, Some(&mut facts().iter().map(Fact::mine)))
}

fn codes(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

/// A name, the note in the file, the keys given, the codes found.
type Case<'a> = (&'a str, Option<String>, &'a [&'a SigningKey], &'a [&'a str]);
/// A name, what is changed, the code found.
type Lie<'a> = (&'a str, fn(&mut Notice), &'a str);

#[test]
fn whose_key_is_given_must_have_signed_these_terms() {
    let (own, other, operator) = (party(7), party(8), key());
    let stranger = SigningKey::from_seed("beta", [9; 32]).expect("a good name");
    let forged = SigningKey::from_seed(OPERATOR, [9; 32]).expect("a good name");
    let changed = note("0.12", &[&operator, &own]).replace("to: alpha", "to: beta");
    let cases: &[Case<'_>] = &[
        ("nothing said, nothing asked", None, &[], &[]),
        ("nothing said, a party asks", None, &[&own], &["E6092"]),
        ("both", Some(note("0.12", &[&operator, &own])), &[&own], &[]),
        ("both, the party unknown", Some(note("0.12", &[&operator, &own])), &[], &[]),
        ("one of its keys", Some(note("0.12", &[&operator, &own])), &[&other, &own], &[]),
        ("another key", Some(note("0.12", &[&operator, &other])), &[&own], &["E6092"]),
        ("only the operator", Some(note("0.12", &[&operator])), &[], &["E6092"]),
        ("only the party", Some(note("0.12", &[&own])), &[&own], &["E6092"]),
        ("not this operator", Some(note("0.12", &[&forged, &own])), &[&own], &["E6092"]),
        ("other terms", Some(note("0.13", &[&operator, &own])), &[&own], &["E6091"]),
        ("a changed text", Some(changed), &[&own], &["E6091"]),
        ("no note", Some("nothing".into()), &[&own], &["E6033"]),
        ("a stranger's key", Some(note("0.12", &[&operator, &own])), &[&stranger], &["E6094"]),
    ];
    for (name, countersigned, given, wanted) in cases {
        let given: Vec<VerifierKey> = given.iter().map(|key| key.verifier().clone()).collect();
        let report = check(&file(countersigned.clone(), None), &given);
        assert_eq!(codes(&report), *wanted, "{name}: {:?}", report.findings);
        assert_eq!(report.is_clean(), wanted.is_empty(), "{name}");
    }
    let both = file(Some(note("0.12", &[&operator, &own])), None);
    let names = |given: &[VerifierKey]| {
        let agreed = check(&both, given).facts.and_then(|facts| facts.agreed).expect("a note");
        (agreed.signed_by.join(" "), agreed.unchecked.join(" "))
    };
    assert_eq!(names(&[own.verifier().clone()]), ("casino alpha".into(), String::new()));
    assert_eq!(names(&[]), ("casino".into(), "alpha".into()));
}

/// A control record as the operator's Log has it, and what is told of it.
fn notice() -> Notice {
    let text = |text: &str| {
        let length = u32::try_from(text.len()).expect("short");
        [&length.to_le_bytes()[..], text.as_bytes()].concat()
    };
    let head = [&[1, 0, 15][..], &1_793_600_000_000_000_000_i64.to_le_bytes()].concat();
    let record = [head, text("kim"), text("two decimals"), vec![1, 2, 3]].concat();
    let mut leaf = Vec::new();
    let record_hash = sha256(&record);
    RecordLeafData { kind: 15, record_hash, blind: [6; 16] }.encode_into(&mut leaf);
    let moved = Moved { account: "play:a".into(), asset: "EUR".into(), amount: "1.00".into() };
    let told = Told {
        command: "fix".into(),
        at: "1793600000000000000".into(),
        author: "kim".into(),
        reason: "two decimals".into(),
        source: "studio-a".into(),
        id: "a-9".into(),
        moved: vec![moved],
        ..Told::default()
    };
    Notice { told, record, placement: place("control", &leaf, [6; 16], 7, 13) }
}

#[test]
fn notices_are_of_their_commands_and_none_is_dropped() {
    assert_eq!(codes(&check(&file(None, Some(Vec::new())), &[])), [""; 0]);
    assert_eq!(codes(&check(&file(None, Some(vec![notice()])), &[])), [""; 0]);
    let lies: &[Lie<'_>] = &[
        ("another author", |notice| notice.told.author = "lee".into(), "E6095"),
        ("another reason", |notice| notice.told.reason.clear(), "E6095"),
        ("another time", |notice| notice.told.at = "0".into(), "E6095"),
        ("another command", |notice| notice.told.command = "replay".into(), "E6095"),
        ("another record", |notice| notice.record.push(0), "E6013"),
        ("no record", |notice| notice.record.truncate(5), "E6095"),
        ("another place", |notice| notice.placement.sequence = 8, "E6013"),
        ("another blind", |notice| notice.placement.blind = [0; 16], "E6013"),
    ];
    for (lie, tell, code) in lies {
        let mut forged = notice();
        tell(&mut forged);
        // The operator itself signs it: the manifest holds, and the notice does not.
        assert_eq!(codes(&check(&file(None, Some(vec![forged])), &[])), [*code], "{lie}");
    }
    let whole = file(None, Some(vec![notice()]));
    let dropped = StatementProof { notices: Some(Vec::new()), ..whole.clone() };
    let unsaid = StatementProof { notices: None, ..whole.clone() };
    let mut amount = whole;
    let told = &mut amount.notices.as_mut().expect("one")[0].told;
    told.moved[0].amount = "0.00".into();
    for changed in [dropped, unsaid, amount] {
        assert_eq!(codes(&check(&changed, &[])), ["E6078"]);
    }
}

#[test]
fn the_version_says_what_a_file_has() {
    let first = |file: &StatementProof| {
        let text = String::from_utf8(file.encode()).expect("JSON");
        text.lines().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(first(&file(None, None)), "  \"saldo-proof\": 1,");
    let later = file(None, Some(Vec::new()));
    assert_eq!(first(&later), "  \"saldo-proof\": 2,");
    for (from, to) in [("f\": 2", "f\": 1"), ("f\": 2", "f\": 3")] {
        let text = String::from_utf8(later.encode()).expect("JSON").replacen(from, to, 1);
        assert!(StatementProof::parse(text.as_bytes()).is_err(), "{to}");
    }
}
