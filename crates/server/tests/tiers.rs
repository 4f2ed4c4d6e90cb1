//! Events brought by a signature: secrets of a source, keys of its party, what is refused and
//! counted; and sandboxes.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::{hmac, signature};
use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use node::proof::note::SigningKey;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;
use support::{Served, digest, event, now};

const JSON: &str = "application/json";

/// A book in which `feed-b` demands a secret and `studio-bench` a key of the party.
fn served(rsa: &str) -> Served {
    let key = signer().verifier().to_string();
    let mut served = Served::with(|text| {
        let keys = format!(
            "studio-0: {{ role: provider, keys: [{{ key: \"{key}\" }}], rsa_keys: [{{ id: \
             studio-rsa, alg: rsa-pss-sha512, public: \"{rsa}\" }}],"
        );
        text.replace("studio-0: { role: provider,", &keys)
            .replace("feed-b: {", "feed-b: { party: studio-0, signed: hmac,")
            .replace("studio-bench: {", "studio-bench: { party: studio-0, signed: message,")
    });
    name(&mut served, "https://saldo.example");
    served
}

/// Lets others reach it by this address.
fn name(served: &mut Served, issuer: &str) {
    served.app.issuer = issuer.into();
    served.router = served.app.clone().router();
}

fn signer() -> SigningKey {
    SigningKey::from_seed("studio-0", [9; 32]).unwrap()
}

fn path(source: &str) -> String {
    format!("/v1/sources/{source}/events")
}

async fn code(served: &Served, request: Request<Body>) -> String {
    let (status, _, body) = served.send(request).await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    body["code"].as_str().map_or_else(|| format!("taken {}", status.as_u16()), str::to_owned)
}

/// What one attempt states.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    source: &'a str,
    id: &'a str,
    at: i64,
    body: &'a str,
    secrets: &'a [&'a str],
}

