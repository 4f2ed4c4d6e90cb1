//! Legal holds, and how long what is kept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be held: raw rows of a party, of a source, of days of receipt, or of all of these at
/// once. At least one is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLegalHold {
    /// A party: its own sources, and those that are no other party's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// A source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The first day of receipt (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-03-01")]
    pub from: Option<String>,
    /// The last day of receipt; absent: also what is yet to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The person who orders it.
    #[schema(min_length = 1, example = "Kim, general counsel")]
    pub ordered_by: String,
    /// Why.
    #[schema(min_length = 1)]
    pub reason: String,
}

/// Why a hold is lifted, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftLegalHold {
    /// The person who orders it.
    #[schema(min_length = 1)]
    pub ordered_by: String,
    /// Why.
    #[schema(min_length = 1)]
    pub reason: String,
}

/// A legal hold: while it stands, no raw row that it covers is dropped or overwritten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LegalHold {
    /// Its id.
    pub id: String,
    /// The party whose rows are held.
    pub party: Option<String>,
    /// The source whose rows are held.
    pub source: Option<String>,
    /// The first day of receipt; absent for all before.
    pub from: Option<String>,
    /// The last one; absent for all after.
    pub to: Option<String>,
    /// That it was placed.
    pub placed: HoldStep,
    /// That it was lifted; absent while it stands.
    pub lifted: Option<HoldStep>,
}

/// What was done about a legal hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoldStep {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who gave the command.
    pub by: String,
    /// The person who ordered it.
    pub ordered_by: String,
    /// Why.
    pub reason: String,
    /// Position of the command.
    pub position: u64,
}

/// How long what is kept, and what is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retention {
    /// Days that raw rows are kept where no hold says longer.
    pub raw_retention_days: u32,
    /// What is kept.
    pub kept: Vec<Kept>,
    /// Raw rows, by source.
    pub raw_rows: Vec<RawRows>,
}

/// What is kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Kept {
    /// What.
    pub what: String,
    /// Until when, in a few words.
    pub until: String,
    /// The setting that says so; absent where none does.
    pub setting: Option<String>,
}

/// Raw rows of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RawRows {
    /// The source.
    pub source: String,
    /// The first day of receipt of what there is.
    pub from: String,
    /// The last one.
    pub to: String,
    /// Bytes on the disk.
    pub bytes: u64,
    /// The day on which the first of them are dropped; absent where holds cover all.
    pub due: Option<String>,
    /// Bytes whose time is over and that legal holds keep.
    pub overdue_held_bytes: u64,
    /// The legal holds that cover some of them.
    pub held_by: Vec<String>,
}
