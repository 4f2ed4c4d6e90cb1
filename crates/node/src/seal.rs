//! Small secrets inside records: sealed (AES-256-GCM) under a key made from the operator's own, so
//! that the Log alone gives none away.

use crate::keys::{self, Keys};
use crate::{NodeError, code};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

impl Keys {
    /// Seals a secret for one use, which `label` names.
    ///
    /// # Errors
    /// [`code::SYSTEM`] when the system gives no randomness.
    pub fn seal(&self, label: &str, secret: &[u8]) -> Result<Vec<u8>, NodeError> {
        let nonce: [u8; NONCE_LEN] = keys::random()?;
        let mut sealed = secret.to_vec();
        let failed = |_| NodeError::said(code::SYSTEM, "sealing a secret");
        let key = self.sealing(label)?;
        let place = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(place, Aad::from(label), &mut sealed).map_err(failed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the same use; nothing where it is not that.
    pub fn unseal(&self, label: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let key = self.sealing(label).ok()?;
        let length = key.open_in_place(nonce, Aad::from(label), &mut rest).ok()?.len();
        rest.truncate(length);
        Some(rest)
    }

    fn sealing(&self, label: &str) -> Result<LessSafeKey, NodeError> {
        let bytes = self.derive(&format!("saldo.seal.v1:{label}"));
        let unbound = UnboundKey::new(&AES_256_GCM, &bytes);
        Ok(LessSafeKey::new(
            unbound.map_err(|_| NodeError::said(code::SYSTEM, "making a sealing key"))?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_keys_and_use_open_what_was_sealed() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::create(&dir.path().join("a"), "house").unwrap();
        let other = Keys::create(&dir.path().join("b"), "house").unwrap();
        let sealed = keys.seal("totp", b"secret").unwrap();
        assert_ne!(sealed, keys.seal("totp", b"secret").unwrap(), "a new nonce each time");
        assert_eq!(keys.unseal("totp", &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(keys.unseal("hmac", &sealed), None);
        assert_eq!(other.unseal("totp", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(keys.unseal("totp", &changed), None, "byte {at}");
            assert_eq!(keys.unseal("totp", &sealed[..at]), None, "cut at {at}");
        }
    }
}
