//! What was denied, added up: one command a credential, action and minute, so that nobody fills the
//! Log by asking.

use crate::wire::{BadBytes, Reader, Writer};

/// Requests of one credential for one action that were denied in one minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// Who asked: `key:` and an id, as commands name their authors; empty where nobody was known.
    pub asker: String,
    /// What was asked for.
    pub action: String,
    /// The stable code that it was denied with.
    pub code: String,
    /// First nanosecond UTC of the minute.
    pub minute: i64,
    /// How many requests.
    pub count: u64,
}

impl Denied {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.asker).text(&self.action).text(&self.code);
        writer.i64(self.minute).u64(self.count);
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
        let mut text = || Ok(reader.text()?.to_owned());
        let (asker, action, code) = (text()?, text()?, text()?);
        let (minute, count) = (reader.i64()?, reader.u64()?);
        reader.end()?;
        Ok(Self { asker, action, code, minute, count })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_and_no_cut_is_taken_for_one() {
        let (asker, action) = ("key:k1".into(), "SeeStatus".into());
        let denied = Denied { asker, action, code: "E8002".into(), minute: 60, count: 3 };
        let bytes = denied.encode();
        assert_eq!(Denied::decode(&bytes), Ok(denied));
        for length in 0..bytes.len() {
            assert_eq!(Denied::decode(&bytes[..length]), Err(BadBytes), "{length}");
        }
    }
}
