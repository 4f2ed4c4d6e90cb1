//! A SHA-256 hash and its two spellings.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// 32 bytes of SHA-256. Displayed as 64 lowercase hexadecimal digits.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, std::hash::Hash)]
pub struct Hash(pub [u8; 32]);

/// Text that is not a hash (`E6001`).
#[derive(Copy, Clone, Debug, Eq, PartialEq, Error)]
#[error("this is not a SHA-256 hash in the expected spelling")]
pub struct HashParseError;

impl HashParseError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "E6001"
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        crate::codes::hint(self.code())
    }
}

impl Hash {
    /// 32 zero bytes; a placeholder, never a real hash.
    pub(crate) const ZERO: Self = Self([0; 32]);

    /// Standard base64 with padding, as checkpoints write it (44 characters).
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads what [`Hash::to_base64`] writes, and nothing else.
    pub fn from_base64(text: &str) -> Result<Self, HashParseError> {
        let mut bytes = [0; 33];
        match STANDARD.decode_slice(text, &mut bytes) {
            Ok(32) => {
                let mut hash = Self::ZERO;
                hash.0.copy_from_slice(&bytes[..32]);
                Ok(hash)
            }
            _ => Err(HashParseError),
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = HashParseError;

    fn from_str(text: &str) -> Result<Self, HashParseError> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(HashParseError);
        }
        let mut hash = Self::ZERO;
        for (byte, pair) in hash.0.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(hash)
    }
}

fn digit(byte: u8) -> Result<u8, HashParseError> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(HashParseError),
    }
}
