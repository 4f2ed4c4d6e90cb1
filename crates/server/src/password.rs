//! Passwords: kept as Argon2id in the usual text form, tried a few at once.

use crate::refusal::Refusal;
use api::code;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Shortest password, in characters: length is what makes guessing hard.
pub const CHARS_MIN: usize = 12;
/// Longest password, in bytes.
pub const BYTES_MAX: usize = 1024;
const HASH_BYTES: usize = 32;
/// Passwords hashed at once: each takes 19 MiB and a core for some 30 ms.
static PLACES: Semaphore = Semaphore::const_new(2);

/// The text that a password is kept as.
///
/// # Errors
/// [`code::BAD_PARAMETER`] for one that is too short or too long.
pub async fn hash(password: String) -> Result<String, Refusal> {
    if password.chars().count() < CHARS_MIN || password.len() > BYTES_MAX {
        let what =
            format!("a password has at least {CHARS_MIN} characters and at most {BYTES_MAX} bytes");
        return Err(Refusal::of(&code::BAD_PARAMETER, what));
    }
    let salt = node::access::random_id()?;
    let params = Params::default();
    let (memory, time, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    let made = made(password, salt.clone().into_bytes(), params).await?;
    let (salt, hash) = (encode(salt.as_bytes()), encode(&made));
    Ok(format!("$argon2id$v=19$m={memory},t={time},p={lanes}${salt}${hash}"))
}

/// Whether a password is the one that is kept as this text. Where nothing is kept it takes as long.
pub async fn matches(password: String, kept: Option<&[u8]>) -> Result<bool, Refusal> {
    if password.len() > BYTES_MAX {
        return Ok(false);
    }
    let known = kept.and_then(|kept| read(std::str::from_utf8(kept).ok()?));
    let is_known = known.is_some();
    let (params, salt, hash) =
        known.unwrap_or_else(|| (Params::default(), vec![0; 16], vec![0; HASH_BYTES]));
    let made = made(password, salt, params).await?;
    let differs = made.iter().zip(&hash).fold(0, |all, (a, b)| all | (a ^ b));
    Ok(is_known && made.len() == hash.len() && differs == 0)
}

fn encode(bytes: &[u8]) -> String {
    BASE64_STANDARD_NO_PAD.encode(bytes)
}

fn read(text: &str) -> Option<(Params, Vec<u8>, Vec<u8>)> {
    let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
    let (cost, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let mut costs = cost
        .split(',')
        .zip(["m=", "t=", "p="])
        .map(|(cost, name)| cost.strip_prefix(name)?.parse::<u32>().ok());
    let (memory, time, lanes) = (costs.next()??, costs.next()??, costs.next()??);
    let params = Params::new(memory, time, lanes, Some(HASH_BYTES)).ok()?;
    let decode = |text: &str| BASE64_STANDARD_NO_PAD.decode(text).ok();
    Some((params, decode(salt)?, decode(hash)?))
}

async fn made(password: String, salt: Vec<u8>, params: Params) -> Result<Vec<u8>, Refusal> {
    let failed = || Refusal::of(&code::INTERNAL, "");
    let place = PLACES.acquire().await.map_err(|_| failed())?;
    let hashed = spawn_blocking(move || {
        let mut hash = vec![0; HASH_BYTES];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(password.as_bytes(), &salt, &mut hash).map(|()| hash)
    });
    let hashed = hashed.await;
    drop(place);
    hashed.map_err(|_| failed())?.map_err(|_| failed())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_text_and_no_other() {
        let password = "correct horse battery";
        let text = hash(password.to_owned()).await.unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        assert_ne!(text, hash(password.to_owned()).await.unwrap(), "salted");
        let cut = &text[..text.len() - 1];
        for (given, kept, same) in [
            (password, Some(text.as_str()), true),
            ("correct horse batterz", Some(&text), false),
            (password, Some(cut), false),
            (password, Some("$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA"), false),
            (password, Some(""), false),
            (password, None, false),
        ] {
            let kept = kept.map(str::as_bytes);
            assert_eq!(matches(given.to_owned(), kept).await.unwrap(), same, "{given} {kept:?}");
        }
        for (wrong, said) in [("short", "E8009"), ("eleven char", "E8009")] {
            assert_eq!(hash(wrong.to_owned()).await.unwrap_err().0.code, said);
        }
    }
}
