//! Events brought in, and what became of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to events that were brought in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    /// `accepted`: every event is durable. `applied`: its effects can be read.
    #[schema(example = "accepted")]
    pub state: String,
    /// How many events the request had.
    pub events: u64,
    /// When they were received, RFC 3339 in UTC.
    pub received_at: String,
    /// The position after the last of them: `Saldo-After` of reads that must see them.
    pub position: u64,
    /// What became of each, in the order sent; only where the request waited for `applied`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<EventResult>,
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventResult {
    /// Its place in the request, from 0.
    pub at: u64,
    /// `posted`, `duplicate`, `waiting` or `quarantined`.
    pub outcome: String,
    /// Its number in the Log.
    pub position: u64,
    /// Its number in its stream; a duplicate has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// Why it was quarantined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}
