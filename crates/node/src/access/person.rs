//! People of the embedded default: name, hash of a password, sealed secret of one-time codes.

use super::{current, found, holding_any};
use crate::session::Session;
use crate::{NodeError, code, keys, totp};
use engine::Command;
use engine::access::{Credential, CredentialKind};
use engine::query::scan::hex;

/// What the secrets of one-time codes are sealed for.
const SEALED_FOR: &str = "totp";
/// Bytes of a secret of one-time codes, as its RFC recommends.
const SECRET_BYTES: usize = 20;

/// A person, and the secret of their one-time codes where one is asked for.
pub type Known = (Credential, Option<Vec<u8>>);

/// Makes the first administrator: id, and the secret of one-time codes where they are wanted.
/// Nothing is made where a credential holds already.
///
/// # Errors
/// [`code::BAD_CREDENTIAL`] for a name that cannot be; a failing port.
pub fn make_first(
    session: &mut Session,
    name: &str,
    password_hash: &str,
    with_codes: bool,
) -> Result<Option<(String, Option<String>)>, NodeError> {
    if holding_any(session)? {
        return Ok(None);
    }
    if name.trim().is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
        return Err(NodeError::said(code::BAD_CREDENTIAL, "a name has 1 to 200 bytes"));
    }
    let id = hex(&keys::random::<8>()?);
    let credential = Credential {
        id: id.clone(),
        kind: CredentialKind::Person,
        name: name.to_owned(),
        role: "administrator".to_owned(),
        party: String::new(),
        secret: password_hash.as_bytes().to_vec(),
        networks: Vec::new(),
        expires_at: i64::MAX,
        revoked: false,
        scopes: Vec::new(),
        before: Vec::new(),
        before_ends_at: 0,
        totp: Vec::new(),
    };
    let (credential, shown) = self::with_codes(session, credential, with_codes)?;
    let author = format!("person:{id}");
    session.command_by(&author, Command::Access { credential: credential.encode() })?;
    Ok(Some((id, shown)))
}

/// A person's credential with new one-time codes, or with none; their secret, which is shown once.
///
/// # Errors
/// When the system gives no randomness.
pub fn with_codes(
    session: &Session,
    credential: Credential,
    codes: bool,
) -> Result<(Credential, Option<String>), NodeError> {
    if !codes {
        return Ok((Credential { totp: Vec::new(), ..credential }, None));
    }
    let secret = keys::random::<SECRET_BYTES>()?;
    let totp = session.keys.seal(SEALED_FOR, &secret)?;
    Ok((Credential { totp, ..credential }, Some(totp::base32(&secret))))
}

/// Changes what a person shows: another password where one is given, other one-time codes or none
/// where that is said. The secret of new codes, which is shown once.
///
/// # Errors
/// [`code::NO_CREDENTIAL`]; a failing port.
pub fn change(
    session: &mut Session,
    id: &str,
    password_hash: Option<&str>,
    codes: Option<bool>,
) -> Result<Option<String>, NodeError> {
    let mut credential = found(session, id)?;
    if let Some(hash) = password_hash {
        credential.secret = hash.as_bytes().to_vec();
    }
    let (credential, shown) = match codes {
        Some(codes) => with_codes(session, credential, codes)?,
        None => (credential, None),
    };
    let author = format!("person:{id}");
    session.command_by(&author, Command::Access { credential: credential.encode() })?;
    Ok(shown)
}

/// The person of a name, where one holds at a time, and the secret of their one-time codes.
///
/// # Errors
/// When the Store cannot be read.
pub fn named(session: &Session, name: &str, at: i64) -> Result<Option<Known>, NodeError> {
    let all = current(session)?.into_iter().map(|recorded| recorded.credential);
    let found = all.into_iter().find(|credential| {
        credential.kind == CredentialKind::Person
            && credential.name == name
            && credential.holds_at(at)
    });
    Ok(found.map(|credential| {
        let sealed = Some(&credential.totp).filter(|sealed| !sealed.is_empty());
        // A secret that does not open is one that no code matches, not one that is not asked for.
        let secret = sealed.map(|sealed| {
            session.keys.unseal(SEALED_FOR, sealed).unwrap_or_else(|| credential.secret.clone())
        });
        (credential, secret)
    }))
}
