//! A client of the service for Rust programs: asks, sends what may be sent again when an answer is
//! lost, and gives refusals as the problems that they are.
//!
//! ```no_run
//! use api::client::{Client, Query};
//! use api::status::Status;
//!
//! # fn main() -> Result<(), api::client::ClientError> {
//! let client = Client::new("https://saldo.example", "saldo_key.house.…")?;
//! let status: Status = client.get("/v1/status", &Query::new())?;
//! client.events("feed-a", "application/x-ndjson", b"{\"id\":\"t-1\"}\n", "applied")?;
//! # Ok(())
//! # }
//! ```

use crate::Problem;
use crate::address::escaped;
use crate::events::Accepted;
use crate::figures::Page;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use ureq::http::{Method, Request, Response};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body};

/// How often something is sent that may be sent again.
const ATTEMPTS: u32 = 6;
/// How long is waited for a whole answer.
const ANSWER_WAIT: Duration = Duration::from_mins(2);
/// The first pause between two attempts, where the service does not say; each further one is twice
/// as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause that the service can ask for.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Most bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 1 << 30;

/// Who asks, and whom.
pub struct Client {
    agent: Agent,
    base: String,
    key: String,
}

/// Why there is no answer of use.
#[derive(Debug)]
pub enum ClientError {
    /// The service refused.
    Refused(Box<Problem>),
    /// It was not reached, or hung up: what was asked and why.
    Unreached(String),
    /// It answered something else than what was asked for.
    Strange(String),
}

impl Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(problem) => write!(f, "{}: {}", problem.title, problem.detail),
            Self::Unreached(what) | Self::Strange(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ClientError {}

/// The fields of a query, escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(String);

impl Query {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a field more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.0.push(if self.0.is_empty() { '?' } else { '&' });
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(&escaped(&value.to_string()));
        self
    }

    /// With a field more where there is a value.
    #[must_use]
    pub fn maybe(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Client {
    /// A client of the service at `base` (`http://127.0.0.1:7400`) with a key's text.
    ///
    /// # Errors
    /// [`ClientError::Unreached`] where `base` is no address of HTTP.
    pub fn new(base: &str, key: &str) -> Result<Self, ClientError> {
        let base = base.trim_end_matches('/').to_owned();
        let known = base.strip_prefix("http://").or_else(|| base.strip_prefix("https://"));
        if known.is_none_or(|host| host.is_empty() || host.contains(['?', '#', ' '])) {
            let what = format!("`{base}` is no address such as https://saldo.example");
            return Err(ClientError::Unreached(what));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A key goes to nobody but whom it was given for.
            .max_redirects(0)
            .timeout_global(Some(ANSWER_WAIT))
            .tls_config(tls);
        Ok(Self { agent: config.build().into(), base, key: key.trim().to_owned() })
    }

    /// A document.
    ///
    /// # Errors
    /// A refusal; no answer, or another one.
    pub fn get<T: DeserializeOwned>(&self, path: &str, query: &Query) -> Result<T, ClientError> {
        read(&self.bytes(path, query, "application/json")?)
    }

    /// The bytes of an answer in a media type.
    ///
    /// # Errors
    /// A refusal; no answer.
    pub fn bytes(&self, path: &str, query: &Query, accept: &str) -> Result<Vec<u8>, ClientError> {
        let path = format!("{path}{}", query.0);
        again(&|| self.send(&Method::GET, &path, &[("accept", accept.to_owned())], &[]))
    }

    /// Every item of a list, page by page, at most `most` of them.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn all<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &Query,
        most: usize,
    ) -> Result<Vec<T>, ClientError> {
        let (mut items, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = query.clone().maybe("after", after.as_ref());
            let page: Page<T> = self.get(path, &page.with("limit", most.clamp(1, 1000)))?;
            items.extend(page.items);
            after = page.next;
            if after.is_none() || items.len() >= most {
                items.truncate(most);
                return Ok(items);
            }
        }
    }

    /// Gives a command under a key of its own (`Idempotency-Key`): with it the command is given
    /// once, however often the answer is lost.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn command<T: DeserializeOwned>(
        &self,
        path: &str,
        once: &str,
        document: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(document)
            .map_err(|error| ClientError::Strange(format!("the document of {path}: {error}")))?;
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("idempotency-key", format!("\"{once}\"")),
        ];
        read(&again(&|| self.send(&Method::POST, path, &headers, &body))?)
    }

    /// Takes something away.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn delete(&self, path: &str, once: &str) -> Result<(), ClientError> {
        let headers = [("idempotency-key", format!("\"{once}\""))];
        again(&|| self.send(&Method::DELETE, path, &headers, &[])).map(|_| ())
    }

    /// Brings events of a source in; `wait` is `accepted` or `applied`. Sent again when the answer
    /// is lost: an event counts once.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn events(
        &self,
        source: &str,
        media: &str,
        body: &[u8],
        wait: &str,
    ) -> Result<Accepted, ClientError> {
        let query = Query::new().with("wait", wait);
        let path = format!("/v1/sources/{}/events{}", escaped(source), query.0);
        let digest = STANDARD.encode(Sha256::digest(body));
        let send = || {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let headers = [
                ("content-type", media.to_owned()),
                ("content-digest", format!("sha-256=:{digest}:")),
                ("saldo-timestamp", now.as_secs().to_string()),
            ];
            self.send(&Method::POST, &path, &headers, body)
        };
        read(&again(&send)?)
    }

    fn send(&self, method: &Method, path: &str, headers: &[(&str, String)], body: &[u8]) -> Sent {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        request = request.header("authorization", format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let asked = format!("{method} {}{path}", self.base);
        let strange = |what: &dyn Display| ClientError::Strange(format!("{asked}: {what}"));
        let answer = if method == Method::POST {
            request.body(body).map(|request| self.agent.run(request))
        } else {
            request.body(()).map(|request| self.agent.run(request))
        };
        match answer {
            Err(error) => Sent::Failed(strange(&error)),
            Ok(Err(error)) => {
                Sent::Later(ClientError::Unreached(format!("{asked}: {error}")), None)
            }
            Ok(Ok(answer)) => answered(answer, &strange),
        }
    }
}

