//! Parts of a request, each refused with a problem document when it is not what it must be.

use crate::bodies::Lease;
use crate::refusal::Refusal;
use api::code;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The query, whose every field is known.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let bad = |what: String| Refusal::of(&code::BAD_PARAMETER, what);
        let found = Query::try_from_uri(&parts.uri).map_err(|error| bad(error.body_text()))?;
        Ok(Self(found.0))
    }
}

/// The names in the path.
pub struct Named<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let found = Path::<T>::from_request_parts(parts, state).await;
        let found = found.map_err(|error| Refusal::of(&code::BAD_PARAMETER, error.body_text()))?;
        Ok(Self(found.0))
    }
}

/// The whole body, decompressed.
pub struct Whole(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let lease = Lease::of(&request)?;
        Ok(Self(lease.read(request.into_body()).await?))
    }
}

/// How many rows a page has, as the request says.
///
/// # Errors
/// [`code::BAD_PARAMETER`].
pub fn page_rows(asked: Option<usize>) -> Result<usize, Refusal> {
    use crate::limits::{PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX};
    let limit = asked.unwrap_or(PAGE_ROWS_DEFAULT);
    if (1..=PAGE_ROWS_MAX).contains(&limit) {
        return Ok(limit);
    }
    let what = format!("limit {limit}; it is 1 to {PAGE_ROWS_MAX}");
    Err(Refusal::of(&code::BAD_PARAMETER, what))
}
