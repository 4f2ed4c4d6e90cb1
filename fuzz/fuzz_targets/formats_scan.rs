//! Lines of events as a whole file, on both roads of the scanner.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| formats::fuzz_scan(bytes));
