//! Whether a schema may follow, without registering it.

use super::{Answer, Flag, Given, aside, document, new, sees, sees_references, which};
use crate::extract::{Named, Params, Whole};
use crate::guard::Asker;
use api::schemas::{Compatibility, NewSchema};
use axum::http::HeaderMap;
use node::schemas::{Fault, New, Which};
use serde::Deserialize;
use utoipa::IntoParams;

/// How it is checked.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// Each change that prevents it is named.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    verbose: Flag,
    /// Order of fields counts not.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    normalize: Flag,
}

/// Whether a schema may follow one version of a subject (its number, or `latest`), by the level in
/// force.
#[utoipa::path(post,
    path = "/schema-registry/compatibility/subjects/{subject}/versions/{version}",
    params(("subject" = String, Path), ("version" = String, Path), How),
    request_body(content((NewSchema = "application/vnd.schemaregistry.v1+json"),
                         (NewSchema = "application/json"))),
    responses(
    (status = 200, body = Compatibility, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn with_one(
    asker: Asker,
    Named((subject, version)): Named<(String, String)>,
    Params(how): Params<How>,
    headers: HeaderMap,
    body: Whole,
) -> Given<Compatibility> {
    let given = new(document(&headers, &body)?, how.normalize)?;
    let version = which(&version)?;
    aside(move || check(&asker, &subject, Some(version), &given, how.verbose)).await
}

/// Whether a schema could be registered: it may follow every version that the level in force looks
/// at.
#[utoipa::path(post, path = "/schema-registry/compatibility/subjects/{subject}/versions",
    params(("subject" = String, Path), How),
    request_body(content((NewSchema = "application/vnd.schemaregistry.v1+json"),
                         (NewSchema = "application/json"))),
    responses(
    (status = 200, body = Compatibility, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn with_all(
    asker: Asker,
    Named(subject): Named<String>,
    Params(how): Params<How>,
    headers: HeaderMap,
    body: Whole,
) -> Given<Compatibility> {
    let given = new(document(&headers, &body)?, how.normalize)?;
    aside(move || check(&asker, &subject, None, &given, how.verbose)).await
}

fn check(
    asker: &Asker,
    subject: &str,
    version: Option<Which>,
    given: &New,
    verbose: Flag,
) -> Given<Compatibility> {
    let catalog = asker.tenant.service.catalog();
    sees(asker, &catalog, subject)?;
    sees_references(asker, &catalog, given)?;
    let read = catalog.read(given)?;
    let versions = match version {
        Some(which) => match catalog.version(subject, which, false) {
            Ok(found) => vec![found],
            // Whatever comes first may come.
            Err(Fault::NoSubject(_)) if which == Which::Latest => Vec::new(),
            Err(fault) => return Err(fault.into()),
        },
        None => catalog.versions(subject, false).unwrap_or_default(),
    };
    let messages = catalog.check(subject, &read.schema, &versions)?;
    let is_compatible = messages.is_empty();
    Ok(Answer(Compatibility { is_compatible, messages: verbose.0.then_some(messages) }))
}
