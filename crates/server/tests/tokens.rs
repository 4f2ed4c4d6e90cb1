//! Clients and their tokens: given, checked, forged, ended.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as URL};
use serde_json::{Value, json};
use support::Served;
use tower::ServiceExt;

const POST: Method = Method::POST;
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A client and its secret.
async fn client(served: &Served, key: &str, body: Value) -> (String, String) {
    let (status, made) = served.ask(&POST, "/v1/clients", key, JSON, &body.to_string()).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}

fn form(id: &str, secret: &str) -> String {
    format!("grant_type=client_credentials&client_id={id}&client_secret={secret}")
}

async fn token(served: &Served, form: &str) -> (StatusCode, Value) {
    served.ask(&POST, "/oauth2/token", "", FORM, form).await
}

async fn status_of(served: &Served, token: &str) -> u16 {
    served.ask(&Method::GET, "/v1/status", token, "", "").await.0.as_u16()
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_client_is_given_a_token_that_holds_as_long_as_the_client_does() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let (id, secret) = client(&served, &key, json!({ "name": "c", "role": "auditor" })).await;
    let (status, given) = token(&served, &form(&id, &secret)).await;
    assert_eq!(status, StatusCode::OK, "{given}");
    assert_eq!((&given["token_type"], &given["expires_in"]), (&json!("Bearer"), &json!(600)));
    let text = given["access_token"].as_str().unwrap();
    let (header, claims) = (part(text, 0), part(text, 1));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    for (claim, value) in [
        ("iss", "http://127.0.0.1:7400"),
        ("aud", "http://127.0.0.1:7400"),
        ("sub", id.as_str()),
        ("role", "auditor"),
        ("operator", "house"),
    ] {
        assert_eq!(claims[claim], value, "{claims}");
    }
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    let (_, jwks) = served.ask(&Method::GET, "/.well-known/jwks.json", "", "", "").await;
    assert_eq!(jwks["keys"][0]["kid"], header["kid"], "{jwks}");
    assert_eq!(status_of(&served, text).await, 200);
    let deleted = format!("/v1/keys/{id}");
    let gone = served.ask(&Method::DELETE, &deleted, &key, "", "").await.0;
    assert_eq!((gone, status_of(&served, text).await), (StatusCode::NO_CONTENT, 401));
    assert_eq!(token(&served, &form(&id, &secret)).await.1["error"], "invalid_client");
}

#[tokio::test]
async fn requests_for_a_token_are_refused_as_the_standard_says() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let new = json!({ "name": "c", "role": "auditor", "scopes": ["see-status"] });
    let (id, secret) = client(&served, &key, new).await;
    let good = form(&id, &secret);
    for (form, status, error) in [
        (good.clone(), 200, ""),
        (format!("{good}&scope=see-status"), 200, ""),
        (format!("{good}&scope=see-keys"), 400, "invalid_scope"),
        (format!("{good}&scope=everything"), 400, "invalid_scope"),
        (format!("{good}&client_id={id}"), 400, "invalid_request"),
        (good.replace("client_credentials", "password"), 400, "unsupported_grant_type"),
        (good.replace("grant_type=client_credentials&", ""), 400, "invalid_request"),
        (good.replace("house.", "nobody."), 401, "invalid_client"),
        (good.replace("saldo_secret.", "saldo_secret.0"), 401, "invalid_client"),
        ("grant_type=client_credentials".to_owned(), 401, "invalid_client"),
        ("%".to_owned(), 401, "invalid_client"),
    ] {
        let (found, body) = token(&served, &form).await;
        let said = body["error"].as_str().unwrap_or("");
        assert_eq!((found.as_u16(), said), (status, error), "{form}: {body}");
    }
    let (status, body) = served.ask(&POST, "/oauth2/token", "", JSON, "{}").await;
    assert_eq!((status.as_u16(), &body["error"]), (400, &json!("invalid_request")));
    let (_, given) = token(&served, &good).await;
    assert_eq!(given["scope"], "see-status");
    let text = given["access_token"].as_str().unwrap();
    assert_eq!(status_of(&served, text).await, 200);
    assert_eq!(served.ask(&Method::GET, "/v1/totals", text, "", "").await.0.as_u16(), 403);
}

