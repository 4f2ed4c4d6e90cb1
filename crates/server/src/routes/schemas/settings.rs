//! Levels of compatibility and modes: of everything, and of a subject.

use super::wrong::Wrong;
use super::{Answer, Flag, Given, aside, by, document, sees};
use crate::extract::{Named, Params, Whole};
use crate::guard::Asker;
use api::schemas::{CurrentLevel, NewLevel, RegistryMode};
use axum::http::HeaderMap;
use node::engine::schemas::Mode;
use node::formats::schema::Level;
use node::schemas;
use serde::Deserialize;
use utoipa::IntoParams;

/// What is shown where a subject has no setting of its own.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Shown {
    /// That of everything.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    default_to_global: Flag,
}

fn current(level: Level) -> Answer<CurrentLevel> {
    Answer(CurrentLevel { compatibility_level: level.word().to_owned() })
}

fn mode_word(mode: Mode) -> Answer<RegistryMode> {
    let word = match mode {
        Mode::ReadWrite => "READWRITE",
        Mode::ReadOnly => "READONLY",
    };
    Answer(RegistryMode { mode: word.to_owned() })
}

async fn set_level(asker: Asker, subject: String, new: NewLevel) -> Given<NewLevel> {
    let word = &new.compatibility;
    let level = Level::from_word(word).ok_or_else(|| Wrong::level(word))?;
    aside(move || {
        schemas::set_level(&asker.tenant.service, &subject, Some(level), by(&asker.author()))?;
        Ok(Answer(NewLevel { compatibility: level.word().to_owned() }))
    })
    .await
}

async fn set_mode(asker: Asker, subject: String, new: RegistryMode) -> Given<RegistryMode> {
    let mode = match new.mode.to_ascii_uppercase().as_str() {
        "READWRITE" => Mode::ReadWrite,
        "READONLY" => Mode::ReadOnly,
        _ => return Err(Wrong::mode(&new.mode)),
    };
    aside(move || {
        schemas::set_mode(&asker.tenant.service, &subject, Some(mode), by(&asker.author()))?;
        Ok(mode_word(mode))
    })
    .await
}

/// The level of everything.
#[utoipa::path(get, path = "/schema-registry/config", responses(
    (status = 200, body = CurrentLevel, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn level(asker: Asker) -> Given<CurrentLevel> {
    Ok(current(asker.tenant.service.catalog().level("", true).unwrap_or_default()))
}

/// Set the level of everything.
#[utoipa::path(put, path = "/schema-registry/config",
    request_body(content((NewLevel = "application/vnd.schemaregistry.v1+json"),
                         (NewLevel = "application/json"))),
    responses(
    (status = 200, body = NewLevel, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn put_level(asker: Asker, headers: HeaderMap, body: Whole) -> Given<NewLevel> {
    set_level(asker, String::new(), document(&headers, &body)?).await
}

/// The level of a subject.
#[utoipa::path(get, path = "/schema-registry/config/{subject}",
    params(("subject" = String, Path), Shown), responses(
    (status = 200, body = CurrentLevel, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn subject_level(
    asker: Asker,
    Named(subject): Named<String>,
    Params(how): Params<Shown>,
) -> Given<CurrentLevel> {
    let catalog = asker.tenant.service.catalog();
    sees(&asker, &catalog, &subject)?;
    let level = catalog.level(&subject, how.default_to_global.0);
    level.map(current).ok_or_else(|| Wrong::no_level(&subject))
}

/// Set the level of a subject.
#[utoipa::path(put, path = "/schema-registry/config/{subject}",
    params(("subject" = String, Path)),
    request_body(content((NewLevel = "application/vnd.schemaregistry.v1+json"),
                         (NewLevel = "application/json"))),
    responses(
    (status = 200, body = NewLevel, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn put_subject_level(
    asker: Asker,
    Named(subject): Named<String>,
    headers: HeaderMap,
    body: Whole,
) -> Given<NewLevel> {
    set_level(asker, subject, document(&headers, &body)?).await
}

/// Take the level of a subject back; answers what it was.
#[utoipa::path(delete, path = "/schema-registry/config/{subject}",
    params(("subject" = String, Path)), responses(
    (status = 200, body = CurrentLevel, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn delete_subject_level(
    asker: Asker,
    Named(subject): Named<String>,
) -> Given<CurrentLevel> {
    aside(move || {
        let service = &asker.tenant.service;
        let was = service.catalog().level(&subject, false);
        let was = was.ok_or_else(|| Wrong::no_level(&subject))?;
        schemas::set_level(service, &subject, None, by(&asker.author()))?;
        Ok(current(was))
    })
    .await
}

/// The mode of everything.
#[utoipa::path(get, path = "/schema-registry/mode", responses(
    (status = 200, body = RegistryMode, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn mode(asker: Asker) -> Given<RegistryMode> {
    Ok(mode_word(asker.tenant.service.catalog().mode("", true).unwrap_or_default()))
}

/// Set the mode of everything.
#[utoipa::path(put, path = "/schema-registry/mode",
    request_body(content((RegistryMode = "application/vnd.schemaregistry.v1+json"),
                         (RegistryMode = "application/json"))),
    responses(
    (status = 200, body = RegistryMode, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn put_mode(asker: Asker, headers: HeaderMap, body: Whole) -> Given<RegistryMode> {
    set_mode(asker, String::new(), document(&headers, &body)?).await
}

/// The mode of a subject.
#[utoipa::path(get, path = "/schema-registry/mode/{subject}",
    params(("subject" = String, Path), Shown), responses(
    (status = 200, body = RegistryMode, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn subject_mode(
    asker: Asker,
    Named(subject): Named<String>,
    Params(how): Params<Shown>,
) -> Given<RegistryMode> {
    let catalog = asker.tenant.service.catalog();
    sees(&asker, &catalog, &subject)?;
    let mode = catalog.mode(&subject, how.default_to_global.0);
    mode.map(mode_word).ok_or_else(|| Wrong::no_mode(&subject))
}

/// Set the mode of a subject.
#[utoipa::path(put, path = "/schema-registry/mode/{subject}",
    params(("subject" = String, Path)),
    request_body(content((RegistryMode = "application/vnd.schemaregistry.v1+json"),
                         (RegistryMode = "application/json"))),
    responses(
    (status = 200, body = RegistryMode, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn put_subject_mode(
    asker: Asker,
    Named(subject): Named<String>,
    headers: HeaderMap,
    body: Whole,
) -> Given<RegistryMode> {
    set_mode(asker, subject, document(&headers, &body)?).await
}

/// Take the mode of a subject back; answers what it was.
#[utoipa::path(delete, path = "/schema-registry/mode/{subject}",
    params(("subject" = String, Path)), responses(
    (status = 200, body = RegistryMode, content_type = "application/vnd.schemaregistry.v1+json")))]
pub async fn delete_subject_mode(
    asker: Asker,
    Named(subject): Named<String>,
) -> Given<RegistryMode> {
    aside(move || {
        let service = &asker.tenant.service;
        let was = service.catalog().mode(&subject, false);
        let was = was.ok_or_else(|| Wrong::no_mode(&subject))?;
        schemas::set_mode(service, &subject, None, by(&asker.author()))?;
        Ok(mode_word(was))
    })
    .await
}
