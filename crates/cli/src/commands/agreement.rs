//! `saldo agreement`: versions of agreements, offered, signed and countersigned.
//!
//! JSON of the list: `[{"agreement","version","from","to","holds_from","holds_until","terms",
//! "required","parties":[],"signed":[] or null,"why","countersigned":{"at","by","position"} or
//! null}]`, where `why` says what is missing; of show: one such object, with `text` (what is
//! signed), `note` (text and signatures, or null) and `documents` (the agreement and its measures);
//! of countersign: one such object.

use super::{Ended, Globals, Outcome};
use crate::args::agree::Agreement;
use crate::errors::Failure;
use crate::output::{self, Column, Format, Plain, Rows, talk};
use api::agreements::AgreementVersion;
use node::engine::agreed::VersionStatus;
use node::engine::{Command, Engine};
use node::{Purpose, Session};
use proof::agreed::file::AgreementFile;
use proof::agreed::{AgreedError, AgreedVersion};
use proof::note::VerifierKey;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// Lists, shows, offers, signs, countersigns.
pub fn run(globals: &Globals, args: &Agreement) -> Outcome {
    match args {
        Agreement::List { format } => list(globals, *format),
        Agreement::Show { agreement, version, format } => {
            show(globals, agreement, *version, *format)
        }
        Agreement::Offer { agreement, version, output } => {
            offer(globals, agreement, *version, output)
        }
        Agreement::Sign { file, key, operator_key } => sign(file, key, operator_key.as_deref()),
        Agreement::Countersign { file, format } => countersign(globals, file, *format),
    }
}

fn failure(error: &AgreedError) -> Failure {
    Failure::of(error.code(), error)
}

/// Who signed a version, in words.
pub fn signed_words(status: &VersionStatus) -> String {
    match &status.signed {
        Ok(names) => names.join(", "),
        Err(error) => error.to_string(),
    }
}

/// A version and its signatures as JSON.
pub fn status_json(status: &VersionStatus) -> Value {
    json!(server::view::agreement::version(status))
}

fn list(globals: &Globals, format: Format) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let found = session.operator.engine.versions(None)?;
    versions(&found.iter().map(server::view::agreement::version).collect::<Vec<_>>(), format)
}

/// Versions, and who signed them.
pub fn versions(found: &[AgreementVersion], format: Format) -> Outcome {
    let cells = found.iter().map(|version| {
        let signed = version.signed.as_ref().map(|names| names.join(", "));
        vec![
            version.agreement.clone(),
            version.version.to_string(),
            version.holds_from.clone().unwrap_or_default(),
            version.holds_until.clone().unwrap_or_default(),
            version.terms.clone(),
            if version.required { "required" } else { "" }.to_owned(),
            signed.or_else(|| version.why.clone()).unwrap_or_default(),
        ]
    });
    let mut columns = vec![Column::text("agreement"), Column::number("version")];
    columns.extend(
        ["holds_from", "holds_until", "terms", "signatures", "signed by"].map(Column::text),
    );
    Rows { columns, cells: cells.collect(), json: json!(found) }.print(format)?;
    Ok(Ended::Done)
}

fn show(globals: &Globals, agreement: &str, version: Option<u32>, format: Plain) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let (status, file) = offered(&session, agreement, version)?;
    let note = status.recorded.as_ref().map(|recorded| recorded.note.clone());
    match format {
        Plain::Json => {
            let mut json = status_json(&status);
            json["text"] = status.version.to_string().into();
            json["note"] = note.into();
            json["documents"] = documents(&file).into();
            output::json(&json)?;
        }
        Plain::Text => {
            let signed = signed_words(&status);
            let what = note.unwrap_or_else(|| status.version.to_string());
            output::text(&format!("{what}\nsigned by: {signed}\n{}", terms(&file)))?;
        }
    }
    Ok(Ended::Done)
}

fn offered(
    session: &Session,
    agreement: &str,
    version: Option<u32>,
) -> Result<(VersionStatus, AgreementFile), Failure> {
    let engine: &Engine = &session.operator.engine;
    let status = engine.version(agreement, version)?;
    let file = engine.offer(agreement, status.version.version, &session.keys.signing()?)?;
    Ok((status, file))
}

