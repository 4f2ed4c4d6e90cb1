//! Statements in every form, what stands behind their lines, and their proofs.

use crate::ask::no_such;
use crate::cache::Depends;
use crate::evidence::Evidence;
use crate::extract::{Named, Params};
use crate::guard::Asker;
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::trace::apart;
use crate::view::{line, statement as view};
use api::Problem;
use api::code;
use api::statement::{File, Statement};
use api::story::LineStory;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use node::engine::Engine;
use node::engine::close::Closed;
use node::press::{self, Document, Language};
use node::{NodeError, settle};
use serde::Deserialize;
use utoipa::IntoParams;

/// The media type of XLSX.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The media type of a proof file.
pub(super) const PROOF: &str = "application/octet-stream";
/// Every form of a statement: its media type, and how its file names end.
const FORMS: [(&str, &str); 4] =
    [("application/json", "json"), ("text/csv", "csv"), ("application/pdf", "pdf"), (XLSX, "xlsx")];

/// Which statement, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct How {
    /// The language of PDF, XLSX and the titles in CSV: `en` (as it comes) or `ko`.
    #[serde(default)]
    lang: Option<String>,
    /// Rate what is there now, whether the period is closed or not; nothing is recorded.
    #[serde(default)]
    draft: bool,
}

/// The statement of a period, in the form that the request accepts.
#[utoipa::path(get, path = "/v1/agreements/{agreement}/periods/{period}/statement",
    params(("agreement" = String, Path, description = "the agreement"),
           ("period" = String, Path, description = "the period, such as 2026-03"), How),
    responses(
        (status = 200, description = "the statement", content(
            (Statement = "application/json"), (String = "text/csv"), (File = "application/pdf"),
            (File = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn statement(
    asker: Asker,
    Named((agreement, period)): Named<(String, String)>,
    Params(how): Params<How>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (media, end) = accepted(&headers)?;
    let language = match how.lang.as_deref() {
        None | Some("en") => Language::En,
        Some("ko") => Language::Ko,
        Some(other) => {
            let what = format!("lang `{other}`; there is en, ko");
            return Err(Refusal::of(&code::BAD_PARAMETER, what));
        }
    };
    let name = format!("{agreement}-{period}.{end}");
    let made = asker.read(move |session, scope| {
        let engine = &session.operator.engine;
        let (statement, closed) = find(engine, scope, (&agreement, &period), how.draft)?;
        let closed = closed.as_ref();
        if end == "json" {
            let document = view::document(engine, &statement, closed)?;
            return Ok(Made::Text(serde_json::to_vec(&document).unwrap_or_default()));
        }
        let paper = node::paper::document(engine, &statement, closed, language)?;
        Ok(match end {
            "csv" => Made::Text(view::csv(&statement, &paper).into_bytes()),
            _ => Made::Paper(Box::new(paper)),
        })
    });
    let bytes = match made.await? {
        Made::Text(bytes) => bytes,
        // Setting pages takes long: nobody waits for it but who asked.
        Made::Paper(paper) => {
            let set = apart(move || {
                let set = if end == "pdf" { press::pdf(&paper) } else { press::xlsx(&paper) };
                set.map_err(NodeError::from)
            });
            set.await?.bytes
        }
    };
    let mut answer = file(media, (end != "json").then_some(name.as_str()), bytes);
    if !how.draft {
        answer.extensions_mut().insert(Depends::OnCommands);
    }
    Ok(answer)
}

/// What was made under the lock.
enum Made {
    Text(Vec<u8>),
    Paper(Box<Document>),
}

fn find(
    engine: &Engine,
    scope: &Scope,
    of: (&str, &str),
    draft: bool,
) -> Result<(settle::Statement, Option<Closed>), Refusal> {
    if let Some(found) = view::find(engine, scope, of, draft)? {
        return Ok(found);
    }
    if !scope.agreement(engine, of.0)? {
        return Err(no_such());
    }
    Err(Refusal::of(&code::NOT_CLOSED, format!("{} is not closed for {}", of.0, of.1)))
}

/// The form that the request likes most: by weight, then as it names them.
fn accepted(headers: &HeaderMap) -> Result<(&'static str, &'static str), Refusal> {
    let Some(accept) = headers.get(header::ACCEPT) else { return Ok(FORMS[0]) };
    let accept = accept.to_str().unwrap_or_default();
    let mut best: Option<(u16, (&str, &str))> = None;
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), weight);
        let Some(weight @ 1..) = weight else { continue };
        let whole = media.strip_suffix("/*");
        let form = FORMS.into_iter().find(|(known, _)| match whole {
            Some("*") => true,
            Some(kind) => known.split('/').next() == Some(kind),
            None => *known == media,
        });
        if let Some(form) = form
            && best.is_none_or(|(most, _)| weight > most)
        {
            best = Some((weight, form));
        }
    }
    best.map(|(_, form)| form).ok_or_else(|| {
        let known: Vec<&str> = FORMS.iter().map(|(media, _)| *media).collect();
        Refusal::of(&code::NOT_ACCEPTABLE, format!("it is made as {}", known.join(", ")))
    })
}

/// A weight in thousandths: `0`, `1`, `0.5`, `0.125`.
fn weight(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let thousandths: u16 = format!("{part:0<3}").get(..3)?.parse().ok()?;
    Some(whole.parse::<u16>().ok()?.min(1) * 1000 + thousandths)
}

/// An answer with its media type and, where it is to be kept, a file name.
pub(super) fn file(media: &'static str, name: Option<&str>, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: HeaderValue| headers.insert(name, value);
    put(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    let name: Option<String> = name.map(|name| name.chars().filter(plain).collect());
    let name = name.map(|name| format!("attachment; filename=\"{name}\""));
    if let Some(value) = name.and_then(|text| HeaderValue::try_from(text).ok()) {
        put(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// What stands behind a line of a closed statement: the earlier lines that it was taken of, the
/// measures that it read, their accounts and events.
#[utoipa::path(get, path = "/v1/agreements/{agreement}/periods/{period}/explain/{line}",
    params(("agreement" = String, Path, description = "the agreement"),
           ("period" = String, Path, description = "the period, such as 2026-03"),
           ("line" = String, Path, description = "rule path of the line, a `/` in it as `%2F`")),
    responses((status = 200, body = LineStory),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn explain(
    asker: Asker,
    Named((agreement, period, path)): Named<(String, String, String)>,
) -> Result<(Extension<Depends>, Json<LineStory>), Refusal> {
    let found = asker.read(move |session, scope| {
        let engine = &session.operator.engine;
        let (statement, _) = find(engine, scope, (&agreement, &period), false)?;
        let line = statement.lines.iter().find(|line| line.path == path || line.id == path);
        let line = line.ok_or_else(no_such)?;
        Ok(line::story(engine, scope, &line.id)?)
    });
    Ok((Extension(Depends::OnCommands), Json(found.await?)))
}

/// The proof of a closed statement: one file that is checked offline with the operator's public
/// key.
#[utoipa::path(get, path = "/v1/agreements/{agreement}/periods/{period}/proof",
    params(("agreement" = String, Path, description = "the agreement"),
           ("period" = String, Path, description = "the period, such as 2026-03")),
    responses((status = 200, body = File, content_type = "application/octet-stream"),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn proof(
    asker: Asker,
    Named((agreement, period)): Named<(String, String)>,
) -> Result<Response, Refusal> {
    let name = format!("{agreement}-{period}.proof");
    let of = (agreement.clone(), period.clone());
    let seen = asker.read(move |session, scope| {
        find(&session.operator.engine, scope, (&of.0, &of.1), false).map(|_| ())
    });
    seen.await?;
    let tenant = asker.tenant.clone();
    let made = apart(move || {
        tenant.service.read_durable(|session| {
            let key = session.keys.signing()?;
            let proof = session.operator.engine.prove_statement(&agreement, &period, &key)?;
            Ok::<_, NodeError>(proof.encode())
        })?
    });
    let mut answer = file(PROOF, Some(&name), made.await?);
    answer.extensions_mut().insert(Depends::OnCommands);
    Ok(answer)
}

/// The evidence of a closed period for an auditor, as a ZIP file: the statement in every form, its
/// proof, signatures, commands and notices, with hashes of all of it.
#[utoipa::path(get, path = "/v1/agreements/{agreement}/periods/{period}/evidence",
    params(("agreement" = String, Path, description = "the agreement"),
           ("period" = String, Path, description = "the period, such as 2026-03")),
    responses((status = 200, body = File, content_type = "application/zip"),
    (status = "4XX", body = Problem, content_type = "application/problem+json"),
    (status = "5XX", body = Problem, content_type = "application/problem+json")))]
pub async fn evidence(
    asker: Asker,
    Named((agreement, period)): Named<(String, String)>,
) -> Result<Response, Refusal> {
    let name = format!("{agreement}-{period}-evidence.zip");
    let (tenant, scope) = (asker.tenant.clone(), asker.scope());
    let made = apart(move || {
        let read = tenant
            .service
            .read_durable(|session| Evidence::read(session, &scope, (&agreement, &period)))??;
        read.map(Evidence::pack).transpose()
    });
    let made = made.await?.ok_or_else(|| Refusal::of(&code::NOT_CLOSED, ""))?;
    Ok(file("application/zip", Some(&name), made))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_one_liked_most() {
        for (accept, end) in [
            (None, Some("json")),
            (Some("*/*"), Some("json")),
            (Some("text/*"), Some("csv")),
            (Some("text/html, application/pdf;q=0.5, text/csv;q=0.25"), Some("pdf")),
            (Some("application/pdf;q=0.2,text/csv;q=0.25"), Some("csv")),
            (Some("Application/PDF"), Some("pdf")),
            (Some("application/pdf;q=0, */*;q=0.1"), Some("json")),
            (Some("application/pdf;q=0"), None),
            (Some("text/html"), None),
            (Some(""), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, accept.parse().unwrap());
            }
            let found = accepted(&headers).map(|(_, end)| end);
            assert_eq!(found.ok(), end, "{accept:?}");
        }
    }
}
