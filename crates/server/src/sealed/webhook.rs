//! Tier 2: the form of Standard Webhooks. `webhook-signature` has one or more of `v1,` and the
//! base64 of HMAC-SHA256 over `id.timestamp.content`, so that secrets can be rotated.

use crate::refusal::Refusal;
use api::code;
use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Most signatures that are looked at: one for each secret of a rotation, and room.
const SIGNATURES_MAX: usize = 8;
/// Longest id.
const ID_BYTES_MAX: usize = 128;

/// The three headers, as they came.
pub struct Stated {
    /// `webhook-id`: the same when the same is sent again.
    pub id: String,
    /// `webhook-timestamp`, unix seconds: of this attempt.
    pub timestamp: i64,
    /// Every signature of version 1.
    signatures: Vec<Vec<u8>>,
}

/// A secret that requests are signed with.
#[derive(Clone)]
pub struct Secret(hmac::Key);

impl Secret {
    /// The secret of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// Whether one of `tags` is its HMAC over the parts one after another: made once, since content
    /// may be long; a comparison takes as long whatever differs.
    pub fn holds<T: AsRef<[u8]>>(&self, parts: &[&[u8]], tags: &[T]) -> bool {
        let mut context = hmac::Context::with_key(&self.0);
        parts.iter().for_each(|part| context.update(part));
        let made = context.sign();
        let same = |tag: &T| {
            aws_lc_rs::constant_time::verify_slices_are_equal(made.as_ref(), tag.as_ref()).is_ok()
        };
        tags.iter().any(same)
    }
}

/// Reads the headers; nothing where there is no signature of this form.
///
/// # Errors
/// [`code::BAD_SIGNATURE`].
pub fn stated(headers: &HeaderMap) -> Result<Option<Stated>, Refusal> {
    let bad = |what: &str| Refusal::of(&code::BAD_SIGNATURE, what);
    let Some(signature) = headers.get("webhook-signature") else { return Ok(None) };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let id = text("webhook-id").filter(|id| (1..=ID_BYTES_MAX).contains(&id.len()));
    let id = id.ok_or_else(|| bad("webhook-id has 1 to 128 characters"))?.to_owned();
    let timestamp = text("webhook-timestamp").and_then(|text| text.parse().ok());
    let timestamp = timestamp.ok_or_else(|| bad("webhook-timestamp is unix seconds"))?;
    let listed = signature.to_str().unwrap_or_default().split(' ').take(SIGNATURES_MAX);
    let version_1 = listed.filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    let signatures: Vec<Vec<u8>> = version_1.collect();
    if signatures.is_empty() {
        return Err(bad("webhook-signature has none of the form `v1,` and base64"));
    }
    Ok(Some(Stated { id, timestamp, signatures }))
}

impl Stated {
    /// Whether one of the signatures is made with `secret` over this content.
    pub fn signed_with(&self, secret: &Secret, content: &[u8]) -> bool {
        let timestamp = self.timestamp.to_string();
        let parts: [&[u8]; 5] = [self.id.as_bytes(), b".", timestamp.as_bytes(), b".", content];
        secret.holds(&parts, &self.signatures)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;
    use serde_json::Value;
    use std::path::PathBuf;

    fn shared(path: &str) -> Option<Vec<u8>> {
        let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        let root = std::env::var_os("SALDO_SHARED").map_or(beside, PathBuf::from);
        std::fs::read(root.join("data").join(path)).ok()
    }

    fn unhex(text: &Value) -> Vec<u8> {
        let text = text.as_str().unwrap();
        let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(byte).collect()
    }

    #[test]
    fn the_vectors_of_wycheproof_hold() {
        let path = "peer-wycheproof/testvectors_v1/hmac_sha256_test.json";
        let Some(bytes) = shared(path) else {
            println!("ignored: {path} is not there");
            return;
        };
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let mut seen = 0;
        for group in document["testGroups"].as_array().unwrap() {
            let length = usize::try_from(group["tagSize"].as_u64().unwrap()).unwrap() / 8;
            for test in group["tests"].as_array().unwrap() {
                let (secret, message) = (Secret::new(&unhex(&test["key"])), unhex(&test["msg"]));
                let tag = unhex(&test["tag"]);
                // A tag of half the length never signs a request: whole ones are demanded.
                let expected = test["result"] == "valid" && length == 32;
                assert_eq!(secret.holds(&[&message], &[&tag]), expected, "{test}");
                let (a, b) = message.split_at(message.len() / 2);
                assert_eq!(secret.holds(&[a, b], &[&tag]), expected, "in parts: {test}");
                seen += 1;
            }
        }
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn one_signature_of_several_is_enough() {
        // The example of the specification of Standard Webhooks.
        let bytes = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (secret, content) = (Secret::new(&bytes), b"{\"test\": 2432232314}".as_slice());
        let own = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        for (signature, holds) in [
            (own.to_owned(), Some(true)),
            (format!("v1,AAAA {own}"), Some(true)),
            (format!("v1a,AAAA {own}"), Some(true)),
            (own.replace("g0", "h0"), Some(false)),
            ("v2,AAAA".to_owned(), None),
            (String::new(), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap());
            headers.insert("webhook-timestamp", "1614265330".parse().unwrap());
            headers.insert("webhook-signature", signature.parse().unwrap());
            let found = stated(&headers).ok().flatten();
            let found = found.map(|stated| stated.signed_with(&secret, content));
            assert_eq!(found, holds, "{signature}");
        }
    }
}