fn offer(globals: &Globals, agreement: &str, version: u32, output: &Path) -> Outcome {
    let session = globals.open(Purpose::Read)?;
    let (status, file) = offered(&session, agreement, Some(version))?;
    std::fs::write(output, file.encode()).map_err(|error| Failure::file(output, &error))?;
    output::text(&status.version.to_string())?;
    talk(format!("wrote {}, signed by {}", output.display(), session.place.operator));
    talk(format!("{} sign it with `saldo agreement sign`", others(&status).join(" and ")));
    Ok(Ended::Done)
}

fn others(status: &VersionStatus) -> Vec<String> {
    status.parties.iter().skip(1).cloned().collect()
}

fn sign(path: &Path, key: &Path, operator_key: Option<&Path>) -> Outcome {
    let key = node::party_key::load(key)?;
    let mut file = read(path)?;
    let (version, note) = file.open().map_err(|error| failure(&error))?;
    output::text(&format!("{version}\n{}", terms(&file)))?;
    match operator_key {
        Some(known) => {
            let known = [node::keys::read_verifier(known)?];
            note.verify(&known).map_err(|error| failure(&error.into()))?;
            talk(format!("the signature of {} holds", known[0].name()));
        }
        None => talk("the operator's signature was not checked: give --operator-key"),
    }
    file.sign(&key).map_err(|error| failure(&error))?;
    std::fs::write(path, file.encode()).map_err(|error| Failure::file(path, &error))?;
    talk(format!("signed as {}; send {} back", key.verifier().name(), path.display()));
    Ok(Ended::Done)
}

fn read(path: &Path) -> Result<AgreementFile, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    AgreementFile::parse(&bytes).map_err(|error| Failure::of(error.code(), &error))
}

fn countersign(globals: &Globals, path: &Path, format: Plain) -> Outcome {
    let file = read(path)?;
    let (AgreedVersion { agreement, version, .. }, _) =
        file.open().map_err(|error| failure(&error))?;
    let mut session = globals.open(Purpose::Change)?;
    let operator_key = own_key(&session)?.to_string();
    let (name, note) = (agreement.clone(), file.note);
    session.command(Command::Countersign { agreement, version, operator_key, note })?;
    session.checkpoint()?;
    let status = session.operator.engine.version(&name, Some(version))?;
    match format {
        Plain::Json => output::json(&status_json(&status))?,
        Plain::Text => {
            let signed = signed_words(&status);
            output::text(&format!("version {version} of {name} is signed by {signed}\n"))?;
        }
    }
    Ok(Ended::Done)
}

fn own_key(session: &Session) -> Result<VerifierKey, Failure> {
    Ok(session.keys.signing()?.verifier().clone())
}

/// The canonical documents as JSON: the agreement, then its measures.
fn documents(file: &AgreementFile) -> Vec<Value> {
    let all = std::iter::once(&file.agreement).chain(&file.measures);
    all.map(|bytes| serde_json::from_slice(bytes).unwrap_or(Value::Null)).collect()
}

/// The terms in full, nothing left out: every field of the documents that the hash is of.
fn terms(file: &AgreementFile) -> String {
    let mut text = String::from("\nthe terms, in full:\n");
    for document in documents(file) {
        outline(&document, 1, &mut text);
        text.push('\n');
    }
    text
}

fn outline(value: &Value, depth: usize, text: &mut String) {
    let pad = "  ".repeat(depth);
    let mut put = |mark: &str, value: &Value| match value {
        Value::Object(map) if map.is_empty() => {}
        Value::Array(list) if list.is_empty() => {}
        Value::Object(_) | Value::Array(_) => {
            let _ = writeln!(text, "{pad}{mark}");
            outline(value, depth + 1, text);
        }
        other => {
            let bare = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            let _ = writeln!(text, "{pad}{mark} {bare}");
        }
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| put(&format!("{name}:"), value)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, item)| put(&format!("{}.", at + 1), item));
        }
        _ => put("", value),
    }
}
