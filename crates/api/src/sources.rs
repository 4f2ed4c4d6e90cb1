//! Sources: what an operator takes from each, and how.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A source of the book in force, and what its events must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// Its name, as in the path that events are sent to.
    #[schema(example = "feed-a")]
    pub source: String,
    /// The party that sends it; absent where the book names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// What a request must have at the least: `none` (a key), `hmac` (a secret of the source) or
    /// `message` (a signature by a key of the party).
    #[schema(example = "none")]
    pub signed: String,
    /// The earliest `occurred_at` that it may report, RFC 3339.
    pub earliest: String,
    /// How far ahead of its receipt an `occurred_at` may lie, in seconds.
    pub ahead_seconds_max: i64,
    /// The kinds that it may send.
    pub kinds: Vec<SourceKind>,
    /// The dimensions that events may have.
    pub dims: Vec<SourceDim>,
    /// The assets that amounts may be in.
    pub assets: Vec<SourceAsset>,
    /// The schema that its events are checked by; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<SourceSubject>,
}

/// A kind of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceKind {
    /// Its name.
    #[schema(example = "bet")]
    pub kind: String,
    /// Which amounts: `positive`, `non-negative` or `any`; `none` of a kind that cancels another.
    #[schema(example = "positive")]
    pub amount: String,
    /// Whether it has a `ref`: `none`, `optional`, `required`, or `cancels` (needed: the event that
    /// it takes back).
    #[schema(example = "none")]
    pub reference: String,
    /// The kinds that its `ref` may name.
    pub refers_to: Vec<String>,
    /// The dimensions that it must have.
    pub dims: Vec<String>,
}

/// A dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceDim {
    /// Its name.
    #[schema(example = "player")]
    pub dim: String,
    /// Whether its values name people: they are kept apart, and are in no hash.
    pub personal: bool,
    /// Whether its values name companies, by a name or another spelling of the book.
    pub party: bool,
}

/// An asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceAsset {
    /// Its code.
    #[schema(example = "EUR")]
    pub asset: String,
    /// The most decimals that an amount may have.
    pub decimals: u8,
}

/// A subject of the schema registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceSubject {
    /// Its name, below `/schema-registry/subjects`.
    pub subject: String,
    /// The version; absent for the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}
