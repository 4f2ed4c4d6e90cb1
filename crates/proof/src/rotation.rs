//! One signing key of an operator gives way to another: a note that both keys sign. Whoever trusts
//! the old one finds the new one in it; what the old one signed stays checkable with the old one.
//!
//! ```text
//! saldo.operator-key.v1
//! <operator>
//! <the old verifier key>
//! <the new verifier key>
//! <when, nanoseconds UTC>
//! ```

use crate::note::{NoteError, SignedNote, SigningKey, VerifierKey};

const FIRST: &str = "saldo.operator-key.v1";

/// A change of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The operator.
    pub operator: String,
    /// The key that signed until then.
    pub old: VerifierKey,
    /// The key that signs from then on.
    pub new: VerifierKey,
    /// When, nanoseconds UTC.
    pub at: i64,
}

impl Rotation {
    /// The note, signed by both.
    ///
    /// # Errors
    /// [`NoteError::Text`] for an operator's name that cannot stand in a line.
    pub fn sign(
        operator: &str,
        old: &SigningKey,
        new: &SigningKey,
        at: i64,
    ) -> Result<SignedNote, NoteError> {
        let (was, is) = (old.verifier(), new.verifier());
        let text = format!("{FIRST}\n{operator}\n{was}\n{is}\n{at}\n");
        SignedNote::sign(&text, &[old, new])
    }

    /// Reads a note that both of its keys signed. Whether the old one is to be trusted is for
    /// whoever asks.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn read(bytes: &[u8]) -> Result<Self, NoteError> {
        let note = SignedNote::parse(bytes)?;
        let lines: Vec<&str> = note.text().lines().collect();
        let &[FIRST, operator, old, new, at] = lines.as_slice() else {
            return Err(NoteError::Malformed);
        };
        let (old, new): (VerifierKey, VerifierKey) = (old.parse()?, new.parse()?);
        let at = at.parse().map_err(|_| NoteError::Malformed)?;
        for key in [&old, &new] {
            note.verify(std::slice::from_ref(key))?;
        }
        if old == new {
            return Err(NoteError::Malformed);
        }
        Ok(Self { operator: operator.to_owned(), old, new, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_is_signed_by_both_or_is_none() {
        let key = |seed: u8| SigningKey::from_seed("house", [seed; 32]).expect("a name");
        let (old, new, other) = (key(1), key(2), key(3));
        let note = Rotation::sign("house", &old, &new, 7).expect("a note").to_string();
        let read = Rotation::read(note.as_bytes()).expect("both signed");
        assert_eq!((&read.old, &read.new), (old.verifier(), new.verifier()));
        assert_eq!((read.operator.as_str(), read.at), ("house", 7));
        let text = note.split("\n\n").next().map(|text| format!("{text}\n")).unwrap_or_default();
        let signed = |keys: &[&SigningKey]| SignedNote::sign(&text, keys).expect("a note");
        for (note, wrong) in [
            (signed(&[&old]).to_string(), NoteError::NoKnownKey),
            (signed(&[&new]).to_string(), NoteError::NoKnownKey),
            (signed(&[&old, &other]).to_string(), NoteError::NoKnownKey),
            (note.replace("\n7\n", "\n8\n"), NoteError::BadSignature { name: "house".into() }),
            (note.replace("key.v1", "key.v2"), NoteError::Malformed),
            (note.replace("\n7\n", "\n"), NoteError::Malformed),
        ] {
            assert_eq!(Rotation::read(note.as_bytes()), Err(wrong), "{note}");
        }
    }
}
