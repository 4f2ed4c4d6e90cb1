//! The border between two counterparties of one operator: over every route that is read, nothing of
//! the other's names or figures comes back, and whether something of theirs exists is not told.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;
#[path = "support/two.rs"]
mod two;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use node::access::NewKey;
use node::{Purpose, Session};
use server::policy::{Action, ROUTES};
use server::{App, Tenant};
use std::sync::Arc;
use support::Served;
use tower::ServiceExt;
use two::{MONTH, SIDES, Side, bet, served};

/// A path of the table, about a side.
fn about(path: &str, side: &Side) -> String {
    let mut path = path.to_owned();
    while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
        let name = match &path[start + 1..end] {
            "source" => side.source,
            "agreement" => side.agreement,
            "period" => MONTH,
            "line" => "20-ggr",
            "id" => side.event,
            "measure" => "stakes",
            // A party; and what is added later, by the name most likely to hit.
            _ => side.party,
        };
        path.replace_range(start..=end, name);
    }
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every route that is read with a credential, with the queries that it needs.
fn reads() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let open = ROUTES
        .iter()
        .filter(|(method, _, action)| *method == Method::GET && *action != Action::Public);
    open.map(|(_, path, _)| {
        let queries = match *path {
            "/v1/measures/{measure}" => vec!["?period=2026-03", "?period=2026-03&by=provider"],
            path if path.ends_with("/statement") => vec!["", "?draft=true", "?lang=ko"],
            path if path.ends_with("/periods") => vec!["", "?state=closed", "?limit=1"],
            _ => vec![""],
        };
        (*path, queries)
    })
}

/// What one side is told when it asks for something of `asked`, whatever form it is in.
async fn told(served: &Served, key: &str, asked: &Side) -> Vec<(String, StatusCode, String)> {
    let mut answers = Vec::new();
    for (path, queries) in reads() {
        for query in queries {
            let path = format!("{}{query}", about(path, asked));
            let is_statement = path.contains("/statement");
            let forms = ["application/json", "text/csv"];
            let forms = if is_statement { &forms[..] } else { &forms[..1] };
            for accept in forms {
                let (status, bytes) = served.get(&path, key, accept).await;
                answers.push((path.clone(), status, text(&bytes)));
            }
        }
    }
    answers
}

#[tokio::test]
async fn nothing_of_another_party_comes_back() {
    let served = served().await;
    for (own, other) in [(&SIDES[0], &SIDES[1]), (&SIDES[1], &SIDES[0])] {
        for role in ["provider", "supplier", "partner"] {
            let key = served.key(role, Some(own.party));
            let mut seen = 0;
            for asked in [own, other] {
                for (path, status, body) in told(&served, &key, asked).await {
                    if !status.is_success() {
                        continue;
                    }
                    seen += 1;
                    let group = format!("{},{}", &other.amount[..1], &other.amount[1..]);
                    let secrets = [other.party, other.source, other.agreement, other.event];
                    for secret in secrets.into_iter().chain([other.amount, group.as_str()]) {
                        assert!(!body.contains(secret), "{role} {path} tells {secret}: {body}");
                    }
                }
            }
            assert!(seen > 15, "only {seen} answers for {role} {}", own.party);
        }
    }
}

#[tokio::test]
async fn what_is_theirs_is_as_what_is_not_there() {
    let served = served().await;
    let key = served.key("provider", Some(SIDES[0].party));
    let (other, nobody) = (
        &SIDES[1],
        Side {
            party: "studio-x",
            source: "feed-x",
            agreement: "studio-x-share",
            event: "xxxxx-1",
            amount: "",
        },
    );
    let there = told(&served, &key, other).await;
    let nowhere = told(&served, &key, &nobody).await;
    for ((path, status, body), (_, none, nothing)) in there.into_iter().zip(nowhere) {
        let plain = |body: &str, side: &Side| {
            let names = [side.agreement, side.party, side.source, side.event];
            let body = body.split("\"request_id\"").next().unwrap_or_default().to_owned();
            names.iter().fold(body, |body, name| body.replace(name, "…"))
        };
        assert_eq!(status, none, "{path}: {body}");
        if status == StatusCode::NOT_FOUND {
            assert_eq!(plain(&body, other), plain(&nothing, &nobody), "{path}");
        }
    }
}

#[tokio::test]
async fn a_partner_sees_its_share_and_no_names_behind_it() {
    let served = served().await;
    let key = served.key("partner", Some("shop-network"));
    let path = format!("/v1/agreements/shop-network-share/periods/{MONTH}");
    let (status, bytes) = served.get(&format!("{path}/explain/10-ngr"), &key, "").await;
    let body = text(&bytes);
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(body.contains("\"play:*:*:stakes\"") && body.contains("\"1000\""), "{body}");
    for secret in ["studio-", "feed-", "alpha", "omega"] {
        assert!(!body.contains(secret), "{secret}: {body}");
    }
}

