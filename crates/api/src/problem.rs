//! Problems: how every refusal is answered (RFC 9457, `application/problem+json`).

use crate::code::status_of;
use ledger::code::Code;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was refused, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained: a path of this service.
    #[serde(rename = "type")]
    #[schema(example = "/v1/codes/E5201")]
    pub kind: String,
    /// What is wrong, one sentence; always the same for a code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    #[schema(example = "E5201")]
    pub code: String,
    /// What is wrong in particular.
    pub detail: String,
    /// What to do next.
    pub hint: String,
    /// The request's id, as in the log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

impl Problem {
    /// The problem of a page, with what is wrong in particular.
    pub fn of(page: &Code, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            kind: format!("/v1/codes/{}", page.code),
            title: page.title.to_owned(),
            status: status_of(page.code),
            code: page.code.to_owned(),
            detail: if detail.is_empty() { page.cause.to_owned() } else { detail },
            hint: page.hint.to_owned(),
            request_id: String::new(),
        }
    }
}

/// The page of a code, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CodePage {
    /// The stable code.
    pub code: String,
    /// What is wrong.
    pub title: String,
    /// Why it happens.
    pub cause: String,
    /// What to do next.
    pub hint: String,
    /// The HTTP status that it is answered with.
    pub status: u16,
}

impl From<&Code> for CodePage {
    fn from(page: &Code) -> Self {
        Self {
            code: page.code.to_owned(),
            title: page.title.to_owned(),
            cause: page.cause.to_owned(),
            hint: page.hint.to_owned(),
            status: status_of(page.code),
        }
    }
}
