//! Statements, agreements and measures: what is read is, byte for byte, what would be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use settle::{Agreement, Measure, Statement};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(statement) = Statement::parse(bytes) {
        assert_eq!(statement.body(), bytes);
    }
    if let Ok(agreement) = Agreement::decode(bytes) {
        assert_eq!(agreement.encode(), bytes);
        let _ = agreement.check();
    }
    if let Ok(measure) = Measure::decode(bytes) {
        assert_eq!(measure.encode(), bytes);
    }
});
