//! The manifest: the operator's signature under which events stand behind which commitment.

use crate::Hash;
use crate::commitment::StatementCommitment;
use crate::digest::sha256;
use crate::events::EventList;
use crate::note::{NoteError, SignedNote, SigningKey};

const FORMAT: &str = "saldo.manifest.v1";
/// The same with the hash of notices.
const WITH_NOTICES: &str = "saldo.manifest.v2";

/// The text that the operator signs for a commitment (its bytes, decoded), an events root and,
/// where the file has notices, their hash.
pub fn manifest_text(
    bytes: &[u8],
    commitment: &StatementCommitment,
    events_root: &Hash,
    notices: Option<&Hash>,
) -> String {
    let StatementCommitment { operator, agreement, period, .. } = commitment;
    let (hash, events) = (sha256(bytes).to_base64(), events_root.to_base64());
    let format = if notices.is_some() { WITH_NOTICES } else { FORMAT };
    let notices = notices.map(|hash| hash.to_base64() + "\n").unwrap_or_default();
    format!("{format}\n{operator}\n{agreement}\n{period}\n{hash}\n{events}\n{notices}")
}

pub(super) fn sign(
    bytes: &[u8],
    events: &EventList,
    notices: Option<&Hash>,
    keys: &[&SigningKey],
) -> Result<String, NoteError> {
    let commitment = StatementCommitment::decode(bytes).map_err(|_| NoteError::Text)?;
    let text = manifest_text(bytes, &commitment, &events.root(), notices);
    SignedNote::sign(&text, keys).map(|note| note.to_string())
}
