//! TLS by rustls. A certificate that is renewed on disk is used from the next connection on; one
//! that cannot be used is reported, and the one before stays.

use api::code;
use node::NodeError;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{Error, RootCertStore, ServerConfig};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where the certificate is, and whom clients must be certified by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, PEM, the server's own first.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Who certifies clients, PEM; none where they need no certificate.
    pub client_ca: Option<PathBuf>,
}

/// TLS with what its files say now.
pub struct Tls {
    files: TlsFiles,
    state: Mutex<State>,
}

struct State {
    acceptor: TlsAcceptor,
    changed: Vec<Option<SystemTime>>,
    looked: Instant,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`code::BAD_TLS`], with the file.
    pub fn load(files: TlsFiles) -> Result<Self, NodeError> {
        let changed = files.changed();
        let acceptor = files.acceptor()?;
        let state = Mutex::new(State { acceptor, changed, looked: Instant::now() });
        Ok(Self { files, state })
    }

    /// Whether clients need a certificate.
    pub fn asks_clients(&self) -> bool {
        self.files.client_ca.is_some()
    }

    /// What accepts the next connection.
    pub fn acceptor(&self) -> TlsAcceptor {
        let mut state = match self.state.lock() {
            Ok(state) => state,
            Err(poisoned) => poisoned.into_inner(),
        };
        if state.looked.elapsed() >= LOOK_EVERY {
            state.looked = Instant::now();
            let changed = self.files.changed();
            if changed != state.changed {
                state.changed = changed;
                match self.files.acceptor() {
                    Ok(acceptor) => {
                        state.acceptor = acceptor;
                        tracing::info!("tls: renewed files are used from now on");
                    }
                    Err(error) => {
                        let what = error.to_string();
                        tracing::error!(error.code = error.code(), error.message = what, "tls");
                    }
                }
            }
        }
        state.acceptor.clone()
    }
}

impl TlsFiles {
    /// When each was written last.
    fn changed(&self) -> Vec<Option<SystemTime>> {
        let files = [Some(&self.cert), Some(&self.key), self.client_ca.as_ref()];
        let time = |path: &PathBuf| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
        files.into_iter().flatten().map(time).collect()
    }

    fn acceptor(&self) -> Result<TlsAcceptor, NodeError> {
        let bad = |path: &Path, what: String| {
            NodeError::said(code::BAD_TLS, format!("{}: {what}", path.display()))
        };
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(&self.cert, error.to_string()))?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for root in certificates(path)? {
                    roots.add(root).map_err(|error| bad(path, error.to_string()))?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                let verifier = verifier.build().map_err(|error| bad(path, error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| bad(&self.key, error.to_string()))?;
        let chain = certificates(&self.cert)?;
        let mut config = builder.with_single_cert(chain, key).map_err(|error| match error {
            Error::InconsistentKeys(_) => {
                let (cert, key) = (self.cert.display(), self.key.display());
                NodeError::said(code::BAD_TLS, format!("{key} is not the key of {cert}"))
            }
            other => bad(&self.cert, other.to_string()),
        })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NodeError> {
    let bad = |what: String| NodeError::said(code::BAD_TLS, format!("{}: {what}", path.display()));
    let found = CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))?;
    let found: Result<Vec<_>, _> = found.collect();
    let found = found.map_err(|error| bad(error.to_string()))?;
    if found.is_empty() {
        return Err(bad("no certificate is in it".to_owned()));
    }
    Ok(found)
}
