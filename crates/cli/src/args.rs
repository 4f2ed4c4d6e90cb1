//! What can be typed.

pub mod agree;
pub mod ask;
pub mod door;
pub mod invoice;
pub mod keep;
pub mod make;
pub mod run;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Settlement between companies: verify, post, settle, prove.
#[derive(Debug, Parser)]
#[command(
    name = "saldo",
    version,
    about = "Settlement between companies: verify, post, settle, prove.",
    after_help = "Exit codes: 0 done, 1 found something wrong, 2 could not run.\n\
                  Data goes to stdout, talk to stderr. `saldo COMMAND --help` says more."
)]
pub struct Saldo {
    /// The Saldo directory: the one that `saldo init` made.
    #[arg(short = 'C', long = "dir", global = true, default_value = ".", value_name = "DIR")]
    pub home: PathBuf,
    /// The operator, where the directory has several.
    #[arg(long, global = true, value_name = "NAME")]
    pub operator: Option<String>,
    /// Where the service is that is asked instead of a directory.
    #[command(flatten)]
    pub reach: Reach,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Which service to ask, and as whom.
#[derive(Debug, clap::Args)]
pub struct Reach {
    /// Ask this service, such as `https://saldo.example`, with the key in `SALDO_KEY`.
    #[arg(long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// The file with the key's text, instead of `SALDO_KEY`.
    #[arg(long, global = true, value_name = "FILE", requires = "server")]
    pub key_file: Option<PathBuf>,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a Saldo directory (or add an operator to one) from an example book.
    Init(make::Init),
    /// Check the book and name every mistake with file, line and column.
    Check(make::Check),
    /// Show what the changed book would do: mistakes, what differs, the money on real history.
    Plan(make::Plan),
    /// Put the book on disk into force, with author and reason.
    Apply(make::Apply),
    /// Take files of transactions in: verify, post, keep what is wrong for a person.
    Ingest(make::Ingest),
    /// Close a period: freeze its totals at a cut, rate them, record the statement.
    Close(make::Close),
    /// Versions of agreements: list and show them, offer, sign and countersign them.
    #[command(subcommand)]
    Agreement(agree::Agreement),
    /// Keys that sign: a party's, made or shown; the operator's, given way to another.
    #[command(subcommand)]
    Key(agree::Key),
    /// Show a statement: of a closed period, or (with --draft) as it would be now.
    Statement(ask::Statement),
    /// Make tax invoices (세금계산서) of closed periods, amend them, look at them.
    #[command(subcommand)]
    Invoice(invoice::Invoice),
    /// Show debits, credits and counts per account.
    Totals(ask::Totals),
    /// Show a measure of the book for a period.
    Measure(ask::Measure),
    /// Explain a statement line, an event, or a code such as E1203.
    Explain(ask::Explain),
    /// Look at what was quarantined, correct it, or verify it again.
    #[command(subcommand)]
    Quarantine(keep::Quarantine),
    /// Look at ids with two contents, and say which one counts.
    #[command(subcommand)]
    Contest(keep::Contest),
    /// List every fix and correction that moved what an agreement reads.
    Notices(agree::Notices),
    /// Hold a line of a statement out of payment while it is disputed.
    Hold(keep::Hold),
    /// Release a line that is held.
    Release(keep::Hold),
    /// Show what agreements stand at: payable, held, reserve, carried, tax.
    Balance(ask::Balance),
    /// Look at the verification log.
    #[command(subcommand)]
    Log(ask::Log),
    /// Recompute everything from the raw events and compare; exit code 1 when anything differs.
    Verify(make::Verify),
    /// Show counters, streams with their roots, what is open, what it takes on disk.
    Status(ask::Status),
    /// Write a proof that a counterparty can check offline.
    #[command(subcommand)]
    Prove(ask::Prove),
    /// Write everything about a closed period into one file, for an auditor.
    Evidence(ask::Evidence),
    /// Check a proof file; needs no Saldo directory.
    #[command(subcommand)]
    Proof(ask::Proof),
    /// Erase a person: pseudonym and raw rows; totals and proofs stay as they are.
    Forget(keep::Forget),
    /// Keep raw rows from being dropped or erased, whatever their time: place, lift, list.
    #[command(subcommand)]
    LegalHold(keep::LegalHold),
    /// Show how long what is kept, and what is due to be dropped when.
    Retention(keep::Retention),
    /// Copy a directory while it may be in use.
    Backup(keep::Backup),
    /// Make a directory from a backup, checking every file of it first.
    Restore(keep::Restore),
    /// Serve the interface that companies connect to, until told to stop.
    Serve(run::Serve),
    /// Keys, clients and secrets of programs: make, list, rotate, revoke; who may do too much.
    #[command(subcommand)]
    Access(run::Access),
    /// Endpoints that are called when something changes: make, test, stop, send again.
    #[command(subcommand)]
    Webhook(door::Webhook),
    /// Schemas of what sources send: list, register, check, delete.
    #[command(subcommand)]
    Schema(door::Schema),
    /// Who may do what: run the tests of policies, explain what they come to.
    #[command(subcommand)]
    Policy(door::Policy),
    /// Measure this machine.
    #[command(subcommand)]
    Bench(make::Bench),
    /// Walk from nothing to a settled, verified, proven month, with a word at each step.
    Demo(make::Demo),
    /// Tools of the project itself.
    #[command(subcommand, hide = true)]
    Dev(make::Dev),
}
