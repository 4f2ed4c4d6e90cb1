//! Commands: what was asked for, and what was recorded.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A command that was given, as it is in the Log. It is the same however often it is asked for
/// again under the same key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Given {
    /// Its position; `Saldo-After` of reads that must see its effects is one more.
    pub position: u64,
    /// When it was given, RFC 3339 in UTC.
    pub at: String,
    /// Who gave it.
    #[schema(example = "key:5f1d2a")]
    pub by: String,
    /// What it is: `close`, `fix`, `replay`, `resolve`, `hold`, `release`, `book`, `invoice` …
    pub command: String,
    /// What it is about, in a few words.
    pub about: String,
    /// Why it was given, where that is recorded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The trace id of the request that gave it, where that is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// How to close a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// Close it before it is over: what comes for it later is late.
    #[serde(default)]
    pub force: bool,
    /// Why; needed where it is forced.
    #[serde(default)]
    pub reason: String,
}

/// Why a line is held or released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// Why; counterparties read it.
    pub reason: String,
}

/// How a tax invoice is amended: by documents of their own; the original stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendInvoice {
    /// `correction`, `change`, `return`, `cancel`, `letter-of-credit` or `double`, or as the form
    /// calls it.
    #[schema(example = "change")]
    pub reason: String,
    /// The day on which it came about, or the mistake was found.
    #[schema(example = "2026-04-17")]
    pub changed: String,
    /// By how much the supply rises or, below zero, falls, in whole won; for a letter of credit
    /// the supply that it covers; absent for what takes all back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "-120000")]
    pub supply_change: Option<String>,
}

/// A period whose tax invoice is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvoice {
    /// The agreement.
    pub agreement: String,
    /// The closed period.
    pub period: String,
}
