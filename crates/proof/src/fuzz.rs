//! What fuzzing calls: every byte string must be answered, and what is read must come back.

use crate::agreed::AgreedVersion;
use crate::agreed::file::AgreementFile;
use crate::event_file::EventProof;
use crate::note::{SignedNote, SigningKey, VerifierKey};
use crate::receipt::Receipt;
use crate::statement_file::{MyEvent, StatementProof};

fn keys(name: &str) -> Vec<VerifierKey> {
    VerifierKey::new(name, [7; 32]).into_iter().collect()
}

/// Reads the bytes as the proof file of an event and checks it.
///
/// # Panics
/// Where a defect is found.
pub fn fuzz_event_file(bytes: &[u8]) {
    if let Ok(file) = EventProof::parse(bytes) {
        assert_eq!(file.encode(), bytes, "a file has one spelling");
        // The outcome is nobody's concern here, as long as there is one.
        let _outcome = file.check(&keys(&file.operator));
    }
}

/// Reads the bytes as the proof file of a statement and checks it.
///
/// # Panics
/// Where a defect is found.
pub fn fuzz_statement_file(bytes: &[u8]) {
    if let Ok(file) = StatementProof::parse(bytes) {
        assert_eq!(file.encode(), bytes, "a file has one spelling");
        let mut mine = std::iter::once(MyEvent { canonical: file.body.clone() });
        assert!(!file.check(&keys("casino"), Some(&mut mine)).is_clean(), "nobody signed it");
    }
}

/// Reads the bytes as an offered agreement, and what its note says.
///
/// # Panics
/// Where a defect is found.
pub fn fuzz_agreement_file(bytes: &[u8]) {
    if let Some(version) = str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()) {
        let version: AgreedVersion = version;
        assert_eq!(version.to_string().as_bytes(), bytes, "a version has one spelling");
    }
    if let Ok(file) = AgreementFile::parse(bytes) {
        assert_eq!(file.encode(), bytes, "a file has one spelling");
        // The outcome is nobody's concern here, as long as there is one.
        let _outcome = file.open();
    }
}

/// Reads the bytes as a signed note and verifies it.
///
/// # Panics
/// Where a defect is found.
pub fn fuzz_note(bytes: &[u8]) {
    if let Ok(note) = SignedNote::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes, "a note has one spelling");
        let signer = note.signatures().first().map_or("casino", |signature| &signature.name);
        assert!(note.verify(&keys(signer)).is_err(), "nobody signed it");
    }
}

/// Reads the bytes as a receipt and checks it, as it is and with its note signed.
///
/// # Panics
/// Where a defect is found.
pub fn fuzz_receipt(bytes: &[u8]) {
    let Ok(mut receipt) = Receipt::parse(bytes) else { return };
    assert_eq!(Receipt::parse(&receipt.encode()).ok().as_ref(), Some(&receipt));
    assert!(receipt.check(&keys("casino")).is_err(), "nobody signed it");
    // Without a signature that holds nothing behind it is looked at.
    let (Ok(note), Ok(key)) =
        (SignedNote::parse(receipt.note.as_bytes()), SigningKey::from_seed("casino", [7; 32]))
    else {
        return;
    };
    let Ok(signed) = SignedNote::sign(note.text(), &[&key]) else { return };
    receipt.note = signed.to_string();
    if let Ok(facts) = receipt.check(&[key.verifier().clone()]) {
        assert!(receipt.index < facts.head.size, "what it is of is in the tree");
        let entries: Vec<_> = receipt.entry.iter().cloned().collect();
        assert_eq!(receipt.is_of(&entries).is_ok(), receipt.entry.is_some());
    }
}
