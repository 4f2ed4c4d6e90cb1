//! Signing in by an identity provider (`OpenID` Connect, authorization code with PKCE): where the
//! browser is sent, and who comes back.
//!
//! A sign-in comes back once, within ten minutes, from the browser that began it: a cookie has what
//! its `state`, nonce and verifier are made from, with a key of this process, so that nothing is
//! held of those that never come back. The code goes to the provider with the verifier of its
//! challenge; what comes back is signed, for this client, now, and with the nonce of then.

mod fetch;
mod keys;
mod login;

use crate::refusal::Refusal;
use crate::sessions::Session;
use api::address::escaped;
use api::code;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as URL};
use keys::KeySet;
use login::{Login, Logins};
use node::access::{ROLES, secret_hash};
use node::clock::now_nanos;
use node::config::Oidc;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::sync::RwLock;

const SECOND_NANOS: i64 = 1_000_000_000;
/// Seconds in which a sign-in must come back.
pub const LOGIN_SECONDS: i64 = 600;
/// Seconds by which a provider's clock may differ.
const LEEWAY_SECONDS: i64 = 60;

/// The providers of the operators, and what their sign-ins are made with.
#[derive(Default)]
pub struct Providers {
    all: BTreeMap<String, Arc<Provider>>,
    logins: Logins,
}

/// The provider of one operator.
struct Provider {
    settings: Oidc,
    secret: String,
    /// Its documents: read when they are needed first, and again for a key that is not known.
    known: RwLock<Option<Arc<Known>>>,
}

struct Known {
    authorize: String,
    token: String,
    keys: KeySet,
}

/// Where to send a browser, and what it must bring back.
pub struct Begun {
    /// The provider's address, with everything it needs.
    pub location: String,
    /// The text of the cookie.
    pub browser: String,
}

impl Providers {
    /// The providers that settings name; their secrets are read now.
    ///
    /// # Errors
    /// When a secret cannot be read.
    pub fn new(settings: &BTreeMap<String, Oidc>) -> Result<Self, node::NodeError> {
        let mut all = BTreeMap::new();
        for (operator, settings) in settings {
            let path = &settings.client_secret_file;
            let secret = std::fs::read_to_string(path).map_err(|error| {
                node::NodeError::said(node::code::SYSTEM, format!("{}: {error}", path.display()))
            })?;
            let (settings, secret) = (settings.clone(), secret.trim().to_owned());
            let provider = Provider { settings, secret, known: RwLock::default() };
            all.insert(operator.clone(), Arc::new(provider));
        }
        Ok(Self { all, logins: Logins::new()? })
    }

    fn provider(&self, operator: Option<&str>) -> Result<(String, Arc<Provider>), Refusal> {
        let found = match operator {
            Some(operator) => self.all.get_key_value(operator),
            None if self.all.len() == 1 => self.all.first_key_value(),
            None => None,
        };
        let none = || Refusal::of(&code::NO_SUCH, "no identity provider is set for this operator");
        let (operator, provider) = found.ok_or_else(none)?;
        Ok((operator.clone(), Arc::clone(provider)))
    }

    /// Begins a sign-in.
    ///
    /// # Errors
    /// [`code::NO_SUCH`] without a provider; [`code::PROVIDER_FAILED`].
    pub async fn begin(&self, operator: Option<&str>, own: &str) -> Result<Begun, Refusal> {
        let (operator, provider) = self.provider(operator)?;
        let known = provider.known().await?;
        let ends_at = now_nanos().saturating_add(LOGIN_SECONDS * SECOND_NANOS);
        let Login { cookie, state, nonce, verifier, .. } = self.logins.begin(&operator, ends_at)?;
        let challenge = URL.encode(secret_hash(&verifier));
        let mut location = known.authorize.clone();
        let mut mark = if location.contains('?') { '&' } else { '?' };
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", &provider.settings.client_id),
            ("redirect_uri", &redirect(own)),
            ("scope", &provider.settings.scope),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ] {
            let _ = write!(location, "{mark}{name}={}", escaped(value));
            mark = '&';
        }
        Ok(Begun { location, browser: cookie })
    }

    /// Ends a sign-in that came back: whose session begins. Of one that fails `told` hears the
    /// operator, the person's name as an author where the provider knows them, and the code.
    ///
    /// # Errors
    /// [`code::LOGIN_ENDED`], [`code::PROVIDER_FAILED`]; [`code::FORBIDDEN`] for whoever has no
    /// role.
    pub async fn finish(
        &self,
        (state, given): (&str, &str),
        browser: Option<&str>,
        own: &str,
        told: &(dyn Fn(&str, &str, &str) + Sync),
    ) -> Result<Session, Refusal> {
        let ended = || Refusal::of(&code::LOGIN_ENDED, "");
        let now = now_nanos();
        let login = browser.and_then(|cookie| self.logins.end(cookie, state, now));
        let Login { operator, nonce, verifier, .. } = login.ok_or_else(ended)?;
        let (operator, provider) = self.provider(Some(&operator))?;
        let claims = provider.came_back(given, (&verifier, &nonce), own, now).await;
        let claims = claims.inspect_err(|refusal| told(&operator, "", &refusal.0.code))?;
        let who = format!("person:oidc-{}", claims["sub"].as_str().unwrap_or_default());
        let session = provider.session(operator.clone(), &claims, now);
        session.inspect_err(|refusal| told(&operator, &who, &refusal.0.code))
    }
}

