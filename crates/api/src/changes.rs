//! The feed of changes: one shape for those who poll, those who watch, and those who are called.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Its id: the same wherever and whenever it is told.
    #[schema(example = "chg_house_1042_1")]
    pub id: String,
    /// Its place in the feed: what comes after it is asked for by this.
    #[schema(example = "1042.1")]
    pub cursor: String,
    /// What changed.
    #[serde(rename = "type")]
    #[schema(example = "event.posted")]
    pub kind: String,
    /// When it came or was commanded, RFC 3339 in UTC.
    pub timestamp: String,
    /// What it is about. Changes of one subject are told in order.
    #[schema(example = "events/feed-a/t-81")]
    pub subject: String,
    /// The trace id of what brought the event or gave the command, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "0af7651916cd43dd8448eb211c80319c")]
    pub trace_id: Option<String>,
    /// The counterparties that see it too; one of them is told itself alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<String>,
    /// Details. Amounts are decimal strings, times RFC 3339 in UTC.
    pub data: BTreeMap<String, Detail>,
}

/// A detail of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Detail {
    /// A text, a time, or an amount as a decimal.
    Text(String),
    /// A number that is no money: a position, a count.
    Number(u64),
    /// Yes or no.
    Flag(bool),
}

/// Changes in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Changes {
    /// What is on the page.
    pub items: Vec<Change>,
    /// What `after` must be for what follows: there always is a next page, now or later.
    #[schema(example = "1043.0")]
    pub next: String,
    /// Whether it is worth asking again at once.
    pub more: bool,
}
