//! Tokens: JWTs that a client is given for its secret (RFC 6749, RFC 9068), signed with Ed25519.
//!
//! A token is checked by the one algorithm that is used here, against a key that its `kid` names
//! among those of one operator; nothing else of its header is looked at, and what it demands to be
//! understood (`crit`) is refused.

use crate::limits::TOKENS_KEPT_MAX;
use crate::refusal::Refusal;
use api::access::{Jwk, SigningKey};
use api::code;
use axum::http::StatusCode;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use node::access::token_key::{self, Holding, TOKEN_SECONDS};
use node::clock::show_time;
use node::{NodeError, Session};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The `typ` of a token: what an identity provider signs is never taken for one.
const TYPE: &str = "at+jwt";
const SECOND_NANOS: i64 = 1_000_000_000;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: the address of the service.
    pub iss: String,
    /// Who it is for: the same.
    pub aud: String,
    /// The client, `OPERATOR.ID`.
    pub sub: String,
    /// The same, as RFC 9068 has it.
    pub client_id: String,
    /// When it was issued, seconds since 1970.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// Its own id.
    pub jti: String,
    /// The operator.
    pub operator: String,
    /// The client's role when it was issued.
    pub role: String,
    /// The client's party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// The only actions that it is for, with blanks between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

struct Known {
    key: Holding,
    decoding: DecodingKey,
}

/// What a good token says, and when its key ends.
type Good = (Arc<Claims>, Option<i64>);

/// The keys of one operator that tokens are signed with and checked against.
#[derive(Default)]
pub struct TokenKeys {
    operator: String,
    known: Vec<Known>,
    signer: Option<(String, EncodingKey)>,
    /// Tokens that were found good, so that their signature is checked once.
    kept: Mutex<HashMap<String, Good>>,
}

impl TokenKeys {
    /// Those that hold at a time, nanoseconds UTC.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn load(session: &Session, at: i64) -> Result<Self, NodeError> {
        let holding = token_key::holding(session, at)?;
        let operator = session.operator.engine.operator().to_owned();
        let signer = match holding.last() {
            Some(last) => {
                let secret = token_key::secret(session, &last.id)?;
                Some((format!("{operator}.{}", last.id), EncodingKey::from_ed_der(&secret)))
            }
            None => None,
        };
        let known = holding.into_iter().map(|key| {
            let decoding = DecodingKey::from_ed_der(&key.public);
            Known { key, decoding }
        });
        Ok(Self { known: known.collect(), operator, signer, kept: Mutex::default() })
    }

    /// Signs.
    ///
    /// # Errors
    /// [`code::INTERNAL`] where there is no key: the first client brings one.
    pub fn sign(&self, claims: &Claims) -> Result<String, Refusal> {
        let failed = || Refusal::of(&code::INTERNAL, "");
        let (kid, key) = self.signer.as_ref().ok_or_else(failed)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(kid.clone());
        encode(&header, claims, key).map_err(|_| failed())
    }

    /// What a token says, where it holds at a time, nanoseconds UTC, for this issuer.
    pub fn check(&self, token: &str, issuer: &str, at: i64) -> Option<Arc<Claims>> {
        let holds = |(claims, end): &Good| {
            at < claims.exp.saturating_mul(SECOND_NANOS) && end.is_none_or(|end| at < end)
        };
        let kept = || self.kept.lock().ok();
        if let Some(found) = kept()?.get(token) {
            return holds(found).then(|| Arc::clone(&found.0));
        }
        let (claims, ends_at) = self.verify(token, issuer)?;
        let found = (Arc::new(claims), ends_at);
        if !holds(&found) {
            return None;
        }
        let mut kept = kept()?;
        if kept.len() >= TOKENS_KEPT_MAX {
            kept.clear();
        }
        kept.insert(token.to_owned(), found.clone());
        Some(found.0)
    }

    fn verify(&self, token: &str, issuer: &str) -> Option<(Claims, Option<i64>)> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let plain = header.crit.is_none() && header.extras.inner().is_empty();
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) || !plain {
            return None;
        }
        let kid = header.kid?;
        let id = kid.strip_prefix(self.operator.as_str())?.strip_prefix('.')?;
        let known = self.known.iter().find(|known| known.key.id == id)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = 0;
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = decode::<Claims>(token, &known.decoding, &validation).ok()?.claims;
        let short = claims.exp.checked_sub(claims.iat)? <= TOKEN_SECONDS;
        (short && claims.operator == self.operator).then_some((claims, known.key.ends_at))
    }

    /// The public keys, as documents.
    pub fn jwks(&self, at: i64) -> impl Iterator<Item = Jwk> {
        use jsonwebtoken::jwk::{AlgorithmParameters, Jwk as Parsed};
        let operator = &self.operator;
        self.holding(at).filter_map(move |known| {
            let made = Parsed::from_decoding_key(&known.decoding, Some(Algorithm::EdDSA)).ok()?;
            let AlgorithmParameters::OctetKeyPair(parameters) = made.algorithm else {
                return None;
            };
            Some(Jwk {
                kty: "OKP".to_owned(),
                crv: "Ed25519".to_owned(),
                x: parameters.x,
                kid: format!("{operator}.{}", known.key.id),
                alg: "EdDSA".to_owned(),
                usage: "sig".to_owned(),
            })
        })
    }

    /// The keys as they are listed.
    pub fn listed(&self, at: i64) -> Vec<SigningKey> {
        let shown = |known: &Known| SigningKey {
            kid: format!("{}.{}", self.operator, known.key.id),
            created_at: show_time(known.key.at),
            created_by: known.key.author.clone(),
            ends_at: known.key.ends_at.map(show_time),
        };
        self.holding(at).map(shown).collect()
    }

    fn holding(&self, at: i64) -> impl Iterator<Item = &Known> {
        self.known.iter().filter(move |known| known.key.ends_at.is_none_or(|end| at < end))
    }
}

/// The operator that a token is of, by the name of its key. Nothing is checked yet.
pub fn operator_of(token: &str) -> Option<String> {
    let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
    kid.split_once('.').map(|(operator, _)| operator.to_owned())
}

/// Why no token is given, as RFC 6749 says it.
pub fn refused(error: &str, what: &str) -> (StatusCode, api::access::TokenRefused) {
    let client = error == "invalid_client";
    let page = if client { code::INVALID_CLIENT } else { code::BAD_TOKEN_REQUEST };
    let status = if client { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    let refused = api::access::TokenRefused {
        error: error.to_owned(),
        error_description: what.to_owned(),
        error_uri: format!("/v1/codes/{}", page.code),
        code: page.code.to_owned(),
    };
    (status, refused)
}
