//! Leaf data, heads and tile paths: what is read is exactly what would be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::heads::Head;
use proof::leaf::Leaf;
use proof::tree::{TileId, decode_tile, encode_tile};

fuzz_target!(|bytes: &[u8]| {
    let _ = Leaf::decode(bytes);
    if let Ok(head) = Head::decode(bytes) {
        let mut written = Vec::new();
        assert_eq!(head.encode_into(&mut written), Ok(()));
        assert_eq!(written, bytes);
    }
    let width = u16::try_from(bytes.len() / 32).unwrap_or(u16::MAX);
    if let Some(hashes) = decode_tile(bytes, width) {
        let mut written = Vec::new();
        encode_tile(&hashes, &mut written);
        assert_eq!(written, bytes);
    }
    let path = std::str::from_utf8(bytes).ok();
    if let Some(id) = path.and_then(|path| TileId::from_path(path).ok()) {
        assert_eq!(id.path().as_bytes(), bytes);
    }
});
