//! The keys of an identity provider, and what they signed. A set that could mean two things is
//! refused whole: two keys of one id, secret halves, keys that are shared secrets.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, crypto};
use serde_json::Value;

/// Shortest RSA modulus, in bits.
const RSA_BITS_MIN: usize = 2048;

/// A set of public keys.
pub struct KeySet(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
}

impl KeySet {
    /// Reads a JWK set. A key of a kind that is not used here is left out.
    pub fn read(document: &Value) -> Option<Self> {
        let keys = document["keys"].as_array()?;
        let mut found: Vec<Key> = Vec::new();
        let mut ids: Vec<&str> = Vec::new();
        for key in keys {
            if ["d", "k", "p", "q"].iter().any(|name| key.get(name).is_some()) {
                return None;
            }
            if let Some(id) = key["kid"].as_str() {
                if ids.contains(&id) {
                    return None;
                }
                ids.push(id);
            }
            found.extend(read(key));
        }
        Some(Self(found))
    }

    /// What a compact JWS says, where one of the keys signed it. Without an id in its header, the
    /// only key of its algorithm is meant.
    pub fn open(&self, token: &str) -> Option<Vec<u8>> {
        let (message, signature) = token.rsplit_once('.')?;
        let (_, payload) = message.split_once('.')?;
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.crit.is_some() || header.extras.inner().contains_key("b64") {
            return None;
        }
        let fits = |key: &&Key| match (&header.kid, &key.id) {
            (Some(named), Some(id)) => named == id,
            (Some(_), None) => false,
            (None, _) => true,
        };
        let mut fitting = self.0.iter().filter(fits);
        let mut fitting = fitting.by_ref().filter(|key| key.algorithms.contains(&header.alg));
        let (key, None) = (fitting.next()?, fitting.next()) else { return None };
        let good = crypto::verify(signature, message.as_bytes(), &key.decoding, header.alg);
        if !good.unwrap_or(false) {
            return None;
        }
        BASE64_URL_SAFE_NO_PAD.decode(payload).ok()
    }
}

fn read(key: &Value) -> Option<Key> {
    let parsed: Jwk = serde_json::from_value(key.clone()).ok()?;
    let signs = matches!(parsed.common.public_key_use, None | Some(PublicKeyUse::Signature));
    if !signs {
        return None;
    }
    let mut algorithms = match &parsed.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            sound_rsa(&rsa.n, &rsa.e)?;
            AlgorithmFamily::Rsa.algorithms().to_vec()
        }
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            vec![Algorithm::EdDSA]
        }
        _ => return None,
    };
    if let Some(stated) = key.get("alg") {
        algorithms.retain(|known| stated.as_str() == Some(&format!("{known:?}")));
    }
    let decoding = DecodingKey::from_jwk(&parsed).ok()?;
    Some(Key { id: parsed.common.key_id, algorithms, decoding })
}

/// Refuses RSA keys that are known to be weak: short ones, an exponent of 1 or an even one, and the
/// moduli of the chips whose primes can be found (ROCA, CVE-2017-15361).
fn sound_rsa(modulus: &str, exponent: &str) -> Option<()> {
    let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let (modulus, exponent) = (bytes(modulus)?, bytes(exponent)?);
    let modulus: Vec<u8> = modulus.into_iter().skip_while(|byte| *byte == 0).collect();
    let bits = modulus.len() * 8 - usize::try_from(modulus.first()?.leading_zeros()).ok()?;
    let odd = exponent.last().is_some_and(|byte| byte % 2 == 1);
    let one = exponent.iter().rev().skip(1).all(|byte| *byte == 0) && exponent.last() == Some(&1);
    (bits >= RSA_BITS_MIN && odd && !one && !is_roca(&modulus)).then_some(())
}

/// Whether a modulus is, by every small prime, a power of 65537: chance has it once in 2^28.
fn is_roca(modulus: &[u8]) -> bool {
    const PRIMES: [u32; 17] =
        [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];
    PRIMES.iter().all(|prime| {
        let rest = modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        (0..*prime).any(|_| {
            power = power * 65537 % prime;
            power == rest
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A file of the shared data, or nothing where it is not on this machine.
    fn shared(name: &str) -> Option<Value> {
        let root = std::env::var_os("SALDO_SHARED").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
            PathBuf::from,
        );
        let path = root.join("data").join(name);
        let Ok(bytes) = std::fs::read(&path) else {
            println!("ignored: {} is not here", path.display());
            return None;
        };
        Some(serde_json::from_slice(&bytes).unwrap())
    }

    fn public(key: &Value) -> Value {
        let mut key = key.clone();
        for secret in ["d", "p", "q", "dp", "dq", "qi"] {
            key.as_object_mut().unwrap().remove(secret);
        }
        key
    }

    #[test]
    fn the_cookbooks_signatures_hold_where_their_algorithm_is_used() {
        let cookbook = "peer-jose-cookbook";
        for (file, taken) in [
            ("jws/4_1.rsa_v15_signature.json", true),
            ("jws/4_2.rsa-pss_signature.json", true),
            ("curve25519/jws.json", true),
            // P-521 is not offered by the library; no provider of identities needs it.
            ("jws/4_3.ecdsa_signature.json", false),
            // Shared secrets are no public keys: what they sign anybody with the set could forge.
            ("jws/4_4.hmac-sha2_integrity_protection.json", false),
            ("jws/4_5.signature_with_detached_content.json", false),
            ("rfc7797/hmac-sha2_b64_false.json", false),
        ] {
            let Some(vector) = shared(&format!("{cookbook}/{file}")) else { return };
            let keys = serde_json::json!({ "keys": [public(&vector["input"]["key"])] });
            let token = vector["output"]["compact"].as_str().unwrap();
            let found = KeySet::read(&keys).and_then(|keys| keys.open(token));
            assert_eq!(found.is_some(), taken, "{file}");
            if let Some(found) = found {
                let payload = vector["input"]["payload"].as_str().unwrap();
                assert_eq!(String::from_utf8(found).unwrap(), payload, "{file}");
                let mut forged = token.to_owned();
                let last = if forged.ends_with('A') { "E" } else { "A" };
                forged.replace_range(forged.len() - 4..forged.len() - 3, last);
                assert!(KeySet::read(&keys).unwrap().open(&forged).is_none(), "{file} forged");
            }
        }
    }

    #[test]
    fn wycheproofs_key_sets_are_taken_and_refused_as_they_say() {
        let name = "peer-wycheproof/testvectors_v1/json_web_key_test.json";
        let Some(vectors) = shared(name) else { return };
        let mut run = 0;
        for group in vectors["testGroups"].as_array().unwrap() {
            let keys = group.get("public").unwrap_or(&group["private"]);
            for test in group["tests"].as_array().unwrap() {
                let (id, comment) = (&test["tcId"], &test["comment"]);
                let token = test["jws"].as_str().unwrap();
                let taken = KeySet::read(keys).is_some_and(|keys| keys.open(token).is_some());
                let symmetric = keys["keys"][0]["kty"] == "oct";
                // Valid ones of shared secrets are refused on purpose: see the cookbook's above.
                let valid = test["result"] == "valid" && !symmetric;
                assert_eq!(taken, valid, "{id} {comment}");
                run += 1;
            }
        }
        assert_eq!(run, vectors["numberOfTests"]);
    }
}
