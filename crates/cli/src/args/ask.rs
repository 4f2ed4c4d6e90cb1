//! Arguments of the commands that show and prove.

use crate::output::{Format, Paper, Plain, Speech};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `saldo statement`
#[derive(Debug, Args)]
pub struct Statement {
    /// The agreement.
    pub agreement: String,
    /// The period.
    pub period: String,
    /// Rate what is there now, whether the period is closed or not; nothing is recorded.
    #[arg(long)]
    pub draft: bool,
    /// How to show it.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Paper,
    /// The language of tables, PDF and XLSX, and of the titles in CSV; JSON has both.
    #[arg(long, value_enum, default_value = "en")]
    pub lang: Speech,
    /// The file to write; an existing one is replaced. Without it everything goes to standard
    /// output, but PDF and XLSX never to a terminal.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `saldo totals`
#[derive(Debug, Args)]
pub struct Totals {
    /// Only accounts like this: `play:*` (everything below play), `play:*:*:stakes`.
    #[arg(long, value_name = "PATTERN")]
    pub account: Option<String>,
    /// From this time on: 2016-11-01 or 2016-11-01T00:15:00Z, a quarter of an hour UTC.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// How to show them.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `saldo balance`
#[derive(Debug, Args)]
pub struct Balance {
    /// Only this agreement.
    #[arg(long, value_name = "NAME")]
    pub agreement: Option<String>,
    /// Only agreements with this party.
    #[arg(long, value_name = "NAME")]
    pub party: Option<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `saldo measure`
#[derive(Debug, Args)]
pub struct Measure {
    /// The measure, as the book names it.
    pub name: String,
    /// The period: 2016-11, 2016-H1, 2016-W47, 2016-11-03.
    #[arg(long)]
    pub period: String,
    /// The zone whose midnights bound the period; the book's own where it is not given.
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// One row per value of this dimension; may be given several times.
    #[arg(long, value_name = "DIMENSION")]
    pub by: Vec<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `saldo explain`
#[derive(Debug, Args)]
#[command(override_usage = "saldo [-C DIR] explain LINE\n       \
                            saldo [-C DIR] explain event SOURCE ID\n       \
                            saldo explain CODE | codes")]
pub struct Explain {
    /// A statement line's id, `event SOURCE ID`, a code such as E1203, or `codes` for all of them.
    #[arg(required = true, num_args = 1..=3, value_name = "WHAT")]
    pub what: Vec<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo log`
#[derive(Debug, Subcommand)]
pub enum Log {
    /// What each stage of verification passed and failed, frame by frame.
    Verify(LogVerify),
    /// Who commanded what, and what was denied: every command in the Log.
    Commands(LogCommands),
}

/// `saldo log commands`
#[derive(Debug, Args)]
pub struct LogCommands {
    /// Only what this author gave: an account, or `key:ID`, `client:ID`, `person:ID`.
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
    /// Only commands of this kind: close, access, deny, sign-in …
    #[arg(long, value_name = "WORD")]
    pub kind: Option<String>,
    /// From this time on, RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// At most this many, from the first.
    #[arg(long)]
    pub limit: Option<usize>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `saldo log verify`
#[derive(Debug, Args)]
pub struct LogVerify {
    /// Only this source.
    #[arg(long)]
    pub source: Option<String>,
    /// Only where this stage failed something: envelope, schema, reference, meaning, control.
    #[arg(long)]
    pub stage: Option<String>,
    /// Only where this code was found.
    #[arg(long)]
    pub code: Option<String>,
    /// At most this many entries, the latest.
    #[arg(long)]
    pub limit: Option<usize>,
    /// How to show it.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `saldo status`
#[derive(Debug, Args)]
pub struct Status {
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo prove`
#[derive(Debug, Subcommand)]
pub enum Prove {
    /// That an event is in its stream, unaltered.
    Event {
        /// Its source.
        source: String,
        /// Its id.
        id: String,
        /// The file to write.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// That a statement follows from its rule, its measures and its events.
    Statement {
        /// The agreement.
        agreement: String,
        /// The period, closed.
        period: String,
        /// The file to write.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

/// `saldo evidence`
#[derive(Debug, Args)]
pub struct Evidence {
    /// The agreement.
    pub agreement: String,
    /// The period, closed.
    pub period: String,
    /// The ZIP file to write.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// `saldo proof`
#[derive(Debug, Subcommand)]
pub enum Proof {
    /// Check a proof file offline, with the operator's public key.
    Check(ProofCheck),
}

/// `saldo proof check`
#[derive(Debug, Args)]
pub struct ProofCheck {
    /// The proof file.
    pub file: PathBuf,
    /// The operator's public key, had by another way than the proof (keys/OPERATOR/public.key).
    /// May be given several times: any of them may have signed.
    #[arg(long, value_name = "KEYFILE", required = true)]
    pub key: Vec<PathBuf>,
    /// A note of `saldo key rotate` by which a key that is trusted names the next one. May be given
    /// several times, in their order.
    #[arg(long, value_name = "FILE")]
    pub rotation: Vec<PathBuf>,
    /// The public key of a party to the agreement: it must have signed the version that the
    /// statement is rated by. May be given several times.
    #[arg(long, value_name = "KEYFILE")]
    pub party_key: Vec<PathBuf>,
    /// My own events, one JSON object a line: names those that are missing, added or altered.
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Of a receipt: a dimension that the operator calls personal, and so hashes apart. May be
    /// given several times; the file of a statement says so itself.
    #[arg(long, value_name = "DIMENSION")]
    pub personal: Vec<String>,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}
