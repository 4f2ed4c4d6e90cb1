//! Mapping files, tried on a few rows.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| formats::fuzz_mapping(bytes));
