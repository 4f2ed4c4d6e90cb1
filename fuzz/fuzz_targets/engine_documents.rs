//! Blocks, closed periods and documents of the Store: what is read is read again from what is
//! written.
#![no_main]

use engine::block::Block;
use engine::close::Closed;
use engine::document::{Contest, Feed, Quarantined, VerificationPage, WaitingDocument};
use libfuzzer_sys::fuzz_target;

macro_rules! again {
    ($bytes:expr, $($kind:ty),+) => {$(
        if let Ok(read) = <$kind>::decode($bytes) {
            assert_eq!(<$kind>::decode(&read.encode()), Ok(read));
        }
    )+};
}

fuzz_target!(|bytes: &[u8]| {
    again!(bytes, Block, Closed, Quarantined, WaitingDocument, Contest, Feed, VerificationPage);
});
