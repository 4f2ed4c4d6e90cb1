//! Keys of programs: made, checked, revoked. A key's text is `saldo_key.OPERATOR.ID.SECRET`; only
//! the hash of the secret is kept.

mod secret;

pub use secret::{MadeSecret, SECRET_PREFIX, make_secret, open_secret};

use crate::session::Session;
use crate::{NodeError, code, keys};
use engine::Command;
use engine::access::{Credential, CredentialKind, Recorded};
use engine::query::scan::hex;
use std::net::IpAddr;

/// What a key's text begins with, so that people and scanners of secrets know one.
pub const KEY_PREFIX: &str = "saldo_key.";

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

/// A key to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewKey {
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
    Some(KeyText { operator, id, secret: proof::digest::sha256(secret.as_bytes()).0 })
}

/// Makes a key and records it; returns its id and its text, which is kept nowhere.
///
/// # Errors
/// [`code::BAD_CREDENTIAL`], or a failing port.
pub fn make(
    session: &mut Session,
    new: &NewKey,
    author: &str,
) -> Result<(String, String), NodeError> {
    check(session, new)?;
    let (id, secret) = (hex(&keys::random::<8>()?), hex(&keys::random::<32>()?));
    let credential = Credential {
        id: id.clone(),
        kind: CredentialKind::Key,
        name: new.name.clone(),
        role: new.role.clone(),
        party: new.party.clone().unwrap_or_default(),
        secret: proof::digest::sha256(secret.as_bytes()).0.to_vec(),
        networks: new.networks.clone(),
        expires_at: new.expires_at.unwrap_or(i64::MAX),
        revoked: false,
    };
    session.command_by(author, Command::Access { credential: credential.encode() })?;
    let operator = session.operator.engine.operator();
    Ok((id.clone(), format!("{KEY_PREFIX}{operator}.{id}.{secret}")))
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
        Some(party) if !rules.parties.iter().any(|known| &known.name == party) => {
            return bad(format!("the book has no party `{party}`"));
        }
        _ => {}
    }
    if new.name.trim().is_empty() || new.name.len() > 200 {
        return bad("a name has 1 to 200 bytes".to_owned());
    }
    check_networks(&new.networks)
}

fn check_networks(networks: &[String]) -> Result<(), NodeError> {
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
    let found = current(session)?.into_iter().find(|recorded| recorded.credential.id == id);
    let found = found.ok_or_else(|| NodeError::said(code::NO_CREDENTIAL, format!("`{id}`")))?;
    if !found.credential.revoked {
        let credential = Credential { revoked: true, ..found.credential };
        session.command_by(author, Command::Access { credential: credential.encode() })?;
    }
    Ok(())
}

/// Every credential as it is now, by id.
///
/// # Errors
/// When the Store cannot be read.
pub fn current(session: &Session) -> Result<Vec<Recorded>, NodeError> {
    let mut found: Vec<Recorded> = Vec::new();
    for version in session.operator.engine.credentials()? {
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
