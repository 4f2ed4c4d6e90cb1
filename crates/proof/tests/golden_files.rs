//! Committed proof files: they are what is made from the same facts, and must stay readable and
//! true for ever. `SALDO_BLESS=1` writes them anew: only while a format was never released.

mod world;

use std::path::Path;

use proof::agreed::file::AgreementFile;
use proof::event_file::EventProof;
use proof::note::VerifierKey;
use proof::statement_file::StatementProof;
use world::{Fact, Issue, event_file, facts};

/// The operator's public key, as a counterparty has it.
const KEY: &str = "casino+2c7d9332+Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR";

fn known() -> Vec<VerifierKey> {
    vec![KEY.parse().expect("a verifier key")]
}

fn golden(name: &str, made: &[u8]) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("SALDO_BLESS").is_some() {
        std::fs::write(&path, made).expect("a writable folder");
    }
    std::fs::read(&path).expect("it is committed")
}

#[test]
fn the_event_file_is_what_was_committed_and_holds() {
    let made = event_file().encode();
    let bytes = golden("event.proof", &made);
    assert_eq!(String::from_utf8_lossy(&made), String::from_utf8_lossy(&bytes));
    let facts = EventProof::parse(&bytes).expect("a file").check(&known()).expect("it holds");
    assert_eq!((facts.source.as_str(), facts.id.as_str()), ("studio-a", "t-81"));
}

#[test]
fn the_agreement_file_is_what_was_committed_and_holds() {
    let measures = vec![world::measure().encode()];
    let terms = world::agreement("0.12").encode();
    let made = AgreementFile::offer(world::OPERATOR, terms, measures, &world::key());
    let made = made.expect("it signs").encode();
    let bytes = golden("agreement.proof", &made);
    assert_eq!(String::from_utf8_lossy(&made), String::from_utf8_lossy(&bytes));
    let (version, note) = AgreementFile::parse(&bytes).expect("a file").open().expect("sound");
    assert_eq!((version.agreement.as_str(), version.version), ("provider-share", 1));
    assert_eq!(note.verify(&known()).expect("it holds"), [&known()[0]]);
}

#[test]
fn the_statement_files_are_what_was_committed_and_hold() {
    for (name, entries_max) in [("statement.proof", 1000), ("statement-digests.proof", 10)] {
        let made = Issue { entries_max, ..Issue::of(&facts()) }.file().encode();
        let bytes = golden(name, &made);
        assert_eq!(String::from_utf8_lossy(&made), String::from_utf8_lossy(&bytes), "{name}");
        let file = StatementProof::parse(&bytes).expect("a file");
        let report = file.check(&known(), Some(&mut facts().iter().map(Fact::mine)));
        assert!(report.findings.is_empty(), "{name}: {:?}", report.findings);
        assert!(report.compared.is_some_and(|counts| counts.sums_posted), "{name}");
    }
}
