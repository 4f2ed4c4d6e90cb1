//! People: the first administrator, signing in, sessions and what other sites cannot do with them.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::body::Body;
use axum::http::{Method, Request, Response};
use node::access::person;
use node::clock::now_nanos;
use node::totp;
use serde_json::{Value, json};
use support::{OPERATOR, Served};
use tower::ServiceExt;

const PASSWORD: &str = "correct horse battery";
const OWN: &str = "http://127.0.0.1:7400";

/// Asks with a cookie and an origin, where they are not empty.
async fn ask(
    served: &Served,
    (method, path): (Method, &str),
    (cookie, origin): (&str, &str),
    body: Value,
) -> (u16, Value, Response<()>) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in [("cookie", cookie), ("origin", origin)] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    let body = match body {
        Value::Null => Body::empty(),
        body => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
    };
    let answer = served.app.clone().router().oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let document = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    (parts.status.as_u16(), document, Response::from_parts(parts, ()))
}

async fn set_up(served: &Served, totp: bool) -> Value {
    let token = served.app.tenant(OPERATOR).unwrap().offer_setup().unwrap().unwrap();
    let body = json!({ "token": token, "name": "kim", "password": PASSWORD, "totp": totp });
    let (status, made, _) = ask(served, (Method::POST, "/v1/setup"), ("", ""), body).await;
    assert_eq!(status, 201, "{made}");
    made
}

fn sign_in(password: &str, code: Option<&str>) -> Value {
    json!({ "name": "kim", "password": password, "code": code })
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let served = Served::new();
    let tenant = served.app.tenant(OPERATOR).unwrap();
    let token = tenant.offer_setup().unwrap().unwrap();
    let body = |token: &str, password: &str| {
        let name = "kim";
        json!({ "token": token, "name": name, "password": password })
    };
    let other = token.replace("saldo_setup.house.", "saldo_setup.house.0");
    for (body, status, code) in [
        (body("", PASSWORD), 403, "E8033"),
        (body(&other, PASSWORD), 403, "E8033"),
        (body(&token.replace("house", "nobody"), PASSWORD), 403, "E8033"),
        (body(&token, "too short"), 400, "E8009"),
        (body(&token, PASSWORD), 201, ""),
        (body(&token, PASSWORD), 403, "E8033"),
    ] {
        let (found, answer, _) = ask(&served, (Method::POST, "/v1/setup"), ("", ""), body).await;
        assert_eq!((found, answer["code"].as_str().unwrap_or("")), (status, code), "{answer}");
    }
    assert_eq!(tenant.offer_setup().unwrap(), None, "there is an administrator");
    let served = Served::new();
    let tenant = served.app.tenant(OPERATOR).unwrap();
    let token = tenant.offer_setup().unwrap().unwrap();
    served.key("auditor", None);
    let made = ask(&served, (Method::POST, "/v1/setup"), ("", ""), body(&token, PASSWORD)).await;
    assert_eq!(made.0, 403, "somebody was let in meanwhile: {}", made.1);
}

