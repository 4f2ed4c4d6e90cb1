//! The proof file of an event.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| proof::fuzz_event_file(bytes));
