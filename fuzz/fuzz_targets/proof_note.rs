//! Signed notes and checkpoints: what is read is printed as it was, signed or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::checkpoint::Checkpoint;
use proof::note::SignedNote;

fuzz_target!(|bytes: &[u8]| {
    let Ok(note) = SignedNote::parse(bytes) else { return };
    let printed = note.to_string();
    assert_eq!(SignedNote::parse(printed.as_bytes()), Ok(note.clone()));
    assert!(note.verify(&[]).is_err());
    if let Ok(checkpoint) = note.text().parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string(), note.text());
    }
});
