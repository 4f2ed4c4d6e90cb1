//! Keys and clients of programs: made, checked, rotated, revoked. A key's text is
//! `saldo_key.OPERATOR.ID.SECRET`; a client is `OPERATOR.ID` with a secret of its own. Only hashes
//! of secrets are kept.

pub mod invite;
pub mod person;
pub mod token_key;

mod made_by;
mod secret;

pub use made_by::{revoke_made_by, revoke_made_by_again};
pub use secret::{MadeSecret, SECRET_PREFIX, make_secret, open_secret};

use crate::session::Session;
use crate::{NodeError, code, keys};
use engine::Command;
use engine::access::{Credential, CredentialKind, Recorded};
use engine::query::scan::hex;
use std::net::IpAddr;

/// What a key's text begins with, so that people and scanners of secrets know one.
pub const KEY_PREFIX: &str = "saldo_key.";

/// What the secret of a client begins with.
pub const CLIENT_PREFIX: &str = "saldo_secret.";

/// Every role, and whether it is one of a counterparty: then it needs a party.
pub const ROLES: [(&str, bool); 7] = [
    ("administrator", false),
    ("finance", false),
    ("approver", false),
    ("auditor", false),
    ("provider", true),
    ("supplier", true),
    ("partner", true),
];

/// A key, or a client, to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewKey {
    /// Whether it is a client, which asks for tokens, and not a key.
    pub client: bool,
    /// What people call it.
    pub name: String,
    /// One of [`ROLES`].
    pub role: String,
    /// The party whose data it is for.
    pub party: Option<String>,
    /// First nanosecond UTC at which it does not hold.
    pub expires_at: Option<i64>,
    /// Networks that it may be used from, as CIDR; none for any.
    pub networks: Vec<String>,
    /// The only actions that it is for; none for all that its role may do.
    pub scopes: Vec<String>,
}

/// What was made: the secret is shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The credential's id; of a client `OPERATOR.ID`.
    pub id: String,
    /// The key's text, or the client's secret.
    pub secret: String,
}

/// What a key's text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyText<'a> {
    /// The operator.
    pub operator: &'a str,
    /// The key's id.
    pub id: &'a str,
    /// SHA-256 of the secret.
    pub secret: [u8; 32],
}

/// Reads a key's text.
pub fn read_key(text: &str) -> Option<KeyText<'_>> {
    let mut parts = text.strip_prefix(KEY_PREFIX)?.split('.');
    let (operator, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || secret.len() != 64 {
        return None;
    }
    Some(KeyText { operator, id, secret: secret_hash(secret) })
}

/// Makes a key or a client and records it.
///
/// # Errors
/// [`code::BAD_CREDENTIAL`], or a failing port.
pub fn make(session: &mut Session, new: &NewKey, author: &str) -> Result<Made, NodeError> {
    check(session, new)?;
    if new.client {
        token_key::demand(session, author)?;
    }
    let (id, secret) = (hex(&keys::random::<8>()?), hex(&keys::random::<32>()?));
    let kind = if new.client { CredentialKind::Client } else { CredentialKind::Key };
    let credential = Credential {
        id,
        kind,
        name: new.name.clone(),
        role: new.role.clone(),
        party: new.party.clone().unwrap_or_default(),
        secret: secret_hash(&secret).to_vec(),
        networks: new.networks.clone(),
        expires_at: new.expires_at.unwrap_or(i64::MAX),
        revoked: false,
        scopes: new.scopes.clone(),
        before: Vec::new(),
        before_ends_at: 0,
        totp: Vec::new(),
    };
    session.command_by(author, Command::Access { credential: credential.encode() })?;
    Ok(made(session, &credential, &secret))
}

fn made(session: &Session, credential: &Credential, secret: &str) -> Made {
    let (operator, id) = (session.operator.engine.operator(), &credential.id);
    match credential.kind {
        CredentialKind::Client => {
            let secret = format!("{CLIENT_PREFIX}{secret}");
            Made { id: format!("{operator}.{id}"), secret }
        }
        _ => Made { id: id.clone(), secret: format!("{KEY_PREFIX}{operator}.{id}.{secret}") },
    }
}

