//! Schemas by their ids.

use super::wrong::Wrong;
use super::{Answer, Flag, Given, references, text, visible, word};
use crate::extract::{Named, Params};
use crate::guard::Asker;
use api::schemas::{SchemaText, SubjectVersion};
use axum::response::Response;
use node::formats::schema::Kind;
use node::schemas::{Catalog, Fault};
use serde::Deserialize;
use utoipa::IntoParams;

/// Where a schema stands, as an asker sees it.
fn places(asker: &Asker, catalog: &Catalog, id: u32, deleted: bool) -> Vec<SubjectVersion> {
    let seen = visible(asker, catalog);
    let subjects = catalog.registry.subjects.iter();
    let subjects =
        subjects.filter(|(name, _)| seen.as_ref().is_none_or(|seen| seen.contains(*name)));
    let each = subjects.flat_map(|(name, subject)| {
        let versions = subject.versions.iter();
        let shown = versions.filter(move |(_, at)| at.id == id && (deleted || !at.deleted));
        shown.map(|(version, _)| SubjectVersion { subject: name.clone(), version: *version })
    });
    each.collect()
}

/// Whether an asker sees the schema with this id.
pub(super) fn seen(asker: &Asker, catalog: &Catalog, id: u32) -> bool {
    let known = catalog.registry.texts.contains_key(&id);
    known && (asker.party.is_none() || !places(asker, catalog, id, true).is_empty())
}

fn sought(asker: &Asker, id: &str) -> Result<(Catalog, u32), Wrong> {
    let catalog = asker.tenant.service.catalog();
    let id = id.parse::<u32>().ok().filter(|id| seen(asker, &catalog, *id));
    Ok((catalog, id.ok_or(Fault::NoSchema)?))
}

/// How a schema is shown.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Shown {
    /// `serialized`: a Protobuf schema is answered as its descriptor in base64.
    format: Option<String>,
}

/// The schema with an id.
#[utoipa::path(get, path = "/schema-registry/schemas/ids/{id}",
    params(("id" = u32, Path), Shown), responses(
    (status = 200, body = SchemaText, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn read(
    asker: Asker,
    Named(id): Named<String>,
    Params(how): Params<Shown>,
) -> Given<SchemaText> {
    let (catalog, id) = sought(&asker, &id)?;
    let found = catalog.registry.texts.get(&id).ok_or(Fault::NoSchema)?;
    Ok(Answer(SchemaText {
        schema: text(&catalog, id, how.format.as_deref())?,
        schema_type: word(found.kind),
        references: references(&found.references),
    }))
}

/// The text alone of the schema with an id.
#[utoipa::path(get, path = "/schema-registry/schemas/ids/{id}/schema",
    params(("id" = u32, Path), Shown), responses(
    (status = 200, body = String, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn read_text(
    asker: Asker,
    Named(id): Named<String>,
    Params(how): Params<Shown>,
) -> Result<Response, Wrong> {
    let (catalog, id) = sought(&asker, &id)?;
    Ok(super::versions::plain(text(&catalog, id, how.format.as_deref())?))
}

/// Whether those that were deleted are meant too.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    /// Also those that were deleted.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    deleted: Flag,
}

/// The versions that have the schema with an id.
#[utoipa::path(get, path = "/schema-registry/schemas/ids/{id}/versions",
    params(("id" = u32, Path), Listed), responses(
    (status = 200, body = Vec<SubjectVersion>,
     content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn versions(
    asker: Asker,
    Named(id): Named<String>,
    Params(how): Params<Listed>,
) -> Given<Vec<SubjectVersion>> {
    let (catalog, id) = sought(&asker, &id)?;
    Ok(Answer(places(&asker, &catalog, id, how.deleted.0)))
}

/// The subjects that have the schema with an id.
#[utoipa::path(get, path = "/schema-registry/schemas/ids/{id}/subjects",
    params(("id" = u32, Path), Listed), responses(
    (status = 200, body = Vec<String>, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn subjects(
    asker: Asker,
    Named(id): Named<String>,
    Params(how): Params<Listed>,
) -> Given<Vec<String>> {
    let (catalog, id) = sought(&asker, &id)?;
    let places = places(&asker, &catalog, id, how.deleted.0).into_iter();
    let mut names: Vec<String> = places.map(|place| place.subject).collect();
    names.dedup();
    Ok(Answer(names))
}

/// The kinds of schemas that there are.
#[utoipa::path(get, path = "/schema-registry/schemas/types", responses(
    (status = 200, body = Vec<String>, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn types(_: Asker) -> Given<Vec<&'static str>> {
    Ok(Answer(Kind::ALL.map(Kind::word).to_vec()))
}
