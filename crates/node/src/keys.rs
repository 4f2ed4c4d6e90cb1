//! The keys of one operator: random bytes in files that only their owner may read.
//!
//! Each secret is one line of hexadecimal digits. `public.key` is what counterparties need: the
//! verifier key of signed notes, `operator+hash+base64`.

use crate::NodeError;
use crate::code;
use aws_lc_rs::hmac;
use engine::query::scan::hex;
use engine::trace::TraceId;
use proof::note::{SigningKey, VerifierKey};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The file with the public key.
pub const PUBLIC: &str = "public.key";

const INDEX: &str = "index.key";
const BLINDS: &str = "blinds.key";
const VAULT: &str = "vault.key";
const RAW: &str = "raw.key";
const SIGNING: &str = "signing.key";
/// The signing key that is to be, and its public half.
const SIGNING_NEXT: &str = "signing.key.next";
const PUBLIC_NEXT: &str = "public.key.next";

/// Every file of an operator's keys; all but [`PUBLIC`] are secret.
pub const FILES: [&str; 6] = [INDEX, BLINDS, VAULT, RAW, SIGNING, PUBLIC];

/// The keys of one operator. It has no `Debug`: what it holds is secret.
#[derive(Clone)]
pub struct Keys {
    /// Of the index's hashes.
    pub index: [u8; 16],
    /// From which each stream's blinds are made.
    pub blinds: [u8; 32],
    /// Of the Vault's hashes.
    pub vault: [u8; 32],
    /// From which the keys of raw blocks are made.
    pub raw: [u8; 32],
    signing_seed: [u8; 32],
    operator: String,
}

impl Keys {
    /// New keys from the system's randomness, written to `dir`, which must not exist.
    ///
    /// # Errors
    /// [`code::HOME_EXISTS`]; as the system reports.
    pub fn create(dir: &Path, operator: &str) -> Result<Self, NodeError> {
        if dir.exists() {
            return Err(NodeError::said(code::HOME_EXISTS, dir.display().to_string()));
        }
        fs::create_dir_all(dir).map_err(|error| NodeError::system("making", dir, error))?;
        let owner_only = fs::Permissions::from_mode(0o700);
        fs::set_permissions(dir, owner_only)
            .map_err(|error| NodeError::system("protecting", dir, error))?;
        let keys = Self {
            index: random()?,
            blinds: random()?,
            vault: random()?,
            raw: random()?,
            signing_seed: random()?,
            operator: operator.to_owned(),
        };
        write_new(&dir.join(INDEX), 0o600, &hex_line(&keys.index))?;
        write_new(&dir.join(BLINDS), 0o600, &hex_line(&keys.blinds))?;
        write_new(&dir.join(VAULT), 0o600, &hex_line(&keys.vault))?;
        write_new(&dir.join(RAW), 0o600, &hex_line(&keys.raw))?;
        write_new(&dir.join(SIGNING), 0o600, &hex_line(&keys.signing_seed))?;
        let public = format!("{}\n", keys.signing()?.verifier());
        write_new(&dir.join(PUBLIC), 0o644, &public)?;
        sync_dir(dir)?;
        Ok(keys)
    }

    /// Reads the keys in `dir`.
    ///
    /// # Errors
    /// [`code::NO_KEY`], [`code::BAD_KEY`], [`code::OPEN_KEY`].
    pub fn load(dir: &Path, operator: &str) -> Result<Self, NodeError> {
        let keys = Self {
            index: secret(dir, INDEX)?,
            blinds: secret(dir, BLINDS)?,
            vault: secret(dir, VAULT)?,
            raw: secret(dir, RAW)?,
            signing_seed: secret(dir, SIGNING)?,
            operator: operator.to_owned(),
        };
        let path = dir.join(PUBLIC);
        let beside = dir.join(PUBLIC_NEXT);
        if beside.exists() && &read_verifier(&beside)? == keys.signing()?.verifier() {
            // A change of the key was interrupted between its two files.
            keys.take_public(dir)?;
        }
        let public = read_verifier(&path)?;
        if &public != keys.signing()?.verifier() {
            let what = format!("{} does not belong to {SIGNING}", path.display());
            return Err(NodeError::said(code::BAD_KEY, what));
        }
        Ok(keys)
    }

    /// The same with a new signing key.
    ///
    /// # Errors
    /// [`code::SYSTEM`] where the system gives no random bytes.
    pub fn renewed(&self) -> Result<Self, NodeError> {
        Ok(Self { signing_seed: random()?, ..self.clone() })
    }

    /// Puts the signing key beside the one that is in `dir`.
    ///
    /// # Errors
    /// As the system reports.
    pub fn put_beside(&self, dir: &Path) -> Result<(), NodeError> {
        self.drop_beside(dir)?;
        let public = format!("{}\n", self.signing()?.verifier());
        write_new(&dir.join(PUBLIC_NEXT), 0o644, &public)?;
        write_new(&dir.join(SIGNING_NEXT), 0o600, &hex_line(&self.signing_seed))?;
        sync_dir(dir)
    }

    /// The same with the signing key that was put beside, where there is one.
    ///
    /// # Errors
    /// [`code::BAD_KEY`], [`code::OPEN_KEY`].
    pub fn beside(&self, dir: &Path) -> Result<Option<Self>, NodeError> {
        if !dir.join(SIGNING_NEXT).exists() {
            return Ok(None);
        }
        Ok(Some(Self { signing_seed: secret(dir, SIGNING_NEXT)?, ..self.clone() }))
    }