/// What is kept of a random secret: its SHA-256.
pub fn secret_hash(secret: &str) -> [u8; 32] {
    proof::digest::sha256(secret.as_bytes()).0
}

/// An id that nobody can guess.
///
/// # Errors
/// [`code::SYSTEM`] when the system gives no randomness.
pub fn random_id() -> Result<String, NodeError> {
    Ok(hex(&keys::random::<16>()?))
}

/// The hash of a client's secret, where the text is one.
pub fn read_secret(text: &str) -> Option<[u8; 32]> {
    text.strip_prefix(CLIENT_PREFIX).filter(|secret| secret.len() == 64).map(secret_hash)
}

/// Gives a key or a client another secret. The one before holds until `before_ends_at`.
///
/// # Errors
/// [`code::NO_CREDENTIAL`]; [`code::BAD_CREDENTIAL`] for one that does not hold or has no such
/// secret; a failing port.
pub fn rotate(
    session: &mut Session,
    id: &str,
    before_ends_at: i64,
    author: &str,
) -> Result<Made, NodeError> {
    let found = found(session, id)?;
    let holds = found.holds_at(crate::clock::now_nanos());
    if !holds || !matches!(found.kind, CredentialKind::Key | CredentialKind::Client) {
        let what = format!("`{id}` is not a key or client that holds");
        return Err(NodeError::said(code::BAD_CREDENTIAL, what));
    }
    let secret = hex(&keys::random::<32>()?);
    let before = found.secret;
    let credential =
        Credential { secret: secret_hash(&secret).to_vec(), before, before_ends_at, ..found };
    session.command_by(author, Command::Access { credential: credential.encode() })?;
    Ok(made(session, &credential, &secret))
}

/// The credential as it is now, by its id or, for a client, by `OPERATOR.ID`.
fn found(session: &Session, id: &str) -> Result<Credential, NodeError> {
    let operator = session.operator.engine.operator();
    let short = id.strip_prefix(operator).and_then(|rest| rest.strip_prefix('.')).unwrap_or(id);
    let all = current(session)?.into_iter().map(|recorded| recorded.credential);
    all.into_iter()
        .find(|credential| credential.id == short)
        .ok_or_else(|| NodeError::said(code::NO_CREDENTIAL, format!("`{id}`")))
}

fn check(session: &Session, new: &NewKey) -> Result<(), NodeError> {
    let bad = |what: String| Err(NodeError::said(code::BAD_CREDENTIAL, what));
    let Some((_, counterparty)) = ROLES.iter().find(|(role, _)| *role == new.role) else {
        let roles: Vec<&str> = ROLES.iter().map(|(role, _)| *role).collect();
        return bad(format!("role `{}`; there is {}", new.role, roles.join(", ")));
    };
    let rules = &session.operator.engine.lookup()?.rules;
    match &new.party {
        None if *counterparty => return bad(format!("the role {} needs a party", new.role)),
        // It would see more than that party's: what the operator's own people do is not bounded.
        Some(_) if !counterparty => return bad(format!("the role {} is of no party", new.role)),
        Some(party) if !rules.parties.iter().any(|known| &known.name == party) => {
            return bad(format!("the book has no party `{party}`"));
        }
        _ => {}
    }
    if new.name.trim().is_empty() || new.name.len() > 200 {
        return bad("a name has 1 to 200 bytes".to_owned());
    }
    if new.scopes.iter().any(|scope| scope.is_empty() || scope.len() > 64) {
        return bad("a scope is the name of an action".to_owned());
    }
    check_when(new.expires_at, &new.networks)
}

/// When and from where a credential may be used.
fn check_when(expires_at: Option<i64>, networks: &[String]) -> Result<(), NodeError> {
    if let Some(end) = expires_at.filter(|end| *end <= crate::clock::now_nanos()) {
        let what =
            format!("it would have ended before it is made, at {}", crate::clock::show_time(end));
        return Err(NodeError::said(code::BAD_CREDENTIAL, what));
    }
    match networks.iter().find(|network| read_network(network).is_none()) {
        Some(network) => {
            let what = format!("`{network}` is no network such as 10.1.0.0/16");
            Err(NodeError::said(code::BAD_CREDENTIAL, what))
        }
        None => Ok(()),
    }
}

