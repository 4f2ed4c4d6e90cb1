//! JSON documents and lines, by mappings.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| formats::fuzz_json(bytes));
