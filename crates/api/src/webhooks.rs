//! Webhooks: endpoints that are called when something changes, and what became of each call.

use crate::access::MadeBefore;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An endpoint to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where deliveries go: `https`, at a public address.
    #[schema(example = "https://example.com/saldo")]
    pub url: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// Which changes are sent: names such as `event.posted`, or `event.*`; none for every one.
    #[serde(default)]
    pub types: Vec<String>,
    /// The party whose changes alone are sent; a counterparty's credential makes its own only.
    #[serde(default)]
    pub party: Option<String>,
}

/// An endpoint that was made, with the secret that signs: shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeWebhook {
    /// The endpoint's id.
    pub id: String,
    /// The secret, as libraries for Standard Webhooks take it.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")]
    pub secret: String,
}

/// A rotation: of now, or of an earlier request under the same `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum RotatedWebhook {
    /// The new secret, shown this once.
    Now(MadeWebhook),
    /// What was done before.
    Before(MadeBefore),
}

/// What of an endpoint is to be changed; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    /// Where deliveries go.
    #[serde(default)]
    pub url: Option<String>,
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// Which changes are sent.
    #[serde(default)]
    pub types: Option<Vec<String>>,
    /// Whether anything is sent. What changed meanwhile is sent afterwards.
    #[serde(default)]
    pub enabled: Option<bool>,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Where deliveries go.
    pub url: String,
    /// What people call it.
    pub name: String,
    /// Which changes are sent; none for every one.
    pub types: Vec<String>,
    /// The party whose changes alone are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// `active`; `paused` while nearly everything fails, until a probe arrives; `disabled`;
    /// `gone` after it answered 410.
    #[schema(example = "active")]
    pub state: String,
    /// Everything up to this place of the feed was delivered.
    pub delivered: String,
    /// Failures in a row.
    pub failures: u32,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// Who made it.
    pub created_by: String,
    /// Secrets that sign now: more than one while one gives way to another.
    pub secrets: u64,
}

/// How a secret gives way to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// Hours for which the old secret signs beside the new one: 0 to 168; 24 where it is absent.
    #[serde(default)]
    pub overlap_hours: Option<u32>,
}

/// One try to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// When it began, RFC 3339.
    pub at: String,
    /// The change: `webhook-id` of the request.
    pub id: String,
    /// Its place in the feed.
    pub cursor: String,
    /// What changed.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// `Saldo-Attempt` of the request: 1 for what was surely not sent before.
    pub attempt: u32,
    /// Whether it arrived: the answer was 2xx.
    pub arrived: bool,
    /// The status of the answer; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long it took, milliseconds.
    pub took_ms: u64,
}
