//! What a message of the topic is: an envelope, and in it a fence or a frame.
//!
//! The envelope: magic `SLDM`, format u16, kind u16, epoch u64, writer's own number u64, position
//! that the writer knew to be durable u64, CRC32C u32 of what is before; little-endian. A frame
//! follows in the bytes that it has in every Log, with a checksum of its own.

use engine::port::frame::{self, FORMAT, Head};
use engine::port::{Frame, PortError, PortFault, Position};

const MAGIC: [u8; 4] = *b"SLDM";
/// The format of envelopes that is written.
const ENVELOPE_FORMAT: u16 = 1;
/// Bytes of an envelope.
pub(super) const ENVELOPE_BYTES: usize = 36;

/// Who writes: of all that open a Log the one with the highest epoch, and of equal epochs the one
/// whose fence came first; the number tells those apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Writer {
    pub(super) epoch: u64,
    pub(super) number: u64,
}

/// What is in a message. Numbers are stored and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Kind {
    /// From here on only this writer's frames count.
    Fence = 1,
    /// A frame follows.
    Frame = 2,
}

/// The envelope of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) kind: Kind,
    pub(super) writer: Writer,
    /// What the writer knew to be durable when it wrote this.
    pub(super) durable: Position,
}

/// A message that proved whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) envelope: Envelope,
    /// What the head of the frame says; nothing for a fence.
    pub(super) head: Option<Head>,
}

impl Envelope {
    /// Appends its bytes.
    fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&MAGIC);
        out.extend(ENVELOPE_FORMAT.to_le_bytes());
        out.extend((self.kind as u16).to_le_bytes());
        out.extend(self.writer.epoch.to_le_bytes());
        out.extend(self.writer.number.to_le_bytes());
        out.extend(self.durable.to_le_bytes());
        let sum = crc32c::crc32c(&out[start..]);
        out.extend(sum.to_le_bytes());
    }
}

/// A message that fences. Who has not read yet knows nothing durable.
pub(super) fn fence(writer: Writer) -> Vec<u8> {
    let mut out = Vec::with_capacity(ENVELOPE_BYTES);
    Envelope { kind: Kind::Fence, writer, durable: 0 }.encode(&mut out);
    out
}

/// A message that holds a frame.
pub(super) fn message(
    writer: Writer,
    durable: Position,
    first: Position,
    frame: &Frame,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(ENVELOPE_BYTES + frame::bytes_of(frame));
    Envelope { kind: Kind::Frame, writer, durable }.encode(&mut out);
    frame::encode(&mut out, first, frame);
    out
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|it| it.try_into().ok()).map_or(0, u64::from_le_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|it| it.try_into().ok()).map_or(0, u16::from_le_bytes)
}

/// Reads a message, both checksums verified; `place` says where it stands.
pub(super) fn read(bytes: &[u8], place: &dyn Fn() -> String) -> Result<Message, PortError> {
    let corrupt = |what: &str| PortError::corrupt(format!("{}: {what}", place()));
    let Some((envelope, rest)) = bytes.split_at_checked(ENVELOPE_BYTES) else {
        return Err(corrupt("a message that is too short"));
    };
    let (checked, sum) = envelope.split_at(ENVELOPE_BYTES - 4);
    if !envelope.starts_with(&MAGIC) || crc32c::crc32c(checked).to_le_bytes() != sum {
        return Err(corrupt("the envelope"));
    }
    let (format, number) = (u16_at(envelope, 4), u16_at(envelope, 6));
    let kind = [Kind::Fence, Kind::Frame].into_iter().find(|kind| *kind as u16 == number);
    let unknown = |what: String| {
        Err(PortError::new(PortFault::UnknownFormat, format!("{}: {what}", place())))
    };
    let Some(kind) = kind.filter(|_| format == ENVELOPE_FORMAT) else {
        return unknown(format!("envelope format {format}, kind {number}"));
    };
    let writer = Writer { epoch: u64_at(envelope, 8), number: u64_at(envelope, 16) };
    let envelope = Envelope { kind, writer, durable: u64_at(envelope, 24) };
    let head = match kind {
        Kind::Fence if rest.is_empty() => None,
        Kind::Fence => return Err(corrupt("a fence with more behind it")),
        Kind::Frame => {
            let head = Head::parse(rest).filter(|head| head.is_intact(rest));
            let head = head.ok_or_else(|| corrupt("the checksum of the frame"))?;
            if head.format != FORMAT || head.frame_kind().is_none() {
                return unknown(format!("frame format {}, kind {}", head.format, head.kind));
            }
            Some(head)
        }
    };
    Ok(Message { envelope, head })
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::port::FrameKind;

    const WRITER: Writer = Writer { epoch: 7, number: 0x0102_0304_0506_0708 };

    fn frame() -> Frame {
        let (header, records) = (b"head".to_vec(), b"abcde".to_vec());
        Frame { kind: FrameKind::Events, header, records, ends: vec![2, 5] }
    }

    fn fault(bytes: &[u8]) -> Option<PortFault> {
        read(bytes, &|| "here".to_owned()).err().map(|error| error.fault)
    }

    #[test]
    fn a_message_comes_back() {
        let bytes = message(WRITER, 41, 100, &frame());
        let back = read(&bytes, &|| "here".to_owned()).expect("it is whole");
        assert_eq!(back.envelope, Envelope { kind: Kind::Frame, writer: WRITER, durable: 41 });
        let head = back.head.expect("a frame");
        let view = head.view(&bytes[ENVELOPE_BYTES..]).expect("its parts fit");
        assert_eq!(
            (view.first, view.record(0), view.record(1)),
            (100, Some(&b"ab"[..]), Some(&b"cde"[..]))
        );
        let back = read(&fence(WRITER), &|| "here".to_owned()).expect("it is whole");
        assert_eq!(back.envelope, Envelope { kind: Kind::Fence, writer: WRITER, durable: 0 });
    }

    #[test]
    fn no_changed_byte_is_taken() {
        for good in [message(WRITER, 1, 2, &frame()), fence(WRITER)] {
            for at in 0..good.len() {
                let mut bad = good.clone();
                bad[at] ^= 0x10;
                assert!(fault(&bad).is_some(), "byte {at}");
                assert!(fault(&good[..at]).is_some(), "cut at {at}");
            }
            assert_eq!(fault(&[&good[..], b"x"].concat()), Some(PortFault::Corrupt));
        }
    }

    #[test]
    fn a_later_format_is_not_called_corrupt() {
        let mut bytes = fence(WRITER);
        bytes[4] = 2;
        let sum = crc32c::crc32c(&bytes[..ENVELOPE_BYTES - 4]);
        bytes[ENVELOPE_BYTES - 4..].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(fault(&bytes), Some(PortFault::UnknownFormat));
    }
}
