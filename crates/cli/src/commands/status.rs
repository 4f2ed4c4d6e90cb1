//! `saldo status`: where an operator stands.
//!
//! JSON: `{"operator","position","book_revision","received","posted","duplicate","waiting",
//! "quarantined","refused","sources":{NAME:{the six counters}},"streams":[{"stream","tree_size",
//! "root"}],"heads_root","contests","accounts","closed":[{"agreement","period"}],"verified":
//! {"position","clean"} or null,"disk_bytes":{PURPOSE:n}}`; roots are base64, as in checkpoints.

use super::ingest::counters;
use super::{Ended, Globals, Outcome};
use crate::args::ask::Status as Args;
use crate::output::{self, Plain};
use node::Purpose;
use node::engine::query::Status;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Shows where the operator stands.
pub fn run(globals: &Globals, args: &Args) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let status = session.operator.engine.status()?;
    match args.format {
        Plain::Json => output::json(&document(&status))?,
        Plain::Text => output::text(&text(&status))?,
    }
    Ok(Ended::Done)
}

/// The status as JSON.
pub fn document(status: &Status) -> Value {
    let sources: Map<_, _> =
        status.sources.iter().map(|(name, counts)| (name.clone(), counters(counts))).collect();
    let streams = status.streams.iter().map(|stream| {
        json!({
            "stream": stream.name,
            "tree_size": stream.size,
            "root": stream.root.to_base64(),
        })
    });
    let closed = status
        .closed
        .iter()
        .map(|(agreement, period)| json!({ "agreement": agreement, "period": period }));
    let disk: Map<_, _> =
        status.disk_bytes.iter().map(|(what, bytes)| ((*what).to_owned(), json!(bytes))).collect();
    let verified =
        status.verified.map(|(position, clean)| json!({ "position": position, "clean": clean }));
    let mut document = counters(&status.total);
    document["operator"] = json!(status.operator);
    document["position"] = json!(status.position);
    document["book_revision"] = json!(status.book_revision);
    document["sources"] = sources.into();
    document["streams"] = streams.collect();
    document["heads_root"] = json!(status.heads_root.to_base64());
    document["contests"] = json!(status.contests);
    document["accounts"] = json!(status.accounts);
    document["closed"] = closed.collect();
    document["verified"] = json!(verified);
    document["disk_bytes"] = disk.into();
    document
}

fn text(status: &Status) -> String {
    let mut text =
        format!("operator {}, book revision {}\n", status.operator, status.book_revision);
    let total = &status.total;
    let _ = writeln!(
        text,
        "received {} = posted {} + duplicate {} + waiting {} + quarantined {} + refused {}",
        total.received,
        total.posted,
        total.duplicate,
        total.waiting,
        total.quarantined,
        total.refused
    );
    let _ = writeln!(text, "{} accounts, {} open contests", status.accounts, status.contests);
    for stream in &status.streams {
        let (name, size, root) = (&stream.name, stream.size, stream.root.to_base64());
        let _ = writeln!(text, "stream {name}: {size} records, root {root}");
    }
    for (agreement, period) in &status.closed {
        let _ = writeln!(text, "closed: {agreement} {period}");
    }
    let verified = match status.verified {
        None => "never verified".to_owned(),
        Some((position, true)) => format!("verified up to {position}: clean"),
        Some((position, false)) => format!("verified up to {position}: a difference was found"),
    };
    let _ = writeln!(text, "{verified}");
    text
}
