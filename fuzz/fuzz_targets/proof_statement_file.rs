//! The proof file of a statement.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| proof::fuzz_statement_file(bytes));
