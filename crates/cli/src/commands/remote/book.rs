//! A changed book is checked, planned and put into force on a service. Its files are those of the
//! directory that `-C` names: a Saldo directory, or one that has the book alone.

use super::once;
use super::tables;
use crate::commands::{Ended, Globals, Outcome};
use crate::errors::Failure;
use crate::output::{self, Format, Plain, talk};
use api::book::{Apply, Changed, Checked, Planned};
use api::client::Client;
use api::commands::Given;
use node::{Home, NodeError};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The file that every book has.
const HEAD: &str = "operator.yaml";

/// Every file's text by path.
fn files(globals: &Globals) -> Result<BTreeMap<String, String>, Failure> {
    let files = if globals.dir.join(HEAD).is_file() {
        node::check::read_dir(&globals.dir)?
    } else {
        let home = Home::open(&globals.dir)?.operator(globals.operator.as_deref())?;
        node::check::read_files(&home)?
    };
    let text = |(path, bytes): (String, Vec<u8>)| match String::from_utf8(bytes) {
        Ok(text) => Ok((path, text)),
        Err(_) => Err(NodeError::said(node::code::NO_BOOK, format!("{path} is no text"))),
    };
    Ok(files.into_iter().map(text).collect::<Result<_, _>>()?)
}

/// Names every mistake.
pub fn check(client: &Client, globals: &Globals, format: Plain) -> Outcome {
    let changed = Changed { files: Some(files(globals)?) };
    let found: Checked = client.change("POST", "/v1/book/check", Some(&changed))?;
    match format {
        Plain::Json => output::json(&json!(found))?,
        Plain::Text => told(&found)?,
    }
    Ok(if found.errors == 0 { Ended::Done } else { Ended::Found })
}

fn told(found: &Checked) -> Result<(), Failure> {
    for one in &found.diagnostics {
        let api::book::BookDiagnostic { code, severity, file, line, column, message, hint } = one;
        output::text(&format!(
            "{file}:{line}:{column}: {severity} {code}: {message}\n    {hint}\n"
        ))?;
    }
    let Checked { files, tests, errors, warnings, .. } = found;
    talk(format!("{files} files, {tests} tests run, {errors} errors, {warnings} warnings"));
    Ok(())
}

/// Shows what it would do.
pub fn plan(client: &Client, globals: &Globals, format: Plain) -> Outcome {
    let changed = Changed { files: Some(files(globals)?) };
    let planned: Planned = client.change("POST", "/v1/book/plan", Some(&changed))?;
    let refused = planned.periods.iter().any(|period| period.refused.is_some());
    let bad = planned.check.errors > 0 || refused || !planned.breaks.is_empty();
    match format {
        Plain::Json => output::json(&json!(planned))?,
        Plain::Text => {
            told(&planned.check)?;
            if planned.changes.is_empty() && planned.check.errors == 0 {
                talk(format!("the book says what revision {} says", planned.revision));
            }
            for change in &planned.changes {
                let api::book::BookChange { what, name, how } = change;
                output::text(&format!("{how:>8}  {what} {name}\n"))?;
            }
            for found in &planned.breaks {
                output::text(&format!("  breaks  {}: {}\n", found.what, found.message))?;
            }
            let periods: Vec<Value> = planned.periods.iter().map(|period| json!(period)).collect();
            if !periods.is_empty() {
                tables::rows(periods, Format::Table)?;
            }
        }
    }
    Ok(if bad { Ended::Found } else { Ended::Done })
}

/// Puts it into force.
pub fn apply(client: &Client, globals: &Globals, reason: &str, format: Plain) -> Outcome {
    let asked = Apply { files: Some(files(globals)?), reason: reason.to_owned() };
    let given: Given = client.command("/v1/book/apply", &once()?, &asked)?;
    match format {
        Plain::Json => output::json(&json!(given))?,
        Plain::Text => talk(format!("the book is now {}", given.about)),
    }
    Ok(Ended::Done)
}
