//! Receipts: files in every form, and whatever an operator could have signed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| proof::fuzz_receipt(bytes));