impl Provider {
    async fn known(&self) -> Result<Arc<Known>, Refusal> {
        if let Some(known) = &*self.known.read().await {
            return Ok(Arc::clone(known));
        }
        self.learn().await
    }

    /// Reads the provider's documents.
    async fn learn(&self) -> Result<Arc<Known>, Refusal> {
        let issuer = self.settings.issuer.trim_end_matches('/');
        let address = format!("{issuer}/.well-known/openid-configuration");
        let document = fetch::get(&address).await.map_err(failed)?;
        let text = |name: &str| document[name].as_str().map(str::to_owned);
        if text("issuer").as_deref() != Some(self.settings.issuer.as_str()) {
            return Err(failed(format!("{address} is of another issuer")));
        }
        let (Some(authorize), Some(token), Some(jwks)) =
            (text("authorization_endpoint"), text("token_endpoint"), text("jwks_uri"))
        else {
            return Err(failed(format!("{address} lacks an address")));
        };
        let keys = KeySet::read(&fetch::get(&jwks).await.map_err(failed)?);
        let keys = keys.ok_or_else(|| failed(format!("{jwks} is no set of public keys")))?;
        let known = Arc::new(Known { authorize, token, keys });
        *self.known.write().await = Some(Arc::clone(&known));
        Ok(known)
    }

    /// What the provider says of whoever came back with a code.
    async fn came_back(
        &self,
        given: &str,
        (verifier, nonce): (&str, &str),
        own: &str,
        now: i64,
    ) -> Result<Value, Refusal> {
        let token = self.exchange(given, verifier, own).await?;
        self.claims(&token, nonce, now).await
    }

    /// The ID token for a code.
    async fn exchange(&self, given: &str, verifier: &str, own: &str) -> Result<String, Refusal> {
        let known = self.known().await?;
        let form = format!(
            "grant_type=authorization_code&code={}&redirect_uri={}&code_verifier={verifier}",
            escaped(given),
            escaped(&redirect(own)),
        );
        let shown = format!("{}:{}", escaped(&self.settings.client_id), escaped(&self.secret));
        let basic = BASE64_STANDARD.encode(shown);
        let answer = fetch::post(&known.token, &basic, form).await.map_err(failed)?;
        let token = answer["id_token"].as_str().map(str::to_owned);
        token.ok_or_else(|| failed("the token endpoint gave no id_token"))
    }

    /// What an ID token says, where it holds.
    async fn claims(&self, token: &str, nonce: &str, now: i64) -> Result<Value, Refusal> {
        let mut opened = self.known().await?.keys.open(token);
        if opened.is_none() {
            // The provider may have rotated its keys.
            opened = self.learn().await?.keys.open(token);
        }
        let claims: Option<Value> = opened.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let claims = claims.ok_or_else(|| failed("an id_token that no key signed"))?;
        let wrong = wrong_claim(&claims, &self.settings, nonce, now.div_euclid(SECOND_NANOS));
        match wrong {
            Some(name) => Err(failed(format!("an id_token whose {name} is not right"))),
            None => Ok(claims),
        }
    }

    /// The session of whoever the claims are about.
    fn session(&self, operator: String, claims: &Value, now: i64) -> Result<Session, Refusal> {
        let Oidc { roles, roles_claim, party_claim, .. } = &self.settings;
        let held = texts(&claims[roles_claim.as_str()]);
        // In the order of the settings: the first that is held.
        let role = roles.iter().find(|(value, _)| held.contains(&value.as_str()));
        let none = |what: &str| Refusal::of(&code::FORBIDDEN, what);
        let lacking =
            || none(&format!("nothing of the claim `{roles_claim}` is given a role here"));
        let (_, role) = role.ok_or_else(lacking)?;
        let party = party_claim.as_ref().and_then(|name| claims[name.as_str()].as_str());
        let bound = ROLES.iter().any(|(known, bound)| known == role && *bound);
        if bound && party.is_none() {
            return Err(none("the identity provider names no party, which this role needs"));
        }
        let subject = claims["sub"].as_str().unwrap_or_default();
        let name = claims["name"].as_str().or(claims["email"].as_str()).unwrap_or(subject);
        Ok(Session {
            operator,
            id: format!("oidc-{subject}"),
            name: name.to_owned(),
            role: role.clone(),
            party: party.filter(|_| bound).map(str::to_owned),
            local: false,
            begun: now,
            seen: now,
        })
    }
}

