//! Signed notes of C2SP: a text, an empty line, and one line for each signature.
//!
//! ```text
//! first line of the text
//! last line of the text
//!
//! — <key name> <base64(4 bytes of key hash, 64 bytes of Ed25519 signature)>
//! ```
//! The signature covers the text with its last newline, without the empty line. The key hash is
//! the first four bytes of SHA-256(key name, `0A`, `01`, public key). A verifier key is written
//! `<key name>+<key hash in hexadecimal>+<base64(01, public key)>`.

mod key;
mod text;

pub use key::{SigningKey, VerifierKey};
pub use text::{NoteSignature, SIGNATURES_MAX, SignedNote};

use thiserror::Error;

/// What is wrong with a note or a key.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum NoteError {
    /// `E6030`
    #[error("a key name is not empty and has neither spaces nor a plus sign")]
    KeyName,
    /// `E6031`
    #[error("this is not an Ed25519 verifier key in note form")]
    VerifierKey,
    /// `E6032`
    #[error("the text of a note is UTF-8 without control characters and ends in a newline")]
    Text,
    /// `E6033`
    #[error("this is not a signed note")]
    Malformed,
    /// `E6034`
    #[error("the note carries no signature by a known key")]
    NoKnownKey,
    /// `E6035`
    #[error("the signature by {name} does not fit the text")]
    BadSignature {
        /// The key's name.
        name: String,
    },
    /// `E6036`
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
}

impl NoteError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeyName => "E6030",
            Self::VerifierKey => "E6031",
            Self::Text => "E6032",
            Self::Malformed => "E6033",
            Self::NoKnownKey => "E6034",
            Self::BadSignature { .. } => "E6035",
            Self::TooManySignatures => "E6036",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}
