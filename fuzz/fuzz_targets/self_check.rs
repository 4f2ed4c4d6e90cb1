//! A planted fault behind a word: `cargo xtask fuzz` must find it, or else it is blind.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    assert!(!bytes.starts_with(b"SALDO!"), "planted");
});
