//! Statements, line by line.

use crate::agreements::Title;
use async_graphql::SimpleObject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What one agreement comes to for one period. Amounts are decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "StatementFacts")]
pub struct Statement {
    /// `agreement:period:version`.
    #[schema(example = "studio-a-share:2026-03:1")]
    pub id: String,
    /// The agreement.
    pub agreement: String,
    /// Its version.
    pub version: u32,
    /// The period.
    #[schema(example = "2026-03")]
    pub period: String,
    /// The period's first instant, RFC 3339.
    pub start: String,
    /// The first instant after it.
    pub end: String,
    /// Who pays when `payable` is above zero.
    pub from: String,
    /// Who is paid then.
    pub to: String,
    /// Code of the asset.
    pub asset: String,
    /// What it comes to.
    #[schema(example = "170.00")]
    pub payable: String,
    /// Whether the period is closed; a draft is what is there now.
    pub closed: bool,
    /// SHA-256 of the body, hexadecimal.
    pub body_sha256: String,
    /// The position in the Log that the close stands on; null for a draft.
    pub cut_position: Option<u64>,
    /// The trace id of the close; null for a draft, and where it is not recorded.
    #[serde(default)]
    pub trace_id: Option<String>,
    /// What each step did, in order.
    #[graphql(skip)]
    pub lines: Vec<Line>,
    /// Balances at the beginning, by name.
    pub opening: BTreeMap<String, String>,
    /// Balances at the end.
    pub closing: BTreeMap<String, String>,
    /// The statement that the balances come from.
    pub previous: Option<Previous>,
    /// When what is payable falls due.
    pub due: Vec<Due>,
    /// Exchange rates that were used.
    pub quotes: Vec<Quote>,
    /// Names of the keys with which both parties signed the version; null where they did not.
    pub signed_by: Option<Vec<String>>,
    /// What is to be paid now: `payable` without what is held.
    pub to_pay: String,
    /// Lines held out of payment.
    pub held: Vec<Held>,
    /// What was posted; empty for a draft.
    pub ledger: Vec<Movement>,
}

/// One thing that one step did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "LineFacts")]
pub struct Line {
    /// Statement id and rule path.
    #[schema(example = "studio-a-share:2026-03:1/20-ggr")]
    pub id: String,
    /// Rule path.
    #[schema(example = "20-ggr")]
    pub path: String,
    /// What kind of thing: `sum`, `deduct`, `share`, `round` and so on.
    pub kind: String,
    /// What later steps refer to it by.
    pub name: String,
    /// What the amount was taken of; null where it is a figure as it stands.
    pub base: Option<String>,
    /// The fraction taken of it.
    pub rate: Option<String>,
    /// What the line states.
    pub amount: String,
    /// What the amount did to the running amount: `set`, `add`, `subtract` or `keep`.
    pub effect: String,
    /// The running amount after it.
    pub running: String,
    /// Every measure that it read.
    #[graphql(skip)]
    pub measures: Vec<Reading>,
    /// What else decided the amount, by name.
    pub notes: BTreeMap<String, String>,
    /// Where it stands: `opening`, `earned`, `deductions`, `tax`, `reserve`, `carry`, `exchange` or
    /// `corrections`.
    pub section: String,
    /// What people read.
    pub title: Title,
    /// How the agreement classes it; empty for none.
    #[serde(rename = "type")]
    #[graphql(name = "type")]
    pub class: String,
    /// The class within it.
    pub subtype: String,
    /// Code of the asset where it is not the statement's.
    pub asset: Option<String>,
    /// Of how many the amount is.
    pub quantity: Option<String>,
}

/// A measure as a line read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
#[graphql(name = "ReadingFacts")]
pub struct Reading {
    /// Name of the measure.
    #[graphql(name = "name")]
    pub measure: String,
    /// Its value under the selection in force.
    pub value: String,
    /// Postings that it stands on.
    pub count: u64,
}

/// The statement that another one continues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Previous {
    /// Its id.
    pub id: String,
    /// SHA-256 of its body, hexadecimal.
    pub body_sha256: String,
}

/// A part of what is payable, and its day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Due {
    /// The day.
    #[schema(example = "2026-04-10")]
    pub date: String,
    /// How much.
    pub amount: String,
}

/// An exchange rate that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Quote {
    /// The source of quotes.
    pub source: String,
    /// The asset exchanged.
    pub base: String,
    /// The asset it became.
    pub quote: String,
    /// Of what dates.
    pub on: String,
    /// One unit of `base` in `quote`.
    pub rate: String,
    /// Where it is from: dates and pairs used.
    pub from: String,
}

/// A file, as it is.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct File(pub Vec<u8>);

/// A line held out of payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Held {
    /// Rule path of the line.
    pub line: String,
    /// What it takes from the payment.
    pub amount: String,
    /// Why.
    pub reason: String,
    /// When, RFC 3339.
    pub at: String,
    /// By whom.
    pub by: String,
}

/// What a statement moves in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, SimpleObject)]
pub struct Movement {
    /// Rule path of the line; empty for what the statement begins with.
    pub line: String,
    /// Account debited.
    pub debit: String,
    /// Account credited.
    pub credit: String,
    /// How much.
    pub amount: String,
    /// Code of the asset.
    pub asset: String,
}
