//! `saldo check`: every mistake of the book.
//!
//! JSON: `{"operator","files","tests","errors","warnings","diagnostics":[{"code","severity",
//! "file","line","column","message","hint"}]}`.

use super::{Ended, Globals, Outcome};
use crate::args::make::Check;
use crate::output::{self, Plain};
use node::Home;
use node::book::Severity;
use serde_json::json;

/// Checks the book of the operator, without opening its data.
pub fn run(globals: &Globals, args: &Check) -> Outcome {
    let place = Home::open(&globals.dir)?.operator(globals.operator.as_deref())?;
    let mut checked = node::check::check(&place, 1)?;
    server::policy::trial::complete(&mut checked);
    let count = |severity| checked.diagnostics.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    match args.format {
        Plain::Json => {
            let diagnostics = checked.diagnostics.iter().map(|found| {
                json!({
                    "code": found.code,
                    "severity": found.severity.to_string(),
                    "file": found.file,
                    "line": found.line,
                    "column": found.column,
                    "message": found.message,
                    "hint": found.hint,
                })
            });
            output::json(&json!({
                "operator": place.operator,
                "files": checked.files.len(),
                "tests": checked.tests,
                "errors": errors,
                "warnings": warnings,
                "diagnostics": diagnostics.collect::<Vec<_>>(),
            }))?;
        }
        Plain::Text => {
            for found in &checked.diagnostics {
                output::text(&format!("{found}\n"))?;
            }
            let files = checked.files.len();
            let tests = checked.tests;
            output::talk(format!(
                "{files} files, {tests} tests run, {errors} errors, {warnings} warnings"
            ));
        }
    }
    Ok(if errors == 0 { Ended::Done } else { Ended::Found })
}
