//! Two studios of one operator, each with its feed, its agreement and a closed month, and a
//! partner whose agreement reads what both bring.
#![allow(dead_code, clippy::unwrap_used)] // each test uses its part; a test may panic

use crate::support::{OPERATOR, Served};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use node::Session;
use node::ledger::Outcome;
use std::time::Duration;
use tower::ServiceExt;

/// The month that is closed.
pub const MONTH: &str = "2026-03";

/// One side: what it is called, and what nobody else may be told.
pub struct Side {
    pub party: &'static str,
    pub source: &'static str,
    pub agreement: &'static str,
    pub event: &'static str,
    pub amount: &'static str,
}

/// Both studios.
pub const SIDES: [Side; 2] = [
    Side {
        party: "studio-0",
        source: "feed-a",
        agreement: "studio-0-share",
        event: "alpha-1",
        amount: "1234.56",
    },
    Side {
        party: "studio-1",
        source: "feed-b",
        agreement: "studio-1-share",
        event: "omega-1",
        amount: "7654.32",
    },
];

/// A bet of March as JSON.
pub fn bet(side: &Side, id: &str, amount: &str, asset: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"kind\":\"bet\",\"occurred_at\":\"2026-03-01T00:00:00Z\",\
         \"amount\":\"{amount}\",\"asset\":\"{asset}\",\"dims\":{{\"provider\":\"{}\",\
         \"game\":\"{}-crash\",\"player\":\"p-{id}\"}}}}",
        side.party, side.event
    )
}

/// Serves them, with both months closed.
pub async fn served() -> Served {
    let served = Served::of(
        |text| text,
        |files| {
            let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
            let share = text(&files["agreements/studio-0-share.yaml"]);
            let other = share.replace("studio-0", "studio-1").replace("tudio 0", "tudio 1");
            files.insert("agreements/studio-1-share.yaml".to_owned(), other.into_bytes());
            let sources = text(&files["sources.yaml"]);
            let sources = sources.replace("feed-b: { kinds", "feed-b: { party: studio-1, kinds");
            files.insert("sources.yaml".to_owned(), sources.into_bytes());
        },
    );
    let key = served.key("administrator", None);
    for side in &SIDES {
        let events = [
            bet(side, side.event, side.amount, "EUR"),
            bet(side, &format!("{}-won", side.event), "500", "KRW"),
            bet(side, &format!("{}-late", side.event), "900", "KRW").replace("2026-03", "2026-07"),
        ];
        let path = format!("/v1/sources/{}/events?wait=applied", side.source);
        let media = "application/x-ndjson";
        let (_, answer) = served.ask(&Method::POST, &path, &key, media, &events.join("\n")).await;
        for result in answer["results"].as_array().unwrap() {
            assert_eq!(result["outcome"], Outcome::Posted.word(), "{answer}");
        }
    }
    for agreement in [SIDES[0].agreement, SIDES[1].agreement, "shop-network-share"] {
        served
            .alone(move |session| {
                let engine = &mut session.operator.engine;
                engine.close(agreement, MONTH, 1_775_000_000_000_000_000, "test").map(|_| ())
            })
            .unwrap();
    }
    served
}

impl Served {
    /// Does something alone with the operator.
    pub fn alone<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> R + Send + 'static,
    ) -> R {
        self.app.tenant(OPERATOR).unwrap().service.command(work).unwrap()
    }

    /// Posts a document, and gives the answer as it begins.
    pub async fn post(&self, path: &str, key: &str, accept: &str, body: &str) -> Response {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {key}").as_bytes())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, accept);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.app.clone().router().oneshot(request).await.unwrap()
    }

    /// Gets a path as bytes; of an answer that does not end, what comes at once.
    pub async fn get(&self, path: &str, key: &str, accept: &str) -> (StatusCode, Vec<u8>) {
        let mut request = Request::builder().uri(path);
        if !key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}").as_bytes());
        }
        if !accept.is_empty() {
            request = request.header(header::ACCEPT, accept);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.app.clone().router().oneshot(request).await.unwrap();
        let status = response.status();
        (status, at_once(response.into_body()).await)
    }
}

/// What comes at once of a body; one that goes on does not end.
pub async fn at_once(mut body: Body) -> Vec<u8> {
    let (mut bytes, patience) = (Vec::new(), Duration::from_millis(500));
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(patience, body.frame()).await {
        bytes.extend(frame.into_data().unwrap_or_default());
    }
    bytes
}
