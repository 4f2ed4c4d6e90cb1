//! `saldo dev`: what the project makes its own files with.

use super::{Ended, Outcome};
use crate::args::Saldo;
use crate::args::make::Dev;
use crate::errors::{self, Failure, OUTPUT, UNKNOWN_CODE};
use crate::output;
use clap::CommandFactory as _;
use sim::world::{self, Field, OptionsError, WorldOptions};
use std::fmt::Write as _;

/// Prints what was asked for.
pub fn run(args: &Dev) -> Outcome {
    match args {
        Dev::Schema { name } => schema(name)?,
        Dev::Commands => output::data(&help())?,
        Dev::Codes => output::data(&codes())?,
        Dev::Openapi => output::data(&format!("{:#}\n", server::app::openapi()))?,
        Dev::Graphql => output::data(&server::graph::sdl())?,
        Dev::World { field, preset, events, seed, accounts } => {
            let options = options(field, preset, (*events, *seed, *accounts));
            let options = options.map_err(|error| Failure::said(UNKNOWN_CODE, error))?;
            let written = world::write_ndjson(options, std::io::stdout().lock());
            written.map_err(|error| Failure::said(OUTPUT, error))?;
        }
    }
    Ok(Ended::Done)
}

fn schema(name: &str) -> Result<(), Failure> {
    let schemas = node::book::schemas();
    let found = schemas.iter().find(|(file, _)| *file == name);
    let (_, text) = found.ok_or_else(|| Failure::said(UNKNOWN_CODE, name))?;
    output::data(text)
}

/// The options of a world.
fn options(
    field: &str,
    preset: &str,
    (events, seed, accounts): (u64, u64, u32),
) -> Result<WorldOptions, OptionsError> {
    let field: Field = field.parse()?;
    Ok(match preset {
        "small" => world::small(field, seed),
        "stormy" => world::stormy(field, events, seed),
        "calm" => WorldOptions::calm(field, events, seed),
        // Each place is an account in either of two assets.
        "bench" => world::bench(events, accounts / 2, seed),
        "months" => world::months(events, accounts / 2, seed),
        _ => return Err(OptionsError::UnknownField),
    })
}

fn codes() -> String {
    let mut text = String::from(
        "# Codes\n\nEvery message of Saldo has a stable code. `saldo explain CODE` prints its \
         page.\n",
    );
    for page in errors::pages() {
        let (code, title, cause, hint) = (page.code, page.title, page.cause, page.hint);
        let _ = write!(text, "\n## {code}: {title}\n\n{cause}\n\n{hint}\n");
    }
    text
}

fn help() -> String {
    let mut text = String::from(
        "# Commands\n\nThe help of every command, as `saldo COMMAND --help` prints it.\n",
    );
    let mut root = Saldo::command().term_width(98);
    root.build();
    one(&mut text, &mut root, "saldo");
    text
}

fn one(text: &mut String, command: &mut clap::Command, path: &str) {
    let shown = command.render_long_help().to_string();
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n## {path}\n\n```text\n{}\n```\n", lines.join("\n").trim_end());
    for sub in command.get_subcommands_mut() {
        if !sub.is_hide_set() && sub.get_name() != "help" {
            let path = format!("{path} {}", sub.get_name());
            one(text, sub, &path);
        }
    }
}
