//! A collector of OTLP on this machine.
#![allow(dead_code)] // each test uses its part

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use node::engine::query::scan::hex;
use opentelemetry_proto::tonic::{self as proto, common::v1::any_value::Value};
use prost::Message;
use proto::collector::trace::v1::ExportTraceServiceRequest;
use proto::trace::v1::status::StatusCode;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A span as it came.
#[derive(Clone, Debug, Default)]
pub struct Span {
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub name: String,
    pub kind: i32,
    pub took: u64,
    pub attributes: BTreeMap<String, String>,
    pub failed: bool,
    pub service: String,
}

/// Every request: its headers and its body.
type Came = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A collector that answers with a status by how many requests came before.
pub struct Collector {
    pub url: String,
    came: Came,
}

impl Collector {
    pub async fn start(answer: fn(usize) -> u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let came = Came::default();
        let take = move |State(came): State<Came>, headers: HeaderMap, body: Bytes| async move {
            let mut came = came.lock().unwrap();
            came.push((headers, body));
            axum::http::StatusCode::from_u16(answer(came.len() - 1)).unwrap()
        };
        let take = axum::routing::post(take);
        let router = Router::new().route("/v1/traces", take).with_state(Arc::clone(&came));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, came }
    }

    pub fn came(&self) -> Vec<(HeaderMap, Bytes)> {
        self.came.lock().unwrap().clone()
    }

    pub fn spans(&self) -> Vec<Span> {
        self.came().iter().flat_map(|(_, body)| spans(body)).collect()
    }

    /// The spans, once it is so; what there is after half a minute.
    pub async fn until(&self, is_so: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let spans = self.spans();
            if is_so(&spans) || Instant::now() > end {
                return spans;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The spans of a request, by the types that OpenTelemetry makes from its schema.
pub fn spans(request: &[u8]) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(request).unwrap();
    let mut found = Vec::new();
    for of in request.resource_spans {
        let resource = attributes(of.resource.unwrap().attributes);
        for span in of.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            found.push(Span {
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                name: span.name,
                kind: span.kind,
                took: span.end_time_unix_nano - span.start_time_unix_nano,
                attributes: attributes(span.attributes),
                failed: span.status.unwrap().code() == StatusCode::Error,
                service: resource["service.name"].clone(),
            });
        }
    }
    found
}

fn attributes(pairs: Vec<proto::common::v1::KeyValue>) -> BTreeMap<String, String> {
    let shown = |value| match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => panic!("a value of another kind: {other:?}"),
    };
    pairs.into_iter().map(|pair| (pair.key, shown(pair.value.unwrap().value.unwrap()))).collect()
}
