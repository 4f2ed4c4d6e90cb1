//! Periods have one spelling.
#![no_main]

use libfuzzer_sys::fuzz_target;
use settle::Period;

fuzz_target!(|text: &str| {
    if let Ok(period) = text.parse::<Period>() {
        assert_eq!(period.to_string(), text);
    }
});
