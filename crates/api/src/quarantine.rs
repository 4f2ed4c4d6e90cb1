//! What needs a person: quarantined records and contests; and what refers to an event.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A quarantined record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quarantined {
    /// Its position: the name under which it is fixed and replayed.
    pub id: u64,
    /// Its source.
    pub source: String,
    /// Why.
    #[schema(example = "E2401")]
    pub code: String,
    /// The stage of verification that it failed in.
    pub stage: String,
    /// One sentence.
    pub reason: String,
    /// Its event id, when it could be read.
    pub event_id: Option<String>,
    /// When it was received, RFC 3339 in UTC.
    pub received_at: String,
    /// The trace id of the request or run that brought it; null for what is older than such ids.
    #[serde(default)]
    pub trace_id: Option<String>,
    /// The row as it came, while it is kept; only where one record is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// An id that came with two contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contest {
    /// Position of the later content: the name under which it is resolved.
    pub id: u64,
    /// Position of the content that is posted.
    pub first: u64,
    /// Source of both.
    pub source: String,
    /// Event id of both.
    pub event_id: String,
}

/// A record that refers to an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Referring {
    /// Its position.
    pub position: u64,
    /// Its source.
    pub source: String,
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
}

/// A corrected event for a quarantined record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// The event, in Saldo's own shape.
    #[schema(value_type = Object)]
    pub event: Box<serde_json::value::RawValue>,
    /// Why; counterparties read it.
    pub reason: String,
}

/// Which content of a contest counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// Which one.
    pub keep: Keep,
    /// Why; counterparties read it.
    pub reason: String,
}

/// One of the two contents of a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The one that is posted.
    First,
    /// The later one.
    Later,
}
