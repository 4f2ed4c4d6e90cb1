//! Signed notes and checkpoints: what is read is printed as it was, signed or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::checkpoint::Checkpoint;
use proof::note::SignedNote;

fuzz_target!(|bytes: &[u8]| {
    proof::fuzz_note(bytes);
    let Ok(note) = SignedNote::parse(bytes) else { return };
    if let Ok(checkpoint) = note.text().parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string(), note.text());
    }
});
