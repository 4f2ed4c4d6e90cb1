//! Periods of agreements, and what touched them since.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A period of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeriodRow {
    /// The agreement.
    pub agreement: String,
    /// The period.
    #[schema(example = "2026-03")]
    pub period: String,
    /// `open`, `provisional` (over, not closed) or `closed`.
    pub state: String,
    /// When it begins, RFC 3339 in UTC.
    pub starts_at: String,
    /// When it ends.
    pub ends_at: String,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
    /// Who pays when the payable amount is above zero.
    pub from: String,
    /// Who is paid then.
    pub to: String,
    /// What the statement comes to, a decimal; of a closed period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payable: Option<String>,
    /// The asset that it is settled in.
    pub asset: String,
}

/// What touched one period of one agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notices {
    /// The agreement.
    pub agreement: String,
    /// The period.
    pub period: String,
    /// Commands that posted something in it.
    pub commands: Vec<CommandNotice>,
    /// Lines of later statements that correct it.
    pub corrections: Vec<CorrectionNotice>,
}

/// A command that posted something in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommandNotice {
    /// Its position.
    pub position: u64,
    /// Its place in the control stream.
    pub sequence: u64,
    /// When it was given, RFC 3339 in UTC.
    pub at: String,
    /// Who gave it.
    pub by: String,
    /// What it is.
    pub command: String,
    /// Why.
    pub reason: Option<String>,
    /// Source of the event.
    pub source: String,
    /// Id of the event.
    pub event: String,
    /// Amount and asset before.
    pub before: Option<String>,
    /// Amount and asset after.
    pub after: Option<String>,
    /// What moved on the accounts that the agreement reads: credits less debits.
    pub moved: Vec<Moved>,
    /// Whether it came after the close.
    pub late: bool,
    /// The line of a later statement that corrects for it.
    pub correction: Option<String>,
}

/// What moved on an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Moved {
    /// Path of the account.
    pub account: String,
    /// Code of the asset.
    pub asset: String,
    /// Credits less debits, a decimal.
    pub amount: String,
}

/// A line of a later statement that corrects a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CorrectionNotice {
    /// The line.
    pub line: String,
    /// What it corrects.
    pub corrects: String,
    /// The amount before, a decimal.
    pub was: String,
    /// The amount now.
    pub now: String,
    /// Code of the asset.
    pub asset: String,
    /// When the statement that has the line was closed.
    pub closed_at: String,
}
