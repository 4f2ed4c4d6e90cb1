//! `saldo ingest`: files of transactions into the Log and the ledger.
//!
//! JSON: `{"files":[{"file","source","mapping","trace_id","bytes","resumed_after_row","received",
//! "posted","duplicate","waiting","quarantined","refused","control_findings":[{"control","group",
//! "stated","summed","reason"}]}],"received",…,"refused"}`.

use super::{Ended, Globals, Outcome};
use crate::args::make::Ingest;
use crate::output::{self, Plain, talk};
use crate::progress::Progress;
use node::Purpose;
use node::engine::counters::Counters;
use node::intake::{FileReport, Job};
use serde_json::{Value, json};

/// Ingests every file in the order given, then makes the Store durable once.
pub fn run(globals: &Globals, args: &Ingest) -> Outcome {
    let mut session = globals.open(Purpose::Change)?;
    let expired = session.expire_raw()?;
    if expired > 0 {
        talk(format!("{expired} blocks of raw rows reached the end of their retention"));
    }
    let mut reports = Vec::new();
    let mut failed = None;
    for path in &args.files {
        let job = Job::new(path, &args.source, args.mapping.as_deref());
        let mut progress = Progress::new(format!("reading {}", path.display()));
        let report =
            node::intake::ingest(&mut session.operator, &job, &mut |records, done, all| {
                progress.at(done, all, records);
            });
        progress.end();
        match report {
            Ok(report) => {
                if args.format == Plain::Text {
                    output::text(&line(&report))?;
                }
                reports.push(report);
            }
            // What came before stays; the rest is not begun.
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    session.checkpoint()?;
    if args.format == Plain::Json {
        output::json(&report_json(&reports, &args.source))?;
    }
    tell(&reports);
    failed.map_or(Ok(Ended::Done), |error| Err(error.into()))
}

fn line(report: &FileReport) -> String {
    let Counters { received, posted, duplicate, waiting, quarantined, refused } = report.counts;
    format!(
        "{}: received {received} = posted {posted} + duplicate {duplicate} + waiting {waiting} + \
         quarantined {quarantined} + refused {refused}\n",
        report.path.display()
    )
}

fn tell(reports: &[FileReport]) {
    for report in reports {
        if report.resumed_after_row > 0 {
            let (path, row) = (report.path.display(), report.resumed_after_row);
            talk(format!("{path}: went on after row {row}, where an earlier ingest stopped"));
        }
        for finding in &report.findings {
            let stated = finding.stated.map(|stated| stated.to_string()).unwrap_or_default();
            let (control, group, summed) = (&finding.control, &finding.group, &finding.summed);
            talk(format!(
                "{}: the control total {control} {group} states {stated}, the rows give {summed}",
                report.path.display()
            ));
        }
    }
    let quarantined: u64 = reports.iter().map(|report| report.counts.quarantined).sum();
    if quarantined > 0 {
        talk(format!("{quarantined} records are quarantined: `saldo quarantine list` shows them"));
    }
}

fn report_json(reports: &[FileReport], source: &str) -> Value {
    let mut total = Counters::default();
    let mut files = Vec::new();
    for report in reports {
        total.add(&report.counts);
        let findings = report.findings.iter().map(|finding| {
            json!({
                "control": finding.control,
                "group": finding.group,
                "stated": finding.stated.map(|stated| stated.to_string()),
                "summed": finding.summed.to_string(),
                "reason": finding.reason,
            })
        });
        let mut file = counters(&report.counts);
        file["file"] = json!(report.path.display().to_string());
        file["source"] = json!(source);
        file["mapping"] = json!(report.mapping);
        file["trace_id"] = json!(report.trace.map(|trace| trace.to_string()));
        file["bytes"] = json!(report.bytes);
        file["resumed_after_row"] = json!(report.resumed_after_row);
        file["control_findings"] = json!(findings.collect::<Vec<_>>());
        files.push(file);
    }
    let mut whole = counters(&total);
    whole["files"] = json!(files);
    whole
}

/// The six counters as an object.
pub fn counters(counts: &Counters) -> Value {
    json!({
        "received": counts.received,
        "posted": counts.posted,
        "duplicate": counts.duplicate,
        "waiting": counts.waiting,
        "quarantined": counts.quarantined,
        "refused": counts.refused,
    })
}
