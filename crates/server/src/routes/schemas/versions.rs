//! Versions of a subject: listed, registered, read, deleted.

use super::subjects::Deleted;
use super::{Answer, Flag, Given, aside, by, document, new, sees, shown, text, which};
use crate::app::App;
use crate::extract::{Named, Params, Whole};
use crate::guard::Asker;
use crate::sandbox;
use api::schemas::{NewSchema, SchemaId, SubjectSchema};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use node::schemas;
use serde::Deserialize;
use utoipa::IntoParams;

use super::wrong::Wrong;

/// Which versions, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Shown {
    /// Also those that were deleted.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    deleted: Flag,
    /// `serialized`: a Protobuf schema is answered as its descriptor in base64.
    format: Option<String>,
}

/// The versions of a subject.
#[utoipa::path(get, path = "/schema-registry/subjects/{subject}/versions",
    params(("subject" = String, Path), Shown), responses(
    (status = 200, body = Vec<u32>, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn list(
    asker: Asker,
    Named(subject): Named<String>,
    Params(how): Params<Shown>,
) -> Given<Vec<u32>> {
    let catalog = asker.tenant.service.catalog();
    sees(&asker, &catalog, &subject)?;
    let versions = catalog.versions(&subject, how.deleted.0)?;
    Ok(Answer(versions.into_iter().map(|(number, _)| number).collect()))
}

/// How a schema is registered.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Registered {
    /// Order of fields counts not.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    normalize: Flag,
}

/// Register a schema as the next version of a subject. One that may not follow is refused with the
/// change that prevents it; one that the subject has already keeps its id.
#[utoipa::path(post, path = "/schema-registry/subjects/{subject}/versions",
    params(("subject" = String, Path), Registered),
    request_body(content((NewSchema = "application/vnd.schemaregistry.v1+json"),
                         (NewSchema = "application/json"))),
    responses(
    (status = 200, body = SchemaId, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn register(
    State(app): State<App>,
    asker: Asker,
    Named(subject): Named<String>,
    Params(how): Params<Registered>,
    headers: HeaderMap,
    body: Whole,
) -> Given<SchemaId> {
    let given = new(document(&headers, &body)?, how.normalize)?;
    aside(move || {
        let (service, author) = (&asker.tenant.service, asker.author());
        let (id, _) = schemas::register(service, &subject, &given, by(&author))?;
        sandbox::keep_up(&app, &asker.tenant);
        Ok(Answer(SchemaId { id }))
    })
    .await
}

/// One version of a subject: its number, or `latest`.
#[utoipa::path(get, path = "/schema-registry/subjects/{subject}/versions/{version}",
    params(("subject" = String, Path), ("version" = String, Path), Shown), responses(
    (status = 200, body = SubjectSchema, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn read(
    asker: Asker,
    Named((subject, version)): Named<(String, String)>,
    Params(how): Params<Shown>,
) -> Given<SubjectSchema> {
    let catalog = asker.tenant.service.catalog();
    sees(&asker, &catalog, &subject)?;
    let found = catalog.version(&subject, which(&version)?, how.deleted.0)?;
    Ok(Answer(shown(&catalog, &subject, found, how.format.as_deref())?))
}

/// The text alone of one version of a subject.
#[utoipa::path(get, path = "/schema-registry/subjects/{subject}/versions/{version}/schema",
    params(("subject" = String, Path), ("version" = String, Path), Shown), responses(
    (status = 200, body = String, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn read_text(
    asker: Asker,
    Named((subject, version)): Named<(String, String)>,
    Params(how): Params<Shown>,
) -> Result<Response, Wrong> {
    let catalog = asker.tenant.service.catalog();
    sees(&asker, &catalog, &subject)?;
    let (_, found) = catalog.version(&subject, which(&version)?, how.deleted.0)?;
    Ok(plain(text(&catalog, found.id, how.format.as_deref())?))
}

/// A text as it is.
pub(super) fn plain(text: String) -> Response {
    let media = HeaderValue::from_static(api::schemas::MEDIA_TYPE);
    ([(header::CONTENT_TYPE, media)], text).into_response()
}

/// The ids of the schemas that stand on a version.
#[utoipa::path(get, path = "/schema-registry/subjects/{subject}/versions/{version}/referencedby",
    params(("subject" = String, Path), ("version" = String, Path)), responses(
    (status = 200, body = Vec<u32>, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn referring(
    asker: Asker,
    Named((subject, version)): Named<(String, String)>,
) -> Given<Vec<u32>> {
    let catalog = asker.tenant.service.catalog();
    sees(&asker, &catalog, &subject)?;
    let (number, _) = catalog.version(&subject, which(&version)?, false)?;
    let ids = catalog.registry.referring(&subject, number);
    let seen = |id: &u32| super::ids::seen(&asker, &catalog, *id);
    Ok(Answer(ids.into_iter().filter(seen).collect()))
}

/// Delete a version; answers its number.
#[utoipa::path(delete, path = "/schema-registry/subjects/{subject}/versions/{version}",
    params(("subject" = String, Path), ("version" = String, Path), Deleted), responses(
    (status = 200, body = u32, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn delete(
    asker: Asker,
    Named((subject, version)): Named<(String, String)>,
    Params(how): Params<Deleted>,
) -> Given<u32> {
    let version = which(&version)?;
    aside(move || {
        let (service, author) = (&asker.tenant.service, asker.author());
        let for_good = how.permanent.0;
        let number = schemas::delete_version(service, &subject, version, for_good, by(&author))?;
        Ok(Answer(number))
    })
    .await
}