/// Revokes a credential: from now on it does not hold.
///
/// # Errors
/// [`code::NO_CREDENTIAL`], or a failing port.
pub fn revoke(session: &mut Session, id: &str, author: &str) -> Result<(), NodeError> {
    let found = found(session, id)?;
    if !found.revoked {
        let credential = Credential { revoked: true, ..found };
        session.command_by(author, Command::Access { credential: credential.encode() })?;
    }
    Ok(())
}

/// The name that is recorded with what a credential commands.
pub fn author_of(credential: &Credential) -> String {
    let kind = match credential.kind {
        CredentialKind::Key => "key",
        CredentialKind::Client => "client",
        CredentialKind::Person => "person",
        CredentialKind::Secret => "secret",
    };
    format!("{kind}:{}", credential.id)
}

/// Every credential as it is now, by id.
///
/// # Errors
/// When the Store cannot be read.
pub fn current(session: &Session) -> Result<Vec<Recorded>, NodeError> {
    at(session, i64::MAX)
}

/// Every credential as it was at a time, by id; those made later are not there.
///
/// # Errors
/// When the Store cannot be read.
pub fn at(session: &Session, at: i64) -> Result<Vec<Recorded>, NodeError> {
    let mut found: Vec<Recorded> = Vec::new();
    for version in session.operator.engine.credentials()? {
        if version.at > at {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.credential.id == version.credential.id => {
                // The first command made it; the last says what it is.
                last.credential = version.credential;
            }
            _ => found.push(version),
        }
    }
    Ok(found)
}

/// Whether any credential holds now: then nobody is made an administrator by a link.
///
/// # Errors
/// When the Store cannot be read.
pub fn holding_any(session: &Session) -> Result<bool, NodeError> {
    let now = crate::clock::now_nanos();
    Ok(current(session)?.iter().any(|recorded| recorded.credential.holds_at(now)))
}

/// Reads a network: an address and how many leading bits count.
fn read_network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let (address, bits): (IpAddr, u8) = (address.parse().ok()?, bits.parse().ok()?);
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some((address, bits))
}

/// Whether an address is in a network as written in a credential.
pub fn in_network(address: IpAddr, network: &str) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let Some((base, length)) = read_network(network) else { return false };
    let ((ours, width), (theirs, other)) = (bits(base), bits(address.to_canonical()));
    let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
    width == other && ours & mask == theirs & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_the_addresses_that_share_their_leading_bits() {
        for (address, network, inside) in [
            ("10.1.2.3", "10.1.0.0/16", true),
            ("10.2.2.3", "10.1.0.0/16", false),
            ("::ffff:10.1.2.3", "10.1.0.0/16", true),
            ("10.1.2.3", "0.0.0.0/0", true),
            ("fd00::1", "0.0.0.0/0", false),
            ("fd00::1", "fd00::/8", true),
            ("fe00::1", "fd00::/8", false),
            ("10.1.2.3", "10.1.2.3/32", true),
            ("10.1.2.3", "10.1.2.3", false),
            ("10.1.2.3", "10.1.2.3/33", false),
        ] {
            assert_eq!(
                in_network(address.parse().unwrap(), network),
                inside,
                "{address} {network}"
            );
        }
    }

    #[test]
    fn only_the_text_of_a_key_is_read_as_one() {
        let secret = "a".repeat(64);
        let text = format!("saldo_key.house.k1.{secret}");
        let key = read_key(&text).unwrap();
        assert_eq!((key.operator, key.id), ("house", "k1"));
        for wrong in [
            "",
            "saldo_key.",
            "saldo_key.house.k1",
            "saldo_key.house.k1.short",
            &format!("{text}.more"),
            &format!("x{text}"),
        ] {
            assert_eq!(read_key(wrong), None, "{wrong}");
        }
    }
}
