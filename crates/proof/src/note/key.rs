//! Ed25519 keys with a name, as notes use them.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::NoteError;
use crate::digest::sha256;

/// Ed25519 among the signature types of signed notes.
const ED25519_TYPE: u8 = 0x01;
pub(super) const SIGNATURE_BYTES: usize = 64;

/// A named public key.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
    key_hash: [u8; 4],
}

impl VerifierKey {
    /// Names a public key.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, NoteError> {
        if !name_is_valid(name) {
            return Err(NoteError::KeyName);
        }
        let hashed = [name.as_bytes(), &[b'\n', ED25519_TYPE], &public].concat();
        let [a, b, c, d, ..] = sha256(&hashed).0;
        Ok(Self { name: name.to_owned(), public, key_hash: [a, b, c, d] })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The 32 bytes of the public key.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The four bytes that stand before a signature by this key.
    pub fn key_hash(&self) -> [u8; 4] {
        self.key_hash
    }

    /// Whether `signature` is this key's over `message`.
    pub fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(message, signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519_TYPE], self.public.as_slice()].concat();
        let hash = u32::from_be_bytes(self.key_hash);
        write!(f, "{}+{hash:08x}+{}", self.name, STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::VerifierKey);
        };
        let key = STANDARD.decode(key).map_err(|_| NoteError::VerifierKey)?;
        let Some((&ED25519_TYPE, public)) = key.split_first() else {
            return Err(NoteError::VerifierKey);
        };
        let public = public.try_into().map_err(|_| NoteError::VerifierKey)?;
        let key = Self::new(name, public)?;
        // Its own spelling holds the right key hash, so that a mistyped one is found.
        if key.to_string() == text { Ok(key) } else { Err(NoteError::VerifierKey) }
    }
}

/// A named private key. It has no `Debug` and no spelling: secrets are kept elsewhere.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl SigningKey {
    /// The key that these 32 secret bytes stand for, under a name.
    ///
    /// # Panics
    /// If the library has no memory left for the key.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, NoteError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .expect("any 32 bytes are the seed of an Ed25519 key");
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        Ok(Self { verifier: VerifierKey::new(name, public)?, pair })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The signature over `message`; always the same for the same message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; SIGNATURE_BYTES];
        signature.copy_from_slice(self.pair.sign(message).as_ref());
        signature
    }
}

pub(super) fn name_is_valid(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}
