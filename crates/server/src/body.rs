//! Bodies: JSON documents of commands, and events in bulk as the places of their rows.

use crate::refusal::Refusal;
use api::code;
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::ops::Range;

/// What packs a body that is unpacked here, and what says that nothing does.
const PACKED: [&str; 3] = ["gzip", "zstd", "identity"];

/// Refuses what cannot be unpacked, before anything tries.
pub async fn packed(mut request: Request, next: Next) -> Response {
    let mut said = request.headers().get_all(header::CONTENT_ENCODING).iter();
    let known = match (said.next(), said.next()) {
        (None, _) => return next.run(request).await,
        (Some(one), None) => {
            PACKED.iter().find(|known| known.as_bytes().eq_ignore_ascii_case(one.as_bytes()))
        }
        _ => None,
    };
    let Some(known) = known else {
        let mut response = Refusal::of(&code::ENCODING, "").into_response();
        let taken = HeaderValue::from_static("zstd, gzip");
        response.headers_mut().insert(header::ACCEPT_ENCODING, taken);
        return response;
    };
    // What unpacks knows the name as it is written here alone.
    request.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(known));
    next.run(request).await
}

/// A document of a command.
///
/// # Errors
/// [`code::MEDIA_TYPE`], [`code::BAD_BODY`].
pub fn document<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Refusal> {
    match media_type(headers) {
        // A list would be taken for the fields in their order.
        Some("application/json") if body.trim_ascii_start().first() != Some(&b'{') => {
            Err(Refusal::of(&code::BAD_BODY, "it is no JSON object"))
        }
        Some("application/json") => serde_json::from_slice(body)
            .map_err(|error| Refusal::of(&code::BAD_BODY, error.to_string())),
        other => Err(other_type(other, "application/json")),
    }
}

/// A document of a command, or the form of a page with the same fields.
///
/// # Errors
/// As [`document`].
pub fn document_or_form<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<T, Refusal> {
    match media_type(headers) {
        Some("application/x-www-form-urlencoded") => {
            form(body).ok_or_else(|| Refusal::of(&code::BAD_BODY, "the form cannot be read"))
        }
        _ => document(headers, body),
    }
}

/// Reads a form, which is written as a query is; a field that stands twice is refused.
pub fn form<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(body).ok()?;
    let uri: Uri = format!("/?{}", text.trim()).parse().ok()?;
    Some(Query::<T>::try_from_uri(&uri).ok()?.0)
}

/// Where the events of a body are: one JSON object, an array of them, lines, or `CloudEvents` whose
/// data they are.
///
/// # Errors
/// [`code::MEDIA_TYPE`], [`code::BAD_BODY`]: nothing of the body was taken then. A line that is no
/// JSON is taken, and quarantined: its neighbours are not to blame.
pub fn events(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Range<usize>>, Refusal> {
    match media_type(headers) {
        Some("application/x-ndjson" | "application/jsonl") => Ok(lines(body)),
        Some("application/json") => values(body),
        Some("application/cloudevents+json") => Ok(vec![data(body, &whole(body)?)?]),
        Some("application/cloudevents-batch+json") => {
            values(body)?.iter().map(|row| data(body, row)).collect()
        }
        other => Err(other_type(
            other,
            "application/x-ndjson, application/json, application/cloudevents+json, \
             application/cloudevents-batch+json",
        )),
    }
}

fn media_type(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or(text).trim())
}

fn other_type(given: Option<&str>, taken: &str) -> Refusal {
    let given = given.map_or("none is given".to_owned(), |given| format!("`{given}` is given"));
    Refusal::of(&code::MEDIA_TYPE, format!("{given}; taken are {taken}"))
}

/// Every line that has something on it.
fn lines(body: &[u8]) -> Vec<Range<usize>> {
    let mut start = 0;
    let each = body.split(|byte| *byte == b'\n').filter_map(|line| {
        let at = start;
        start += line.len() + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        (!line.trim_ascii().is_empty()).then(|| at..at + line.len())
    });
    each.collect()
}

fn bad(error: &serde_json::Error) -> Refusal {
    Refusal::of(&code::BAD_BODY, error.to_string())
}

/// The whole body, which must be one JSON value.
fn whole(body: &[u8]) -> Result<Range<usize>, Refusal> {
    let value: &RawValue = serde_json::from_slice(body).map_err(|error| bad(&error))?;
    Ok(place(body, value.get()))
}

/// One object, or the elements of an array.
fn values(body: &[u8]) -> Result<Vec<Range<usize>>, Refusal> {
    if body.trim_ascii_start().first() != Some(&b'[') {
        return Ok(vec![whole(body)?]);
    }
    let values: Vec<&RawValue> = serde_json::from_slice(body).map_err(|error| bad(&error))?;
    Ok(values.iter().map(|value| place(body, value.get())).collect())
}

/// The data of a `CloudEvent`.
fn data(body: &[u8], event: &Range<usize>) -> Result<Range<usize>, Refusal> {
    #[derive(serde::Deserialize)]
    struct Envelope<'a> {
        specversion: String,
        #[serde(borrow)]
        data: &'a RawValue,
    }
    let bytes = body.get(event.clone()).unwrap_or_default();
    let envelope: Envelope<'_> = serde_json::from_slice(bytes).map_err(|error| bad(&error))?;
    if envelope.specversion != "1.0" {
        let what = format!("CloudEvents of version {}; 1.0 is taken", envelope.specversion);
        return Err(Refusal::of(&code::BAD_BODY, what));
    }
    Ok(place(body, envelope.data.get()))
}

/// Where a part of the body is in it.
fn place(body: &[u8], part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(body.as_ptr() as usize);
    start..start + part.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn events_are_found_in_every_form() {
        let lines = "application/x-ndjson";
        let (one, many) = ("application/json; charset=utf-8", "application/json");
        let (cloud, clouds) =
            ("application/cloudevents+json", "application/cloudevents-batch+json");
        for (media, body, found) in [
            (lines, "{\"a\":1}\r\n\n  \n{\"b\":2}", Ok(vec!["{\"a\":1}", "{\"b\":2}"])),
            (lines, "", Ok(vec![])),
            (lines, "not json\n", Ok(vec!["not json"])),
            (one, " {\"a\":1} ", Ok(vec!["{\"a\":1}"])),
            (many, "[{\"a\":1},\n {\"b\":[2]}]", Ok(vec!["{\"a\":1}", "{\"b\":[2]}"])),
            (many, "[]", Ok(vec![])),
            (many, "[{\"a\":1}", Err("E8006")),
            (many, "{\"a\":1}{", Err("E8006")),
            (cloud, "{\"specversion\":\"1.0\",\"data\":{\"a\":1}}", Ok(vec!["{\"a\":1}"])),
            (clouds, "[{\"specversion\":\"1.0\",\"data\": {}}]", Ok(vec!["{}"])),
            (clouds, "[{\"specversion\":\"0.3\",\"data\":{}}]", Err("E8006")),
            (clouds, "[{\"specversion\":\"1.0\"}]", Err("E8006")),
            ("text/csv", "a,b", Err("E8007")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, media.parse().unwrap());
            let ranges = events(&headers, body.as_bytes());
            let texts = ranges.map(|rows| rows.into_iter().map(|row| &body[row]).collect());
            assert_eq!(
                texts.map_err(|refusal| refusal.0.code),
                found.map_err(str::to_owned),
                "{body}"
            );
        }
    }
}
