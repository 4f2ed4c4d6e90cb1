//! `saldo verify`: recomputes everything from the raw events on the batch road and compares.
//!
//! JSON: `{"clean","position","events","checks":[{"check","compared"}],"differences_count",
//! "differences":[text]}`.

use super::{Ended, Globals, Outcome};
use crate::args::make::Verify;
use crate::output::{self, Plain, talk};
use crate::progress::Progress;
use node::Purpose;
use node::engine::Command;
use node::engine::verify::VerifyReport;
use serde_json::{Value, json};
use std::sync::Mutex;

/// Verifies, records the result, and shows every difference.
pub fn run(globals: &Globals, args: &Verify) -> Outcome {
    let mut session = globals.open(Purpose::Read)?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let engine = &session.operator.engine;
    let all = engine.store().position();
    let progress = Mutex::new(Progress::new("verifying"));
    let report = engine.verify(threads, &|_, records| {
        if let Ok(mut progress) = progress.lock() {
            progress.at(records, all, records);
        }
    });
    if let Ok(progress) = progress.into_inner() {
        progress.end();
    }
    let report = report?;
    let (position, clean) = (report.position, report.is_clean());
    // A difference blocks every close until it is gone, and so does not depend on anyone's memory.
    session.command(Command::Verified { position, clean })?;
    session.checkpoint()?;
    match args.format {
        Plain::Json => output::json(&document(&report))?,
        Plain::Text => show(&report)?,
    }
    Ok(if clean { Ended::Done } else { Ended::Found })
}

/// The report as JSON.
fn document(report: &VerifyReport) -> Value {
    let checks = report
        .checks
        .iter()
        .map(|(check, compared)| json!({ "check": check, "compared": compared }));
    json!({
        "clean": report.is_clean(),
        "position": report.position,
        "events": report.events,
        "checks": checks.collect::<Vec<_>>(),
        "differences_count": report.differences_count,
        "differences": report.differences,
    })
}

fn show(report: &VerifyReport) -> Result<(), crate::errors::Failure> {
    for (check, compared) in &report.checks {
        output::text(&format!("{check}: {compared} compared\n"))?;
    }
    for difference in &report.differences {
        output::text(&format!("differs: {difference}\n"))?;
    }
    let (events, position) = (report.events, report.position);
    if report.is_clean() {
        output::text(&format!("clean: {events} events recomputed up to position {position}\n"))
    } else {
        let count = report.differences_count;
        talk("no period closes until a verification is clean again");
        output::text(&format!("NOT clean: {count} differences\n"))
    }
}
