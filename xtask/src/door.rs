//! The door: which command is meant, and what its end means to the shell.

use crate::talk::{Outcome, seconds};
use crate::workshop::Workshop;
use crate::{
    bench, contract, demo, fuzz, generate, golden, mutants, registry, services, sim, suite, tidy_up,
};
use std::process::ExitCode;
use std::time::Instant;

/// One command of the door.
pub struct Command {
    /// What is typed.
    pub name: &'static str,
    /// Its arguments, for the help.
    pub arguments: &'static str,
    /// One line on what it does.
    pub about: &'static str,
    /// Does it.
    pub run: fn(&Workshop, &[String]) -> Outcome,
    /// The very last line, on stdout, where the command promises one to its callers.
    pub last_line: Option<fn(&Outcome) -> Option<String>>,
}

/// Every command; help is printed from this table.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        arguments: "",
        about: "from a fresh clone to a settled, verified period on screen",
        run: demo::run,
        last_line: None,
    },
    Command {
        name: "test",
        arguments: "[STEP..]",
        about: "format, lints, tidy, generated files, licences, all tests, a short fuzz",
        run: suite::run,
        last_line: Some(suite::last_line),
    },
    Command {
        name: "tidy",
        arguments: "",
        about: "the shape of the tree and the borders between crates",
        run: tidy_up::run,
        last_line: None,
    },
    Command {
        name: "gen",
        arguments: "[--check]",
        about: "write the generated files again; --check only compares them",
        run: generate::run,
        last_line: None,
    },
    Command {
        name: "bench",
        arguments: "[--json] [--events N] [ARGUMENT..]",
        about: "measure the ingest (`plan`, `service`) in release; the rest goes to `saldo bench`",
        run: bench::run,
        last_line: None,
    },
    Command {
        name: "contract",
        arguments: "[ARGUMENT..]",
        about: "hold a served operator against its OpenAPI document with schemathesis",
        run: contract::run,
        last_line: None,
    },
    Command {
        name: "registry",
        arguments: "",
        about: "hold the schema registry of a served operator against a Confluent client",
        run: registry::run,
        last_line: None,
    },
    Command {
        name: "services",
        arguments: "start|stop|status [kafka|postgres]",
        about: "real services on loopback, for tests and for development",
        run: services::run,
        last_line: None,
    },
    Command {
        name: "sim",
        arguments: "SEED",
        about: "repeat one simulated world",
        run: sim::run,
        last_line: None,
    },
    Command {
        name: "golden",
        arguments: "",
        about: "settle every worked case under golden/ and print its figures",
        run: golden::run,
        last_line: None,
    },
    Command {
        name: "fuzz",
        arguments: "[--seconds N] [TARGET..]",
        about: "run the coverage-guided fuzz targets, each so many seconds",
        run: fuzz::run,
        last_line: None,
    },
    Command {
        name: "mutants",
        arguments: "[--shard K/N] [--package P] [--file F]",
        about: "mutation testing of ledger and settle against docs/mutation.md",
        run: mutants::run,
        last_line: None,
    },
];

/// Runs what `args` ask for: exit code 0 done, 1 found something wrong, 2 could not run.
pub fn open(args: &[String]) -> ExitCode {
    let name = args.first().map_or("help", String::as_str);
    if ["help", "--help", "-h"].contains(&name) {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("xtask: there is no `{name}`. There is:\n\n{}", help());
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let workshop = match Workshop::find() {
        Ok(workshop) => workshop,
        Err(why) => {
            eprintln!("xtask {name}: could not run: {why}");
            return ExitCode::from(2);
        }
    };
    let outcome = (command.run)(&workshop, &args[1..]);
    let (said, code) = match &outcome {
        Outcome::Passed(what) => (format!("done: {what}"), 0),
        Outcome::Skipped(why) => (format!("skipped: {why}"), 0),
        Outcome::Failed(what) => (format!("failed: {what}"), 1),
        Outcome::Unable(why) => (format!("could not run: {why}"), 2),
    };
    eprintln!("xtask {name}: {said} ({})", seconds(start));
    if let Some(line) = command.last_line.and_then(|line| line(&outcome)) {
        println!("{line}");
    }
    ExitCode::from(code)
}

/// What `cargo xtask help` prints.
pub fn help() -> String {
    let mut text = String::from("cargo xtask COMMAND\n\n");
    for Command { name, arguments, about, .. } in COMMANDS {
        let typed = format!("{name} {arguments}");
        text += &[format!("  {typed:<43}  {about}"), String::new()].join("\n");
    }
    text += "  help                                         this text\n\n";
    text += "Build outputs stay outside of the clone, in $CARGO_TARGET_DIR or else in\n";
    text += "$XDG_CACHE_HOME/saldo/target or ~/.cache/saldo/target.\n";
    text
}
