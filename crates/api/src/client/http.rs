//! Requests over HTTP, with a key.

use super::{Answered, Asked, Carrier, ClientError};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{Method, Request};
use ureq::tls::TlsConfig;

/// How long is waited for a whole answer.
const ANSWER_WAIT: Duration = Duration::from_mins(2);
/// Most bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 1 << 30;

/// A service that is reached over HTTP.
pub(super) struct Http {
    agent: Agent,
    base: String,
    key: String,
}

impl Http {
    /// The service at `base` (`http://127.0.0.1:7400`), asked with a key's text.
    pub(super) fn new(base: &str, key: &str) -> Result<Self, ClientError> {
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
}

impl Carrier for Http {
    fn carry(&self, request: &Asked<'_>) -> Result<Answered, ClientError> {
        let Asked { method, path, headers, body } = *request;
        let asked = format!("{method} {}{path}", self.base);
        let strange = |what: &dyn Display| ClientError::Strange(format!("{asked}: {what}"));
        let unreached = |what: &dyn Display| ClientError::Unreached(format!("{asked}: {what}"));
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| strange(&error))?;
        let mut request = Request::builder().method(&method).uri(format!("{}{path}", self.base));
        request = request.header("authorization", format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = if method == Method::GET || method == Method::DELETE {
            request.body(()).map(|request| self.agent.run(request))
        } else {
            request.body(body).map(|request| self.agent.run(request))
        };
        let mut answer =
            answer.map_err(|error| strange(&error))?.map_err(|error| unreached(&error))?;
        let wait = answer.headers().get("retry-after");
        let wait = wait.and_then(|value| value.to_str().ok()?.parse().ok());
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let body = body.map_err(|error| unreached(&error))?;
        let (status, wait) = (answer.status().as_u16(), wait.map(Duration::from_secs));
        Ok(Answered { status, wait, body })
    }
}
