//! Real connections: over TLS, slow ones, too large ones, and the end.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use server::listen::{Bounds, serve};
use server::tls::{Tls, TlsFiles};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::Served;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

struct Listening {
    address: String,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
    _served: Served,
}

async fn listening(tls: Option<TlsFiles>, bounds: Bounds) -> Listening {
    let served = Served::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (stop, told) = oneshot::channel();
    let mut app = served.app.clone();
    app.tls = tls.is_some();
    let tls = tls.map(|files| Arc::new(Tls::load(files).unwrap()));
    let stopped = async move {
        let _ = told.await;
    };
    let ended = tokio::spawn(serve(listener, app.router(), tls, bounds, stopped));
    Listening { address, stop, ended, _served: served }
}

fn quick() -> Bounds {
    Bounds { headers: Duration::from_millis(400), ..Bounds::default() }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

async fn answer(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &[u8]) -> String {
    // What is cut off while it is written is seen in what comes back.
    let _ = stream.write_all(request).await;
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_slow_or_large_request_gets_no_place_for_long() {
    let listening = listening(None, quick()).await;
    let large = format!("GET /healthz HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(200_000));
    let many = (0..120).map(|at| format!("x-{at}: 1\r\n")).collect::<Vec<_>>().concat();
    let many = format!("GET /healthz HTTP/1.1\r\n{many}\r\n");
    for (what, request, said) in [
        ("a whole request", ASK, "HTTP/1.1 200"),
        ("nothing", b"".as_slice(), ""),
        ("half a request", b"GET /healthz HTT", ""),
        ("headers without end", b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: ", ""),
        ("half the beginning of version 2", b"PRI * HTTP/2", ""),
        ("too large headers", large.as_bytes(), "HTTP/1.1 431"),
        ("too many headers", many.as_bytes(), "HTTP/1.1 431"),
        (
            "two hosts",
            b"GET /healthz HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n",
            "HTTP/1.1 400",
        ),
    ] {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(&listening.address).await.unwrap();
        let text = answer(&mut stream, request).await;
        assert!(text.starts_with(said), "{what}: {text}");
        assert_eq!(text.is_empty(), said.is_empty(), "{what}: {text}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{what}");
    }
}

#[tokio::test]
async fn connections_are_bounded_in_number_and_the_next_one_waits() {
    let bounds = Bounds { connections: 2, ..quick() };
    let listening = listening(None, bounds).await;
    let held = [
        TcpStream::connect(&listening.address).await.unwrap(),
        TcpStream::connect(&listening.address).await.unwrap(),
    ];
    let begun = Instant::now();
    let mut third = TcpStream::connect(&listening.address).await.unwrap();
    let text = answer(&mut third, ASK).await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(begun.elapsed() >= Duration::from_millis(200), "a place was free at once");
    drop(held);
}

#[tokio::test]
async fn the_end_finishes_what_is_under_way() {
    let listening = listening(None, Bounds::default()).await;
    let mut stream = TcpStream::connect(&listening.address).await.unwrap();
    stream.write_all(b"POST /oauth2/token HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    stream.write_all(b"content-length: 4\r\n\r\nab").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    listening.stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(TcpStream::connect(&listening.address).await.is_err(), "nobody new is taken");
    let text = answer(&mut stream, b"cd").await;
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
    listening.ended.await.unwrap();
}

#[tokio::test]
async fn one_address_has_no_more_than_its_share_of_connections() {
    let bounds = Bounds { of_one: 2, headers: Duration::from_secs(5), ..Bounds::default() };
    let listening = listening(None, bounds).await;
    let one = TcpStream::connect(&listening.address).await.unwrap();
    let two = TcpStream::connect(&listening.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut third = TcpStream::connect(&listening.address).await.unwrap();
    assert_eq!(answer(&mut third, ASK).await, "", "closed at once");
    drop((one, two));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut next = TcpStream::connect(&listening.address).await.unwrap();
    assert!(answer(&mut next, ASK).await.starts_with("HTTP/1.1 200"), "a place is free again");
}

async fn connect(address: &str, client: Option<&str>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(fixture("ca.pem")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match client {
        None => config.with_no_client_auth(),
        Some(name) => {
            let chain =
                vec![CertificateDer::from_pem_file(fixture(&format!("{name}.pem"))).unwrap()];
            let key = PrivateKeyDer::from_pem_file(fixture(&format!("{name}.key"))).unwrap();
            config.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let peer = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
    let mut text = answer(&mut stream, ASK).await;
    for name in ["one", "two"] {
        let pem = CertificateDer::from_pem_file(fixture(&format!("{name}.pem"))).unwrap();
        if pem == peer {
            text = format!("{name} {text}");
        }
    }
    Ok(text)
}

#[tokio::test]
async fn a_renewed_certificate_is_used_and_a_broken_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let files = TlsFiles {
        cert: dir.path().join("cert.pem"),
        key: dir.path().join("key.pem"),
        client_ca: None,
    };
    let put = |name: &str| {
        std::fs::copy(fixture(&format!("{name}.pem")), &files.cert).unwrap();
        std::fs::copy(fixture(&format!("{name}.key")), &files.key).unwrap();
    };
    put("one");
    let listening = listening(Some(files.clone()), Bounds::default()).await;
    let text = connect(&listening.address, None).await.unwrap();
    assert!(text.starts_with("one HTTP/1.1 200"), "{text}");
    assert!(text.contains("strict-transport-security: max-age="), "{text}");
    put("two");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(connect(&listening.address, None).await.unwrap().starts_with("two HTTP/1.1 200"));
    std::fs::write(&files.cert, "no certificate").unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(connect(&listening.address, None).await.unwrap().starts_with("two HTTP/1.1 200"));
    let error = Tls::load(files).err().unwrap();
    assert_eq!(error.code(), "E8038");
}

#[tokio::test]
async fn where_clients_must_be_certified_no_other_is_answered() {
    let files = TlsFiles {
        cert: fixture("one.pem"),
        key: fixture("one.key"),
        client_ca: Some(fixture("ca.pem")),
    };
    let listening = listening(Some(files), Bounds::default()).await;
    let text = connect(&listening.address, Some("client")).await.unwrap();
    assert!(text.starts_with("one HTTP/1.1 200"), "{text}");
    // In version 1.3 the client learns it when it reads.
    let text = connect(&listening.address, None).await.unwrap_or_default();
    assert!(!text.contains("HTTP/1.1"), "{text}");
    let mut plain = TcpStream::connect(&listening.address).await.unwrap();
    assert!(!answer(&mut plain, ASK).await.contains("HTTP/1.1 200"));
}
