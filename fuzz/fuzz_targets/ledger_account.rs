//! Account segments: no value can make a segment of its own, and escaping is undone exactly.
#![no_main]

use ledger::account::{Pattern, push_escaped, unescape};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut segment = String::new();
    push_escaped(&mut segment, text);
    assert!(!segment.contains([':', '*']));
    assert_eq!(unescape(&segment), text);
    let _ = unescape(text);
    if !segment.is_empty() {
        assert!(Pattern::new(&segment).matches(&segment));
        assert!(Pattern::new(&format!("play:*:{segment}")).matches(&format!("play:x:{segment}")));
    }
    let _ = Pattern::new(text).matches(&segment);
});
