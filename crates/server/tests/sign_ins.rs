//! Sign-ins are audited: in the Log, in the audit log, in the feed; and nobody fills the Log, nor
//! puts into it what was shown, by trying.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use std::net::SocketAddr;
use support::{OPERATOR, Served};

const PASSWORD: &str = "correct horse battery";
const WRONG: &str = "correct horse batterz";

/// Asks from an address; a header and a body where they are not empty.
async fn ask(
    served: &Served,
    (method, path): (&Method, &str),
    from: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, String) {
    let address = SocketAddr::new(from.parse().unwrap(), 4000);
    let mut request = Request::builder().method(method).uri(path).extension(ConnectInfo(address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (status, headers, _) = served.send(request).await;
    let cookie = headers.get("set-cookie").and_then(|set| set.to_str().ok()).unwrap_or_default();
    (status.as_u16(), cookie.split(';').next().unwrap_or_default().to_owned())
}

async fn sign_in(served: &Served, from: &str, name: &str, password: &str) -> (u16, String) {
    let body = json!({ "name": name, "password": password }).to_string();
    let json = [("content-type", "application/json")];
    ask(served, (&Method::POST, "/v1/session"), from, &json, &body).await
}

/// A person's id.
async fn set_up(served: &Served) -> String {
    let token = served.app.tenant(OPERATOR).unwrap().offer_setup().unwrap().unwrap();
    let body = json!({ "token": token, "name": "kim", "password": PASSWORD }).to_string();
    let (status, made) =
        served.ask(&Method::POST, "/v1/setup", "", "application/json", &body).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

/// Records what was added up, and shows what is in the audit log of sign-ins: who gave it, about.
async fn audited(served: &Served, key: &str) -> Vec<(String, String)> {
    let tenant = served.app.tenant(OPERATOR).unwrap().clone();
    tokio::task::spawn_blocking(move || tenant.record_denials()).await.unwrap().unwrap();
    let (status, page) = served.ask(&Method::GET, "/v1/audit?command=sign-in", key, "", "").await;
    assert_eq!(status, 200, "{page}");
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| (text(item, "by"), text(item, "about"))).collect()
}

/// Shows a key and a client that are known, each with another secret, and such that are not.
async fn try_credentials(served: &Served, (id, client): (&str, &str), here: &str) {
    let key = |id: &str| format!("Bearer saldo_key.house.{id}.{}", "ab".repeat(32));
    for shown in [key(id), key("nobody"), "Bearer rubbish-that-is-shown".to_owned()] {
        let shown = [("authorization", shown.as_str())];
        assert_eq!(ask(served, (&Method::GET, "/v1/status"), here, &shown, "").await.0, 401);
    }
    for id in [client, "house.nobody"] {
        let secret = format!("saldo_secret.{}", "cd".repeat(32));
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let media = [("content-type", "application/x-www-form-urlencoded")];
        let path = (&Method::POST, "/oauth2/token");
        assert_eq!(ask(served, path, here, &media, &form).await.0, 401, "{id}");
    }
}

/// What was shown, and where a known person was, is nowhere.
fn nothing_shown_is_in_the_log(served: &Served) {
    let log = served.dir().join("data/house/log");
    for file in std::fs::read_dir(log).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for shown in ["lee-the-unknown", "rubbish", "batter", "abab", "cdcd", "203.0.113.1", "198"]
        {
            let found = bytes.windows(shown.len()).any(|window| window == shown.as_bytes());
            assert!(!found, "{shown} is in the Log");
        }
    }
}

#[tokio::test]
async fn what_people_and_credentials_tried_is_audited() {
    let served = Served::new();
    let kim = set_up(&served).await;
    let auditor = served.key("auditor", None);
    let id = auditor.split('.').nth(2).unwrap().to_owned();
    let json = json!({ "name": "feeds", "role": "auditor" }).to_string();
    let admin = served.key("administrator", None);
    let (_, client) =
        served.ask(&Method::POST, "/v1/clients", &admin, "application/json", &json).await;
    let client = client["client_id"].as_str().unwrap().to_owned();
    let (known, here, there) = ("198.51.100.9", "203.0.113.1", "203.0.113.200");
    for (name, password, from, status) in [
        ("kim", WRONG, known, 401),
        ("kim", WRONG, known, 401),
        ("lee-the-unknown", WRONG, here, 401),
        ("lee-the-unknown", WRONG, there, 401),
        ("kim", PASSWORD, known, 201),
    ] {
        assert_eq!(sign_in(&served, from, name, password).await.0, status, "{name} {password}");
    }
    let cookie = sign_in(&served, known, "kim", PASSWORD).await.1;
    let own = [("cookie", cookie.as_str()), ("origin", "http://127.0.0.1:7400")];
    assert_eq!(ask(&served, (&Method::DELETE, "/v1/session"), known, &own, "").await.0, 204);
    try_credentials(&served, (&id, &client), here).await;
    let person = format!("person:{kim}");
    let client = client.strip_prefix("house.").unwrap();
    let given = |by: &str, about: String| (by.to_owned(), about);
    let signed = |what: &str| given(&person, format!("1 {what} of {person} by password"));
    let mut found = audited(&served, &auditor).await;
    let mut expected = vec![
        signed("signed-in"),
        signed("signed-in"),
        signed("signed-out"),
        given("saldo", format!("1 failed of client:{client} by client E8030")),
        given("saldo", format!("1 failed of key:{id} by key E8001")),
        given("saldo", format!("2 failed of {person} by password E8034")),
        given(
            "saldo",
            "1 failed of nobody known by client E8030 from 203.0.113.0/24; \
             1 failed of nobody known by key E8001 from 203.0.113.0/24; \
             2 failed of nobody known by password E8034 from 203.0.113.0/24; \
             1 failed of nobody known by token E8001 from 203.0.113.0/24"
                .to_owned(),
        ),
    ];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    nothing_shown_is_in_the_log(&served);
}

#[tokio::test]
async fn a_person_whose_password_is_guessed_is_told_of_as_blocked() {
    let served = Served::new();
    let kim = set_up(&served).await;
    let auditor = served.key("auditor", None);
    let mut statuses = Vec::new();
    for number in 0..12 {
        let from = format!("198.51.100.{number}");
        statuses.push(sign_in(&served, &from, "kim", WRONG).await.0);
    }
    assert_eq!(statuses, [[401; 10].as_slice(), &[429; 2]].concat());
    let told: Vec<String> =
        audited(&served, &auditor).await.into_iter().map(|(_, about)| about).collect();
    let person = format!("person:{kim} by password");
    let blocked = format!("2 blocked of {person} E8008");
    assert_eq!(told, [format!("10 failed of {person} E8034"), blocked]);
}

#[tokio::test]
async fn the_feed_tells_it_to_those_who_see_the_audit_log() {
    let served = Served::new();
    set_up(&served).await;
    sign_in(&served, "198.51.100.9", "kim", WRONG).await;
    let provider = served.key("provider", Some("studio-0"));
    served.ask(&Method::GET, "/v1/keys", &provider, "", "").await;
    let (auditor, finance) = (served.key("auditor", None), served.key("finance", None));
    audited(&served, &auditor).await;
    let types = "types=access.*,token-key.*,schema.*,credential.*";
    for (key, denied, tried, others) in
        [(&auditor, 1, 1, 4), (&finance, 0, 0, 4), (&provider, 0, 0, 0)]
    {
        let path = format!("/v1/changes?{types}");
        let (status, page) = served.ask(&Method::GET, &path, key, "", "").await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        let of = |kind: &str| items.iter().filter(|item| item["type"] == kind).count();
        let counts = (of("access.denied"), of("access.tried"), of("credential.changed"));
        assert_eq!(counts, (denied, tried, others), "{page}");
    }
}
