//! What a sender is given: the feed of its operator as messages, and somebody to tell how far it
//! came. Both let the operator go when the service ends.

use super::Webhooks;
use crate::app::Tenant;
use crate::otel::span;
use crate::told::told;
use crate::trace::alone;
use node::connect::{Attempt, Batch, Feed, Message, Progress};
use node::engine::query::{Change, ChangeFilter, Cursor};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status};
use std::sync::Weak;

/// The feed of an operator, for one endpoint.
pub(super) struct TenantFeed {
    pub(super) tenant: Weak<Tenant>,
    pub(super) filter: ChangeFilter,
}

impl Feed for TenantFeed {
    fn after(&self, place: Cursor, most: usize) -> Result<Batch, String> {
        let tenant = self.tenant.upgrade().ok_or("the service ends")?;
        let read = tenant
            .service
            .read(|session| session.operator.engine.changes(place, &self.filter, most));
        let page = read.map_err(|error| error.to_string())?;
        let (operator, party) = (tenant.service.operator(), self.filter.party.as_deref());
        let message = |change: Change| {
            let (cursor, kind, trace) = (change.cursor, change.kind.name(), change.trace);
            let subject = change.subject.clone();
            let change = told(operator, change, party);
            let body = serde_json::to_vec(&change).map_err(|error| error.to_string())?;
            let (id, body) = (change.id, body.into());
            let sampled = trace.is_some_and(|trace| tenant.is_exported(trace));
            Ok(Message { cursor, id, kind, subject, trace, sampled, body })
        };
        let messages: Result<Vec<Message>, String> =
            page.changes.into_iter().map(message).collect();
        Ok(Batch { messages: messages?, reached: page.reached, more: page.more })
    }
}

/// Who is told how far an endpoint came.
pub(super) struct TenantProgress {
    pub(super) tenant: Weak<Tenant>,
    pub(super) id: String,
}

impl Progress for TenantProgress {
    fn tried(&self, attempt: &Attempt) {
        let Some(tenant) = self.tenant.upgrade() else { return };
        let Some((spans, trace)) = tenant.spans.get().zip(attempt.trace) else { return };
        if !spans.takes(trace, None) {
            return;
        }
        let name = format!("webhook {}", attempt.kind);
        let mut span = span::ended((trace, None), (attempt.span, name), attempt.took);
        span.span_kind = SpanKind::Client;
        span.attributes = vec![
            KeyValue::new("saldo.operator", tenant.service.operator().to_owned()),
            KeyValue::new("saldo.webhook", self.id.clone()),
            KeyValue::new("saldo.attempt", i64::from(attempt.number)),
        ];
        if let Ok(status) = attempt.outcome {
            let status = i64::from(status);
            span.attributes.push(KeyValue::new("http.response.status_code", status));
        }
        if !attempt.arrived() {
            span.status = Status::error("");
        }
        spans.put(span);
    }

    fn arrived(&self, place: Cursor) {
        if let Some(tenant) = self.tenant.upgrade() {
            tenant.webhooks.came(&self.id, place);
        }
    }

    fn gone(&self) {
        let (Some(tenant), id) = (self.tenant.upgrade(), self.id.clone()) else { return };
        alone(move || {
            let stop = move |session: &mut node::Session| {
                node::webhooks::stop(session, &id, "it answered 410 Gone")
            };
            // Where it cannot be recorded it is asked once more after a start, and says so again.
            if matches!(tenant.command(stop), Ok(Ok(_))) {
                let _ = Webhooks::refresh(&tenant);
            }
        });
    }
}
