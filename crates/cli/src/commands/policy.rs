//! `saldo policy`: who may do what, by which policy.
//!
//! JSON of test: `{"tests","errors","diagnostics":[{"file","line","column","message","hint"}]}`; of
//! explain `[{"role","action","allowed","why","by":[]}]`.

use super::remote::tables;
use super::{Ended, Globals, Outcome};
use crate::args::door::AskedPolicy;
use crate::output::{self, Plain, talk};
use api::client::{Client, Query};
use node::Home;
use serde_json::json;

/// Runs the tests of the policies of the book on disk.
pub fn test(globals: &Globals, format: Plain) -> Outcome {
    let place = Home::open(&globals.dir)?.operator(globals.operator.as_deref())?;
    let checked = node::check::check(&place, 1)?;
    let (tests, found) = server::policy::trial::alone(&checked);
    if format == Plain::Json {
        let each = found.iter().map(|found| {
            json!({
                "file": found.file, "line": found.line, "column": found.column,
                "message": found.message, "hint": found.hint,
            })
        });
        let diagnostics = each.collect::<Vec<_>>();
        output::json(&json!({
            "tests": tests, "errors": found.len(), "diagnostics": diagnostics,
        }))?;
    } else {
        for one in &found {
            output::text(&format!("{one}\n"))?;
        }
        talk(format!("{tests} tests run, {} errors", found.len()));
    }
    Ok(if found.is_empty() { Ended::Done } else { Ended::Found })
}

/// Says what the policies in force come to.
pub fn explain(client: &Client, args: &AskedPolicy) -> Outcome {
    let query = Query::new()
        .maybe("role", args.role.as_ref())
        .maybe("party", args.party.as_ref())
        .with("kind", &args.kind)
        .maybe("action", args.action.as_ref())
        .maybe("on_source", args.on_source.as_ref())
        .maybe("on_party", args.on_party.as_ref());
    tables::rows(client.get("/v1/access/policies", &query)?, args.format)
}
