//! Spans as the bytes of OTLP: `ExportTraceServiceRequest` of opentelemetry-proto, in protobuf.
//! Of the whole schema these are the few fields that are sent.

use super::span::{Kind, Span, Value};

/// The first field of a message, and what its bytes are.
const LENGTH: u64 = 2;
const FIXED64: u64 = 1;
const VARINT: u64 = 0;

/// Writes one message.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
            value >>= 7;
        }
        self.0.push(u8::try_from(value).unwrap_or(0));
    }

    fn key(&mut self, field: u64, wire: u64) {
        self.varint(field << 3 | wire);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.key(field, VARINT);
        self.varint(value);
    }

    fn fixed64(&mut self, field: u64, value: u64) {
        self.key(field, FIXED64);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.key(field, LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.0);
    }

    /// A `KeyValue`.
    fn attribute(&mut self, field: u64, name: &str, value: &Value) {
        self.message(field, |pair| {
            pair.bytes(1, name.as_bytes());
            pair.message(2, |any| match value {
                Value::Text(text) => any.bytes(1, text.as_bytes()),
                Value::Word(word) => any.bytes(1, word.as_bytes()),
                Value::Number(number) => any.number(3, *number),
            });
        });
    }

    fn span(&mut self, field: u64, span: &Span) {
        self.message(field, |out| {
            out.bytes(1, &span.trace.bytes());
            out.bytes(2, &span.id.to_be_bytes());
            if let Some(parent) = span.parent {
                out.bytes(4, &parent.to_be_bytes());
            }
            out.bytes(5, span.name.as_bytes());
            let kind = match span.kind {
                Kind::Internal => 1,
                Kind::Server => 2,
                Kind::Client => 3,
            };
            out.number(6, kind);
            out.fixed64(7, span.started_at);
            out.fixed64(8, span.ended_at);
            for (name, value) in &span.attributes {
                out.attribute(9, name, value);
            }
            if span.failed {
                out.message(15, |status| status.number(3, 2));
            }
        });
    }
}

/// The request that exports these spans of a service.
pub fn request(service: &str, spans: &[Span]) -> Vec<u8> {
    let mut request = Message::default();
    request.message(1, |resource_spans| {
        resource_spans.message(1, |resource| {
            resource.attribute(1, "service.name", &Value::Text(service.to_owned()));
            let version = Value::Word(env!("CARGO_PKG_VERSION"));
            resource.attribute(1, "service.version", &version);
        });
        resource_spans.message(2, |scope_spans| {
            scope_spans.message(1, |scope| scope.bytes(1, b"saldo"));
            spans.iter().for_each(|span| scope_spans.span(2, span));
        });
    });
    request.0
}
