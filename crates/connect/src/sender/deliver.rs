//! One try: headers, signature, POST.

use super::{Attempt, Endpoint, Message};
use crate::post::{Answer, Client, Failure, Idle};
use crate::sign;
use hyper::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Says how often a message was sent: 1 where it surely was not sent before.
const ATTEMPT: HeaderName = HeaderName::from_static("saldo-attempt");
const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
/// The try as a part of the trace that the message follows from.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// How a try ended.
pub(super) struct Delivered {
    pub(super) message: Arc<Message>,
    pub(super) attempt: Attempt,
    pub(super) retry_after: Option<Duration>,
}

/// Tries to deliver a message.
pub(super) async fn deliver(
    endpoint: Arc<Endpoint>,
    client: Client,
    idle: Idle,
    message: Arc<Message>,
    number: u32,
) -> Delivered {
    let (at, began) = (SystemTime::now(), Instant::now());
    let span = super::random().max(1);
    let answer = send(&endpoint, &client, &idle, &message, (number, span), at).await;
    let retry_after = answer.as_ref().ok().and_then(|answer| answer.retry_after);
    let attempt = Attempt {
        at,
        id: message.id.clone(),
        cursor: message.cursor,
        kind: message.kind,
        subject: message.subject.clone(),
        trace: message.trace,
        span,
        number,
        outcome: answer.map(|answer| answer.status.as_u16()),
        took: began.elapsed(),
    };
    Delivered { message, attempt, retry_after }
}

async fn send(
    endpoint: &Endpoint,
    client: &Client,
    idle: &Idle,
    message: &Message,
    (number, span): (u32, u64),
    at: SystemTime,
) -> Result<Answer, Failure> {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    let nanos = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    let holding = endpoint.secrets.iter().filter(|(_, until)| *until > nanos);
    let secrets: Vec<&[u8]> = holding.map(|(secret, _)| secret.as_slice()).collect();
    let signed = sign::signatures(&secrets, &message.id, seconds, &message.body);
    let mut headers = vec![
        (CONTENT_TYPE, "application/json".to_owned()),
        (USER_AGENT, concat!("Saldo/", env!("CARGO_PKG_VERSION")).to_owned()),
        (ID, message.id.clone()),
        (TIMESTAMP, seconds.to_string()),
        (SIGNATURE, signed),
        (DIGEST, sign::content_digest(&message.body)),
        (ATTEMPT, number.to_string()),
    ];
    if let Some(trace) = message.trace {
        let flags = u8::from(message.sampled);
        headers.push((TRACEPARENT, format!("00-{trace}-{span:016x}-0{flags}")));
    }
    client.post(&endpoint.target, idle, &headers, &message.body).await
}

/// Sends one message at once, beside everything that is under way.
pub async fn once(endpoint: Endpoint, client: Client, message: Message) -> Attempt {
    let (endpoint, message) = (Arc::new(endpoint), Arc::new(message));
    deliver(endpoint, client, Idle::default(), message, 1).await.attempt
}
