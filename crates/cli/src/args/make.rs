//! Arguments of the commands that bring things in and conclude them.

use crate::output::Plain;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `saldo init`
#[derive(Debug, Args)]
pub struct Init {
    /// The directory to make; an existing Saldo directory gets another operator.
    pub dir: PathBuf,
    /// The example book to begin with: gaming, marketplace, app-store, payments.
    #[arg(long, value_name = "NAME", required_unless_present = "book")]
    pub template: Option<String>,
    /// A directory with a book of your own to begin with, copied.
    #[arg(long, value_name = "DIR", conflicts_with = "template")]
    pub book: Option<PathBuf>,
}

/// `saldo check`
#[derive(Debug, Args)]
pub struct Check {
    /// How to show what was found.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// At most this many periods of each agreement, the latest ones.
    #[arg(long, default_value_t = 12, value_name = "N")]
    pub periods: usize,
    /// Rate agreements that are the same in both books too.
    #[arg(long)]
    pub all: bool,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo apply`
#[derive(Debug, Args)]
pub struct Apply {
    /// Why the book is changed: it is recorded with the author and stays.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo ingest`
#[derive(Debug, Args)]
pub struct Ingest {
    /// The files, in any order; each may be given again: what is in the Log already is a repeat.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The source of the book that the files come from.
    #[arg(long)]
    pub source: String,
    /// The mapping that reads them; found by source and file type where only one fits.
    #[arg(long)]
    pub mapping: Option<String>,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo close`
#[derive(Debug, Args)]
pub struct Close {
    /// 2016-11, 2016-H1, 2016-Q4, 2016-W47, 2016-11-H1, 2016-11-03 or 2016.
    pub period: String,
    /// Close this agreement only; otherwise every one that is settled by such periods.
    #[arg(long, value_name = "NAME")]
    pub agreement: Option<String>,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo bench`
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// From the bytes of an NDJSON file to durable commit, close, verification, reopening.
    Ingest(BenchIngest),
    /// What a changed book of forty agreements would do to three months, two of them closed.
    Plan(BenchPlan),
    /// What `saldo serve` bears: bulks, single events, reads beside an ingest, two operators.
    Service(BenchService),
}

/// `saldo bench ingest`
#[derive(Debug, Args)]
pub struct BenchIngest {
    /// Lines of the file that is made first, by another process.
    #[arg(long, default_value_t = 1_000_000)]
    pub events: u64,
    /// Accounts that the events touch.
    #[arg(long, default_value_t = 100_000)]
    pub accounts: u32,
    /// What all chance follows from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Leave a stage out, to see its price: verify, raw or tree. The results are then no proof.
    #[arg(long, value_enum, value_name = "STAGE")]
    pub without: Vec<Without>,
    /// Where to work; a temporary directory where it is not given, removed at the end.
    #[arg(long, value_name = "DIR")]
    pub work: Option<PathBuf>,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo bench plan`
#[derive(Debug, Args)]
pub struct BenchPlan {
    /// Lines of the file that is made first, by another process.
    #[arg(long, default_value_t = 1_000_000)]
    pub events: u64,
    /// Accounts that the events touch.
    #[arg(long, default_value_t = 100_000)]
    pub accounts: u32,
    /// What all chance follows from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where to work, and where what was prepared stays for the next run; a temporary directory
    /// where it is not given, removed at the end.
    #[arg(long, value_name = "DIR")]
    pub work: Option<PathBuf>,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// `saldo bench service`
#[derive(Debug, Args)]
pub struct BenchService {
    /// Events that are brought in bulks.
    #[arg(long, default_value_t = 1_000_000)]
    pub events: u64,
    /// Seconds that each other measurement lasts.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub seconds: u64,
    /// Where to work; a temporary directory where it is not given, removed at the end.
    #[arg(long, value_name = "DIR")]
    pub work: Option<PathBuf>,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Plain,
}

/// A part of intake that can be left out of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Without {
    /// The stages of verification.
    Verify,
    /// Keeping raw rows.
    Raw,
    /// Hashing leaves for the trees.
    Tree,
}

/// `saldo demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Where to work; a temporary directory where it is not given, removed at the end.
    #[arg(long, value_name = "DIR")]
    pub work: Option<PathBuf>,
}

/// `saldo dev`
#[derive(Debug, Subcommand)]
pub enum Dev {
    /// Print a JSON Schema of the book by its file name, such as kinds.json.
    Schema {
        /// The schema.
        name: String,
    },
    /// Print the help of every command, as Markdown.
    Commands,
    /// Print every code with its page, as Markdown.
    Codes,
    /// Print the `OpenAPI` document of the service.
    Openapi,
    /// Print the schema of the service's `GraphQL`.
    Graphql,
    /// Print a simulated world as NDJSON.
    World {
        /// Its field: gaming, marketplace, app-store, payments.
        #[arg(long, default_value = "gaming")]
        field: String,
        /// What it is like: small, stormy, calm, or bench and months (gaming only).
        #[arg(long, default_value = "small")]
        preset: String,
        /// Lines (all but small).
        #[arg(long, default_value_t = 1000)]
        events: u64,
        /// What all chance follows from.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Accounts that it touches (bench and months only).
        #[arg(long, default_value_t = 100_000)]
        accounts: u32,
    },
}
