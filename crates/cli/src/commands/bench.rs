//! `saldo bench`: what this machine does, measured.

mod book;
mod ingest;
mod load;
mod plan;
mod service;

use super::demo::{scratch, this_program};
use super::{Ended, Outcome};
use crate::args::make::Bench;
use crate::errors::{CHILD, Failure};
use crate::output::{self, Plain};
use serde_json::Value;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

/// The feed of the simulated worlds that are measured with.
const SOURCE: &str = "studio-bench";
/// Whose books are measured with.
const OPERATOR: &str = "bench";

/// Measures.
pub fn run(args: &Bench) -> Outcome {
    match args {
        Bench::Ingest(args) => ingest::run(args),
        Bench::Plan(args) => plan::run(args),
        Bench::Service(args) => service::run(args),
    }
}

/// A world for a file to follow from: its preset, lines, accounts and seed.
struct WorldOf<'a> {
    preset: &'a str,
    events: u64,
    accounts: u32,
    seed: u64,
}

impl WorldOf<'_> {
    /// Makes the world in another process, so that nothing of making it is in this one's memory;
    /// `take` gets its lines as they come.
    fn make(
        &self,
        take: &mut dyn FnMut(&mut dyn Read) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        output::talk(format!("making {} events", self.events));
        let numbers = [self.events.to_string(), self.accounts.to_string(), self.seed.to_string()];
        let [events, accounts, seed] = &numbers;
        let mut child = this_program()?
            .args(["dev", "world", "--preset", self.preset, "--events", events])
            .args(["--accounts", accounts, "--seed", seed])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::said(CHILD, error))?;
        let taken = child.stdout.take().map_or(Ok(()), |mut lines| take(&mut lines));
        let status = child.wait().map_err(|error| Failure::said(CHILD, error))?;
        taken.map_err(|error| Failure::said(CHILD, error))?;
        if !status.success() {
            return Err(Failure::said(CHILD, format!("`saldo dev world` ended with {status}")));
        }
        Ok(())
    }
}

/// Measures in the directory named, or in one that is removed afterwards.
fn in_work(
    named: Option<&Path>,
    measure: impl FnOnce(&Path) -> Result<Value, Failure>,
) -> Result<Value, Failure> {
    let work = named.map_or_else(|| scratch("bench"), Path::to_path_buf);
    std::fs::create_dir_all(&work).map_err(|error| Failure::file(&work, &error))?;
    let measured = measure(&work);
    if named.is_none() {
        // What cannot be removed is in the system's temporary directory anyway.
        let _ = std::fs::remove_dir_all(&work);
    }
    measured
}

/// Gives the file its name once it is whole.
fn finish(partial: &Path, path: &Path) -> Result<(), Failure> {
    std::fs::rename(partial, path).map_err(|error| Failure::file(path, &error))
}

/// A figure with three decimals; null where there is none.
fn short(figure: f64) -> Value {
    serde_json::from_str(&format!("{figure:.3}")).unwrap_or(Value::Null)
}

/// Prints a report.
fn show(report: &Value, format: Plain) -> Outcome {
    match format {
        Plain::Json => output::json(report)?,
        Plain::Text => {
            for (name, value) in report.as_object().into_iter().flatten() {
                output::data(&format!("{name:<36}{value}\n"))?;
            }
        }
    }
    Ok(Ended::Done)
}