#[tokio::test]
async fn a_client_may_be_shown_by_basic() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let (id, secret) = client(&served, &key, json!({ "name": "c", "role": "auditor" })).await;
    let (other, _) = client(&served, &key, json!({ "name": "d", "role": "auditor" })).await;
    let body = "grant_type=client_credentials";
    for (user, password, body, status) in [
        (id.as_str(), secret.as_str(), body.to_owned(), 200),
        (&other, &secret, body.to_owned(), 401),
        (&id, &secret, format!("{body}&client_id={other}"), 400),
        (&id, &secret, form(&id, &secret), 400),
    ] {
        let basic = BASE64_STANDARD.encode(format!("{user}:{password}"));
        let request = Request::post("/oauth2/token")
            .header("content-type", FORM)
            .header("authorization", format!("Basic {basic}"))
            .body(Body::from(body))
            .unwrap();
        let answer = served.app.clone().router().oneshot(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{user}");
        let is_401 = status == 401;
        assert_eq!(answer.headers().contains_key("www-authenticate"), is_401);
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn no_forged_token_is_taken() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let (id, secret) = client(&served, &key, json!({ "name": "c", "role": "auditor" })).await;
    let (_, given) = token(&served, &form(&id, &secret)).await;
    let good = given["access_token"].as_str().unwrap().to_owned();
    let (header, claims) = (part(&good, 0), part(&good, 1));
    let signature = good.rsplit('.').next().unwrap().to_owned();
    let (_, jwks) = served.ask(&Method::GET, "/.well-known/jwks.json", "", "", "").await;
    let public = URL.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let encode = |value: &Value| URL.encode(value.to_string());
    let with = |document: &Value, name: &str, value: Value| {
        let mut changed = document.clone();
        changed[name] = value;
        encode(&changed)
    };
    let raw: Vec<&str> = good.split('.').collect();
    let hmac = |header: &str| {
        let message = format!("{header}.{}", raw[1]);
        let key = jsonwebtoken::EncodingKey::from_secret(&public);
        let sum =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256);
        format!("{message}.{}", sum.unwrap())
    };
    let signed = |header: String| format!("{header}.{}.{signature}", raw[1]);
    let none = with(&header, "alg", json!("none"));
    let king = with(&claims, "role", json!("administrator"));
    let flipped: String = signature.chars().rev().collect();
    let plus = signature.replace(['-', '_'], "+") + "+";
    for (what, forged) in [
        ("none", format!("{none}.{}.", raw[1])),
        ("none, signed", signed(none)),
        ("HMAC with the public key", hmac(&with(&header, "alg", json!("HS256")))),
        ("another algorithm", signed(with(&header, "alg", json!("ES256")))),
        ("another role", format!("{}.{king}.{signature}", raw[0])),
        ("another header", signed(with(&header, "typ", json!("JWT")))),
        ("crit", signed(with(&header, "crit", json!(["b64"])))),
        ("b64", signed(with(&header, "b64", json!(false)))),
        ("a key of its own", signed(with(&header, "jwk", jwks["keys"][0].clone()))),
        ("no signature", format!("{}.{}.", raw[0], raw[1])),
        ("another signature", format!("{}.{}.{flipped}", raw[0], raw[1])),
        ("padding", format!("{good}=")),
        ("white space", format!("{}. {}.{signature}", raw[0], raw[1])),
        ("standard base64", format!("{}.{}.{plus}", raw[0], raw[1])),
        ("a part more", format!("{good}.{signature}")),
        ("two parts", format!("{}.{}", raw[0], raw[1])),
    ] {
        assert_eq!(status_of(&served, &forged).await, 401, "{what}");
    }
    assert_eq!(status_of(&served, &good).await, 200);
}

#[tokio::test]
async fn signing_keys_rotate_and_end() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let (id, secret) = client(&served, &key, json!({ "name": "c", "role": "auditor" })).await;
    let ask = async || {
        let (_, given) = token(&served, &form(&id, &secret)).await;
        given["access_token"].as_str().unwrap().to_owned()
    };
    let rotate = async |body: &str| {
        let (status, keys) = served.ask(&POST, "/v1/signing-keys", &key, JSON, body).await;
        assert_eq!(status, StatusCode::CREATED, "{keys}");
        keys.as_array().unwrap().len()
    };
    let first = ask().await;
    assert_eq!(rotate("{}").await, 2, "the one before holds as long as its tokens");
    let second = ask().await;
    assert_ne!(part(&first, 0)["kid"], part(&second, 0)["kid"]);
    assert_eq!((status_of(&served, &first).await, status_of(&served, &second).await), (200, 200));
    assert_eq!(rotate("{\"end_others\":true}").await, 1);
    assert_eq!((status_of(&served, &first).await, status_of(&served, &second).await), (401, 401));
    assert_eq!(status_of(&served, &ask().await).await, 200);
}

#[tokio::test]
async fn secrets_rotate_with_an_overlap() {
    let served = Served::new();
    let key = served.key("administrator", None);
    let (status, made) =
        served.ask(&POST, "/v1/keys", &key, JSON, "{\"name\":\"k\",\"role\":\"auditor\"}").await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (id, first) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let rotate = async |overlap: &str| {
        let path = format!("/v1/keys/{id}/rotate");
        let (status, made) = served.ask(&POST, &path, &key, JSON, overlap).await;
        assert_eq!(status, StatusCode::OK, "{made}");
        made["secret"].as_str().unwrap().to_owned()
    };
    let second = rotate("{}").await;
    assert_eq!((status_of(&served, first).await, status_of(&served, &second).await), (200, 200));
    let third = rotate("{\"overlap_seconds\":0}").await;
    assert_eq!((status_of(&served, first).await, status_of(&served, &second).await), (401, 401));
    assert_eq!(status_of(&served, &third).await, 200);
    let (status, refused) = served.ask(&POST, "/v1/keys/nobody/rotate", &key, JSON, "{}").await;
    assert_eq!((status.as_u16(), &refused["code"]), (404, &json!("E5328")));
    let path = format!("/v1/keys/{id}/rotate");
    let most = "{\"overlap_seconds\":2592001}";
    let (status, refused) = served.ask(&POST, &path, &key, JSON, most).await;
    assert_eq!((status.as_u16(), &refused["code"]), (400, &json!("E8009")));
}
