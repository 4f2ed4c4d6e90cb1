//! What one sender can make the service hold: bodies, places, answers to whoever is not meant.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::Write as _;
use std::net::SocketAddr;
use support::Served;

fn zip(bytes: usize) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    zip.write_all(&vec![b'a'; bytes]).unwrap();
    zip.finish().unwrap()
}

#[tokio::test]
async fn nobody_unknown_sends_more_than_a_form_however_it_is_packed() {
    let served = Served::new();
    let form = "application/x-www-form-urlencoded";
    for (path, media) in
        [("/oauth2/token", form), ("/v1/setup", form), ("/v1/session", "application/json")]
    {
        for (what, body, packed, refused) in [
            ("little", vec![b'a'; 1000], false, false),
            ("little, packed", zip(1000), true, false),
            ("much", vec![b'a'; 70_000], false, true),
            ("much, packed", zip(1 << 20), true, true),
        ] {
            let mut request = Request::post(path).header("content-type", media);
            if packed {
                request = request.header("content-encoding", "gzip");
            }
            let (_, _, body) = served.send(request.body(Body::from(body)).unwrap()).await;
            let answer: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(answer["code"] == "E8005", refused, "{path} {what}: {answer}");
        }
    }
}

#[tokio::test]
async fn one_party_leaves_places_to_wait_in_for_others() {
    let served = Served::new();
    let (one, same) =
        (served.key("provider", Some("studio-0")), served.key("partner", Some("studio-0")));
    let other = served.key("provider", Some("studio-1"));
    let ask = |key: String, wait: u32| {
        let path = format!("/v1/changes?after=now&wait={wait}");
        let served = &served;
        async move { served.ask(&Method::GET, &path, &key, "", "").await }
    };
    let many = (0..100).map(|_| ask(one.clone(), 3));
    let waiting = async_graphql::futures_util::future::join_all(many);
    let late = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let (refused, code) = ask(same.clone(), 1).await;
        assert_eq!((refused.as_u16(), &code["code"]), (503, &"E8055".into()), "the same party");
        let (taken, _) = ask(other.clone(), 1).await;
        assert_eq!(taken.as_u16(), 200, "another party");
    };
    let (all, ()) = tokio::join!(waiting, late);
    assert!(all.iter().all(|(status, _)| *status == 200), "{:?}", all[0]);
    assert_eq!(ask(same, 0).await.0.as_u16(), 200);
}

#[tokio::test]
async fn metrics_are_not_for_a_page_whose_name_leads_here() {
    let served = Served::new();
    for (host, from, status) in [
        ("", "127.0.0.1:9", 200),
        ("127.0.0.1:7400", "127.0.0.1:9", 200),
        ("localhost:7400", "127.0.0.1:9", 200),
        ("[::1]:7400", "[::1]:9", 200),
        ("evil.example:7400", "127.0.0.1:9", 401),
        ("localhost.evil.example", "127.0.0.1:9", 401),
        ("127.0.0.1:7400", "192.0.2.1:9", 401),
    ] {
        let from: SocketAddr = from.parse().unwrap();
        let mut request = Request::get("/metrics").extension(ConnectInfo(from));
        if !host.is_empty() {
            request = request.header("host", host);
        }
        let (found, ..) = served.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(found.as_u16(), status, "{host} from {from}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_only_ask_what_a_book_would_do_stops_nothing() {
    let served = Served::new();
    let (admin, auditor) = (served.key("administrator", None), served.key("auditor", None));
    let plan = |times: usize, chain: usize| {
        let policy = format!(
            "permit (principal, action, resource) when {{ {}true }};",
            "true && ".repeat(chain)
        );
        let files: Vec<String> =
            (0..times).map(|at| format!("\"policies/a{at}.cedar\":\"{policy}\"")).collect();
        format!("{{\"files\":{{{}}}}}", files.join(","))
    };
    let (json, path) = ("application/json", "/v1/book/plan");
    for path in [path, "/v1/book/check", "/v1/book/apply"] {
        let headers = [("content-type", json), ("idempotency-key", "much")];
        let mut much = plan(140, 3900);
        if path.ends_with("apply") {
            much.insert_str(1, "\"reason\":\"more\",");
        }
        let (_, _, body) = served.asked(&Method::POST, path, &admin, &headers, &much).await;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        assert_eq!(answer["code"], "E8005", "{path}: {answer}");
    }
    let long = plan(100, 3500);
    let planned = served.ask(&Method::POST, path, &auditor, json, &long);
    let mut planned = std::pin::pin!(planned);
    let mut answered = 0;
    let status = loop {
        let asked = served.ask(&Method::GET, "/v1/status", &admin, "", "");
        tokio::select! {
            biased;
            (status, _) = &mut planned => break status,
            (status, _) = asked => assert_eq!(status, 200),
        }
        answered += 1;
    };
    assert_eq!(status, 200);
    assert!(answered > 20, "{answered} answers while it was worked on");
}
