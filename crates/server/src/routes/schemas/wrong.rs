//! Refusals of the registry: Confluent's numbers, with the stable code at the end of the message.

use super::{Answer, PREFIX};
use crate::refusal::{Refusal, Shown};
use api::schemas::RegistryError;
use api::{Problem, code};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use node::ledger::code::Code;
use node::schemas::Fault;

/// Why the registry refuses.
#[derive(Debug)]
pub struct Wrong {
    number: u32,
    message: String,
}

impl Wrong {
    fn of(page: &Code, number: u32, what: &str) -> Self {
        Self { number, message: format!("{what} ({})", page.code) }
    }

    pub(super) fn media(taken: &str) -> Self {
        Self::of(&code::MEDIA_TYPE, 415, &format!("{}; taken are {taken}", code::MEDIA_TYPE.title))
    }

    pub(super) fn body(what: &str) -> Self {
        Self::of(&code::SCHEMA_INVALID, 42201, &format!("The body cannot be read: {what}"))
    }

    pub(super) fn version(text: &str) -> Self {
        let what = format!(
            "The specified version '{text}' is not a valid version id. Allowed are 1 and more, \
             and the text \"latest\"."
        );
        Self::of(&code::SCHEMA_SETTING, 42202, &what)
    }

    pub(super) fn level(text: &str) -> Self {
        let what = format!(
            "Invalid compatibility level '{text}'. Valid values are none, backward, forward, full, \
             backward_transitive, forward_transitive and full_transitive."
        );
        Self::of(&code::SCHEMA_SETTING, 42203, &what)
    }

    pub(super) fn mode(text: &str) -> Self {
        let what = format!("Invalid mode '{text}'. Valid values are READWRITE and READONLY.");
        Self::of(&code::SCHEMA_SETTING, 42204, &what)
    }

    pub(super) fn no_level(subject: &str) -> Self {
        let what =
            format!("Subject '{subject}' does not have subject-level compatibility configured");
        Self::of(&code::SCHEMA_NO_SETTING, 40408, &what)
    }

    pub(super) fn no_mode(subject: &str) -> Self {
        let what = format!("Subject '{subject}' does not have subject-level mode configured");
        Self::of(&code::SCHEMA_NO_SETTING, 40409, &what)
    }

    pub(super) fn inside() -> Self {
        Self::of(&code::INTERNAL, 50001, code::INTERNAL.title)
    }
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        let (page, number) = match &fault {
            Fault::NoSubject(_) => (&code::SCHEMA_UNKNOWN, 40401),
            Fault::NoVersion(_) => (&code::SCHEMA_UNKNOWN, 40402),
            Fault::NoSchema => (&code::SCHEMA_UNKNOWN, 40403),
            Fault::SubjectDeleted(_) => (&code::SCHEMA_DELETED, 40404),
            Fault::SubjectNotDeleted(_) => (&code::SCHEMA_DELETED, 40405),
            Fault::VersionDeleted(_) => (&code::SCHEMA_DELETED, 40406),
            Fault::VersionNotDeleted(_) => (&code::SCHEMA_DELETED, 40407),
            Fault::Bad(_) => (&code::SCHEMA_INVALID, 42201),
            Fault::BadSubject => (&code::SCHEMA_SETTING, 42208),
            Fault::ReadOnly | Fault::TooMany(_) => (&code::SCHEMA_READ_ONLY, 42205),
            Fault::Referred(_) => (&code::SCHEMA_NEEDED, 42206),
            Fault::Needed(_) => (&code::SCHEMA_NEEDED, 42205),
            Fault::Incompatible(_) => (&code::SCHEMA_INCOMPATIBLE, 409),
            Fault::Failed(_) => return failed(fault),
        };
        Self::of(page, number, &fault.to_string())
    }
}

/// What the operator refuses is told as everywhere, in this shape.
fn failed(fault: Fault) -> Wrong {
    let Fault::Failed(error) = fault else { return Wrong::inside() };
    of_problem(&Refusal::from(error).0)
}

fn of_problem(problem: &Problem) -> Wrong {
    let Problem { title, detail, code, .. } = problem;
    let what =
        if detail.starts_with(title.as_str()) { detail } else { &format!("{title}: {detail}") };
    Wrong { number: problem.status.into(), message: format!("{what} ({code})") }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let status = if self.number > 999 { self.number / 100 } else { self.number };
        let status =
            u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = RegistryError { error_code: self.number, message: self.message };
        let mut response = (status, Answer(error)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        response
    }
}

/// Gives every refusal on the registry's paths the registry's shape, also those from before and
/// beside its handlers.
pub async fn shape(request: Request, next: Next) -> Response {
    let is_registry = request.uri().path().starts_with(PREFIX);
    let mut response = next.run(request).await;
    if !is_registry {
        return response;
    }
    let Some(Shown(problem)) = response.extensions_mut().remove::<Shown>() else { return response };
    let (shaped, body) = of_problem(&problem).into_response().into_parts();
    // What the layers around this one know of the refusal stays with it.
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(shaped.headers);
    Response::from_parts(parts, body)
}
