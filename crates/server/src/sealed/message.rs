//! Tier 3: HTTP message signatures (RFC 9421) of requests, by Ed25519 or RSA.

use super::digest::combined;
use super::fields::{self, Bare, Item, Params, Value, dictionary, param};
use aws_lc_rs::signature::{
    ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use std::fmt::Write as _;

/// Most components that one signature covers.
const COMPONENTS_MAX: usize = 32;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `ed25519`
    Ed25519,
    /// `rsa-pss-sha512`
    RsaPss,
    /// `rsa-v1_5-sha256`
    RsaV15,
}

impl Algorithm {
    /// As the registry of the RFC names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::RsaPss => "rsa-pss-sha512",
            Self::RsaV15 => "rsa-v1_5-sha256",
        }
    }

    /// Whether `signature` is by the public key (32 bytes, or a `SubjectPublicKeyInfo`).
    pub fn holds(self, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let by: &'static dyn VerificationAlgorithm = match self {
            Self::Ed25519 => &ED25519,
            Self::RsaPss => &RSA_PSS_2048_8192_SHA512,
            Self::RsaV15 => &RSA_PKCS1_2048_8192_SHA256,
        };
        UnparsedPublicKey::new(by, key).verify(message, signature).is_ok()
    }
}

/// What of a request can be signed.
pub struct Message<'r> {
    /// Its method.
    pub method: &'r Method,
    /// Its target.
    pub uri: &'r Uri,
    /// Its headers.
    pub headers: &'r HeaderMap,
}

/// One signature of a request: what it covers and what it says of itself.
#[derive(Debug)]
pub struct Stated {
    components: Vec<Item>,
    params: Params,
    signature: Vec<u8>,
}

/// Reads the first signature of a request; nothing where there is none.
///
/// # Errors
/// What is wrong, in words.
pub fn stated(headers: &HeaderMap) -> Result<Option<Stated>, &'static str> {
    let (input, signature) =
        (HeaderName::from_static("signature-input"), HeaderName::from_static("signature"));
    if !headers.contains_key(&input) {
        return Ok(None);
    }
    let members = |name| combined(headers, name).and_then(|text| dictionary(&text));
    let inputs = members(&input).ok_or("Signature-Input is no dictionary")?;
    let signatures = members(&signature).ok_or("Signature is no dictionary")?;
    let (label, value) = inputs.into_iter().next().ok_or("Signature-Input is empty")?;
    let Value::List(components, params) = value else {
        return Err("Signature-Input lists no components");
    };
    if components.len() > COMPONENTS_MAX {
        return Err("it covers more than 32 components");
    }
    let named = signatures.into_iter().find(|(known, _)| *known == label);
    let Some((_, Value::Item(Item { bare: Bare::Bytes(signature), .. }))) = named else {
        return Err("Signature has no bytes under the label of Signature-Input");
    };
    Ok(Some(Stated { components, params, signature }))
}

impl Stated {
    /// The text of a parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        match param(&self.params, name)? {
            Bare::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a parameter, such as `created`.
    pub fn number(&self, name: &str) -> Option<i64> {
        match param(&self.params, name)? {
            Bare::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether a component is covered, without parameters that would change what it means.
    pub fn covers(&self, name: &str) -> bool {
        let is = |item: &Item| {
            item.params.is_empty() && matches!(&item.bare, Bare::Text(text) if text == name)
        };
        self.components.iter().any(is)
    }

    /// The signature itself.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether it is by the key, over the request as it was sent by `http` or `https`: who ends
    /// TLS in front of this process knows, and this process does not.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn signed_by(
        &self,
        (algorithm, key): (Algorithm, &[u8]),
        message: &Message<'_>,
    ) -> Result<bool, String> {
        if self.text("alg").is_some_and(|alg| alg != algorithm.word()) {
            return Err(format!("the key signs by {}, and alg says another", algorithm.word()));
        }
        for scheme in ["https", "http"] {
            let base = self.base(message, scheme)?;
            if algorithm.holds(key, base.as_bytes(), &self.signature) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The bytes that are signed (section 2.5 of the RFC).
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn base(&self, message: &Message<'_>, scheme: &str) -> Result<String, String> {
        let mut base = String::new();
        for (at, item) in self.components.iter().enumerate() {
            if self.components[..at].contains(item) {
                return Err(format!("{} is covered twice", fields::write_item(item)));
            }
            let Bare::Text(name) = &item.bare else {
                return Err("the name of a component is a text".to_owned());
            };
            let value = message.component(name, &item.params, scheme);
            let written = fields::write_item(item);
            let value = value.ok_or_else(|| format!("the request has no {written}"))?;
            let _ = writeln!(base, "{written}: {value}");
        }
        let params = fields::write_list(&self.components, &self.params);
        let _ = write!(base, "\"@signature-params\": {params}");
        Ok(base)
    }
}

impl Message<'_> {
    /// The value of a component.
    fn component(&self, name: &str, params: &Params, scheme: &str) -> Option<String> {
        if name == "@query-param" {
            let [(key, Bare::Text(wanted))] = params.as_slice() else { return None };
            return (key == "name").then(|| self.query_param(wanted)).flatten();
        }
        if !params.is_empty() {
            return None; // structured, binary or trailing fields are not read here
        }
        let path = || Some(self.uri.path()).filter(|path| !path.is_empty()).unwrap_or("/");
        let query = || self.uri.query();
        Some(match name {
            "@method" => self.method.to_string(),
            "@scheme" => scheme.to_owned(),
            "@authority" => self.authority(scheme)?,
            "@path" => path().to_owned(),
            "@query" => format!("?{}", query().unwrap_or_default()),
            "@request-target" => self.target(path()),
            "@target-uri" => {
                format!("{scheme}://{}{}", self.authority(scheme)?, self.target(path()))
            }
            name if name.starts_with('@') => return None,
            name => self.field(name)?,
        })
    }

    fn target(&self, path: &str) -> String {
        self.uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }

    /// Host and port, as they came.
    pub fn host(&self) -> Option<&str> {
        let host = self.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        host.or_else(|| self.uri.authority().map(Authority::as_str))
    }

    /// Host and port, in lower case, without the port that the scheme implies.
    fn authority(&self, scheme: &str) -> Option<String> {
        let authority = self.host()?;
        let implied = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.to_ascii_lowercase();
        Some(authority.strip_suffix(implied).map_or(authority.clone(), str::to_owned))
    }

    /// A parameter of the query that is there once, spelled as it came.
    fn query_param(&self, wanted: &str) -> Option<String> {
        let pairs =
            self.uri.query()?.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut found = pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value);
        let first = found.next()?;
        found.next().is_none().then(|| first.to_owned())
    }

    /// The lines of a header, each without blanks around it.
    fn field(&self, name: &str) -> Option<String> {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let lines = self.headers.get_all(HeaderName::from_bytes(name.as_bytes()).ok()?);
        let each: Option<Vec<&str>> =
            lines.iter().map(|line| line.to_str().ok().map(str::trim)).collect();
        each.filter(|each| !each.is_empty()).map(|each| each.join(", "))
    }
}

#[cfg(test)]
mod tests;
