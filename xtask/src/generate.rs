//! Generated files: made by `saldo` itself, committed, and compared on every test run.

use crate::talk::{Outcome, say};
use crate::workshop::Workshop;
use std::fs;
use std::process::Command;

/// One generated file: what `saldo` prints on stdout when called with `args`.
pub struct Generated {
    /// What it is, in a few words.
    pub what: &'static str,
    /// Arguments for `saldo`.
    pub args: &'static [&'static str],
    /// Where it is committed, from the root of the workspace.
    pub path: &'static str,
}

/// Every generated file.
pub const GENERATED: &[Generated] = &[
    Generated {
        what: "the help of every command",
        args: &["dev", "commands"],
        path: "crates/cli/tests/golden/help.md",
    },
    Generated {
        what: "the help of every command, to be read",
        args: &["dev", "commands"],
        path: "docs/cli.md",
    },
    Generated { what: "the page of every code", args: &["dev", "codes"], path: "docs/codes.md" },
    Generated {
        what: "the OpenAPI document",
        args: &["dev", "openapi"],
        path: "docs/openapi.json",
    },
    Generated {
        what: "the schema of the service's GraphQL",
        args: &["dev", "graphql"],
        path: "docs/schema.graphql",
    },
    schema(&["dev", "schema", "agreement.json"], "examples/schemas/agreement.json"),
    schema(&["dev", "schema", "assets.json"], "examples/schemas/assets.json"),
    schema(&["dev", "schema", "calendar.json"], "examples/schemas/calendar.json"),
    schema(&["dev", "schema", "dims.json"], "examples/schemas/dims.json"),
    schema(&["dev", "schema", "kinds.json"], "examples/schemas/kinds.json"),
    schema(&["dev", "schema", "mapping.json"], "examples/schemas/mapping.json"),
    schema(&["dev", "schema", "measures.json"], "examples/schemas/measures.json"),
    schema(&["dev", "schema", "operator.json"], "examples/schemas/operator.json"),
    schema(&["dev", "schema", "parties.json"], "examples/schemas/parties.json"),
    schema(&["dev", "schema", "quotes.json"], "examples/schemas/quotes.json"),
    schema(&["dev", "schema", "sources.json"], "examples/schemas/sources.json"),
];

/// The schema of one kind of file in a book.
const fn schema(args: &'static [&'static str], path: &'static str) -> Generated {
    Generated { what: "a schema of the book", args, path }
}

/// Writes the generated files again, or only compares them with `--check`.
pub fn run(workshop: &Workshop, args: &[String]) -> Outcome {
    match args {
        [] => all(workshop, false),
        [flag] if flag == "--check" => all(workshop, true),
        _ => Outcome::Unable("only --check can be given".to_owned()),
    }
}

/// The step of `test`: committed files are what would be generated.
pub fn check_step(workshop: &Workshop) -> Outcome {
    all(workshop, true)
}

fn all(workshop: &Workshop, only_check: bool) -> Outcome {
    if GENERATED.is_empty() {
        return Outcome::Passed("no file is generated".to_owned());
    }
    let build = ["build", "--quiet", "-p", "saldo-cli", "--bin", "saldo"];
    if let Err(why) = workshop.pass_through(&mut workshop.cargo(&build)) {
        return Outcome::Failed(why);
    }
    let complaints: Vec<_> =
        GENERATED.iter().filter_map(|file| one(workshop, file, only_check).err()).collect();
    Outcome::of_complaints(&complaints, format!("{} files", GENERATED.len()))
}

fn one(workshop: &Workshop, file: &Generated, only_check: bool) -> Result<(), String> {
    let Generated { what, args, path } = file;
    let mut command = Command::new(workshop.saldo("debug"));
    // Help texts are wrapped to the terminal unless its width is given.
    command.args(*args).current_dir(&workshop.root).env("COLUMNS", "100").env("NO_COLOR", "1");
    let output = command.output().map_err(|why| format!("{path}: saldo did not start: {why}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{path}: `saldo {}` failed: {}", args.join(" "), said.trim()));
    }
    let full = workshop.root.join(path);
    let committed = fs::read(&full).ok();
    if committed.as_deref() == Some(output.stdout.as_slice()) {
        return Ok(());
    }
    if only_check {
        let how = difference(&committed.unwrap_or_default(), &output.stdout);
        return Err(format!("{path}:{how}: {what} would come out other: run `cargo xtask gen`"));
    }
    say(&format!("writing {path}: {what}"));
    let folder = full.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| fs::write(&full, &output.stdout)).map_err(|e| format!("{path}: {e}"))
}

/// The first line, counted from 1, in which two texts differ.
pub fn difference(committed: &[u8], generated: &[u8]) -> usize {
    let mut lines = committed.split(|b| *b == b'\n').zip(generated.split(|b| *b == b'\n'));
    let shorter = |text: &[u8]| text.split(|b| *b == b'\n').count();
    let same = shorter(committed).min(shorter(generated));
    1 + lines.position(|(a, b)| a != b).unwrap_or(same)
}
