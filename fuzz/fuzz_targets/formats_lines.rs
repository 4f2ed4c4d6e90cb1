//! A line of events: both roads of the scanner read the same event, or refuse for the same reason.
#![no_main]

use formats::{Scanner, Spare};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    for source in ["", "studio-a"] {
        let (mut fast, mut slow) = (Scanner::default(), Scanner::default());
        let (mut one, mut two) = (Spare::default().take(), Spare::default().take());
        let read = fast.scan(line, source, &mut one);
        assert_eq!(read, slow.scan_slowly(line, source, &mut two));
        if read.is_ok() {
            assert_eq!(one, two);
            let _ = one.check_envelope();
        }
    }
});
