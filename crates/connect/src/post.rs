//! One delivery over the network: resolve, check, connect, TLS, POST, answer. Redirects are not
//! followed, and no more of an answer is read than its status.

use crate::guard::{self, Refused};
use crate::target::Target;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Most bytes of an answer that are read, so that its connection can be used again.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// Connections that are kept open to one endpoint.
const IDLE_MAX: usize = 8;
/// How long an unused one is kept: less than most servers do.
const IDLE_FOR: Duration = Duration::from_secs(20);

/// Why a delivery did not get an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The name leads nowhere.
    Unknown,
    /// An address of it may not be called.
    Private(std::net::IpAddr),
    /// No connection: refused, or not in time.
    Connect(String),
    /// No TLS: a wrong certificate, or no TLS there.
    Tls(String),
    /// No answer in time.
    Timeout,
    /// The connection broke, or what came was no answer.
    Broken(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("the name leads nowhere"),
            Self::Private(address) => write!(f, "{address} may not be called: it is private"),
            Self::Connect(why) => write!(f, "no connection: {why}"),
            Self::Tls(why) => write!(f, "no TLS: {why}"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Broken(why) => write!(f, "no answer: {why}"),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown => Self::Unknown,
            Refused::Address(address) => Self::Private(address),
        }
    }
}

/// What an endpoint answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// How long it asks to be left alone.
    pub retry_after: Option<Duration>,
}

type Sender = SendRequest<Full<Bytes>>;

/// Calls endpoints.
#[derive(Clone, Debug)]
pub struct Client {
    tls: Arc<ClientConfig>,
    allow_private: bool,
    connect_within: Duration,
    answer_within: Duration,
}

/// Connections to one endpoint that are open and unused.
#[derive(Clone, Debug, Default)]
pub struct Idle(Arc<Mutex<Vec<(Sender, Instant)>>>);

impl Idle {
    fn take(&self) -> Option<Sender> {
        let mut kept = self.0.lock();
        kept.retain(|(sender, since)| sender.is_ready() && since.elapsed() < IDLE_FOR);
        kept.pop().map(|(sender, _)| sender)
    }

    fn put(&self, sender: Sender) {
        let mut kept = self.0.lock();
        if kept.len() < IDLE_MAX && !sender.is_closed() {
            kept.push((sender, Instant::now()));
        }
    }
}

impl Client {
    /// A client that trusts the public certification authorities, and these certificates beside
    /// them.
    ///
    /// # Errors
    /// When a certificate is none.
    pub fn new(
        allow_private: bool,
        also_trusted: Vec<CertificateDer<'static>>,
    ) -> Result<Self, String> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in also_trusted {
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: Arc::new(config),
            allow_private,
            connect_within: Duration::from_secs(5),
            answer_within: Duration::from_secs(15),
        })
    }

    /// The same with other bounds for connecting and for the answer.
    #[must_use]
    pub fn within(self, connect: Duration, answer: Duration) -> Self {
        Self { connect_within: connect, answer_within: answer, ..self }
    }

    /// Sends one message and waits for the status of the answer.
    ///
    /// # Errors
    /// [`Failure`]: it may have arrived all the same.
    pub async fn post(
        &self,
        target: &Target,
        idle: &Idle,
        headers: &[(HeaderName, String)],
        body: &Bytes,
    ) -> Result<Answer, Failure> {
        if let Some(sender) = idle.take() {
            let sent = self.send(sender, target, idle, headers, body).await;
            // The connection was closed before anything was sent on it: another one may serve.
            if !matches!(&sent, Err((_, true))) {
                return sent.map_err(|(failure, _)| failure);
            }
        }
        let sender = timeout(self.connect_within, self.connect(target)).await;
        let sender = sender.map_err(|_| Failure::Connect("not in time".to_owned()))??;
        let sent = self.send(sender, target, idle, headers, body).await;
        sent.map_err(|(failure, _)| failure)
    }

    async fn connect(&self, target: &Target) -> Result<Sender, Failure> {
        let addresses = guard::resolve(target, self.allow_private).await?;
        // To the addresses that were checked: the name is not asked for again.
        let stream = TcpStream::connect(addresses.as_slice()).await;
        let stream = stream.map_err(|error| Failure::Connect(error.to_string()))?;
        stream.set_nodelay(true).map_err(|error| Failure::Connect(error.to_string()))?;
        if !target.tls {
            return handshake(stream).await;
        }
        let name = ServerName::try_from(target.host.clone());
        let name = name.map_err(|error| Failure::Tls(error.to_string()))?;
        let connected = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await;
        handshake(connected.map_err(|error| Failure::Tls(error.to_string()))?).await
    }

    /// Sends on a connection; where it fails, whether nothing at all was sent.
    async fn send(
        &self,
        mut sender: Sender,
        target: &Target,
        idle: &Idle,
        headers: &[(HeaderName, String)],
        body: &Bytes,
    ) -> Result<Answer, (Failure, bool)> {
        let request = request(target, headers, body).map_err(|failure| (failure, false))?;
        let exchange = async {
            let answer = sender.send_request(request).await;
            let answer = answer
                .map_err(|error| (Failure::Broken(error.to_string()), error.is_canceled()))?;
            let retry_after = answer.headers().get(header::RETRY_AFTER);
            let seconds = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
            let found =
                Answer { status: answer.status(), retry_after: seconds.map(Duration::from_secs) };
            let rest = Limited::new(answer.into_body(), ANSWER_BYTES_MAX);
            // Whatever it says beyond its status is not looked at; a long one ends the connection.
            let is_whole = rest.collect().await.is_ok();
            Ok((found, is_whole))
        };
        let done = timeout(self.answer_within, exchange).await;
        let (found, is_whole) = done.map_err(|_| (Failure::Timeout, false))??;
        if is_whole {
            idle.put(sender);
        }
        Ok(found)
    }
}

fn request(
    target: &Target,
    headers: &[(HeaderName, String)],
    body: &Bytes,
) -> Result<Request<Full<Bytes>>, Failure> {
    let wrong = |error: &dyn fmt::Display| Failure::Broken(error.to_string());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&target.path)
        .header(header::HOST, &target.authority)
        .body(Full::new(body.clone()))
        .map_err(|error| wrong(&error))?;
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(|error| wrong(&error))?;
        request.headers_mut().insert(name.clone(), value);
    }
    Ok(request)
}

async fn handshake<S>(stream: S) -> Result<Sender, Failure>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| Failure::Broken(error.to_string()))?;
    tokio::spawn(async move {
        // How it ended is told to whoever waits for an answer on it.
        let _ = connection.await;
    });
    Ok(sender)
}
