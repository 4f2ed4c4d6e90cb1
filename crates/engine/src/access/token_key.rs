//! Keys that sign tokens, as recorded by commands: only what is public of each. The newest signs;
//! the one before holds until its tokens have ended, or ends at once.

use super::{document, opened};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::Position;
use crate::wire::{BadBytes, Reader, Writer};

/// What every key is kept under: `tokenkey:` and the position of its command.
const PREFIX: &[u8] = b"tokenkey:";

/// A key that signs tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKey {
    /// Its id; the secret is made from it and from the operator's keys.
    pub id: String,
    /// The Ed25519 public key.
    pub public: [u8; 32],
    /// Whether those before end at once: one of them may be known to others.
    pub alone: bool,
}

/// A key with the command that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedTokenKey {
    /// The key.
    pub key: TokenKey,
    /// Position of the command.
    pub position: Position,
    /// When it was given, nanoseconds UTC.
    pub at: i64,
    /// Who gave it.
    pub author: String,
}

impl TokenKey {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.id).fixed(&self.public).u8(self.alone.into());
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let (id, public) = (reader.text()?.to_owned(), reader.fixed()?);
        let alone = reader.u8()? == 1;
        reader.end()?;
        Ok(Self { id, public, alone })
    }
}

/// The document of a key, and what it is kept under.
pub(crate) fn document_key(
    position: Position,
    at: i64,
    author: &str,
    key: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    ([PREFIX, &position.to_be_bytes()].concat(), document(at, author, key))
}

impl Engine {
    /// Every key that ever signed tokens, in order of time.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn token_keys(&self) -> Result<Vec<RecordedTokenKey>, EngineError> {
        self.recorded_under(PREFIX, |key, value| {
            let (position, at, author, bytes) = opened(key, value)?;
            Ok(RecordedTokenKey { key: TokenKey::decode(bytes)?, position, at, author })
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_and_no_cut_is_taken_for_one() {
        let key = TokenKey { id: "t1".into(), public: [7; 32], alone: true };
        let bytes = key.encode();
        assert_eq!(TokenKey::decode(&bytes), Ok(key));
        for length in 0..bytes.len() {
            assert_eq!(TokenKey::decode(&bytes[..length]), Err(BadBytes), "{length}");
        }
    }
}
