//! Commands that are given once: the key that a caller sent with a command is recorded with it, so
//! that whoever asks again, even after a crash, finds the command instead of giving it twice.
//!
//! A control record of version 2 has text key and 32 bytes fingerprint between its version and
//! what version 1 has. A key is looked up for [`KEPT_NANOS`] and then let go.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use crate::step::Step;
use crate::wire::{BadBytes, Reader, Writer};

/// How long a key leads to its command: a day, nanoseconds.
pub const KEPT_NANOS: i64 = 86_400_000_000_000;
/// Most keys that one command lets go: what is over stays until the next ones.
const LET_GO_MAX: usize = 64;
/// What a key is kept under: this, the author, 0, the key.
const BY_KEY: &[u8] = b"once:";
/// What finds the oldest: this, the time (big-endian), the author, 0, the key.
const BY_TIME: &[u8] = b"once-at:";

/// What makes a command one that is given once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The key, as the caller sent it.
    pub key: String,
    /// SHA-256 of what was asked, so that another question under the same key is known.
    pub fingerprint: [u8; 32],
}

/// A command that was given under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Position of the command.
    pub position: Position,
    /// When it was given, nanoseconds UTC.
    pub at: i64,
    /// SHA-256 of what was asked.
    pub fingerprint: [u8; 32],
}

impl Once {
    /// A control record of version 1 as one of version 2.
    pub(crate) fn with(&self, record: &[u8]) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u16(2).text(&self.key).fixed(&self.fingerprint);
        writer.bytes.extend_from_slice(record.get(2..).unwrap_or_default());
        writer.bytes
    }

    /// Reads what version 2 has more, after the version.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(Self { key: reader.text()?.to_owned(), fingerprint: reader.fixed()? })
    }

    /// The key of a control record, where it has one.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn of(record: &[u8]) -> Result<Option<Self>, BadBytes> {
        let mut reader = Reader::new(record);
        match reader.u16()? {
            2 => Self::read(&mut reader).map(Some),
            _ => Ok(None),
        }
    }
}

/// A key, both ways that it is kept under.
type Both = (Vec<u8>, Vec<u8>);

fn by_key(author: &str, key: &str) -> Vec<u8> {
    [BY_KEY, author.as_bytes(), &[0], key.as_bytes()].concat()
}

fn by_time(at: i64, author: &str, key: &str) -> Vec<u8> {
    let at = at.max(0).to_be_bytes();
    [BY_TIME, &at, author.as_bytes(), &[0], key.as_bytes()].concat()
}

impl Given {
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).i64(self.at).u64(self.position).fixed(&self.fingerprint);
        writer.bytes
    }

    fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let (at, position) = (reader.i64()?, reader.u64()?);
        let fingerprint = reader.fixed()?;
        reader.end()?;
        Ok(Self { position, at, fingerprint })
    }
}

impl Engine {
    /// Lets the next command carry a key; none takes back what was said before.
    pub fn carry(&mut self, once: Option<Once>) {
        self.carried = once;
    }

    /// The command that `author` gave under `key` less than a day before `now`.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn given_once(
        &self,
        author: &str,
        key: &str,
        now: i64,
    ) -> Result<Option<Given>, EngineError> {
        let found = self.store().document(Table::Meta, &by_key(author, key))?;
        let found = found.map(|bytes| Given::decode(&bytes)).transpose()?;
        Ok(found.filter(|given| now.saturating_sub(given.at) < KEPT_NANOS))
    }
}

impl Step<'_> {
    /// Keeps the key of a command, and lets old ones go.
    pub(crate) fn keep_once(
        &mut self,
        record: &[u8],
        author: &str,
        at: i64,
        position: Position,
    ) -> Result<(), EngineError> {
        let Some(once) = Once::of(record)? else { return Ok(()) };
        for (oldest, key) in self.outdated(at)? {
            self.remove(Table::Meta, oldest);
            self.remove(Table::Meta, key);
        }
        let given = Given { position, at, fingerprint: once.fingerprint };
        self.put(Table::Meta, by_key(author, &once.key), given.encode());
        self.put(Table::Meta, by_time(at, author, &once.key), Vec::new());
        Ok(())
    }

    /// Keys older than a day.
    fn outdated(&self, at: i64) -> Result<Vec<Both>, EngineError> {
        let mut found = Vec::new();
        self.engine_ref().store().documents(Table::Meta, BY_TIME, &mut |key, _| {
            let Some((time, name)) = key.strip_prefix(BY_TIME).and_then(|k| k.split_first_chunk())
            else {
                return false;
            };
            let old = at.saturating_sub(i64::from_be_bytes(*time)) >= KEPT_NANOS;
            if old {
                found.push((key.to_vec(), [BY_KEY, name].concat()));
            }
            old && found.len() < LET_GO_MAX
        })?;
        Ok(found)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;
    use crate::control::{Command, Control};

    #[test]
    fn a_record_with_a_key_is_the_same_command() {
        let command = Command::Replay { position: 9 };
        let control = Control { at: 7, author: "kim".into(), command };
        let once = Once { key: "k-1".into(), fingerprint: [5; 32] };
        let plain = control.encode();
        let bytes = once.with(&plain);
        assert_eq!(Control::decode(&bytes), Ok(control));
        assert_eq!((Once::of(&bytes), Once::of(&plain)), (Ok(Some(once)), Ok(None)));
        for length in 0..bytes.len() {
            assert_eq!(Control::decode(&bytes[..length]), Err(BadBytes), "{length}");
        }
        let given = Given { position: 3, at: 8, fingerprint: [5; 32] };
        assert_eq!(Given::decode(&given.encode()), Ok(given));
        assert!(by_time(8, "kim", "k") < by_time(9, "a", "a"), "the oldest come first");
    }
}
