//! Events brought in, and what became of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to events that were brought in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    /// `accepted`: every event is durable. `applied`: its effects can be read. `dry_run`: nothing
    /// was taken.
    #[schema(example = "accepted")]
    pub state: String,
    /// How many events the request had.
    pub events: u64,
    /// The trace id that they are found by from here on: that of the request's `traceparent`, else
    /// a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "0af7651916cd43dd8448eb211c80319c")]
    pub trace_id: Option<String>,
    /// When they were received, RFC 3339 in UTC.
    pub received_at: String,
    /// The position after the last of them: `Saldo-After` of reads that must see them.
    pub position: u64,
    /// What became of each, in the order sent; only where the request waited for `applied`, or
    /// what would become of it for `dry_run`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<EventResult>,
    /// The published head of the source's stream that has these events, where there is one
    /// already: it is published when the effects are durable, some seconds later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<StreamHead>,
    /// What the operator signs for them: keep it. Of the event where it came alone, else of the
    /// range of rows; absent where there was no row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// One for each row, in the order sent; only with `receipts=each`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
}

/// The published head of a stream's tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StreamHead {
    /// `OPERATOR/SOURCE`.
    #[schema(example = "casino/studio-a")]
    pub origin: String,
    /// Leaves of the tree.
    pub size: u64,
    /// Its root, base64.
    pub root: String,
    /// The three as a signed note: a checkpoint of C2SP tlog-checkpoint.
    pub note: String,
}

/// A receipt: `saldo proof check` checks it, `docs/formats.md` says what is hashed and signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// 1.
    #[serde(rename = "saldo-proof")]
    pub version: u32,
    /// `receipt`.
    #[serde(rename = "type")]
    #[schema(example = "receipt")]
    pub kind: String,
    /// The record; absent where it is of a whole range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<ReceiptEntry>,
    /// The rows that came in one request, where there were several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<ReceiptRange>,
    /// Where the record is in the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<ReceiptMember>,
    /// The leaf's place in the signed tree.
    pub index: u64,
    /// From the leaf up to the signed root, base64.
    pub path: Vec<String>,
    /// The signed head: operator and source, size, root, received at, latest inclusion (both in
    /// nanoseconds UTC), and the signature with the key's name and hash.
    pub note: String,
}

/// An event, or a row that is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptEntry {
    /// The event's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Hash of the canonical event, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
    /// Of a row that is no event: hash of its record, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_hash: Option<String>,
}

/// Rows that came in one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptRange {
    /// How many.
    pub count: u64,
    /// Root of the tree over them, base64.
    pub root: String,
}

/// The place of a record in a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptMember {
    /// From 0.
    pub at: u64,
    /// From the record up to the range's root, base64.
    pub path: Vec<String>,
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventResult {
    /// Its place in the request, from 0.
    pub at: u64,
    /// `posted`, `duplicate`, `waiting` or `quarantined`.
    pub outcome: String,
    /// Its number in the Log; nothing that was only tried has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// Its number in its stream; a duplicate has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// Why it was quarantined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The stage of verification that it failed; only of what was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "schema")]
    pub stage: Option<String>,
    /// What is wrong with it; only of what was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What is held of a source, hour by hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceDigest {
    /// The source.
    pub source: String,
    /// The position after the last record that was looked at.
    pub position: u64,
    /// Events of all these hours.
    pub count: u64,
    /// The hours that have an event, ascending.
    pub hours: Vec<HourDigest>,
}

/// What is held of one hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HourDigest {
    /// When it begins, RFC 3339 in UTC.
    #[schema(example = "2026-03-01T00:00:00Z")]
    pub hour: String,
    /// Events, by the time that they state.
    pub count: u64,
    /// Sum of their content hashes as numbers of 256 bits, least byte first, without what is
    /// carried beyond; hexadecimal.
    pub digest: String,
    /// By kind and asset.
    pub sums: Vec<KindSum>,
}

/// Events of one kind and asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KindSum {
    /// Kind.
    pub kind: String,
    /// Code of the asset; absent of events without an amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// Events.
    pub count: u64,
    /// Sum of their amounts as stated, a decimal.
    #[schema(example = "120.50")]
    pub amount: String,
}
