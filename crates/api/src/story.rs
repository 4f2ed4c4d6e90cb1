//! Stories: how an amount came about, and what became of an event.

use crate::figures::TotalRow;
use crate::statement::Line;
use async_graphql::SimpleObject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Everything behind a line of a closed statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineStory {
    /// Id of the statement.
    pub statement: String,
    /// The position in the Log that the close stands on.
    pub closed_at_position: u64,
    /// The revision of the book that it was rated under.
    pub book_revision: u32,
    /// The line and what it stands on.
    #[serde(flatten)]
    pub line: LinePart,
    /// The earlier lines that it was taken of, and those that these were taken of, nearest first.
    pub earlier: Vec<LinePart>,
}

/// A line and what it stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinePart {
    /// The line.
    pub line: Line,
    /// Ids of the earlier lines, or statements, that it was taken of.
    pub taken_of: Vec<String>,
    /// The measures that it read.
    pub measures: Vec<MeasureStory>,
}

/// What stands behind a measure that a line read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeasureStory {
    /// Name of the measure.
    pub measure: String,
    /// The accounts that it is made from, those with the most postings first. Where an account
    /// names another counterparty, its names are `*` and its sums those of all such accounts.
    pub accounts: Vec<TotalRow>,
    /// The first events posted on them; to a counterparty those of its own sources.
    pub events: Vec<EventName>,
}

/// Where an event is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "EventFacts")]
pub struct EventName {
    /// Its position in the Log.
    pub position: u64,
    /// Its source.
    pub source: String,
    /// Its id.
    pub id: String,
    /// The trace id of the request or run that brought it; null for what is older than such ids.
    #[serde(default)]
    pub trace_id: Option<String>,
}

/// An event, what became of it, and where it is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "EventStory")]
pub struct EventStory {
    /// Its position in the Log.
    pub position: u64,
    /// Its source.
    pub source: String,
    /// Its id; null for a row that could not be read as an event, as all that such a row lacks.
    pub id: Option<String>,
    /// Its kind.
    pub kind: Option<String>,
    /// When it happened, RFC 3339.
    pub occurred_at: Option<String>,
    /// Its amount, a decimal as stated.
    pub amount: Option<String>,
    /// Code of its asset.
    pub asset: Option<String>,
    /// Its dimensions that are not personal.
    pub dims: Option<BTreeMap<String, String>>,
    /// Pseudonyms of the people in it, by dimension.
    pub personal: Option<BTreeMap<String, String>>,
    /// Those that were forgotten since, by dimension.
    #[graphql(skip)]
    pub erased: Option<BTreeMap<String, Erased>>,
    /// What it refers to.
    #[serde(rename = "ref")]
    #[graphql(name = "ref")]
    pub reference: Option<EventKey>,
    /// `posted`, `waiting` or `quarantined`.
    pub outcome: String,
    /// Why it is quarantined.
    pub code: Option<String>,
    /// The stage of verification that found it.
    pub stage: Option<String>,
    /// What is wrong in particular.
    pub reason: Option<String>,
    /// Its number in its stream.
    pub sequence: Option<u64>,
    /// Hash of its canonical form, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
    /// When it was received, RFC 3339.
    pub received_at: String,
    /// The trace id of the request or run that brought it; null for what is older than such ids.
    #[serde(default)]
    pub trace_id: Option<String>,
    /// The mapping that it was read by; empty for none.
    pub mapping: String,
    /// The revision of the book that it was verified under.
    pub book_revision: u32,
    /// What was posted for it.
    pub postings: Vec<Posting>,
    /// Positions of records with the same id and other content.
    pub contests: Vec<u64>,
    /// The row as it came; null where it is not kept any more.
    pub raw: Option<String>,
    /// The row as the version in force of its source's schema has it, where it was checked by one.
    #[serde(default)]
    #[graphql(skip)]
    pub row: Option<RowNow>,
    /// The periods of agreements that read what was posted.
    #[serde(default)]
    pub seen_in: Vec<SeenIn>,
}

/// A row as a version of a schema has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowNow {
    /// The version.
    pub version: u32,
    /// The row.
    #[schema(value_type = Object)]
    pub event: serde_json::Value,
}

/// The record of a person's erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Erased {
    /// When, RFC 3339.
    pub at: String,
    /// By whom.
    pub by: String,
}

/// Source and id of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct EventKey {
    /// The source.
    pub source: String,
    /// The id.
    pub id: String,
}

/// A debit and a credit of the same amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Posting {
    /// Account debited.
    pub debit: String,
    /// Account credited.
    pub credit: String,
    /// Code of the asset.
    pub asset: String,
    /// How much, a decimal.
    pub amount: String,
    /// The quarter of an hour that it counts in, RFC 3339.
    pub bucket: String,
}

/// A period of an agreement that reads what was posted for an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct SeenIn {
    /// The agreement.
    pub agreement: String,
    /// The period.
    pub period: String,
    /// Id of its statement; null while it is not closed.
    pub statement: Option<String>,
    /// Whether it came after the close: then a later statement corrects it.
    pub late: bool,
    /// The measures of the agreement that count it.
    pub measures: Vec<String>,
}