/// The first claim that is not as it must be.
fn wrong_claim(claims: &Value, settings: &Oidc, nonce: &str, seconds: i64) -> Option<&'static str> {
    let audience = texts(&claims["aud"]);
    let own = settings.client_id.as_str();
    let sole = audience.len() == 1 || claims["azp"].as_str() == Some(own);
    let time = |name: &str| claims[name].as_i64();
    [
        ("iss", claims["iss"].as_str() == Some(settings.issuer.as_str())),
        ("aud", audience.contains(&own)),
        ("azp", sole && claims["azp"].as_str().is_none_or(|azp| azp == own)),
        ("exp", time("exp").is_some_and(|exp| seconds < exp + LEEWAY_SECONDS)),
        ("iat", time("iat").is_some_and(|iat| iat <= seconds + LEEWAY_SECONDS)),
        ("nonce", claims["nonce"].as_str() == Some(nonce)),
        ("sub", claims["sub"].as_str().is_some_and(|sub| !sub.is_empty() && sub.len() < 256)),
    ]
    .into_iter()
    .find_map(|(name, right)| (!right).then_some(name))
}

/// One text or several.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What the provider did wrong is for the log; who asks learns that it did.
fn failed(what: impl AsRef<str>) -> Refusal {
    let number = code::PROVIDER_FAILED.code;
    tracing::error!(error.code = number, error.message = what.as_ref(), "identity provider");
    Refusal::of(&code::PROVIDER_FAILED, "")
}

fn redirect(own: &str) -> String {
    format!("{own}/auth/callback")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settings() -> Oidc {
        Oidc {
            issuer: "https://idp.example".to_owned(),
            client_id: "saldo".to_owned(),
            client_secret_file: "secret".into(),
            scope: "openid".to_owned(),
            roles_claim: "groups".to_owned(),
            roles: vec![
                ("admins".to_owned(), "administrator".to_owned()),
                ("studio".to_owned(), "provider".to_owned()),
            ],
            party_claim: Some("company".to_owned()),
        }
    }

    #[test]
    fn every_claim_of_an_id_token_is_looked_at() {
        let good = json!({ "iss": "https://idp.example", "aud": "saldo", "exp": 1000, "iat": 900,
                           "nonce": "n", "sub": "s" });
        let all = [
            (json!({}), None),
            (json!({ "iss": "https://idp.example/" }), Some("iss")),
            (json!({ "aud": "other" }), Some("aud")),
            (json!({ "aud": ["other", "saldo"] }), Some("azp")),
            (json!({ "aud": ["other", "saldo"], "azp": "saldo" }), None),
            (json!({ "azp": "other" }), Some("azp")),
            (json!({ "exp": 939 }), Some("exp")),
            (json!({ "exp": "1000" }), Some("exp")),
            (json!({ "iat": 1061 }), Some("iat")),
            (json!({ "nonce": "m" }), Some("nonce")),
            (json!({ "nonce": null }), Some("nonce")),
            (json!({ "sub": "" }), Some("sub")),
        ];
        for (change, wrong) in all {
            let mut claims = good.clone();
            let change = change.as_object().cloned().unwrap_or_default();
            claims.as_object_mut().expect("an object").extend(change.clone());
            assert_eq!(wrong_claim(&claims, &settings(), "n", 1000), wrong, "{change:?}");
        }
    }

    #[test]
    fn roles_come_from_the_claim_that_is_mapped() {
        let provider =
            Provider { settings: settings(), secret: String::new(), known: RwLock::default() };
        for (claims, role, party) in [
            (
                json!({ "groups": ["studio", "admins"], "company": "x" }),
                Some("administrator"),
                None,
            ),
            (json!({ "groups": "admins" }), Some("administrator"), None),
            (json!({ "groups": ["studio"], "company": "x" }), Some("provider"), Some("x")),
            (json!({ "groups": ["studio"] }), None, None),
            (json!({ "groups": ["others"] }), None, None),
            (json!({ "groups": [1] }), None, None),
            (json!({}), None, None),
        ] {
            let found = provider.session("house".to_owned(), &claims, 0).ok();
            let found_role = found.as_ref().map(|session| session.role.as_str());
            assert_eq!(found_role, role, "{claims}");
            assert_eq!(found.as_ref().and_then(|s| s.party.as_deref()), party, "{claims}");
        }
    }
}