#[tokio::test]
async fn a_session_is_used_by_pages_of_the_service_only() {
    let served = Served::new();
    set_up(&served, false).await;
    let post = |body| ask(&served, (Method::POST, "/v1/session"), ("", ""), body);
    for (body, code) in [
        (sign_in("correct horse batterz", None), "E8034"),
        (json!({ "name": "lee", "password": PASSWORD }), "E8034"),
        (json!({ "name": "kim", "password": PASSWORD, "operator": "nobody" }), "E8034"),
    ] {
        assert_eq!(post(body).await.1["code"], code);
    }
    let (status, document, answer) = post(sign_in(PASSWORD, None)).await;
    assert_eq!((status, &document["role"]), (201, &json!("administrator")), "{document}");
    let set = answer.headers()["set-cookie"].to_str().unwrap();
    for part in ["saldo_session=", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure"), "no TLS here: {set}");
    let cookie = set.split(';').next().unwrap();
    let new = json!({ "name": "k", "role": "auditor" });
    let wrong = "saldo_session=0";
    for (method, path, cookie, origin, body, status, code) in [
        (Method::GET, "/v1/status", cookie, "", Value::Null, 200, ""),
        (Method::GET, "/v1/session", cookie, "", Value::Null, 200, ""),
        (Method::GET, "/v1/status", wrong, "", Value::Null, 401, "E8001"),
        (Method::POST, "/v1/keys", cookie, "", new.clone(), 403, "E8035"),
        (Method::POST, "/v1/keys", cookie, "https://evil.example", new.clone(), 403, "E8035"),
        (Method::POST, "/v1/keys", cookie, "null", new.clone(), 403, "E8035"),
        (Method::POST, "/v1/keys", cookie, OWN, new.clone(), 201, ""),
        (Method::DELETE, "/v1/session", cookie, "https://evil.example", Value::Null, 403, "E8035"),
        (Method::DELETE, "/v1/session", cookie, OWN, Value::Null, 204, ""),
        (Method::GET, "/v1/status", cookie, "", Value::Null, 401, "E8001"),
    ] {
        let what = format!("{method} {path} from `{origin}`");
        let (found, answer, _) = ask(&served, (method, path), (cookie, origin), body).await;
        let said = answer["code"].as_str().unwrap_or("");
        assert_eq!((found, said), (status, code), "{what}: {answer}");
    }
}

#[tokio::test]
async fn a_session_ends_with_its_person() {
    let served = Served::new();
    let id = set_up(&served, false).await["id"].as_str().unwrap().to_owned();
    let path = (Method::POST, "/v1/session");
    let (_, _, answer) = ask(&served, path, ("", ""), sign_in(PASSWORD, None)).await;
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let gone = format!("/v1/keys/{id}");
    let revoked = ask(&served, (Method::DELETE, &gone), (cookie, OWN), Value::Null).await;
    assert_eq!(revoked.0, 204, "{}", revoked.1);
    let asked = ask(&served, (Method::GET, "/v1/status"), (cookie, ""), Value::Null).await;
    assert_eq!(asked.0, 401);
}

#[tokio::test]
async fn one_time_codes_are_asked_for_and_used_once() {
    let served = Served::new();
    let made = set_up(&served, true).await;
    let uri = made["totp_uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Saldo%20house:"), "{uri}");
    let service = &served.app.tenant(OPERATOR).unwrap().service;
    let (_, secret) = service.read(|s| person::named(s, "kim", now_nanos())).unwrap().unwrap();
    let secret = secret.unwrap();
    assert_eq!(made["totp_secret"], totp::base32(&secret));
    let step = now_nanos() / 1_000_000_000 / totp::STEP_SECONDS;
    let (code, far) = (totp::code(&secret, step), totp::code(&secret, step + 40));
    for (password, code, status) in [
        (PASSWORD, None, 401),
        (PASSWORD, Some("000000x"), 401),
        (PASSWORD, Some(far.as_str()), 401),
        (PASSWORD, Some(&code), 201),
        (PASSWORD, Some(&code), 401),
    ] {
        let path = (Method::POST, "/v1/session");
        let (found, answer, _) = ask(&served, path, ("", ""), sign_in(password, code)).await;
        assert_eq!(found, status, "{code:?}: {answer}");
    }
}

#[tokio::test]
async fn passwords_are_not_tried_for_long() {
    let served = Served::new();
    set_up(&served, false).await;
    let mut found = Vec::new();
    for _ in 0..11 {
        let path = (Method::POST, "/v1/session");
        found.push(ask(&served, path, ("", ""), sign_in("wrong wrong wrong", None)).await.0);
    }
    assert_eq!((&found[..10], found[10]), ([401; 10].as_slice(), 429));
    let path = (Method::POST, "/v1/session");
    let right = ask(&served, path, ("", ""), sign_in(PASSWORD, None)).await;
    assert_eq!(right.0, 429, "and the right one has to wait too");
}
