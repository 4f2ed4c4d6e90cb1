//! Keys of parties: a file that only its owner may read, and the public half beside it.
//!
//! The private file has one line, `PRIVATE+KEY+<name>+<hash>+<base64(01, 32 secret bytes)>`, the
//! form that tools of signed notes use; the public one, with `.pub` after its name, the verifier
//! key that the operator puts into its book.

use crate::NodeError;
use crate::code;
use crate::keys::{owner_only, random, write_new};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proof::note::{SigningKey, VerifierKey};
use std::path::{Path, PathBuf};

const MARK: &str = "PRIVATE+KEY+";
const ED25519: u8 = 1;

/// Makes a key in the name of a party (or of a part of it: `party/finance`) in a new file, and its
/// public half beside it; gives that and its path.
///
/// # Errors
/// [`code::BAD_NAME`], [`code::HOME_EXISTS`]; as the system reports.
pub fn create(path: &Path, name: &str) -> Result<(VerifierKey, PathBuf), NodeError> {
    let seed: [u8; 32] = random()?;
    let key = SigningKey::from_seed(name, seed)
        .map_err(|error| NodeError::said(code::BAD_NAME, error.to_string()))?;
    let verifier = key.verifier().clone();
    let mut public = path.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    for path in [path, &public] {
        if path.exists() {
            return Err(NodeError::said(code::HOME_EXISTS, path.display().to_string()));
        }
    }
    let secret = STANDARD.encode([&[ED25519], seed.as_slice()].concat());
    let hash = u32::from_be_bytes(verifier.key_hash());
    write_new(path, 0o600, &format!("{MARK}{name}+{hash:08x}+{secret}\n"))?;
    write_new(&public, 0o644, &format!("{verifier}\n"))?;
    Ok((verifier, public))
}

/// Reads a private key.
///
/// # Errors
/// [`code::NO_KEY`], [`code::BAD_KEY`], [`code::OPEN_KEY`].
pub fn load(path: &Path) -> Result<SigningKey, NodeError> {
    owner_only(path)?;
    let text = read(path)?;
    private(text.trim()).ok_or_else(|| {
        let what = format!("{} is no private key that `saldo key new` made", path.display());
        NodeError::said(code::BAD_KEY, what)
    })
}

/// The public half of the key in a file, private or public.
///
/// # Errors
/// [`code::NO_KEY`], [`code::BAD_KEY`], [`code::OPEN_KEY`].
pub fn public(path: &Path) -> Result<VerifierKey, NodeError> {
    if read(path)?.starts_with(MARK) {
        return Ok(load(path)?.verifier().clone());
    }
    crate::keys::read_verifier(path)
}

fn read(path: &Path) -> Result<String, NodeError> {
    let missing = |error| NodeError::said(code::NO_KEY, format!("{}: {error}", path.display()));
    std::fs::read_to_string(path).map_err(missing)
}

fn private(text: &str) -> Option<SigningKey> {
    let mut parts = text.strip_prefix(MARK)?.splitn(3, '+');
    let (name, hash, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = STANDARD.decode(secret).ok()?;
    let (&ED25519, seed) = bytes.split_first()? else { return None };
    let key = SigningKey::from_seed(name, seed.try_into().ok()?).ok()?;
    let own = format!("{:08x}", u32::from_be_bytes(key.verifier().key_hash()));
    (own == hash).then_some(key)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_and_a_garbled_one_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("studio.key");
        let (made, beside) = create(&path, "studio-0").unwrap();
        assert_eq!(public(&beside).unwrap(), made);
        assert_eq!(public(&path).unwrap(), made);
        assert_eq!(load(&path).unwrap().verifier(), &made);
        assert_eq!(create(&path, "studio-0").unwrap_err().code(), "E5303");
        assert_eq!(load(&beside).map(drop).unwrap_err().code(), "E5312", "others may read it");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(private(text.trim()).is_some());
        for (from, to) in
            [("studio-0", "studio-1"), ("PRIVATE+KEY+", "PRIVATE+KEY"), ("+AZ", "+BZ"), ("=", "")]
        {
            let garbled = text.trim().replacen(from, to, 1);
            assert!(garbled == text.trim() || private(&garbled).is_none(), "{garbled}");
        }
        let wrong = dir.path().join("wrong.key");
        assert_eq!(create(&wrong, "two words").map(drop).unwrap_err().code(), "E5306");
        assert!(!wrong.exists());
    }
}
