//! Subjects: listed, asked whether they have a schema, deleted.

use super::{Answer, Flag, Given, aside, by, document, new, sees, sees_references, shown, visible};
use crate::extract::{Named, Params, Whole};
use crate::guard::Asker;
use api::schemas::{NewSchema, RegistryError, SubjectSchema};
use axum::http::HeaderMap;
use node::schemas;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which subjects.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Listed {
    /// Also those that were deleted.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    deleted: Flag,
    /// What their names begin with.
    subject_prefix: Option<String>,
}

/// Every subject.
#[utoipa::path(get, path = "/schema-registry/subjects", params(Listed), responses(
    (status = 200, body = Vec<String>, content_type = "application/vnd.schemaregistry.v1+json"),
    (status = "4XX", body = RegistryError,
     content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn list(asker: Asker, Params(how): Params<Listed>) -> Given<Vec<String>> {
    let catalog = asker.tenant.service.catalog();
    let seen = visible(&asker, &catalog);
    let prefix = how.subject_prefix.unwrap_or_default();
    let names = catalog.registry.subjects.keys().filter(|name| {
        name.starts_with(&prefix)
            && seen.as_ref().is_none_or(|seen| seen.contains(*name))
            && catalog.subject(name, how.deleted.0).is_ok()
    });
    Ok(Answer(names.cloned().collect()))
}

/// How a schema is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Looked {
    /// Order of fields counts not.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    normalize: Flag,
    /// Also among the versions that were deleted.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    deleted: Flag,
    /// `serialized`: a Protobuf schema is answered as its descriptor in base64.
    format: Option<String>,
}

/// Whether a subject has a schema, and which version it is.
#[utoipa::path(post, path = "/schema-registry/subjects/{subject}",
    params(("subject" = String, Path), Looked),
    request_body(content((NewSchema = "application/vnd.schemaregistry.v1+json"),
                         (NewSchema = "application/json"))),
    responses(
    (status = 200, body = SubjectSchema, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn look(
    asker: Asker,
    Named(subject): Named<String>,
    Params(how): Params<Looked>,
    headers: HeaderMap,
    body: Whole,
) -> Given<SubjectSchema> {
    let given = new(document(&headers, &body)?, how.normalize)?;
    aside(move || {
        let catalog = asker.tenant.service.catalog();
        sees(&asker, &catalog, &subject)?;
        sees_references(&asker, &catalog, &given)?;
        let found = catalog.find(&subject, &given, how.deleted.0)?;
        Ok(Answer(shown(&catalog, &subject, found, how.format.as_deref())?))
    })
    .await
}

/// How something is deleted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Deleted {
    /// For good: it was deleted before.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    pub(super) permanent: Flag,
}

/// Delete a subject; answers the numbers of its versions.
#[utoipa::path(delete, path = "/schema-registry/subjects/{subject}",
    params(("subject" = String, Path), Deleted), responses(
    (status = 200, body = Vec<u32>, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn delete(
    asker: Asker,
    Named(subject): Named<String>,
    Params(how): Params<Deleted>,
) -> Given<Vec<u32>> {
    aside(move || {
        let (service, author) = (&asker.tenant.service, asker.author());
        Ok(Answer(schemas::delete_subject(service, &subject, how.permanent.0, by(&author))?))
    })
    .await
}
