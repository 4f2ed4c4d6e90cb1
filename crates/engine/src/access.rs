//! Credentials: who may ask, as recorded by commands. Every version of each stays, so that rights
//! can be told as they were on any date.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use crate::wire::{BadBytes, Reader, Writer};

/// What every version of a credential is kept under: `access:`, its id, 0, position.
const PREFIX: &[u8] = b"access:";

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum CredentialKind {
    /// A key of a program.
    Key = 1,
    /// A client that asks for tokens.
    Client = 2,
    /// A person of the embedded default.
    Person = 3,
    /// A secret that requests of a source are signed with: its name is the source's, and its
    /// secret is sealed under the operator's keys.
    Secret = 4,
}

/// A credential, as it is from one command on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its id: what a request names.
    pub id: String,
    /// What it is.
    pub kind: CredentialKind,
    /// What people call it.
    pub name: String,
    /// Its role.
    pub role: String,
    /// The party whose data it is for; empty for none.
    pub party: String,
    /// What its secret is checked against: SHA-256 of a key, or an Argon2 text of a password.
    pub secret: Vec<u8>,
    /// Networks that it may be used from; none for any.
    pub networks: Vec<String>,
    /// First nanosecond UTC at which it does not hold; `i64::MAX` for never.
    pub expires_at: i64,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// A credential with the command that made it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The credential.
    pub credential: Credential,
    /// Position of the command.
    pub position: Position,
    /// When it was given, nanoseconds UTC.
    pub at: i64,
    /// Who gave it.
    pub author: String,
}

impl Credential {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.id).u8(self.kind as u8).text(&self.name).text(&self.role);
        writer.text(&self.party).blob(&self.secret);
        writer.u32(u32::try_from(self.networks.len()).unwrap_or(u32::MAX));
        for network in &self.networks {
            writer.text(network);
        }
        writer.i64(self.expires_at).u8(self.revoked.into());
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
        let id = reader.text()?.to_owned();
        let kind = match reader.u8()? {
            1 => CredentialKind::Key,
            2 => CredentialKind::Client,
            3 => CredentialKind::Person,
            4 => CredentialKind::Secret,
            _ => return Err(BadBytes),
        };
        let (name, role) = (reader.text()?.to_owned(), reader.text()?.to_owned());
        let (party, secret) = (reader.text()?.to_owned(), reader.blob()?.to_vec());
        let mut networks = Vec::new();
        for _ in 0..reader.u32()? {
            networks.push(reader.text()?.to_owned());
        }
        let (expires_at, revoked) = (reader.i64()?, reader.u8()? == 1);
        reader.end()?;
        Ok(Self { id, kind, name, role, party, secret, networks, expires_at, revoked })
    }

    /// Whether it holds at a time, nanoseconds UTC.
    pub fn holds_at(&self, at: i64) -> bool {
        !self.revoked && at < self.expires_at
    }
}

/// The key of the document for a version of a credential.
pub(crate) fn document_key(id: &str, position: Position) -> Vec<u8> {
    [PREFIX, id.as_bytes(), &[0], &position.to_be_bytes()].concat()
}

/// The document for a version of a credential.
pub(crate) fn document(at: i64, author: &str, credential: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.u8(1).i64(at).text(author).blob(credential);
    writer.bytes
}

impl Engine {
    /// Every version of every credential, by id and then in order of time.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn credentials(&self) -> Result<Vec<Recorded>, EngineError> {
        let (mut found, mut bad) = (Vec::new(), None);
        self.store.documents(Table::Meta, PREFIX, &mut |key, value| {
            if !key.starts_with(PREFIX) {
                return false;
            }
            match recorded(key, value) {
                Ok(version) => found.push(version),
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        bad.map_or(Ok(found), |error| Err(error.into()))
    }
}

fn recorded(key: &[u8], value: &[u8]) -> Result<Recorded, BadBytes> {
    let (_, position) = key.split_last_chunk::<8>().ok_or(BadBytes)?;
    let mut reader = Reader::new(value);
    if reader.u8()? != 1 {
        return Err(BadBytes);
    }
    let (at, author) = (reader.i64()?, reader.text()?.to_owned());
    let credential = Credential::decode(reader.blob()?)?;
    reader.end()?;
    Ok(Recorded { credential, position: u64::from_be_bytes(*position), at, author })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn a_credential_comes_back_and_no_cut_is_taken_for_one() {
        let credential = Credential {
            id: "k1".into(),
            kind: CredentialKind::Client,
            name: "feed".into(),
            role: "provider".into(),
            party: "studio-a".into(),
            secret: vec![7; 32],
            networks: vec!["10.0.0.0/8".into()],
            expires_at: 9,
            revoked: false,
        };
        let bytes = credential.encode();
        assert_eq!(Credential::decode(&bytes), Ok(credential.clone()));
        for length in 0..bytes.len() {
            assert_eq!(Credential::decode(&bytes[..length]), Err(BadBytes), "{length}");
        }
        assert!(credential.holds_at(8) && !credential.holds_at(9));
        let document = document(5, "kim", &bytes);
        let found = recorded(&document_key("k1", 42), &document).unwrap();
        assert_eq!((found.position, found.at, found.author.as_str()), (42, 5, "kim"));
        assert_eq!(found.credential, credential);
    }
}
