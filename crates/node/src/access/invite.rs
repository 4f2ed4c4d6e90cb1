//! A second person, and more: invited by an administrator by a link that holds for a day and once.
//! Until it is used the credential has the hash of the link's secret in place of a password's.

use super::person::with_codes;
use super::{Credential, check, current, found, secret_hash};
use crate::session::Session;
use crate::{NodeError, clock, code, keys};
use engine::Command;
use engine::access::CredentialKind;
use engine::query::scan::hex;

/// What the link's text begins with.
pub const INVITE_PREFIX: &str = "saldo_invite.";
/// How long it holds: a day, nanoseconds.
const HOLDS_NANOS: i64 = 86_400_000_000_000;
/// What stands before the hash of a link's secret: no text of a password's hash begins so.
const MARK: &[u8] = b"invite:";

/// Who is invited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPerson {
    /// The name to sign in with.
    pub name: String,
    /// One of [`super::ROLES`].
    pub role: String,
    /// The party whose data it is for.
    pub party: Option<String>,
    /// Networks that they may sign in from, as CIDR; none for any.
    pub networks: Vec<String>,
}

/// An invitation: the link's text is shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// Id of the credential.
    pub id: String,
    /// `saldo_invite.OPERATOR.ID.SECRET`.
    pub token: String,
    /// First nanosecond UTC at which it does not hold.
    pub ends_at: i64,
}

/// What a link's text says: operator, id, hash of the secret.
pub fn read_invite(text: &str) -> Option<(&str, &str, [u8; 32])> {
    let mut parts = text.trim().strip_prefix(INVITE_PREFIX)?.split('.');
    let (operator, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && secret.len() == 64).then(|| (operator, id, secret_hash(secret)))
}

/// Invites a person.
///
/// # Errors
/// [`code::BAD_CREDENTIAL`], also for a name that somebody has; a failing port.
pub fn invite(session: &mut Session, new: &NewPerson, author: &str) -> Result<Invited, NodeError> {
    let NewPerson { name, role, party, networks } = new.clone();
    let bad = |what: String| Err(NodeError::said(code::BAD_CREDENTIAL, what));
    let key = super::NewKey { name, role, party, networks, ..super::NewKey::default() };
    check(session, &key)?;
    let now = clock::now_nanos();
    let is_taken = current(session)?.into_iter().any(|known| {
        let known = known.credential;
        known.kind == CredentialKind::Person && known.name == key.name && known.holds_at(now)
    });
    if is_taken || key.name.chars().any(char::is_control) {
        return bad(format!("the name `{}` is taken, or cannot be one", key.name));
    }
    let (id, secret) = (hex(&keys::random::<8>()?), hex(&keys::random::<32>()?));
    let ends_at = now.saturating_add(HOLDS_NANOS);
    let credential = Credential {
        id: id.clone(),
        kind: CredentialKind::Person,
        name: key.name,
        role: key.role,
        party: key.party.unwrap_or_default(),
        secret: [MARK, &secret_hash(&secret)].concat(),
        networks: key.networks,
        expires_at: ends_at,
        revoked: false,
        scopes: Vec::new(),
        before: Vec::new(),
        before_ends_at: 0,
        totp: Vec::new(),
    };
    session.command_by(author, Command::Access { credential: credential.encode() })?;
    let operator = session.operator.engine.operator();
    Ok(Invited { token: format!("{INVITE_PREFIX}{operator}.{id}.{secret}"), id, ends_at })
}

/// Whether a credential is an invitation whose link has this secret.
pub fn is_invited(credential: &Credential, hash: &[u8; 32], at: i64) -> bool {
    let own = credential.secret.strip_prefix(MARK) == Some(hash.as_slice());
    own && credential.kind == CredentialKind::Person && credential.holds_at(at)
}

/// Takes an invitation: from now on the person has a password; the secret of one-time codes where
/// they are wanted. Nothing where the link has ended.
///
/// # Errors
/// A failing port.
pub fn accept(
    session: &mut Session,
    (id, hash): (&str, &[u8; 32]),
    password_hash: &str,
    codes: bool,
) -> Result<Option<(Credential, Option<String>)>, NodeError> {
    let Ok(found) = found(session, id) else { return Ok(None) };
    if !is_invited(&found, hash, clock::now_nanos()) {
        return Ok(None);
    }
    let secret = password_hash.as_bytes().to_vec();
    let credential = Credential { secret, expires_at: i64::MAX, ..found };
    let (credential, shown) = with_codes(session, credential, codes)?;
    let author = format!("person:{id}");
    session.command_by(&author, Command::Access { credential: credential.encode() })?;
    Ok(Some((credential, shown)))
}