/// A request in the form of Standard Webhooks, signed with each of the secrets.
fn webhook(attempt: Attempt<'_>) -> Request<Body> {
    let Attempt { source, id, at, body, secrets } = attempt;
    let signatures = secrets.iter().map(|secret| {
        let secret = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let tag = hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    });
    Request::post(path(source))
        .header("content-type", JSON)
        .header("content-digest", digest(body.as_bytes()))
        .header("webhook-id", id)
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", signatures.collect::<Vec<_>>().join(" "))
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn secret(served: &Served, key: &str, source: &str) -> (String, String) {
    let path = format!("/v1/sources/{source}/secrets");
    let (status, made) = served.ask(&Method::POST, &path, key, JSON, "{}").await;
    assert_eq!(status.as_u16(), 201, "{made}");
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

#[tokio::test]
async fn a_secret_of_the_source_brings_its_events_once() {
    let served = served(&rsa().1);
    let administrator = served.key("administrator", None);
    let (_, first) = secret(&served, &administrator, "feed-b").await;
    let (id, second) = secret(&served, &administrator, "feed-b").await;
    let (_, other) = secret(&served, &administrator, "feed-a").await;
    let (body, changed, at) = (event("a", "1.00"), event("a", "2.00"), now());
    let good = Attempt { source: "feed-b", id: "m1", at, body: &body, secrets: &[&first] };
    let (both, strange) = ([other.as_str(), &second], [other.as_str()]);
    for (name, attempt, expected) in [
        ("first", good, "taken 202"),
        ("a copy of it", good, "E8045"),
        ("again, signed anew", Attempt { at: at + 1, ..good }, "taken 202"),
        ("a copy of the first still", good, "E8045"),
        ("its id with other content", Attempt { at: at + 2, body: &changed, ..good }, "E8045"),
        ("old", Attempt { id: "m2", at: at - 400, ..good }, "E8041"),
        ("ahead", Attempt { id: "m2", at: at + 400, ..good }, "E8041"),
        ("two signatures", Attempt { id: "m3", secrets: &both, ..good }, "taken 202"),
        ("another source's", Attempt { id: "m4", secrets: &strange, ..good }, "E8044"),
        ("for another source", Attempt { id: "m5", source: "feed-a", ..good }, "E8044"),
        ("too little", Attempt { id: "m6", source: "studio-bench", ..good }, "E8044"),
        ("nobody's", Attempt { id: "m7", source: "nobody", ..good }, "E8044"),
    ] {
        assert_eq!(code(&served, webhook(attempt)).await, expected, "{name}");
    }
    let mut both = webhook(Attempt { id: "m10", ..good });
    let bearer = format!("Bearer {administrator}");
    both.headers_mut().insert("authorization", bearer.parse().unwrap());
    assert_eq!(code(&served, both).await, "taken 202", "signed as demanded, and a key beside it");
    let mut wrong = webhook(Attempt { id: "m8", ..good });
    wrong.headers_mut().insert("content-digest", digest(b"other").parse().unwrap());
    assert_eq!(code(&served, wrong).await, "E8043", "signed, and the digest is of other bytes");
    let key = format!("/v1/keys/{id}");
    served.ask(&Method::DELETE, &key, &administrator, "", "").await;
    let late = Attempt { id: "m9", secrets: &[&second], ..good };
    assert_eq!(code(&served, webhook(late)).await, "E8044", "it was revoked");
    let (status, refused) =
        served.ask(&Method::POST, &path("feed-b"), &administrator, JSON, &body).await;
    assert_eq!((status.as_u16(), refused["code"].as_str()), (403, Some("E8046")), "a key alone");
    for written in ["%66eed-b", "feed%2db", "feed%2Db"] {
        let asked = served.ask(&Method::POST, &path(written), &administrator, JSON, &body).await;
        assert_eq!(asked.1["code"], "E8046", "a key alone, and the source as {written}");
        assert_eq!(asked.0.as_u16(), 403, "{written}");
    }
}

/// An RSA key and its public half as the book has it.
fn rsa() -> (KeyPair, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = signature::KeyPair::public_key(&pair);
    let der: PublicKeyX509Der<'_> = public.as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    (pair, text)
}

/// A message that is signed over these components.
fn message(
    (source, body): (&str, &str),
    components: &str,
    params: &str,
    sign: &dyn Fn(&[u8]) -> Vec<u8>,
) -> Request<Body> {
    let (uri, hash) = (path(source), digest(body.as_bytes()));
    let params = format!("({components}){params}");
    let mut base = String::new();
    for component in components.split(' ').filter(|component| !component.is_empty()) {
        let value = match component.trim_matches('"') {
            "@method" => "POST".to_owned(),
            "@target-uri" => format!("https://saldo.example{uri}"),
            "@authority" => "saldo.example".to_owned(),
            "@path" => uri.clone(),
            "content-digest" => hash.clone(),
            "content-type" => JSON.to_owned(),
            other => panic!("{other}"),
        };
        let _ = writeln!(base, "{component}: {value}");
    }
    let _ = write!(base, "\"@signature-params\": {params}");
    Request::post(&uri)
        .header("host", "saldo.example")
        .header("content-type", JSON)
        .header("content-digest", hash)
        .header("signature-input", format!("sig={params}"))
        .header("signature", format!("sig=:{}:", STANDARD.encode(sign(base.as_bytes()))))
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn a_key_of_the_party_brings_events_of_its_sources() {
    let (pair, public) = rsa();
    let served = served(&public);
    let (key, stranger) = (signer(), SigningKey::from_seed("studio-0", [8; 32]).unwrap());
    let keyid = format!("studio-0+{:08x}", u32::from_be_bytes(key.verifier().key_hash()));
    let own: &dyn Fn(&[u8]) -> Vec<u8> = &|base| key.sign(base).to_vec();
    let theirs: &dyn Fn(&[u8]) -> Vec<u8> = &|base| stranger.sign(base).to_vec();
    let by_rsa: &dyn Fn(&[u8]) -> Vec<u8> = &|base| {
        let mut tag = vec![0; pair.public_modulus_len()];
        pair.sign(&signature::RSA_PSS_SHA512, &SystemRandom::new(), base, &mut tag).unwrap();
        tag
    };
    let full = "\"@method\" \"@target-uri\" \"content-digest\" \"content-type\"";
    let parts = "\"@method\" \"@authority\" \"@path\" \"content-digest\"";
    let (at, body) = (now(), event("a", "1.00"));
    let with = |created: i64, keyid: &str| format!(";created={created};keyid=\"{keyid}\"");
    let (good, sent) = (with(at, &keyid), ("studio-bench", body.as_str()));
    let rsa_id = with(at, "studio-rsa");
    for (name, sent, components, params, sign, expected) in [
        ("whole target", sent, full, good.clone(), own, "taken 202"),
        ("a copy of it", sent, full, good.clone(), own, "E8045"),
        ("with a nonce", sent, full, good.clone() + ";nonce=\"n2\"", own, "taken 202"),
        ("parts of the target", sent, parts, good.clone(), own, "taken 202"),
        ("a source that demands less", ("feed-b", &body), full, good.clone(), own, "taken 202"),
        ("rsa", sent, full, rsa_id.clone(), by_rsa, "taken 202"),
        (
            "rsa, named",
            sent,
            parts,
            rsa_id.clone() + ";alg=\"rsa-pss-sha512\"",
            by_rsa,
            "taken 202",
        ),
        ("rsa, named wrongly", sent, full, rsa_id + ";alg=\"ed25519\"", by_rsa, "E8044"),
        ("another's key", sent, full, good.clone(), theirs, "E8044"),
        ("unknown key", sent, full, with(at, "studio-0+00000000"), own, "E8044"),
        ("no key", sent, full, format!(";created={at}"), own, "E8047"),
        ("no time", sent, full, format!(";keyid=\"{keyid}\""), own, "E8047"),
        ("old", sent, full, with(at - 400, &keyid), own, "E8041"),
        ("expired", sent, full, good.clone() + &format!(";expires={}", at - 1), own, "E8041"),
        ("no method", sent, "\"@target-uri\" \"content-digest\"", good.clone(), own, "E8047"),
        ("no target", sent, "\"@method\" \"content-digest\"", good.clone(), own, "E8047"),
        ("no content", sent, "\"@method\" \"@target-uri\"", good.clone(), own, "E8047"),
        ("a source of nobody", ("bonushunts", &body), full, good.clone(), own, "E8044"),
        ("a source of another", ("bustabit", &body), full, good, own, "E8044"),
    ] {
        let request = message(sent, components, &params, sign);
        assert_eq!(code(&served, request).await, expected, "{name}");
    }
}

#[tokio::test]
async fn what_was_signed_is_taken_nowhere_else() {
    let mut served = served(&rsa().1);
    let key = signer();
    let keyid = format!("studio-0+{:08x}", u32::from_be_bytes(key.verifier().key_hash()));
    let own: &dyn Fn(&[u8]) -> Vec<u8> = &|base| key.sign(base).to_vec();
    let full = "\"@method\" \"@target-uri\" \"content-digest\" \"content-type\"";
    let body = event("a", "1.00");
    let (sent, good) =
        (("studio-bench", body.as_str()), format!(";created={};keyid=\"{keyid}\"", now()));
    let mut other = message(sent, full, &good, own);
    *other.body_mut() = Body::from(event("b", "1.00"));
    assert_eq!(code(&served, other).await, "E8043", "other content under the signed digest");
    let good = good + ";nonce=\"n2\"";
    let mut moved = message(sent, full, &good, own);
    *moved.uri_mut() = path("feed-b").parse().unwrap();
    assert_eq!(code(&served, moved).await, "E8044", "sent to another source");
    for (issuer, expected) in [
        ("https://other.example", "E8044"),
        ("https://saldo.example:8443", "E8044"),
        ("https://saldo.example", "taken 202"),
    ] {
        name(&mut served, issuer);
        let found = code(&served, message(sent, full, &good, own)).await;
        assert_eq!(found, expected, "sent on to {issuer}");
    }
}

#[tokio::test]
async fn refusals_are_counted_for_good_and_add_up() {
    let served = served(&rsa().1);
    let administrator = served.key("administrator", None);
    let provider = served.key("provider", Some("studio-1"));
    let (line, at) = (event("a", "1.00"), now());
    let with = |digest_of: &str, at: i64, key: &str| {
        Request::post(path("feed-a"))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", JSON)
            .header("content-digest", digest(digest_of.as_bytes()))
            .header("saldo-timestamp", at.to_string())
            .body(Body::from(line.clone()))
            .unwrap()
    };
    for (request, expected) in [
        (with(&line, at, &administrator), "taken 202"),
        (with("other", at, &administrator), "E8043"),
        (with("other", at, &administrator), "E8043"),
        (with(&line, at - 999, &administrator), "E8041"),
        (with(&line, at, &provider), "E8012"),
        (with(&line, at, "nobody"), "E8001"),
    ] {
        assert_eq!(code(&served, request).await, expected);
    }
    let attempt = Attempt { source: "feed-b", id: "m", at, body: &line, secrets: &["whsec_AAAA"] };
    assert_eq!(code(&served, webhook(attempt)).await, "E8044");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let (_, status) = served.ask(&Method::GET, "/v1/status", &administrator, "", "").await;
    let counted = json!([
        { "source": "feed-a", "code": "E8041", "count": 1 },
        { "source": "feed-a", "code": "E8043", "count": 2 },
        { "source": "feed-b", "code": "E8044", "count": 1 },
    ]);
    assert_eq!(status["refusals"], counted, "{status}");
    let of = |value: &Value, name: &str| value[name].as_u64().unwrap();
    assert_eq!((of(&status, "received"), of(&status, "refused"), of(&status, "posted")), (5, 4, 1));
    assert_eq!(of(&status["sources"]["feed-a"], "refused"), 3);
}

#[tokio::test]
async fn a_sandbox_has_the_book_and_none_of_the_data() {
    let served = Served::new();
    let administrator = served.key("administrator", None);
    let new = json!({ "name": "trial", "role": "provider", "party": "studio-0", "sandbox": true });
    let make = |new: Value| {
        let (served, administrator) = (&served, &administrator);
        async move {
            let text = new.to_string();
            served.ask(&Method::POST, "/v1/keys", administrator, JSON, &text).await.1
        }
    };
    let made = make(new.clone()).await;
    let key = made["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("saldo_key.house-sandbox."), "{key}");
    let again = make(json!({ "name": "eyes", "role": "auditor", "sandbox": true })).await;
    let auditor = again["key"].as_str().unwrap().to_owned();
    let (line, applied) = (event("a", "1.00"), "/v1/sources/feed-a/events?wait=applied");
    let (status, answer) = served.ask(&Method::POST, applied, &key, JSON, &line).await;
    assert_eq!((status.as_u16(), &answer["results"][0]["outcome"]), (200, &json!("posted")));
    let posted = |key: String| {
        let served = &served;
        async move { served.ask(&Method::GET, "/v1/status", &key, "", "").await.1 }
    };
    let (sandbox, real) = (posted(auditor.clone()).await, posted(administrator.clone()).await);
    assert_eq!((&sandbox["operator"], &sandbox["posted"]), (&json!("house-sandbox"), &json!(1)));
    assert_eq!((&real["operator"], &real["posted"]), (&json!("house"), &json!(0)));
    let inside = json!({ "name": "x", "role": "auditor", "sandbox": true }).to_string();
    let admin = make(json!({ "name": "root", "role": "administrator", "sandbox": true })).await;
    let root = admin["key"].as_str().unwrap();
    let (_, refused) = served.ask(&Method::POST, "/v1/keys", root, JSON, &inside).await;
    assert_eq!(refused["code"], "E5327", "a sandbox of a sandbox");
}

#[tokio::test]
async fn a_sandbox_follows_book_and_schemas() {
    let served = Served::new();
    let administrator = served.key("administrator", None);
    let new = json!({ "name": "trial", "role": "auditor", "sandbox": true }).to_string();
    let (_, made) = served.ask(&Method::POST, "/v1/keys", &administrator, JSON, &new).await;
    let key = made["key"].as_str().unwrap();
    let held = served.app.tenant(support::OPERATOR).unwrap().service.book().unwrap();
    let changed = |(path, bytes): (&String, &Vec<u8>)| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        (path.clone(), text.replace("feed-b: { kinds", "feed-b: { party: studio-0, kinds"))
    };
    let files: BTreeMap<String, String> = held.files.iter().map(changed).collect();
    let body = json!({ "files": files, "reason": "feed-b is theirs too" }).to_string();
    let more = [("content-type", "application/json"), ("idempotency-key", "k")];
    let post = &Method::POST;
    let (status, ..) = served.asked(post, "/v1/book/apply", &administrator, &more, &body).await;
    assert_eq!(status.as_u16(), 200);
    let (_, source) = served.ask(&Method::GET, "/v1/sources/feed-b", key, "", "").await;
    assert_eq!(source["party"], "studio-0", "{source}");
    let path = "/schema-registry/subjects/feed-b-value/versions";
    let texts = [r#"{"type":"object"}"#, r#"{"type":["object","null"]}"#];
    for (number, text) in (1..).zip(texts) {
        let body = json!({ "schemaType": "JSON", "schema": text }).to_string();
        let (status, said) = served.ask(post, path, &administrator, JSON, &body).await;
        assert_eq!(status.as_u16(), 200, "{said}");
        let (_, seen) = served.ask(&Method::GET, &format!("{path}/latest"), key, "", "").await;
        assert_eq!((&seen["version"], &seen["schema"]), (&json!(number), &json!(text)), "{seen}");
    }
}
