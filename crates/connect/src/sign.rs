//! Signing as Standard Webhooks says: HMAC-SHA256 over id, time and body, one signature for each
//! secret that holds, and the digest of the body (RFC 9530).

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What the text of a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// The text of a secret.
pub fn secret_text(secret: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))
}

/// The signatures of a message, one for each secret.
pub fn signatures(secrets: &[&[u8]], id: &str, seconds: i64, body: &[u8]) -> String {
    let signed: Vec<String> = secrets
        .iter()
        .map(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let mut context = hmac::Context::with_key(&key);
            context.update(format!("{id}.{seconds}.").as_bytes());
            context.update(body);
            format!("v1,{}", STANDARD.encode(context.sign()))
        })
        .collect();
    signed.join(" ")
}

/// The `Content-Digest` of a body.
pub fn content_digest(body: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, body);
    format!("sha-256=:{}:", STANDARD.encode(hash))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_published_example() {
        // The example of the specification's reference libraries.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}");
        let one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signatures(&[secret.as_slice()], id, 1_614_265_330, body.as_bytes()), one);
        let both = signatures(&[&secret, &[7; 32]], id, 1_614_265_330, body.as_bytes());
        assert!(both.starts_with(one) && both.split(' ').count() == 2, "{both}");
        assert_eq!(secret_text(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn the_digest_is_that_of_the_standard() {
        // RFC 9530, appendix D: the digest of this text and a line feed.
        let found = content_digest(b"{\"hello\": \"world\"}\n");
        assert_eq!(found, "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
    }
}
