//! Arguments of the commands that keep things in order.

use crate::output::{Format, Plain};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `saldo quarantine`
#[derive(Debug, Subcommand)]
pub enum Quarantine {
    /// List what is quarantined.
    List {
        /// Only this source.
        #[arg(long)]
        source: Option<String>,
        /// Only this code.
        #[arg(long)]
        code: Option<String>,
        /// At most this many.
        #[arg(long)]
        limit: Option<usize>,
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show one record: stage, code, reason and its raw bytes.
    Show {
        /// Its number in the list.
        id: u64,
        /// How to show it.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
    /// Replace a record by a corrected event.
    Fix {
        /// Its number in the list.
        id: u64,
        /// The file with the event, one line of JSON; - reads stdin.
        #[arg(long, value_name = "FILE", default_value = "-")]
        event: PathBuf,
        /// Why: it is recorded, and the parties whose statements it moves read it.
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Verify records again under the book of now; each moves, none is added.
    Replay {
        /// One record, by its number in the list.
        #[arg(required_unless_present_any = ["all", "code"])]
        id: Option<u64>,
        /// All records.
        #[arg(long, conflicts_with = "id")]
        all: bool,
        /// All records with this code.
        #[arg(long, conflicts_with = "id")]
        code: Option<String>,
        /// How to report.
        #[arg(long, value_enum, default_value = "text")]
        format: Plain,
    },
}

/// `saldo contest`
#[derive(Debug, Subcommand)]
pub enum Contest {
    /// List the open contests.
    List {
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Say which content counts.
    Resolve {
        /// The contest's number in the list.
        id: u64,
        /// The content that counts: the first that came, or the later one.
        #[arg(long, value_enum)]
        keep: Keep,
        /// Why: it is recorded, and the parties whose statements it moves read it.
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
}

/// Which content of a contest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Keep {
    /// The one that came first and is posted.
    First,
    /// The one that came later.
    Later,
}

/// `saldo hold` and `saldo release`
#[derive(Debug, Args)]
pub struct Hold {
    /// The agreement.
    #[arg(long, value_name = "NAME")]
    pub agreement: String,
    /// The period of the statement, which is closed.
    #[arg(long)]
    pub period: String,
    /// The line, by its path or id as the statement shows it: 20-share.
    #[arg(long, value_name = "PATH")]
    pub line: String,
    /// Why; it is recorded.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo forget`
#[derive(Debug, Args)]
pub struct Forget {
    /// The person, as the events name them.
    pub subject: String,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo legal-hold`
#[derive(Debug, Subcommand)]
pub enum LegalHold {
    /// Hold raw rows of a party, a source, or days of receipt: nothing deletes them meanwhile.
    Place(Place),
    /// Lift a hold that stands.
    Lift(Lift),
    /// List every hold, also those that were lifted.
    List {
        /// How to show it.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// `saldo legal-hold place`
#[derive(Debug, Args)]
pub struct Place {
    /// A party: its own sources, and those that are no other party's.
    #[arg(long, required_unless_present_any = ["source", "from", "to"])]
    pub party: Option<String>,
    /// A source.
    #[arg(long)]
    pub source: Option<String>,
    /// The first day of receipt (UTC), such as 2026-03-01.
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// The last day of receipt; without it also what is yet to come.
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
    /// The person who orders it.
    #[arg(long, value_name = "NAME")]
    pub ordered_by: String,
    /// Why; it is recorded.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo legal-hold lift`
#[derive(Debug, Args)]
pub struct Lift {
    /// Its id in the list.
    pub id: String,
    /// The person who orders it.
    #[arg(long, value_name = "NAME")]
    pub ordered_by: String,
    /// Why; it is recorded.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo retention`
#[derive(Debug, Args)]
pub struct Retention {
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The directory to make.
    pub out: PathBuf,
    /// Leave the keys out; keep them yourself: without them nothing can be restored.
    #[arg(long)]
    pub without_keys: bool,
}

/// `saldo restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    pub backup: PathBuf,
    /// The directory to make.
    pub to: PathBuf,
    /// Where the keys are (one directory for each operator), for a backup without keys.
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
}
