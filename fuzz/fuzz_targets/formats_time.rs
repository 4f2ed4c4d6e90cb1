//! Times as text: any bytes are a time or none.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let _ = formats::time::rfc3339(text);
});
