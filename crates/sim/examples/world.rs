//! Writes a world as NDJSON to standard output:
//! `cargo run --release --example world -- --field gaming --events 1000 --seed 1`.
//!
//! `--preset` is `bench` (gaming's default), `calm` (the others'), `small` or `stormy`;
//! `--accounts` is for `bench`, `--span-seconds` for all.

use std::io;
use std::process::ExitCode;

use sim::world::{self, Field, OptionsError, WorldOptions};

const USAGE: &str = "usage: world [--preset bench|small|stormy|calm] [--field NAME] [--events N] \
                     [--seed S] [--accounts N] [--span-seconds N]";

fn options(arguments: &[String]) -> Result<WorldOptions, String> {
    let mut preset = None;
    let (mut field, mut events, mut seed) = (Field::Gaming, 1_000, 1);
    let (mut accounts, mut span_seconds) = (100_000, None);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("{} needs a value", pair[0])) };
        let number = || value.parse::<u64>().map_err(|error| format!("{name} {value}: {error}"));
        match name.as_str() {
            "--preset" => preset = Some(value.as_str()),
            "--field" => field = value.parse().map_err(|error: OptionsError| error.to_string())?,
            "--events" => events = number()?,
            "--seed" => seed = number()?,
            "--accounts" => accounts = u32::try_from(number()?).map_err(|e| e.to_string())?,
            "--span-seconds" => span_seconds = Some(number()?),
            _ => return Err(format!("{name} is no option; {USAGE}")),
        }
    }
    let default = if field == Field::Gaming { "bench" } else { "calm" };
    let mut options = match preset.unwrap_or(default) {
        "bench" if field == Field::Gaming => world::bench(events, accounts, seed),
        "small" => world::small(field, seed),
        "stormy" => world::stormy(field, events, seed),
        "calm" => WorldOptions::calm(field, events, seed),
        other => return Err(format!("{field} has no preset {other}; {USAGE}")),
    };
    options.span_seconds = span_seconds.unwrap_or(options.span_seconds);
    Ok(options)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let written = options(&arguments).and_then(|options| {
        world::write_ndjson(options, io::stdout().lock()).map_err(|error| error.to_string())
    });
    match written {
        Ok(written) => {
            eprintln!("{} lines, {} bytes", written.lines, written.bytes);
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}
