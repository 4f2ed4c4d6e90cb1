//! Offered agreements and the text of their notes: what is read is written as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| proof::fuzz_agreement_file(bytes));
