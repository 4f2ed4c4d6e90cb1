//! Secrets that requests of a source are signed with, in the form of Standard Webhooks. They must
//! be had to check a signature, so that they are kept, sealed under a key of the operator's.
//!
//! Sealed: nonce (12), then AES-256-GCM of the secret (32) with its tag (16). The key is SHA-256
//! of `saldo.secrets.v1`, `00` and the Vault's key; operator, source and id go into the tag, so
//! that no secret is put under another name.

use super::check_when;
use crate::keys::{self, Keys};
use crate::session::Session;
use crate::{NodeError, code};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::Command;
use engine::access::{Credential, CredentialKind};
use engine::query::scan::hex;

/// What a secret's text begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// A secret that was made: shown this once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeSecret {
    /// Its id, by which it is revoked.
    pub id: String,
    /// `whsec_` and base64.
    pub secret: String,
}

/// Makes a secret of a source and records it. Those before it hold until they are revoked, so that
/// a source can change over.
///
/// # Errors
/// [`code::BAD_CREDENTIAL`] for a source that the book does not have; a failing port.
pub fn make_secret(
    session: &mut Session,
    source: &str,
    (expires_at, networks): (Option<i64>, &[String]),
    author: &str,
) -> Result<MadeSecret, NodeError> {
    let rules = &session.operator.engine.lookup()?.rules;
    let Some(known) = rules.source(source) else {
        let what = format!("the book has no source `{source}`");
        return Err(NodeError::said(code::BAD_CREDENTIAL, what));
    };
    let party = rules.sources[usize::from(known)].party;
    let party = party.map(|party| rules.parties[usize::from(party)].name.clone());
    check_when(expires_at, networks)?;
    let (id, secret) = (hex(&keys::random::<8>()?), keys::random::<32>()?);
    let mut credential = Credential {
        id: id.clone(),
        kind: CredentialKind::Secret,
        name: source.to_owned(),
        role: "provider".to_owned(),
        party: party.unwrap_or_default(),
        secret: Vec::new(),
        networks: networks.to_vec(),
        expires_at: expires_at.unwrap_or(i64::MAX),
        revoked: false,
        scopes: Vec::new(),
        before: Vec::new(),
        before_ends_at: 0,
        totp: Vec::new(),
    };
    let operator = session.operator.engine.operator().to_owned();
    credential.secret = seal(&session.keys, &operator, &credential, &secret)?;
    session.command_by(author, Command::Access { credential: credential.encode() })?;
    Ok(MadeSecret { id, secret: format!("{SECRET_PREFIX}{}", STANDARD.encode(secret)) })
}

/// The bytes of a secret; nothing where it was sealed under other keys.
pub fn open_secret(keys: &Keys, operator: &str, credential: &Credential) -> Option<Vec<u8>> {
    let (nonce, sealed) = credential.secret.split_first_chunk::<NONCE_LEN>()?;
    let mut bytes = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let opened = key(keys)?.open_in_place(nonce, aad(operator, credential), &mut bytes).ok()?;
    Some(opened.to_vec())
}

fn seal(
    keys: &Keys,
    operator: &str,
    credential: &Credential,
    secret: &[u8],
) -> Result<Vec<u8>, NodeError> {
    let failed = || NodeError::said(code::SYSTEM, "the secret could not be sealed");
    let nonce: [u8; NONCE_LEN] = keys::random()?;
    let mut bytes = secret.to_vec();
    let aad = aad(operator, credential);
    let sealed = key(keys).ok_or_else(failed)?.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        aad,
        &mut bytes,
    );
    sealed.map_err(|_| failed())?;
    Ok([nonce.as_slice(), &bytes].concat())
}

fn key(keys: &Keys) -> Option<LessSafeKey> {
    let seed = [b"saldo.secrets.v1\0".as_slice(), &keys.vault].concat();
    let unbound = UnboundKey::new(&AES_256_GCM, &proof::digest::sha256(&seed).0);
    unbound.ok().map(LessSafeKey::new)
}

fn aad(operator: &str, credential: &Credential) -> Aad<Vec<u8>> {
    Aad::from(format!("{operator}\0{}\0{}", credential.name, credential.id).into_bytes())
}
