//! Schemas of every kind: read, compared with themselves and each other, and used on a row.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| formats::fuzz_schema(bytes));
