//! What is exported of a piece of work. No body, no header and nothing that a caller wrote into a
//! path goes into it: names are words of this program, routes and sources.

use node::engine::trace::TraceId;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, trace};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use std::time::{Duration, SystemTime};

/// The span of what ended just now and took so long: on neither side of a call, without details,
/// and not failed.
pub fn ended(
    (trace, parent): (TraceId, Option<u64>),
    (id, name): (u64, String),
    took: Duration,
) -> SpanData {
    let end_time = SystemTime::now();
    SpanData {
        span_context: context(trace, id, TraceFlags::SAMPLED),
        parent_span_id: parent.map_or(SpanId::INVALID, |id| SpanId::from_bytes(id.to_be_bytes())),
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: name.into(),
        start_time: end_time.checked_sub(took).unwrap_or(end_time),
        end_time,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("saldo").build(),
    }
}

/// Where in which trace a span is, as the libraries have it.
pub(super) fn context(trace: TraceId, id: u64, flags: TraceFlags) -> SpanContext {
    let trace = trace::TraceId::from_bytes(trace.bytes());
    let id = SpanId::from_bytes(id.to_be_bytes());
    SpanContext::new(trace, id, flags, true, TraceState::NONE)
}
