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

mod http;

use crate::address::escaped;
use crate::events::Accepted;
use crate::figures::Page;
use crate::schemas::RegistryError;
use crate::{Problem, code};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Display};
use std::time::{Duration, SystemTime};

/// How often something is sent that may be sent again.
const ATTEMPTS: u32 = 6;
/// The first pause between two attempts, where the service does not say; each further one is twice
/// as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause that the service can ask for.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Who asks, and whom.
pub struct Client {
    carrier: Box<dyn Carrier>,
}

/// Whom a client believes over TLS, and what it shows.
#[derive(Clone, Default)]
pub struct Trust {
    /// Who certifies the service, PEM; where there is none, the public authorities.
    pub service: Option<Vec<u8>>,
    /// The client's own chain and private key, PEM.
    pub own: Option<(Vec<u8>, Vec<u8>)>,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

/// What takes a request to a service and brings its answer: HTTP, or what stands for it where the
/// service is in the same process.
pub trait Carrier {
    /// Asks once; `method` is in capitals, `path` has its query.
    ///
    /// # Errors
    /// [`ClientError::Unreached`] where another attempt may be answered, [`ClientError::Strange`]
    /// where none would.
    fn carry(&self, request: &Asked<'_>) -> Result<Answered, ClientError>;
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The path, with the query.
    pub path: &'a str,
    /// Headers beside the credential.
    pub headers: &'a [(&'static str, String)],
    /// The body.
    pub body: &'a [u8],
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// How long the service says one should wait.
    pub wait: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
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
        Self::trusting(base, key, &Trust::default())
    }

    /// The same where not the public authorities certify the service, or where it wants to see a
    /// certificate.
    ///
    /// # Errors
    /// As [`Client::new`]; [`ClientError::Strange`] for PEM that cannot be read.
    pub fn trusting(base: &str, key: &str, trust: &Trust) -> Result<Self, ClientError> {
        Ok(Self::over(http::Http::new(base, key, trust)?))
    }

    /// A client whose requests are carried by something else.
    pub fn over(carrier: impl Carrier + 'static) -> Self {
        Self { carrier: Box::new(carrier) }
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
        self.again("GET", &path, &[("accept", accept.to_owned())], &[])
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
        self.behind(path, query, None, most)
    }

    /// The same from a cursor on.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn behind<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &Query,
        mut after: Option<String>,
        most: usize,
    ) -> Result<Vec<T>, ClientError> {
        let mut items = Vec::new();
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
        self.once("POST", path, once, document)
    }

    /// Takes something away.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn delete(&self, path: &str, once: &str) -> Result<(), ClientError> {
        let headers = [("idempotency-key", format!("\"{once}\""))];
        self.again("DELETE", path, &headers, &[]).map(|_| ())
    }

    /// Changes a thing (`PATCH`) under a key of its own, as [`Client::command`] does.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        once: &str,
        document: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.once("PATCH", path, once, document)
    }

    fn once<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        once: &str,
        document: &impl Serialize,
    ) -> Result<T, ClientError> {
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("idempotency-key", format!("\"{once}\"")),
        ];
        read(&self.again(method, path, &headers, &written(path, document)?)?)
    }

    /// Changes something that takes no `Idempotency-Key`: `PUT`, `PATCH` and `DELETE` come to the
    /// same when they are sent again; a `POST` is sent again only where it surely was not carried
    /// out. No document, no body.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn change<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        document: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let body = document.map(|document| written(path, document)).transpose()?;
        let headers = [("content-type", "application/json".to_owned())];
        let headers: &[_] = if body.is_some() { &headers } else { &[] };
        let body = body.unwrap_or_default();
        let send = || {
            let sent = self.send(&Asked { method, path, headers, body: &body });
            match sent {
                // It may have been carried out.
                Sent::Later(error @ ClientError::Unreached(_), _) if method == "POST" => {
                    Sent::Failed(error)
                }
                sent => sent,
            }
        };
        let answer = again(&send)?;
        // An answer without a body says nothing.
        read(if answer.is_empty() { b"null" } else { &answer })
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
            self.send(&Asked { method: "POST", path: &path, headers: &headers, body })
        };
        read(&again(&send)?)
    }

    fn again(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
    ) -> Result<Vec<u8>, ClientError> {
        again(&|| self.send(&Asked { method, path, headers, body }))
    }

    fn send(&self, asked: &Asked<'_>) -> Sent {
        match self.carrier.carry(asked) {
            Ok(answer) => answered(answer, asked),
            Err(error @ ClientError::Unreached(_)) => Sent::Later(error, None),
            Err(error) => Sent::Failed(error),
        }
    }
}

fn written(path: &str, document: &impl Serialize) -> Result<Vec<u8>, ClientError> {
    let written = serde_json::to_vec(document);
    written.map_err(|error| ClientError::Strange(format!("the document of {path}: {error}")))
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

fn answered(Answered { status, wait, body }: Answered, asked: &Asked<'_>) -> Sent {
    if (200..300).contains(&status) {
        return Sent::Done(body);
    }
    let refused = match serde_json::from_slice(&body).ok().or_else(|| of_registry(status, &body)) {
        Some(problem) => ClientError::Refused(Box::new(problem)),
        None => ClientError::Strange(format!(
            "{} {}: answered with {status} and no problem document",
            asked.method, asked.path
        )),
    };
    let in_flight = matches!(&refused, ClientError::Refused(problem)
        if problem.code == code::IN_FLIGHT.code);
    match status {
        429 | 503 => Sent::Later(refused, wait),
        _ if in_flight => Sent::Later(refused, wait),
        _ => Sent::Failed(refused),
    }
}

/// A refusal of the schema registry, whose message ends with the stable code: `… (E8060)`.
fn of_registry(status: u16, body: &[u8]) -> Option<Problem> {
    let RegistryError { message, .. } = serde_json::from_slice(body).ok()?;
    let (detail, code) = message.strip_suffix(')')?.rsplit_once(" (")?;
    let page = code::CODES.iter().find(|page| page.code == code)?;
    Some(Problem { status, ..Problem::of(page, detail) })
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
    fn refusals_of_the_registry_are_problems() {
        let body = br#"{"error_code":40401,"message":"Subject 'x' not found. (E8060)"}"#;
        let problem = of_registry(404, body).unwrap();
        assert_eq!((problem.code.as_str(), problem.status), ("E8060", 404));
        assert_eq!(problem.detail, "Subject 'x' not found.");
        for other in [&b"{}"[..], b"no", br#"{"error_code":1,"message":"x (E0000)"}"#] {
            assert!(of_registry(404, other).is_none());
        }
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
