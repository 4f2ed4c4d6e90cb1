//! `saldo init`: a directory from an example book, with a small simulated sample to try it on, or
//! from a book of one's own.

use super::{Ended, Globals, Outcome};
use crate::args::make::Init;
use crate::errors::Failure;
use crate::output::{data, talk};
use node::check::read_dir;
use node::init::{OPERATOR_DEFAULT, init, template_book};
use sim::world::{self, Field, World};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What the sample follows from: the same for everybody.
pub const SAMPLE_SEED: u64 = 7;
/// The month that the sample is in.
pub const SAMPLE_PERIOD: &str = "2026-03";

/// Makes the directory and says what to try next.
pub fn run(globals: &Globals, args: &Init) -> Outcome {
    let operator = globals.operator.as_deref().unwrap_or(OPERATOR_DEFAULT);
    let from = match (&args.book, &args.template) {
        (Some(book), _) => read_dir(book)?,
        (None, template) => template_book(template.as_deref().unwrap_or_default(), operator)?,
    };
    let made = init(&args.dir, &from, operator)?;
    let field: Option<Field> = args.template.as_ref().and_then(|name| name.parse().ok());
    let sample = match field {
        Some(field) => write_sample(&args.dir, operator, field)?,
        None => BTreeMap::new(),
    };
    let what = if made.added { "added the operator" } else { "made a Saldo directory for" };
    talk(format!("{what} {operator} in {}", args.dir.display()));
    talk(format!("keep {} safe: nothing replaces a lost key", made.operator.keys.display()));
    let mut text = String::from("try next:\n");
    let named = if made.added { format!(" --operator {operator}") } else { String::new() };
    let saldo = format!("  saldo -C {}{named}", args.dir.display());
    let _ = writeln!(text, "{saldo} check");
    for (source, path) in &sample {
        let _ = writeln!(text, "{saldo} ingest {} --source {source}", path.display());
    }
    if sample.is_empty() {
        let _ = writeln!(text, "{saldo} ingest FILE --source SOURCE");
    }
    let _ = writeln!(text, "{saldo} status");
    let period = if sample.is_empty() { "PERIOD" } else { SAMPLE_PERIOD };
    let _ = writeln!(text, "{saldo} close {period}\n{saldo} verify");
    data(&text)?;
    Ok(Ended::Done)
}

/// Writes the sample, one file for each source; source to file.
///
/// # Errors
/// When a file cannot be written.
pub fn write_sample(
    dir: &Path,
    operator: &str,
    field: Field,
) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let dir = dir.join("sample").join(operator);
    fs::create_dir_all(&dir).map_err(|error| Failure::file(&dir, &error))?;
    let options = world::small(field, SAMPLE_SEED);
    let sources = options.sources.clone();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let world = World::new(options).map_err(|error| {
        Failure::file(&dir, &std::io::Error::new(std::io::ErrorKind::InvalidInput, error))
    })?;
    let mut last = sources.first().cloned().unwrap_or_default();
    for line in world {
        // A broken line names nobody: it stays with the feed before it.
        if let Some(source) = source_of(&line.raw, &sources) {
            last = source;
        }
        let file = files.entry(last.clone()).or_default();
        file.extend_from_slice(&line.raw);
        file.push(b'\n');
    }
    let mut paths = BTreeMap::new();
    for (source, bytes) in files {
        let path = dir.join(format!("{source}.ndjson"));
        fs::write(&path, bytes).map_err(|error| Failure::file(&path, &error))?;
        paths.insert(source, path);
    }
    Ok(paths)
}

/// The source that a line names, when it is one of `sources`.
fn source_of(line: &[u8], sources: &[String]) -> Option<String> {
    let text = String::from_utf8_lossy(line).replace(char::is_whitespace, "");
    let named = |source: &&String| text.contains(&format!("\"source\":\"{source}\""));
    sources.iter().find(named).cloned()
}