#[tokio::test]
async fn a_correction_of_another_is_told_without_its_name() {
    let served = served().await;
    let key = served.key("administrator", None);
    let path = "/v1/sources/feed-b/events?wait=applied";
    let other = bet(&SIDES[1], "omega-1-won", "700", "KRW");
    served.ask(&Method::POST, path, &key, "application/json", &other).await;
    let (_, contests) = served.ask(&Method::GET, "/v1/contests", &key, "", "").await;
    let resolve = format!("/v1/contests/{}/resolve", contests["items"][0]["id"]);
    let keep = serde_json::json!({ "keep": "later", "reason": "omega-1 wrote" });
    let (status, _, given) = served.command(&resolve, &key, "\"r\"", &keep).await;
    assert_eq!(status, StatusCode::OK, "{given}");
    let (_, own) = served.get("/v1/notices", &key, "").await;
    assert!(text(&own).contains("omega-1-won"), "{}", text(&own));
    let partner = served.key("partner", Some("shop-network"));
    let (_, told) = served.get("/v1/notices", &partner, "").await;
    let told = text(&told);
    assert!(told.contains("\"source\":\"*\"") && told.contains("\"amount\":\"200\""), "{told}");
    for secret in ["studio-", "feed-", "alpha", "omega"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

#[tokio::test]
async fn nothing_of_another_party_is_changed() {
    let served = served().await;
    let (own, other) = (&SIDES[0], &SIDES[1]);
    let named = ROUTES.iter().filter(|(method, path, action)| {
        *method != Method::GET && path.contains('{') && *action != Action::Public
    });
    let mut tried = 0;
    for (method, path, _) in named {
        for role in ["provider", "supplier", "partner"] {
            let key = served.key(role, Some(own.party));
            let path = about(path, other);
            let bet = bet(other, "from-next-door", "5.00", "EUR");
            let body = if path.ends_with("/events") { bet.as_str() } else { "{}" };
            let headers = [("content-type", "application/json"), ("idempotency-key", "\"k\"")];
            let (status, _, said) = served.asked(method, &path, &key, &headers, body).await;
            assert!(status.is_client_error(), "{role} {method} {path}: {status} {}", text(&said));
            tried += 1;
        }
    }
    assert!(tried > 10, "only {tried}");
    let auditor = served.key("auditor", None);
    let (status, _) = served.get("/v1/events/feed-b/from-next-door", &auditor, "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn operators_of_one_deployment_see_nothing_of_each_other() {
    let served = served().await;
    let beside = Beside::new(&served, "castle");
    for role in ["administrator", "auditor"] {
        let key = beside.key(role);
        for side in &SIDES {
            for (path, queries) in reads() {
                for query in queries {
                    let path = format!("{}{query}", about(path, side));
                    let (_, bytes) = beside.get(&path, &key).await;
                    let body = text(&bytes);
                    // What was asked for may be named again in a refusal; figures never.
                    for secret in [side.amount, "house", "179.32", "alpha-1-won", "omega-1-won"] {
                        assert!(!body.contains(secret), "{role} {path}: {secret} in {body}");
                    }
                }
            }
        }
        let house = key.replace("castle", "house");
        let (status, _) = beside.get("/v1/status", &house).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "a key is of its operator alone");
    }
}

/// A second operator, without events, served beside the first one.
struct Beside {
    app: App,
    name: &'static str,
    _dir: tempfile::TempDir,
}

impl Beside {
    fn new(first: &Served, name: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut files = node::init::template_book("gaming", name).unwrap();
        // The operator's own party has its name.
        for text in files.values_mut() {
            *text = String::from_utf8(text.clone()).unwrap().replace("house", name).into_bytes();
        }
        node::init::init(dir.path(), &files, name).unwrap();
        let session = Session::open(dir.path(), None, Purpose::Change, &mut |_, _| {}).unwrap();
        let tenant = Tenant::start(session, 1).unwrap();
        let mut app = first.app.clone();
        let mut tenants = (*app.tenants).clone();
        tenants.insert(name.to_owned(), Arc::new(tenant));
        app.tenants = Arc::new(tenants);
        Self { app, name, _dir: dir }
    }

    fn key(&self, role: &str) -> String {
        let tenant = self.app.tenant(self.name).unwrap();
        let new = NewKey { name: role.to_owned(), role: role.to_owned(), ..NewKey::default() };
        let made = tenant.service.command(move |s| node::access::make(s, &new, "test"));
        tenant.reload().unwrap();
        made.unwrap().unwrap().secret
    }

    async fn get(&self, path: &str, key: &str) -> (StatusCode, Vec<u8>) {
        let bearer = format!("Bearer {key}");
        let request = Request::builder().uri(path).header("authorization", bearer);
        let request = request.body(Body::empty()).unwrap();
        let response = self.app.clone().router().oneshot(request).await.unwrap();
        let status = response.status();
        (status, two::at_once(response.into_body()).await)
    }
}
