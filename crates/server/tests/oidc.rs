//! Signing in by a real `OpenID` provider (the npm package `oidc-provider`), without a browser: the
//! redirects and forms of its pages are followed here.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::body::Body;
use axum::http::Request;
use node::config::Oidc;
use server::oidc::Providers;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use support::{OPERATOR, Served};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

const OWN: &str = "http://127.0.0.1:7400";
/// Most redirects and forms of one sign-in.
const STEPS_MAX: usize = 20;

struct Provider {
    process: Child,
    issuer: String,
    /// Kept open: a process that nobody listens to ends when it says something.
    _told: Option<BufReader<ChildStdout>>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts the provider, where node and the package are on this machine.
fn provider() -> Option<Provider> {
    let var = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = var("XDG_CACHE_HOME").or_else(|| Some(var("HOME")?.join(".cache")))?;
    let modules = cache.join("saldo/npm/node_modules");
    if !modules.join("oidc-provider").is_dir() {
        println!(
            "ignored: no oidc-provider; `npm install --prefix {} oidc-provider@9` brings it",
            cache.join("saldo/npm").display()
        );
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/oidc.mjs");
    let mut command = Command::new("node");
    command.arg(script).arg(&modules).arg(format!("{OWN}/auth/callback"));
    let started = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut process) = started else {
        println!("ignored: node is not here; it is at https://nodejs.org");
        return None;
    };
    let mut issuer = String::new();
    let mut told = BufReader::new(process.stdout.take().unwrap());
    told.read_line(&mut issuer).unwrap();
    Some(Provider { process, issuer: issuer.trim().to_owned(), _told: Some(told) })
}

/// An operator whose people sign in there.
fn served(provider: &Provider, secret: &Path) -> Served {
    let mut served = Served::new();
    let role = |group: &str, role: &str| (group.to_owned(), role.to_owned());
    let settings = Oidc {
        issuer: provider.issuer.clone(),
        client_id: "saldo".to_owned(),
        client_secret_file: secret.to_owned(),
        scope: "openid".to_owned(),
        roles_claim: "groups".to_owned(),
        roles: vec![role("settlement-admins", "administrator"), role("studio", "provider")],
        party_claim: Some("company".to_owned()),
    };
    let settings = BTreeMap::from([(OPERATOR.to_owned(), settings)]);
    served.app.providers = Arc::new(Providers::new(&settings).unwrap());
    served
}

/// Asks Saldo: status, the headers of this name, body.
async fn ask(served: &Served, path: &str, cookie: &str, name: &str) -> (u16, Vec<String>, String) {
    let request = Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap();
    let answer = served.app.clone().router().oneshot(request).await.unwrap();
    let all = answer.headers().get_all(name).iter();
    let found = all.map(|value| value.to_str().unwrap().to_owned()).collect();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, found, String::from_utf8(body.to_vec()).unwrap())
}

fn pair(set: &str) -> String {
    set.split(';').next().unwrap().to_owned()
}

/// One request to the provider: status, where it leads, its text; cookies are kept.
async fn step(
    address: &str,
    form: Option<&str>,
    cookies: &mut BTreeMap<String, String>,
) -> (u16, Option<String>, String) {
    let rest = address.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let shown: Vec<String> =
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let (method, body) = form.map_or(("GET", ""), |form| ("POST", form));
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        shown.join("; "),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // A connection that is cut off after the answer has answered.
    let (mut bytes, mut part) = (Vec::new(), [0; 8192]);
    while let Ok(count @ 1..) = stream.read(&mut part).await {
        bytes.extend_from_slice(&part[..count]);
    }
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut location = None;
    for line in head.lines() {
        let Some((name, value)) = line.split_once(": ") else { continue };
        match name.to_ascii_lowercase().as_str() {
            "set-cookie" => {
                let kept = pair(value);
                let (name, value) = kept.split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            "location" => location = Some(value.to_owned()),
            _ => {}
        }
    }
    (status, location, body.to_owned())
}

/// Signs `person` in at the provider; where it sends the browser back to.
async fn at_provider(provider: &Provider, begun: String, person: &str) -> String {
    let (mut address, mut cookies) = (begun, BTreeMap::new());
    for _ in 0..STEPS_MAX {
        let (mut status, mut location, body) = step(&address, None, &mut cookies).await;
        if status == 200 {
            let prompt = if body.contains("value=\"login\"") { "login" } else { "consent" };
            let form = format!("prompt={prompt}&login={person}&password=any");
            (status, location, _) = step(&address, Some(&form), &mut cookies).await;
        }
        assert!((300..400).contains(&status), "{status} at {address}: {body}");
        address = location.unwrap();
        if address.starts_with('/') {
            address = format!("{}{address}", provider.issuer);
        }
        if let Some(back) = address.strip_prefix(OWN) {
            return back.to_owned();
        }
    }
    panic!("no way back after {STEPS_MAX} steps: {address}");
}

#[tokio::test]
async fn people_of_the_provider_sign_in_with_the_role_that_is_mapped() {
    let Some(provider) = provider() else { return };
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "a secret: with + and / in it\n").unwrap();
    let served = served(&provider, &secret);
    for (person, status, role, party) in [
        ("kim", 200, "administrator", None),
        ("lee", 200, "provider", Some("studio-0")),
        ("max", 403, "", None),
    ] {
        let (begun, location, _) = ask(&served, "/auth/login", "", "location").await;
        assert_eq!(begun, 303);
        let (_, set, _) = ask(&served, "/auth/login", "", "set-cookie").await;
        let other = pair(&set[0]);
        // A sign-in of its own, begun where its cookie is known.
        let request = Request::get("/auth/login").body(Body::empty()).unwrap();
        let answer = served.app.clone().router().oneshot(request).await.unwrap();
        let text = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let (own, begun) = (pair(&text("set-cookie")), text("location"));
        assert_ne!(begun, location[0], "another state each time");
        let back = at_provider(&provider, begun, person).await;
        let (found, set, body) = ask(&served, &back, &own, "set-cookie").await;
        assert_eq!(found, status, "{person}: {body}");
        let (again, _, body) = ask(&served, &back, &own, "set-cookie").await;
        assert_eq!((again, body.contains("E8037")), (400, true), "used twice: {body}");
        let back = at_provider(&provider, location[0].clone(), person).await;
        let (stolen, _, body) = ask(&served, &back, &other, "set-cookie").await;
        assert_eq!((stolen, body.contains("E8037")), (400, true), "another browser: {body}");
        if status == 200 {
            let cookie = pair(set.iter().find(|set| set.starts_with("saldo_session")).unwrap());
            let (found, _, body) = ask(&served, "/v1/session", &cookie, "x").await;
            let session: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!((found, session["role"].as_str()), (200, Some(role)), "{body}");
            assert_eq!(session["party"].as_str(), party, "{body}");
            assert_eq!(session["name"], format!("{person} of the test"));
            let (found, ..) = ask(&served, "/v1/keys", &cookie, "x").await;
            assert_eq!(found, if role == "administrator" { 200 } else { 403 });
        }
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "x").unwrap();
    for issuer in ["http://127.0.0.1:1", "http://idp.example"] {
        let mut process = Command::new("true").spawn().unwrap();
        process.wait().unwrap();
        let gone = Provider { process, issuer: issuer.to_owned(), _told: None };
        let served = served(&gone, &secret);
        let (status, _, body) = ask(&served, "/auth/login", "", "x").await;
        assert_eq!((status, body.contains("E8036")), (502, true), "{issuer}: {body}");
    }
}
