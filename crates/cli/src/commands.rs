//! What each command does: one file each, named as it is typed.

mod access;
mod agreement;
mod apply;
mod backup;
mod balance;
mod bench;
mod check;
mod close;
mod contest;
mod demo;
mod dev;
mod door;
mod evidence;
mod explain;
mod forget;
mod hold;
mod ingest;
mod init;
mod invoice;
mod key;
mod legal_hold;
mod log;
mod measure;
mod notices;
mod plan;
mod policy;
mod proof;
mod prove;
mod quarantine;
mod receipt;
mod remote;
mod schema;
mod serve;
mod statement;
mod status;
mod story;
mod totals;
mod verify;
mod webhook;

use crate::args::door::Policy;
use crate::args::{Command, Saldo};
use crate::errors::Failure;
use crate::output;
use crate::progress::Progress;
use clap::Parser;
use node::{Purpose, Session};
use std::ffi::OsString;
use std::process::ExitCode;

/// How a command ended that could run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything is as it should be.
    Done,
    /// It found something wrong.
    Found,
}

/// What a command comes to.
type Outcome = Result<Ended, Failure>;

/// What is common to all commands.
pub struct Globals {
    /// The Saldo directory.
    pub dir: std::path::PathBuf,
    /// The operator named.
    pub operator: Option<String>,
}

impl Globals {
    /// Opens the operator, with progress while its Store catches up.
    fn open(&self, purpose: Purpose) -> Result<Session, Failure> {
        let mut progress = Progress::new("catching up with the log");
        let session =
            Session::open(&self.dir, self.operator.as_deref(), purpose, &mut |at, end| {
                progress.at(at, end, at);
            });
        progress.end();
        let session = session?;
        if let Some(reason) = &session.operator.opened.rebuilt {
            output::talk(format!("the store was rebuilt from the log: {reason}"));
        }
        if session.unapplied {
            output::talk(
                "the book on disk is not the one in force, which goes on holding: `saldo plan` \
                 shows what it would change, `saldo apply --reason TEXT` puts it into force",
            );
        }
        Ok(session)
    }
}

/// What is shown when nothing is asked for.
const BEGIN: &str = "\
Saldo: settlement between companies. To begin, with sample data:

  saldo init DIR --template gaming      make a directory (also: marketplace, app-store, payments)
  saldo -C DIR ingest DIR/sample/house/feed-a.ndjson --source feed-a
  saldo -C DIR status                   what came in, what was posted, what is kept for a person
  saldo -C DIR close 2026-03            close a month
  saldo -C DIR verify                   recompute everything from the raw events

`saldo --help` lists every command, `saldo COMMAND --help` says more about one.
";

/// Runs the command that `args` ask for.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let saldo = match Saldo::try_parse_from(args) {
        Ok(saldo) => saldo,
        Err(error) => {
            // Help and version are data; a mistake is talk. Nothing can be done if it is not read.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let globals = Globals { dir: saldo.home, operator: saldo.operator };
    let done = match (&saldo.reach.server, saldo.command) {
        (Some(server), Some(command)) => remote::run(server, &saldo.reach, &globals, command),
        (_, command) => dispatch(&globals, command),
    };
    match done {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Found) => ExitCode::from(1),
        Err(failure) => {
            output::talk(failure.told().trim_end());
            ExitCode::from(2)
        }
    }
}

fn dispatch(globals: &Globals, command: Option<Command>) -> Outcome {
    match command {
        None => output::data(BEGIN).map(|()| Ended::Done),
        Some(Command::Init(args)) => init::run(globals, &args),
        Some(Command::Check(args)) => check::run(globals, &args),
        Some(Command::Plan(args)) => plan::run(globals, &args),
        Some(Command::Apply(args)) => apply::run(globals, &args),
        Some(Command::Ingest(args)) => ingest::run(globals, &args),
        Some(Command::Close(args)) => close::run(globals, &args),
        Some(Command::Agreement(args)) => agreement::run(globals, &args),
        Some(Command::Key(args)) => key::run(globals, &args),
        Some(Command::Notices(args)) => notices::run(globals, &args),
        Some(Command::Statement(args)) => statement::run(globals, &args),
        Some(Command::Invoice(args)) => invoice::run(globals, &args),
        Some(Command::Totals(args)) => totals::run(globals, &args),
        Some(Command::Measure(args)) => measure::run(globals, &args),
        Some(Command::Evidence(args)) => evidence::run(globals, &args),
        Some(Command::Explain(args)) => explain::run(globals, &args),
        Some(Command::Quarantine(args)) => quarantine::run(globals, args),
        Some(Command::Contest(args)) => contest::run(globals, &args),
        Some(Command::Hold(args)) => hold::hold(globals, args),
        Some(Command::Release(args)) => hold::release(globals, args),
        Some(Command::Balance(args)) => balance::run(globals, &args),
        Some(Command::Log(args)) => log::run(globals, &args),
        Some(Command::Verify(args)) => verify::run(globals, &args),
        Some(Command::Serve(args)) => serve::run(globals, &args),
        Some(Command::Access(args)) => access::run(globals, args),
        Some(Command::Webhook(args)) => webhook::run(&door::open(globals)?, args),
        Some(Command::Schema(args)) => schema::run(&door::open(globals)?, args),
        Some(Command::Policy(Policy::Test { format })) => policy::test(globals, format),
        Some(Command::Policy(Policy::Explain(args))) => {
            policy::explain(&door::open(globals)?, &args)
        }
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Demo(args)) => demo::run(&args),
        Some(Command::Status(args)) => status::run(globals, &args),
        Some(Command::Prove(args)) => prove::run(globals, &args),
        Some(Command::Proof(args)) => proof::run(&args),
        Some(Command::Forget(args)) => forget::run(globals, &args),
        Some(Command::LegalHold(args)) => legal_hold::run(globals, args),
        Some(Command::Retention(args)) => legal_hold::retention(globals, &args),
        Some(Command::Backup(args)) => backup::run(globals, &args),
        Some(Command::Restore(args)) => backup::restore(&args),
        Some(Command::Dev(args)) => dev::run(&args),
    }
}
