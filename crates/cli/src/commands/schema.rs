//! `saldo schema`: the schemas of what sources send.
//!
//! JSON of subjects: `[{"subject","versions":[]}]`; of register `{"id"}`; of show
//! `{"subject","version","id","schemaType","references","schema"}`; of check
//! `{"is_compatible","messages":[]}`; of level `{"compatibilityLevel"}`.

use super::remote::tables;
use super::{Ended, Outcome};
use crate::args::door::{GivenSchema, Language, Schema};
use crate::errors::{Failure, NO_FILE};
use crate::output::{self, Plain, talk};
use api::address::escaped;
use api::client::{Client, Query};
use api::schemas::{Compatibility, NewLevel, NewSchema, SchemaReference, SubjectSchema};
use serde_json::{Value, json};

/// What takes no document.
const NOTHING: Option<&Value> = None;

/// Asks for what was typed.
pub fn run(client: &Client, args: Schema) -> Outcome {
    match args {
        Schema::Subjects { deleted, format } => {
            let query = Query::new().maybe("deleted", deleted.then_some(true));
            let names: Vec<String> = client.get("/schema-registry/subjects", &query)?;
            let mut rows = Vec::new();
            for subject in names {
                let versions: Value = client.get(&path(&subject, "/versions"), &query)?;
                rows.push(json!({ "subject": subject, "versions": versions }));
            }
            tables::rows(rows, format)
        }
        Schema::Register { given, format } => {
            let path = path(&given.subject, "/versions");
            tables::one(&client.change("POST", &path, Some(&read(&given)?))?, format)
        }
        Schema::Show { subject, version, format } => {
            let path = path(&subject, &format!("/versions/{}", escaped(&version)));
            if format == Plain::Json {
                return tables::one(&client.get(&path, &Query::new())?, format);
            }
            let found: SubjectSchema = client.get(&path, &Query::new())?;
            talk(format!("{} version {}, id {}", found.subject, found.version, found.id));
            output::text(&format!("{}\n", found.schema.trim_end()))?;
            Ok(Ended::Done)
        }
        Schema::Check { given, version, format } => {
            check(client, &given, version.as_deref(), format)
        }
        Schema::Level { subject, set, unset, format } => {
            level(client, subject.as_deref(), (set, unset), format)
        }
        Schema::Delete { subject, version, permanent } => {
            let version = version.map(|version| format!("/versions/{}", escaped(&version)));
            let query = if permanent { "?permanent=true" } else { "" };
            let path = path(&subject, &format!("{}{query}", version.unwrap_or_default()));
            let gone: Value = client.change("DELETE", &path, NOTHING)?;
            talk(format!("{subject}: deleted {gone}"));
            Ok(Ended::Done)
        }
    }
}

fn path(subject: &str, rest: &str) -> String {
    format!("/schema-registry/subjects/{}{rest}", escaped(subject))
}

fn check(client: &Client, given: &GivenSchema, version: Option<&str>, format: Plain) -> Outcome {
    let subject = escaped(&given.subject);
    let one = version.map(|version| format!("/{}", escaped(version))).unwrap_or_default();
    let path =
        format!("/schema-registry/compatibility/subjects/{subject}/versions{one}?verbose=true");
    let found: Compatibility = client.change("POST", &path, Some(&read(given)?))?;
    if format == Plain::Json {
        output::json(&json!(found))?;
    } else {
        for message in found.messages.iter().flatten() {
            output::text(&format!("{message}\n"))?;
        }
        talk(if found.is_compatible { "it may follow" } else { "it may not follow" });
    }
    Ok(if found.is_compatible { Ended::Done } else { Ended::Found })
}

fn level(
    client: &Client,
    subject: Option<&str>,
    (set, unset): (Option<String>, bool),
    format: Plain,
) -> Outcome {
    let of = subject.map(|subject| format!("/{}", escaped(subject))).unwrap_or_default();
    let path = format!("/schema-registry/config{of}");
    if let Some(compatibility) = set {
        client.change::<Value>("PUT", &path, Some(&NewLevel { compatibility }))?;
    } else if unset {
        client.change::<Value>("DELETE", &path, NOTHING)?;
    }
    // What holds for a subject without a level of its own is that of all.
    let query = Query::new().maybe("defaultToGlobal", subject.map(|_| true));
    tables::one(&client.get(&path, &query)?, format)
}

fn read(given: &GivenSchema) -> Result<NewSchema, Failure> {
    let file = &given.file;
    let schema = std::fs::read_to_string(file).map_err(|error| Failure::file(file, &error))?;
    let ending = file.extension().and_then(|ending| ending.to_str());
    let language = given.language.or(match ending {
        Some("json") => Some(Language::Json),
        Some("avsc") => Some(Language::Avro),
        Some("proto") => Some(Language::Protobuf),
        _ => None,
    });
    let word = match language {
        Some(Language::Json) => "JSON",
        Some(Language::Avro) => "AVRO",
        Some(Language::Protobuf) => "PROTOBUF",
        None => {
            let what = format!("{}: its name does not tell the language: --type", file.display());
            return Err(Failure::said(NO_FILE, what));
        }
    };
    let references = given.references.iter().map(|text| reference(text));
    let references = references.collect::<Result<Vec<_>, _>>()?;
    Ok(NewSchema {
        schema,
        schema_type: Some(word.to_owned()),
        references: Some(references),
        metadata: None,
        rule_set: None,
    })
}

/// `NAME=SUBJECT:VERSION`. Names may have a `:`, as URIs do.
fn reference(text: &str) -> Result<SchemaReference, Failure> {
    let parts = text.rsplit_once('=').and_then(|(name, rest)| {
        let (subject, version) = rest.rsplit_once(':')?;
        Some((name, subject, version.parse().ok()?))
    });
    let Some((name, subject, version)) = parts else {
        return Err(Failure::said(NO_FILE, format!("`{text}` is no NAME=SUBJECT:VERSION")));
    };
    Ok(SchemaReference { name: name.to_owned(), subject: subject.to_owned(), version })
}