/// Sends until there is an answer that another attempt would not change.
fn again(send: &dyn Fn() -> Sent) -> Result<Vec<u8>, ClientError> {
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let (error, wait) = match send() {
            Sent::Done(bytes) => return Ok(bytes),
            Sent::Failed(error) => return Err(error),
            Sent::Later(error, wait) => (error, wait.unwrap_or(pause).min(PAUSE_MAX)),
        };
        if attempt == ATTEMPTS {
            return Err(error);
        }
        std::thread::sleep(wait);
        pause *= 2;
    }
    unreachable!("the attempts come to an end")
}

/// What an attempt came to.
enum Sent {
    Done(Vec<u8>),
    Failed(ClientError),
    /// Another attempt may go well, after so long where the service says so.
    Later(ClientError, Option<Duration>),
}

fn answered(mut answer: Response<Body>, strange: &dyn Fn(&dyn Display) -> ClientError) -> Sent {
    let status = answer.status();
    let after = answer.headers().get("retry-after");
    let after = after.and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let bytes = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return Sent::Later(strange(&error), None),
    };
    if status.is_success() {
        return Sent::Done(bytes);
    }
    let refused = match serde_json::from_slice(&bytes) {
        Ok(problem) => ClientError::Refused(Box::new(problem)),
        Err(_) => strange(&format!("answered with {status} and no problem document")),
    };
    let in_flight = matches!(&refused, ClientError::Refused(problem)
        if problem.code == crate::code::IN_FLIGHT.code);
    match status.as_u16() {
        429 | 503 => Sent::Later(refused, after),
        _ if in_flight => Sent::Later(refused, after),
        _ => Sent::Failed(refused),
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ClientError> {
    serde_json::from_slice(bytes)
        .map_err(|error| ClientError::Strange(format!("the answer is not as documented: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_put_together() {
        let query = Query::new().with("a", 1).maybe("b", None::<u8>).maybe("c", Some("x y"));
        assert_eq!(query, Query("?a=1&c=x%20y".to_owned()));
    }

    #[test]
    fn addresses_that_are_none() {
        for (base, sound) in [
            ("http://127.0.0.1:7400", true),
            ("https://saldo.example/", true),
            ("saldo.example", false),
            ("ftp://saldo.example", false),
            ("http://", false),
            ("http://a?b", false),
        ] {
            assert_eq!(Client::new(base, "key").is_ok(), sound, "{base}");
        }
    }
}
