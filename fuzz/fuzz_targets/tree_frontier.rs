//! The right edge of a tree, as stored: what is read is exactly what would be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::tree::Frontier;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frontier) = Frontier::decode(bytes) {
        assert_eq!(frontier.encode(), bytes);
        let _ = frontier.root();
    }
});
