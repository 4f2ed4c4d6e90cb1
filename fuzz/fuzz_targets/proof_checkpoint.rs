//! The text of a checkpoint has one spelling.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::checkpoint::Checkpoint;

fuzz_target!(|text: &str| {
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string(), text);
    }
});
