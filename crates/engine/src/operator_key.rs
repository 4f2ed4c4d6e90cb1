//! The keys that signed for the operator, one after the other: each change is a note in the Log
//! that the old key and the new one signed.

use crate::access::{document, opened};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::Position;
use crate::wire::BadBytes;
use proof::rotation::Rotation;

/// What every change is kept under: `operatorkey:` and its position.
const PREFIX: &[u8] = b"operatorkey:";

/// A change of the key, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRotation {
    /// What it says.
    pub rotation: Rotation,
    /// The note, for those who trust the old key.
    pub note: String,
    /// Position of the command.
    pub position: Position,
    /// Who gave it.
    pub author: String,
}

/// The document of a change, and what it is kept under.
pub(crate) fn document_of(
    position: Position,
    (at, author): (i64, &str),
    note: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    ([PREFIX, &position.to_be_bytes()].concat(), document(at, author, note))
}

/// Reads a note.
pub(crate) fn read(note: &[u8]) -> Result<Rotation, BadBytes> {
    Rotation::read(note).map_err(|_| BadBytes)
}

impl Engine {
    /// Every change of the operator's signing key, in order.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn rotations(&self) -> Result<Vec<RecordedRotation>, EngineError> {
        self.recorded_under(PREFIX, |key, value| {
            let (position, _, author, note) = opened(key, value)?;
            let text = String::from_utf8_lossy(note).into_owned();
            Ok(RecordedRotation { rotation: read(note)?, note: text, position, author })
        })
    }

    /// Whether a change follows from those before it.
    pub(crate) fn rotation_follows(&self, note: &[u8]) -> Result<(), EngineError> {
        let next = read(note)?;
        let last = self.rotations()?.pop();
        let follows = last.is_none_or(|last| last.rotation.new == next.old);
        if next.operator == self.operator && follows {
            return Ok(());
        }
        Err(EngineError::Conflict("a signing key that is not the one of now gives way".to_owned()))
    }
}
