//! Credentials: who may ask, as recorded by commands. Every version of each stays, so that rights
//! can be told as they were on any date.

mod denied;
mod sign_in;
mod token_key;

pub use denied::Denied;
pub use sign_in::{SignIn, Tried};
pub(crate) use token_key::document_key as token_key_document;
pub use token_key::{RecordedTokenKey, TokenKey};

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
    /// The only actions that it is for; none for all that its role may do.
    pub scopes: Vec<String>,
    /// The secret before the last rotation; empty for none.
    pub before: Vec<u8>,
    /// First nanosecond UTC at which the secret before does not hold.
    pub before_ends_at: i64,
    /// What one-time codes are made from, sealed under the operator's keys; empty for none.
    pub totp: Vec<u8>,
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
    /// Bytes of version 2, or of version 1 where that says everything.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let later = !(self.scopes.is_empty() && self.before.is_empty() && self.totp.is_empty());
        writer.u8(if later { 2 } else { 1 });
        writer.text(&self.id).u8(self.kind as u8).text(&self.name).text(&self.role);
        writer.text(&self.party).blob(&self.secret);
        writer.u32(u32::try_from(self.networks.len()).unwrap_or(u32::MAX));
        for network in &self.networks {
            writer.text(network);
        }
        writer.i64(self.expires_at).u8(self.revoked.into());
        if later {
            writer.u32(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
            for scope in &self.scopes {
                writer.text(scope);
            }
            writer.blob(&self.before).i64(self.before_ends_at).blob(&self.totp);
        }
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if !(1..=2).contains(&version) {
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
        let networks = texts(&mut reader)?;
        let (expires_at, revoked) = (reader.i64()?, reader.u8()? == 1);
        let (mut scopes, mut before, mut before_ends_at, mut totp) = Default::default();
        if version == 2 {
            scopes = texts(&mut reader)?;
            before = reader.blob()?.to_vec();
            before_ends_at = reader.i64()?;
            totp = reader.blob()?.to_vec();
        }
        reader.end()?;
        Ok(Self {
            id,
            kind,
            name,
            role,
            party,
            secret,
            networks,
            expires_at,
            revoked,
            scopes,
            before,
            before_ends_at,
            totp,
        })
    }

    /// Whether it holds at a time, nanoseconds UTC.
    pub fn holds_at(&self, at: i64) -> bool {
        !self.revoked && at < self.expires_at
    }

    /// Whether the hash of a secret is one of its own at a time: of now, or before a rotation.
    pub fn has_secret(&self, hash: &[u8; 32], at: i64) -> bool {
        self.secret == hash || (at < self.before_ends_at && self.before == hash)
    }
}

fn texts(reader: &mut Reader<'_>) -> Result<Vec<String>, BadBytes> {
    (0..reader.u32()?).map(|_| Ok(reader.text()?.to_owned())).collect()
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
        self.recorded_under(PREFIX, recorded)
    }

    /// What `read` makes of each document whose key begins with `prefix`, in order of keys.
    pub(crate) fn recorded_under<R>(
        &self,
        prefix: &[u8],
        read: fn(&[u8], &[u8]) -> Result<R, BadBytes>,
    ) -> Result<Vec<R>, EngineError> {
        let (mut found, mut bad) = (Vec::new(), None);
        self.store.documents(Table::Meta, prefix, &mut |key, value| {
            if !key.starts_with(prefix) {
                return false;
            }
            match read(key, value) {
                Ok(version) => found.push(version),
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        bad.map_or(Ok(found), |error| Err(error.into()))
    }
}

fn recorded(key: &[u8], value: &[u8]) -> Result<Recorded, BadBytes> {
    let (position, at, author, credential) = opened(key, value)?;
    Ok(Recorded { credential: Credential::decode(credential)?, position, at, author })
}

/// Position, time, author and content of a document that [`document`] made.
pub(crate) fn opened<'v>(
    key: &[u8],
    value: &'v [u8],
) -> Result<(Position, i64, String, &'v [u8]), BadBytes> {
    let (_, position) = key.split_last_chunk::<8>().ok_or(BadBytes)?;
    let mut reader = Reader::new(value);
    if reader.u8()? != 1 {
        return Err(BadBytes);
    }
    let (at, author) = (reader.i64()?, reader.text()?.to_owned());
    let content = reader.blob()?;
    reader.end()?;
    Ok((u64::from_be_bytes(*position), at, author, content))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn a_credential_comes_back_and_no_cut_is_taken_for_one() {
        let first = Credential {
            id: "k1".into(),
            kind: CredentialKind::Client,
            name: "feed".into(),
            role: "provider".into(),
            party: "studio-a".into(),
            secret: vec![7; 32],
            networks: vec!["10.0.0.0/8".into()],
            expires_at: 9,
            revoked: false,
            scopes: vec![],
            before: vec![],
            before_ends_at: 0,
            totp: vec![],
        };
        let credential = Credential {
            scopes: vec!["bring-events".into()],
            before: vec![6; 32],
            before_ends_at: 5,
            totp: vec![1, 2, 3],
            ..first.clone()
        };
        for (credential, version) in [(first, 1), (credential.clone(), 2)] {
            let bytes = credential.encode();
            assert_eq!(bytes[0], version);
            assert_eq!(Credential::decode(&bytes), Ok(credential.clone()));
            for length in 0..bytes.len() {
                assert_eq!(Credential::decode(&bytes[..length]), Err(BadBytes), "{length}");
            }
        }
        for (hash, at, holds) in [([7; 32], 9, true), ([6; 32], 4, true), ([6; 32], 5, false)] {
            assert_eq!(credential.has_secret(&hash, at), holds, "{at}");
        }
        let bytes = credential.encode();
        assert!(credential.holds_at(8) && !credential.holds_at(9));
        let document = document(5, "kim", &bytes);
        let found = recorded(&document_key("k1", 42), &document).unwrap();
        assert_eq!((found.position, found.at, found.author.as_str()), (42, 5, "kim"));
        assert_eq!(found.credential, credential);
    }
}
