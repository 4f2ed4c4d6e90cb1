//! Requests over HTTP, with a key.

use super::{Answered, Asked, Carrier, ClientError, Trust};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{Method, Request};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

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
    pub(super) fn new(base: &str, key: &str, trust: &Trust) -> Result<Self, ClientError> {
        let base = base.trim_end_matches('/').to_owned();
        let known = base.strip_prefix("http://").or_else(|| base.strip_prefix("https://"));
        if known.is_none_or(|host| host.is_empty() || host.contains(['?', '#', ' '])) {
            let what = format!("`{base}` is no address such as https://saldo.example");
            return Err(ClientError::Unreached(what));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
        if let Some(pem) = &trust.service {
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates(pem)?));
        }
        if let Some((chain, key)) = &trust.own {
            let key = PrivateKey::from_pem(key)
                .map_err(|error| ClientError::Strange(format!("a private key: {error}")))?;
            let own = ClientCert::new_with_certs(&certificates(chain)?, key);
            tls = tls.client_cert(Some(own));
        }
        let tls = tls.build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A key goes to nobody but whom it was given for.
            .max_redirects(0)
            .timeout_global(Some(ANSWER_WAIT))
            .tls_config(tls);
        Ok(Self { agent: config.build().into(), base, key: key.trim().to_owned() })
    }
}

/// The certificates of a PEM file.
fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, ClientError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| ClientError::Strange(format!("a certificate: {error}")))?;
    if found.is_empty() {
        return Err(ClientError::Strange("no certificate is where one must be".to_owned()));
    }
    Ok(found.iter().map(|der| Certificate::from_der(der).to_owned()).collect())
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
