//! A collector of OTLP on this machine. It knows the wire form of protobuf and the numbers of the
//! fields in opentelemetry-proto, and nothing of what sends.
#![allow(dead_code)] // each test uses its part

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
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
    pub kind: u64,
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
            StatusCode::from_u16(answer(came.len() - 1)).unwrap()
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

/// A value of a field.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message, in order.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let value = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => Field::Number(u64::from_le_bytes(cut(&mut bytes, 8).try_into().unwrap())),
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                Field::Bytes(cut(&mut bytes, length))
            }
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, value));
    }
    found
}

fn cut<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (head, rest) = bytes.split_at(length);
    *bytes = rest;
    head
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = cut(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

fn messages<'a>(message: &'a [u8], number: u64) -> Vec<&'a [u8]> {
    let bytes = |(field, value): (u64, Field<'a>)| match value {
        Field::Bytes(bytes) if field == number => Some(bytes),
        _ => None,
    };
    fields(message).into_iter().filter_map(bytes).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn attribute(pair: &[u8]) -> (String, String) {
    let value = messages(pair, 2)[0];
    let shown = match &fields(value)[0] {
        (1, Field::Bytes(bytes)) => text(bytes),
        (3, Field::Number(number)) => number.to_string(),
        (other, _) => panic!("a value of kind {other}"),
    };
    (text(messages(pair, 1)[0]), shown)
}

pub fn spans(request: &[u8]) -> Vec<Span> {
    let mut found = Vec::new();
    for resource_spans in messages(request, 1) {
        let resource = messages(resource_spans, 1)[0];
        let of: BTreeMap<_, _> = messages(resource, 1).into_iter().map(attribute).collect();
        for scope_spans in messages(resource_spans, 2) {
            for bytes in messages(scope_spans, 2) {
                found.push(Span { service: of["service.name"].clone(), ..span(bytes) });
            }
        }
    }
    found
}

fn span(bytes: &[u8]) -> Span {
    let hex = |bytes: &[u8]| node::engine::query::scan::hex(bytes);
    let (mut span, mut began) = (Span::default(), 0);
    for (field, value) in fields(bytes) {
        match (field, value) {
            (1, Field::Bytes(bytes)) => span.trace = hex(bytes),
            (2, Field::Bytes(bytes)) => span.id = hex(bytes),
            (4, Field::Bytes(bytes)) => span.parent = hex(bytes),
            (5, Field::Bytes(bytes)) => span.name = text(bytes),
            (6, Field::Number(kind)) => span.kind = kind,
            (7, Field::Number(at)) => began = at,
            (8, Field::Number(at)) => span.took = at - began,
            (9, Field::Bytes(pair)) => span.attributes.extend([attribute(pair)]),
            (15, Field::Bytes(status)) => span.failed = status == [0x18, 2],
            (other, _) => panic!("field {other}"),
        }
    }
    span
}
