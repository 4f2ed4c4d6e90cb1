//! One-time codes by time (RFC 6238), as authenticator programs make them: HMAC-SHA1, half a
//! minute, six digits.

use aws_lc_rs::hmac;

/// Seconds that a code is for.
pub const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;
/// Steps before and after the present one whose codes are taken: clocks differ.
const SLACK: i64 = 1;

/// The step whose code this is, at a time in seconds; none where it is the code of none near.
pub fn step_of(secret: &[u8], code: &str, seconds: i64) -> Option<i64> {
    if code.len() != DIGITS as usize || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let now = seconds.div_euclid(STEP_SECONDS);
    let made = |step: &i64| made(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret, *step, DIGITS);
    (now - SLACK..=now + SLACK).find(|step| made(step) == code)
}

/// The code of a step: for tests of what asks for one.
pub fn code(secret: &[u8], step: i64) -> String {
    made(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret, step, DIGITS)
}

fn made(algorithm: hmac::Algorithm, secret: &[u8], step: i64, digits: u32) -> String {
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret), &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 15);
    let four = tag.get(offset..).and_then(<[u8]>::first_chunk::<4>).copied().unwrap_or_default();
    let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 10u32.pow(digits);
    format!("{number:0width$}", width = digits as usize)
}

/// A secret as people type it (RFC 4648, base32 without padding).
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut held, mut bits) = (String::new(), 0u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(held >> bits) as usize & 31]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(LETTERS[(held << (5 - bits)) as usize & 31]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = |length: usize| -> Vec<u8> {
            b"1234567890".iter().cycle().copied().take(length).collect()
        };
        let (one, two, five) = (secret(20), secret(32), secret(64));
        for (seconds, sha1, sha256, sha512) in [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ] {
            let step = seconds / STEP_SECONDS;
            for (algorithm, secret, code) in [
                (hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &one, sha1),
                (hmac::HMAC_SHA256, &two, sha256),
                (hmac::HMAC_SHA512, &five, sha512),
            ] {
                assert_eq!(made(algorithm, secret, step, 8), code, "{seconds}");
            }
            assert_eq!(code(&one, step), sha1[2..], "{seconds}");
        }
    }

    #[test]
    fn a_code_holds_for_its_step_and_those_beside_it() {
        let code = code(b"secret", 100);
        for (seconds, step) in [
            (100 * 30, Some(100)),
            (100 * 30 + 29, Some(100)),
            (99 * 30, Some(100)),
            (101 * 30 + 29, Some(100)),
            (98 * 30 + 29, None),
            (102 * 30, None),
        ] {
            assert_eq!(step_of(b"secret", &code, seconds), step, "{seconds}");
        }
        for wrong in ["", "12345", "1234567", "12345x", " 12345"] {
            assert_eq!(step_of(b"secret", wrong, 3000), None, "{wrong}");
        }
    }

    #[test]
    fn secrets_are_written_as_the_rfc_says() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }
}
