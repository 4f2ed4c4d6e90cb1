//! `Content-Digest` (RFC 9530): of the content as it is sent, before anything is unpacked.

use super::fields::{Bare, Item, Value, dictionary};
use crate::refusal::Refusal;
use api::code;
use aws_lc_rs::digest::{Algorithm, SHA256, SHA512, digest};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The header's name.
pub const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// What a request says that its content hashes to.
pub struct Digests(Vec<(&'static Algorithm, Vec<u8>)>);

/// Reads the header, before there is a body to look at.
///
/// # Errors
/// [`code::NO_DIGEST`].
pub fn stated(headers: &HeaderMap) -> Result<Digests, Refusal> {
    let bad = |what: &str| Refusal::of(&code::NO_DIGEST, what);
    let members = combined(headers, &CONTENT_DIGEST).and_then(|text| dictionary(&text));
    let members = members.ok_or_else(|| bad("it is there in no form that can be read"))?;
    if members.is_empty() {
        return Err(bad(""));
    }
    let mut found = Vec::new();
    for (name, value) in members {
        let algorithm = match name.as_str() {
            "sha-256" => &SHA256,
            "sha-512" => &SHA512,
            _ => continue, // others may stand beside them
        };
        let Value::Item(Item { bare: Bare::Bytes(bytes), .. }) = value else {
            return Err(bad("a digest is bytes in base64 between colons"));
        };
        found.push((algorithm, bytes));
    }
    if found.is_empty() {
        return Err(bad("neither sha-256 nor sha-512 is among what it has"));
    }
    Ok(Digests(found))
}

impl Digests {
    /// Whether the content is what was stated, by every algorithm that is known.
    ///
    /// # Errors
    /// [`code::DIGEST_DIFFERS`].
    pub fn check(&self, content: &[u8]) -> Result<(), Refusal> {
        let same = |(algorithm, stated): &(&'static Algorithm, Vec<u8>)| {
            digest(algorithm, content).as_ref() == stated.as_slice()
        };
        if self.0.iter().all(same) {
            return Ok(());
        }
        let own = STANDARD.encode(digest(&SHA256, content));
        let what = format!("{} bytes came, and their sha-256 is :{own}:", content.len());
        Err(Refusal::of(&code::DIGEST_DIFFERS, what))
    }
}

/// The header of content that is answered or sent.
pub fn of(content: &[u8]) -> HeaderValue {
    let text = format!("sha-256=:{}:", STANDARD.encode(digest(&SHA256, content)));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// Every line of a header as one text; nothing where one is no text.
pub fn combined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let each = headers.get_all(name).iter().map(|value| value.to_str().ok());
    Some(each.collect::<Option<Vec<_>>>()?.join(", "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    /// The examples of RFC 9530, appendix B and D, are of this content.
    const CONTENT: &[u8] = b"{\"hello\": \"world\"}\n";
    const SHORT: &str = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";

    #[test]
    fn the_content_must_be_what_the_header_states() {
        let long = format!("sha-512=:{}:", STANDARD.encode(digest(&SHA512, CONTENT)));
        let other = of(b"other").to_str().unwrap().to_owned();
        assert_eq!(of(CONTENT).to_str().unwrap(), SHORT);
        for (lines, expected) in [
            (vec![SHORT], "holds"),
            (vec![&long], "holds"),
            (vec![&long, SHORT], "holds"),
            (vec!["md5=:AAAA:", SHORT], "holds"),
            (vec![&other], "E8043"),
            (vec![&long, &other], "E8043"),
            (vec![], "E8042"),
            (vec!["md5=:AAAA:"], "E8042"),
            (vec!["sha-256=RK"], "E8042"),
            (vec!["sha-256=:?:"], "E8042"),
            (vec!["sha-256"], "E8042"),
        ] {
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append(CONTENT_DIGEST, line.parse().unwrap());
            }
            let found = stated(&headers).and_then(|digests| digests.check(CONTENT));
            let found = found.map_or_else(|refusal| refusal.0.code, |()| "holds".to_owned());
            assert_eq!(found, expected, "{lines:?}");
        }
    }
}
