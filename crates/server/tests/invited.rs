//! The second person: invited by a link that holds for a day and once; and what people change of
//! what they show.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::http::Method;
use node::totp;
use serde_json::{Value, json};
use support::{OPERATOR, Served};

const PASSWORD: &str = "correct horse battery";
const OTHER: &str = "another horse battery";

/// Asks with JSON, and the cookie where there is one: status, cookie that was set, document.
async fn ask(
    served: &Served,
    method: &Method,
    path: &str,
    cookie: &str,
    body: &Value,
) -> (u16, String, Value) {
    let mut headers = vec![("content-type", "application/json")];
    if !cookie.is_empty() {
        headers.extend([("cookie", cookie), ("origin", "http://127.0.0.1:7400")]);
    }
    let (status, headers, bytes) =
        served.asked(method, path, "", &headers, &body.to_string()).await;
    let set = headers.get("set-cookie").and_then(|set| set.to_str().ok()).unwrap_or_default();
    let set = set.split(';').next().unwrap_or_default().to_owned();
    (status.as_u16(), set, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn invite(served: &Served, key: &str, person: &Value) -> (u16, Value) {
    let media = "application/json";
    let (status, made) =
        served.ask(&Method::POST, "/v1/people", key, media, &person.to_string()).await;
    (status.as_u16(), made)
}

fn token(invited: &Value) -> String {
    let link = invited["link"].as_str().unwrap();
    link.strip_prefix("http://127.0.0.1:7400/setup?token=").unwrap().to_owned()
}

#[tokio::test]
async fn a_person_who_is_invited_sets_a_password_once() {
    let served = Served::new();
    let (admin, finance) = (served.key("administrator", None), served.key("finance", None));
    let lee = json!({ "name": "lee", "role": "approver" });
    let changed = |name: &str, value: &str| {
        let mut person = lee.clone();
        person[name] = json!(value);
        person
    };
    for (key, person, status) in [
        (&finance, &lee, 403),
        (&admin, &changed("role", "king"), 400),
        (&admin, &changed("role", "provider"), 400),
        (&admin, &changed("party", "studio-0"), 400),
        (&admin, &changed("name", " "), 400),
        (&admin, &lee, 201),
        (&admin, &lee, 400),
    ] {
        let (found, said) = invite(&served, key, person).await;
        assert_eq!(found, status, "{person}: {said}");
    }
    let (_, invited) = invite(&served, &admin, &changed("name", "kim")).await;
    let token = token(&invited);
    let set = |token: &str, name: &str, password: &str| -> Value {
        json!({ "token": token, "name": name, "password": password, "totp": false })
    };
    let end = token.len() - 1;
    let forged = format!("{}{}", &token[..end], if token.ends_with('0') { '1' } else { '0' });
    for (body, status) in [
        (set(&forged, "kim", PASSWORD), 403),
        (set(&token.replace(".house.", ".nobody."), "kim", PASSWORD), 403),
        (set(&token, "lee", PASSWORD), 400),
        (set(&token, "kim", "short"), 400),
        (set(&token, "kim", PASSWORD), 201),
        (set(&token, "kim", PASSWORD), 403),
    ] {
        let (found, _, said) = ask(&served, &Method::POST, "/v1/setup", "", &body).await;
        assert_eq!(found, status, "{body}: {said}");
    }
    for (name, password, status) in
        [("kim", PASSWORD, 201), ("lee", PASSWORD, 401), ("lee", &*token, 401)]
    {
        let body = json!({ "name": name, "password": password });
        let (found, _, said) = ask(&served, &Method::POST, "/v1/session", "", &body).await;
        assert_eq!(found, status, "{said}");
    }
}

#[tokio::test]
async fn people_change_password_and_codes_and_it_is_audited() {
    let served = Served::new();
    let admin = served.key("administrator", None);
    let person = json!({ "name": "kim", "role": "approver" });
    let token = token(&invite(&served, &admin, &person).await.1);
    let set = json!({ "token": token, "name": "kim", "password": PASSWORD });
    assert_eq!(ask(&served, &Method::POST, "/v1/setup", "", &set).await.0, 201);
    let sign = |password: &str, code: Option<String>| -> Value {
        json!({ "name": "kim", "password": password, "code": code })
    };
    let session = "/v1/session";
    let other = ask(&served, &Method::POST, session, "", &sign(PASSWORD, None)).await.1;
    let own = ask(&served, &Method::POST, session, "", &sign(PASSWORD, None)).await.1;
    for (cookie, body, status) in [
        ("", json!({ "password": PASSWORD, "totp": true }), 401),
        (&*own, json!({ "password": OTHER, "new_password": OTHER }), 401),
        (&*own, json!({ "password": PASSWORD, "new_password": "short" }), 400),
        (&*own, json!({ "password": PASSWORD, "new_password": OTHER }), 200),
    ] {
        let (found, _, said) = ask(&served, &Method::PATCH, session, cookie, &body).await;
        assert_eq!(found, status, "{body}: {said}");
    }
    let get = |cookie: String| {
        let served = &served;
        async move { ask(served, &Method::GET, session, &cookie, &Value::Null).await.0 }
    };
    assert_eq!((get(own.clone()).await, get(other).await), (200, 401), "others are signed out");
    let body = json!({ "password": OTHER, "totp": true });
    let (status, _, changed) = ask(&served, &Method::PATCH, session, &own, &body).await;
    assert_eq!(status, 200, "{changed}");
    let secret = changed["totp_secret"].as_str().unwrap();
    assert!(changed["totp_uri"].as_str().unwrap().contains(secret), "{changed}");
    let known = served.app.tenant(OPERATOR).unwrap();
    let now = node::clock::now_nanos();
    let found = known.service.read(|s| node::access::person::named(s, "kim", now)).unwrap();
    let code = totp::code(&found.unwrap().1.unwrap(), now / 30_000_000_000);
    for (code, status) in [(None, 401), (Some(code), 201)] {
        let (found, _, said) = ask(&served, &Method::POST, session, "", &sign(OTHER, code)).await;
        assert_eq!(found, status, "{said}");
    }
    let path = "/v1/audit?command=sign-in&limit=1000";
    let (_, audit) = served.ask(&Method::GET, path, &admin, "", "").await;
    for what in ["1 password-changed of person:", "1 codes-changed of person:"] {
        let told = audit["items"].as_array().unwrap().iter();
        let told = told.filter(|item| item["about"].as_str().unwrap().starts_with(what));
        assert_eq!(told.count(), 1, "{what}: {audit}");
    }
}
