//! Keys that sign tokens: made from the operator's own key and an id, so that only the id and the
//! public half are recorded. The newest signs; the one before holds until its tokens have ended.

use crate::session::Session;
use crate::{NodeError, code, keys};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use engine::Command;
use engine::access::{RecordedTokenKey, TokenKey};
use engine::query::scan::hex;

/// Seconds that a token holds: short, since what ends a credential must reach those who only check
/// signatures.
pub const TOKEN_SECONDS: i64 = 600;
const SECOND_NANOS: i64 = 1_000_000_000;

/// A key that tokens are checked against now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its id.
    pub id: String,
    /// The Ed25519 public key.
    pub public: [u8; 32],
    /// When it was made, nanoseconds UTC.
    pub at: i64,
    /// Who made it.
    pub author: String,
    /// First nanosecond UTC at which nothing that it signed holds; none for the one that signs.
    pub ends_at: Option<i64>,
}

/// Lets a new key sign from now on. Where the one before may be known to others, `alone` ends it,
/// and all tokens that it signed, at once.
///
/// # Errors
/// When the system gives no randomness, or a port fails.
pub fn rotate(session: &mut Session, alone: bool, author: &str) -> Result<String, NodeError> {
    let id = hex(&keys::random::<8>()?);
    let pair = pair(session, &id)?;
    let public = pair.public_key().as_ref().try_into().map_err(|_| unmade())?;
    let key = TokenKey { id: id.clone(), public, alone };
    session.command_by(author, Command::TokenKey { key: key.encode() })?;
    Ok(id)
}

/// Whether the key that signs is one of the operator's keys of now; also where there is none.
///
/// # Errors
/// When the Store cannot be read.
pub fn is_own(session: &Session) -> Result<bool, NodeError> {
    let Some(last) = session.operator.engine.token_keys()?.pop() else { return Ok(true) };
    let pair = pair(session, &last.key.id)?;
    Ok(pair.public_key().as_ref() == last.key.public)
}

/// Lets a first key sign where there is none yet.
///
/// # Errors
/// As [`rotate`].
pub fn demand(session: &mut Session, author: &str) -> Result<(), NodeError> {
    if holding(session, i64::MAX)?.is_empty() {
        rotate(session, false, author)?;
    }
    Ok(())
}

/// Every key that holds at a time, the one that signs last.
///
/// # Errors
/// When the Store cannot be read.
pub fn holding(session: &Session, at: i64) -> Result<Vec<Holding>, NodeError> {
    let made = session.operator.engine.token_keys()?;
    Ok(ends(made).into_iter().filter(|key| key.ends_at.is_none_or(|end| at < end)).collect())
}

fn ends(made: Vec<RecordedTokenKey>) -> Vec<Holding> {
    let mut found: Vec<Holding> = Vec::new();
    for RecordedTokenKey { key, at, author, .. } in made {
        let overlap = if key.alone { 0 } else { TOKEN_SECONDS * SECOND_NANOS };
        for before in &mut found {
            let end = at.saturating_add(overlap);
            before.ends_at = Some(before.ends_at.map_or(end, |known| known.min(end)));
        }
        found.push(Holding { id: key.id, public: key.public, at, author, ends_at: None });
    }
    found
}

/// The secret of a key, as PKCS #8.
///
/// # Errors
/// [`code::SYSTEM`] when the key cannot be made.
pub fn secret(session: &Session, id: &str) -> Result<Vec<u8>, NodeError> {
    let pair = pair(session, id)?;
    let bytes = pair.to_pkcs8v1().map_err(|_| unmade())?;
    Ok(bytes.as_ref().to_vec())
}

fn pair(session: &Session, id: &str) -> Result<Ed25519KeyPair, NodeError> {
    let seed = session.keys.derive(&format!("saldo.token.v1:{id}"));
    Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| unmade())
}

fn unmade() -> NodeError {
    NodeError::said(code::SYSTEM, "a key that signs tokens cannot be made")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_with_its_tokens_or_at_once() {
        let made = |id: &str, at: i64, alone| RecordedTokenKey {
            key: TokenKey { id: id.into(), public: [0; 32], alone },
            position: 0,
            at: at * SECOND_NANOS,
            author: "kim".into(),
        };
        let list = vec![made("a", 0, false), made("b", 100, false), made("c", 300, true)];
        let ends: Vec<_> = ends(list).into_iter().map(|key| (key.id, key.ends_at)).collect();
        let second = |at: i64| Some(at * SECOND_NANOS);
        assert_eq!(
            ends,
            [("a".to_owned(), second(300)), ("b".to_owned(), second(300)), ("c".to_owned(), None)]
        );
    }
}
