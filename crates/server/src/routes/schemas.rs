//! The schema registry, by Confluent's paths and documents, so that its clients work as they are.

pub mod compatibility;
pub mod ids;
pub mod settings;
pub mod subjects;
pub mod versions;
mod wrong;

pub use wrong::shape;

use crate::extract::Whole;
use crate::guard::Asker;
use crate::trace;
use api::schemas::{MEDIA_TYPE, NewSchema, SchemaReference, SubjectSchema};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use node::engine::schemas::{Referred, Version};
use node::formats::schema::Kind;
use node::schemas::{By, Catalog, Fault, New, Which};
use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use std::collections::BTreeSet;
use wrong::Wrong;

/// Every path of the registry begins with it.
pub const PREFIX: &str = "/schema-registry";

/// An answer of the registry.
pub struct Answer<T>(pub T);

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        ([(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))], body).into_response()
    }
}

/// What a handler of the registry gives.
pub type Given<T> = Result<Answer<T>, Wrong>;

/// A switch of the query. Clients of some languages write `True`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err(D::Error::custom("a switch is true or false")),
        }
    }
}

/// A document of a command; the registry's own media types are taken, and plain JSON.
fn document<T: DeserializeOwned>(headers: &HeaderMap, Whole(body): &Whole) -> Result<T, Wrong> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|text| text.to_str().ok());
    let media = media.map(|text| text.split(';').next().unwrap_or(text).trim());
    let taken = [MEDIA_TYPE, "application/vnd.schemaregistry+json", "application/json"];
    if media.is_some_and(|media| !taken.contains(&media)) {
        return Err(Wrong::media(&taken.join(", ")));
    }
    serde_json::from_slice(body).map_err(|error| Wrong::body(&error.to_string()))
}

/// A schema as the node takes it.
fn new(given: NewSchema, normalize: Flag) -> Result<New, Wrong> {
    if given.metadata.is_some_and(|value| !value.is_null())
        || given.rule_set.is_some_and(|value| !value.is_null())
    {
        return Err(Fault::Bad("metadata and rules of a schema are not kept here".into()).into());
    }
    let word = given.schema_type.as_deref().unwrap_or("AVRO");
    let kind = Kind::from_word(word)
        .ok_or_else(|| Fault::Bad(format!("the type `{word}`; there is AVRO, JSON, PROTOBUF")))?;
    let references = given.references.unwrap_or_default().into_iter();
    let referred = references.map(|SchemaReference { name, subject, version }| Referred {
        name,
        subject,
        version,
    });
    let references = referred.collect();
    Ok(New { kind, text: given.schema, references, normalize: normalize.0 })
}

/// The version that a path means.
fn which(text: &str) -> Result<Which, Wrong> {
    match text {
        "latest" | "-1" => Ok(Which::Latest),
        _ => match text.parse::<u32>() {
            Ok(number) if number > 0 => Ok(Which::Number(number)),
            _ => Err(Wrong::version(text)),
        },
    }
}

/// The subjects that an asker sees; none for all. A counterparty sees those which its own sources
/// are checked by, and what they stand on.
fn visible(asker: &Asker, catalog: &Catalog) -> Option<BTreeSet<String>> {
    asker.party.as_ref()?;
    let named = asker.tenant.service.source_schemas().into_iter();
    let own = named.filter(|(source, _)| asker.has_source(source));
    let mut next: Vec<String> = own.map(|(_, schema)| schema.subject).collect();
    let mut seen = BTreeSet::new();
    while let Some(subject) = next.pop() {
        let found = catalog.registry.subjects.get(&subject);
        if !seen.insert(subject) {
            continue;
        }
        for version in found.into_iter().flat_map(|subject| subject.versions.values()) {
            let text = catalog.registry.texts.get(&version.id);
            let referred = text.into_iter().flat_map(|text| &text.references);
            next.extend(referred.map(|referred| referred.subject.clone()));
        }
    }
    Some(seen)
}

/// Whether an asker sees a subject; to one who does not it is not there.
fn sees(asker: &Asker, catalog: &Catalog, subject: &str) -> Result<(), Wrong> {
    match visible(asker, catalog) {
        Some(seen) if !seen.contains(subject) => Err(Fault::NoSubject(subject.into()).into()),
        _ => Ok(()),
    }
}

/// Whether an asker sees what a schema that it gives stands on: naming it tells that it is there.
fn sees_references(asker: &Asker, catalog: &Catalog, given: &New) -> Result<(), Wrong> {
    let seen = visible(asker, catalog);
    let sees = |to: &&Referred| seen.as_ref().is_none_or(|seen| seen.contains(&to.subject));
    match given.references.iter().find(|to| !sees(to)) {
        // As for one that nobody registered.
        Some(Referred { subject, version, .. }) => {
            Err(Fault::Bad(format!("no version {version} of `{subject}`")).into())
        }
        None => Ok(()),
    }
}

/// An author, by the request that is answered now.
fn by(author: &str) -> By<'_> {
    By { author, trace: trace::current() }
}

/// Does something slow beside the threads that answer, and beside no more than a few others.
async fn aside<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, Wrong> + Send + 'static,
) -> Result<R, Wrong> {
    crate::aside::aside(work).await.unwrap_or_else(|| Err(Wrong::inside()))
}

/// The word of a kind as answers have it: none for Avro.
fn word(kind: u8) -> Option<String> {
    let kind = Kind::from_number(kind).filter(|kind| *kind != Kind::Avro);
    kind.map(|kind| kind.word().to_owned())
}

fn references(referred: &[Referred]) -> Vec<SchemaReference> {
    let each = referred.iter().cloned();
    each.map(|Referred { name, subject, version }| SchemaReference { name, subject, version })
        .collect()
}

/// A text in the form asked for: as given, or of Protobuf `serialized`.
fn text(catalog: &Catalog, id: u32, format: Option<&str>) -> Result<String, Wrong> {
    let text = catalog.registry.texts.get(&id).ok_or(Fault::NoSchema)?;
    if format == Some("serialized") && Kind::from_number(text.kind) == Some(Kind::Protobuf) {
        return Ok(catalog.schema(id)?.serialized().unwrap_or_default());
    }
    Ok(text.text.clone())
}

/// A version of a subject as it is answered.
fn shown(
    catalog: &Catalog,
    subject: &str,
    (number, version): (u32, Version),
    format: Option<&str>,
) -> Result<SubjectSchema, Wrong> {
    let found = catalog.registry.texts.get(&version.id).ok_or(Fault::NoSchema)?;
    Ok(SubjectSchema {
        subject: subject.to_owned(),
        version: number,
        id: version.id,
        schema_type: word(found.kind),
        references: references(&found.references),
        schema: text(catalog, version.id, format)?,
    })
}
