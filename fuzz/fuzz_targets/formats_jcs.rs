//! JSON in one form alone: it is read again as it was written, and every number stays.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| formats::fuzz_jcs(bytes));
