//! Frames in a segment, in the bytes that every Log has for them, and marks between them.
//!
//! A mark is a frame without records whose header is the Log's identity and the offset (u64) in
//! this segment up to which everything was durable. It tells a frame that a crash cut off from one
//! that changed later. The identity keeps an event from containing a forged mark.

use crate::disk::bytes::{take, u64_at};
use crate::limits::FRAME_FIXED_BYTES;
use engine::port::frame::{FORMAT, encode_parts};
use engine::port::{PortError, PortFault, Position};

pub(super) use engine::port::frame::{Head, bytes_of, check, encode};

/// Kind of a mark.
pub(super) const MARK: u16 = 0x8000;
/// Bytes of a whole mark.
pub(super) const MARK_BYTES: usize = FRAME_FIXED_BYTES + 24;

/// Refuses what this version does not know.
pub(super) fn check_known(head: &Head, path: &str, offset: u64) -> Result<(), PortError> {
    if head.format == FORMAT && (head.kind == MARK || head.frame_kind().is_some()) {
        return Ok(());
    }
    let (format, kind) = (head.format, head.kind);
    let what = format!("{path}: offset {offset}: frame format {format}, kind {kind}");
    Err(PortError::new(PortFault::UnknownFormat, what))
}

/// Appends a mark.
pub(super) fn encode_mark(out: &mut Vec<u8>, position: Position, identity: [u8; 16], durable: u64) {
    let mut header = [0; 24];
    header[..16].copy_from_slice(&identity);
    header[16..].copy_from_slice(&durable.to_le_bytes());
    encode_parts(out, MARK, position, 0, |_| (&header, &[]));
}

/// The offset of the last mark of this Log among `bytes` that says the most to be durable.
pub(super) fn greatest_mark(bytes: &[u8], identity: [u8; 16]) -> Option<u64> {
    let mut greatest = None;
    for at in 0..bytes.len().saturating_sub(MARK_BYTES - 1) {
        let frame = &bytes[at..at + MARK_BYTES];
        let Some(head) = Head::parse(frame).filter(|head| head.kind == MARK) else { continue };
        let header = FRAME_FIXED_BYTES;
        if take(frame, header) == Some(identity) && head.is_intact(frame) {
            greatest = greatest.max(u64_at(frame, header + 16));
        }
    }
    greatest
}
