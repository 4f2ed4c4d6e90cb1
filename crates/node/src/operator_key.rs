//! Another signing key for the operator. The new one is put beside the old one, the note of both is
//! recorded, what was sealed or derived under the old one is made anew, and then the files change
//! places: a crash in between is finished at the next opening.

use crate::access::{current, token_key};
use crate::clock::now_nanos;
use crate::keys::Keys;
use crate::session::Session;
use crate::{NodeError, code};
use engine::Command;
use engine::access::Credential;
use proof::rotation::Rotation;

/// What the secrets of one-time codes are sealed for.
const SEALED_FOR: &str = "totp";

/// Lets a new key sign for the operator, under the name of [`Session::author`]; the note that both
/// keys signed. Tokens end: another key signs them too.
///
/// # Errors
/// A failing port or system; what was begun is finished at the next opening.
pub fn rotate(session: &mut Session) -> Result<String, NodeError> {
    let next = session.keys.renewed()?;
    next.put_beside(&session.place.keys)?;
    let operator = session.place.operator.clone();
    let (old, new) = (session.keys.signing()?, next.signing()?);
    let note = Rotation::sign(&operator, &old, &new, now_nanos());
    let note = note.map_err(|error| NodeError::said(code::BAD_KEY, error.to_string()))?.to_string();
    session.command(Command::OperatorKey { note: note.clone().into_bytes() })?;
    finish(session, next)?;
    Ok(note)
}

/// Finishes a change that was begun: where it was recorded it is carried out, else it is dropped.
///
/// # Errors
/// As [`rotate`].
pub fn resume(session: &mut Session) -> Result<(), NodeError> {
    let Some(next) = session.keys.beside(&session.place.keys)? else { return Ok(()) };
    let last = session.operator.engine.rotations()?.pop();
    if last.is_some_and(|last| next.signing().is_ok_and(|k| *k.verifier() == last.rotation.new)) {
        return finish(session, next);
    }
    session.keys.drop_beside(&session.place.keys)
}

fn finish(session: &mut Session, next: Keys) -> Result<(), NodeError> {
    let author = session.author.clone();
    for recorded in current(session)? {
        let credential = recorded.credential;
        // What a first try sealed anew does not open under the old key.
        let Some(secret) = session.keys.unseal(SEALED_FOR, &credential.totp) else { continue };
        let totp = next.seal(SEALED_FOR, &secret)?;
        let credential = Credential { totp, ..credential }.encode();
        session.command_by(&author, Command::Access { credential })?;
    }
    session.keys = next;
    if !token_key::is_own(session)? {
        token_key::rotate(session, true, &author)?;
    }
    session.checkpoint()?;
    session.keys.take_place(&session.place.keys)
}
