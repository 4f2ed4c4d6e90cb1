//! `saldo --server URL ingest`: lines of events in requests of a bounded size, each sent again
//! while its answer is lost.

use crate::args::make::Ingest;
use crate::commands::{Ended, Outcome};
use crate::errors::{Failure, NOT_REMOTE};
use crate::output::{self, Plain, talk};
use crate::progress::Progress;
use api::client::Client;
use api::events::Accepted;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// Bytes of one request: below what the service takes, with room for a last line.
const REQUEST_BYTES: usize = 8 << 20;
/// Rows of one request.
const REQUEST_ROWS: usize = 20_000;

/// Brings every file in, in the order given.
pub fn run(client: &Client, args: &Ingest) -> Outcome {
    let lines = |path: &Path| {
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        matches!(end.to_ascii_lowercase().as_str(), "ndjson" | "jsonl")
    };
    if args.mapping.is_some() || !args.files.iter().all(|path| lines(path)) {
        let what = "over the network only lines of events (.ndjson, .jsonl) are brought in";
        return Err(Failure::said(NOT_REMOTE, what));
    }
    let mut files = Vec::new();
    for path in &args.files {
        let counts = file(client, &args.source, path)?;
        let told: Vec<String> =
            counts.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        if args.format == Plain::Text {
            output::text(&format!("{}: {}\n", path.display(), told.join(", ")))?;
        }
        files.push(json!({ "file": path.display().to_string(), "outcomes": counts }));
    }
    if args.format == Plain::Json {
        output::json(&json!({ "files": files }))?;
    }
    Ok(Ended::Done)
}

/// What became of the events of a file.
fn file(client: &Client, source: &str, path: &Path) -> Result<BTreeMap<String, u64>, Failure> {
    let failed = |error: std::io::Error| Failure::file(path, &error);
    let file = File::open(path).map_err(failed)?;
    let all = file.metadata().map_err(failed)?.len();
    let mut lines = BufReader::with_capacity(1 << 20, file);
    let mut progress = Progress::new(format!("bringing {}", path.display()));
    let (mut counts, mut body, mut rows, mut done) = (BTreeMap::new(), Vec::new(), 0, 0u64);
    let mut records = 0u64;
    loop {
        let read = lines.read_until(b'\n', &mut body).map_err(failed)?;
        (rows, done) = (rows + usize::from(read > 0), done + read as u64);
        let full = body.len() >= REQUEST_BYTES || rows == REQUEST_ROWS;
        if rows > 0 && (full || read == 0) {
            let answer = client.events(source, "application/x-ndjson", &body, "applied")?;
            count(&answer, &mut counts);
            records += answer.events;
            progress.at(done, all, records);
            body.clear();
            rows = 0;
        }
        if read == 0 {
            break;
        }
    }
    progress.end();
    if records == 0 {
        talk(format!("{}: no line", path.display()));
    }
    Ok(counts)
}

fn count(answer: &Accepted, counts: &mut BTreeMap<String, u64>) {
    for result in &answer.results {
        *counts.entry(result.outcome.clone()).or_default() += 1;
    }
}
