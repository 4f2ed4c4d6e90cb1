//! A note and its signature lines.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::{SIGNATURE_BYTES, name_is_valid};
use super::{NoteError, SigningKey, VerifierKey};

/// More than any log and all its witnesses need; it bounds the work that a forged note can ask.
pub const SIGNATURES_MAX: usize = 100;

const KEY_HASH_BYTES: usize = 4;
/// An em dash and a space.
const SIGNATURE_MARK: &str = "\u{2014} ";

/// One signature line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// What the line says the key's hash is.
    pub key_hash: [u8; 4],
    /// The signature itself; its form depends on the key's type.
    pub bytes: Vec<u8>,
}

/// A text and its signatures; being parsed says nothing about their truth, see
/// [`SignedNote::verify`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    /// A note signed by each of the keys, in their order.
    pub fn sign(text: &str, keys: &[&SigningKey]) -> Result<Self, NoteError> {
        if !text_is_valid(text) {
            return Err(NoteError::Text);
        }
        let mut note = Self { text: text.to_owned(), signatures: Vec::new() };
        for key in keys {
            note.add_signature(key)?;
        }
        Ok(note)
    }

    /// Signs once more, after the signatures that are there.
    pub fn add_signature(&mut self, key: &SigningKey) -> Result<(), NoteError> {
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(NoteSignature {
            name: key.verifier().name().to_owned(),
            key_hash: key.verifier().key_hash(),
            bytes: key.sign(self.text.as_bytes()).to_vec(),
        });
        Ok(())
    }

    /// The text that is signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in order, true or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Reads a note with one signature or more.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let note = str::from_utf8(bytes).map_err(|_| NoteError::Malformed)?;
        let border = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, lines) = (&note[..=border], &note[border + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        if !text_is_valid(text) {
            return Err(NoteError::Malformed);
        }
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == SIGNATURES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(parse_line(line).ok_or(NoteError::Malformed)?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The keys among `known` that signed this text.
    ///
    /// Signatures by other keys are passed over. A signature that names a known key but does not
    /// fit condemns the note, and so does the lack of any by a known key.
    pub fn verify<'k>(&self, known: &'k [VerifierKey]) -> Result<Vec<&'k VerifierKey>, NoteError> {
        let mut signers: Vec<&VerifierKey> = Vec::new();
        for signature in &self.signatures {
            let names = |key: &&VerifierKey| {
                key.name() == signature.name && key.key_hash() == signature.key_hash
            };
            let Some(key) = known.iter().find(names) else { continue };
            let whole = signature.bytes.len() == SIGNATURE_BYTES;
            if !whole || !key.holds(self.text.as_bytes(), &signature.bytes) {
                return Err(NoteError::BadSignature { name: signature.name.clone() });
            }
            if !signers.contains(&key) {
                signers.push(key);
            }
        }
        if signers.is_empty() { Err(NoteError::NoKnownKey) } else { Ok(signers) }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let bytes = [signature.key_hash.as_slice(), &signature.bytes].concat();
            writeln!(f, "{SIGNATURE_MARK}{} {}", signature.name, STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

fn parse_line(line: &str) -> Option<NoteSignature> {
    let (name, signature) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    let (key_hash, bytes) = signature.split_first_chunk::<KEY_HASH_BYTES>()?;
    let valid = name_is_valid(name) && !bytes.is_empty();
    valid.then(|| NoteSignature {
        name: name.to_owned(),
        key_hash: *key_hash,
        bytes: bytes.to_vec(),
    })
}

/// Lines of UTF-8; no control character of ASCII but the newline, which also ends it.
fn text_is_valid(text: &str) -> bool {
    text.ends_with('\n') && !text.contains(|c: char| c.is_ascii_control() && c != '\n')
}