    /// Removes what was put beside.
    ///
    /// # Errors
    /// As the system reports.
    pub fn drop_beside(&self, dir: &Path) -> Result<(), NodeError> {
        for path in [dir.join(SIGNING_NEXT), dir.join(PUBLIC_NEXT)] {
            if path.exists() {
                fs::remove_file(&path).map_err(|e| NodeError::system("removing", &path, e))?;
            }
        }
        Ok(())
    }

    /// Lets the signing key that was put beside, which is this one, take its place. The public half
    /// of the one before stays in `public-HASH.key`.
    ///
    /// # Errors
    /// As the system reports.
    pub fn take_place(&self, dir: &Path) -> Result<(), NodeError> {
        let (from, to) = (dir.join(SIGNING_NEXT), dir.join(SIGNING));
        fs::rename(&from, &to).map_err(|error| NodeError::system("renaming", &from, error))?;
        sync_dir(dir)?;
        self.take_public(dir)
    }

    fn take_public(&self, dir: &Path) -> Result<(), NodeError> {
        let (from, to) = (dir.join(PUBLIC_NEXT), dir.join(PUBLIC));
        let before = read_verifier(&to)?;
        if &before != self.signing()?.verifier() {
            let hash = u32::from_be_bytes(before.key_hash());
            let kept = dir.join(format!("public-{hash:08x}.key"));
            fs::copy(&to, &kept).map_err(|error| NodeError::system("copying", &to, error))?;
        }
        fs::rename(&from, &to).map_err(|error| NodeError::system("renaming", &from, error))?;
        sync_dir(dir)
    }

    /// A secret for one use, which `label` names: HMAC-SHA256 under the operator's own key, so
    /// that it tells nothing of that key or of the secret for another use.
    pub(crate) fn derive(&self, label: &str) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.signing_seed);
        let tag = hmac::sign(
            &key,
            [b"saldo.derive.v1:".as_slice(), label.as_bytes()].concat().as_slice(),
        );
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    /// The key that signs checkpoints.
    ///
    /// # Errors
    /// [`code::BAD_NAME`] when the operator's name cannot name a key.
    pub fn signing(&self) -> Result<SigningKey, NodeError> {
        SigningKey::from_seed(&self.operator, self.signing_seed)
            .map_err(|error| NodeError::said(code::BAD_NAME, error.to_string()))
    }
}

/// Bytes that nobody has seen before: for ids, not for secrets.
pub fn nonce() -> [u8; 24] {
    // A system without random bytes opens no operator; here an id of zeros harms nobody.
    random().unwrap_or_default()
}

/// The id of something new that events or commands come by; none where the system gives no random
/// bytes.
pub fn trace() -> Option<TraceId> {
    TraceId::new(*nonce().first_chunk()?)
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    proof::digest::sha256(bytes).0
}

/// Reads a file with a public key: what `saldo proof check --key` is given.
///
/// # Errors
/// [`code::NO_KEY`], [`code::BAD_KEY`].
pub fn read_verifier(path: &Path) -> Result<VerifierKey, NodeError> {
    let text = fs::read_to_string(path)
        .map_err(|error| NodeError::said(code::NO_KEY, format!("{}: {error}", path.display())))?;
    let bad = |error| NodeError::said(code::BAD_KEY, format!("{}: {error}", path.display()));
    text.trim().parse().map_err(bad)
}

/// So many random bytes.
///
/// # Errors
/// [`code::SYSTEM`] where the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], NodeError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| NodeError::said(code::SYSTEM, "the system gives no random bytes"))?;
    Ok(bytes)
}

/// One line of hexadecimal digits.
fn hex_line(bytes: &[u8]) -> String {
    hex(bytes) + "\n"
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.trim();
    if text.len() != N * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

fn secret<const N: usize>(dir: &Path, name: &str) -> Result<[u8; N], NodeError> {
    let path = dir.join(name);
    let missing = |error| NodeError::said(code::NO_KEY, format!("{}: {error}", path.display()));
    owner_only(&path)?;
    let text = fs::read_to_string(&path).map_err(missing)?;
    unhex(&text).ok_or_else(|| {
        NodeError::said(code::BAD_KEY, format!("{} needs {N} bytes as hex", path.display()))
    })
}

/// Refuses a secret that others may read.
pub(crate) fn owner_only(path: &Path) -> Result<(), NodeError> {
    let missing = |error| NodeError::said(code::NO_KEY, format!("{}: {error}", path.display()));
    let mode = fs::metadata(path).map_err(missing)?.permissions().mode();
    if mode & 0o077 != 0 {
        let what = format!("{} has mode {:03o}", path.display(), mode & 0o777);
        return Err(NodeError::said(code::OPEN_KEY, what));
    }
    Ok(())
}

pub(crate) fn write_new(path: &Path, mode: u32, text: &str) -> Result<(), NodeError> {
    let failed = |error| NodeError::system("writing", path, error);
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(mode).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

fn sync_dir(dir: &Path) -> Result<(), NodeError> {
    let synced = fs::File::open(dir).and_then(|file| file.sync_all());
    synced.map_err(|error| NodeError::system("flushing", dir, error))
}
