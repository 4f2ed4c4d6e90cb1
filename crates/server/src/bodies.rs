//! Bodies are held in memory: of requests while they come and while they are worked on, of answers
//! until they are taken. So much of them is for all, and for each party, credential or address.
//! What is unpacked counts as it is.

use crate::guard::{Asker, From};
use crate::limits;
use crate::rate::network;
use crate::refusal::Refusal;
use crate::shares::{Share, Shares};
use api::code;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

/// Longest silence within a body.
const SILENCE_MAX: Duration = Duration::from_secs(limits::HEADERS_SECONDS_MAX);

/// How much of bodies is held, of those who are known and of those who are not yet.
pub struct Bodies {
    known: Shares,
    unknown: Shares,
    answers: Shares,
}

/// What one request may hold; it is given back when the last copy of this is dropped.
#[derive(Clone)]
pub struct Lease {
    share: Arc<Mutex<Share>>,
    most: usize,
}

impl Default for Bodies {
    fn default() -> Self {
        use limits::{BODIES_BYTES_MAX, BODIES_OF_ONE_BYTES_MAX};
        Self {
            known: Shares::new(BODIES_BYTES_MAX, BODIES_OF_ONE_BYTES_MAX),
            unknown: Shares::new(BODIES_BYTES_MAX, BODIES_OF_ONE_BYTES_MAX),
            answers: Shares::new(BODIES_BYTES_MAX, BODIES_OF_ONE_BYTES_MAX),
        }
    }
}

impl Bodies {
    /// For a request of somebody who is known.
    pub fn of(&self, asker: &Asker) -> Lease {
        Lease::new(self.known.of(&asker.bound()), limits::BODY_BYTES_MAX)
    }

    /// For an answer to somebody who is known.
    pub fn answer(&self, asker: &Asker) -> Lease {
        Lease::new(self.answers.of(&asker.bound()), 0)
    }

    /// For a request that is signed, as it says: by whom is known when its body is.
    pub fn signed(&self, from: From) -> Lease {
        Lease::new(self.unknown.of(&from.0.map(network)), limits::BODY_BYTES_MAX)
    }

    /// For a request of anybody.
    pub fn open(&self, from: From) -> Lease {
        Lease::new(self.unknown.of(&from.0.map(network)), limits::OPEN_BODY_BYTES_MAX)
    }
}

impl Lease {
    fn new(share: Share, most: usize) -> Self {
        Self { share: Arc::new(Mutex::new(share)), most }
    }

    /// What the guard gave to a request.
    ///
    /// # Errors
    /// [`code::INTERNAL`] before the guard.
    pub fn of(request: &Request) -> Result<Self, Refusal> {
        let given = request.extensions().get::<Self>().cloned();
        given.ok_or_else(|| Refusal::of(&code::INTERNAL, ""))
    }

    fn grow(&self, more: usize) -> bool {
        self.share.lock().unwrap_or_else(PoisonError::into_inner).grow(more)
    }

    /// An answer that counts until it is taken, or nobody waits for it any more; one that streams
    /// has no size, and is bounded by its place.
    pub fn hold(self, answer: Response) -> Response {
        let size = HttpBody::size_hint(answer.body()).exact().unwrap_or(0);
        if !self.grow(usize::try_from(size).unwrap_or(usize::MAX)) {
            return Refusal::of(&code::TOO_MUCH_HELD, "").into_response();
        }
        answer.map(|body| Body::new(Held { body, _lease: self }))
    }

    /// The whole of a body.
    ///
    /// # Errors
    /// [`code::BODY_TOO_LARGE`], [`code::TOO_MUCH_HELD`], [`code::TOO_SLOW`], [`code::BAD_BODY`].
    pub async fn read(&self, mut body: Body) -> Result<Bytes, Refusal> {
        let (mut first, mut rest) = (Bytes::new(), Vec::new());
        loop {
            let frame = timeout(SILENCE_MAX, body.frame()).await;
            let Some(frame) = frame.map_err(|_| Refusal::of(&code::TOO_SLOW, ""))? else { break };
            let frame = frame.map_err(|error| Refusal::of(&code::BAD_BODY, error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            if first.len() + rest.len() + data.len() > self.most {
                let what = format!("at most {} bytes are taken, after decompression", self.most);
                return Err(Refusal::of(&code::BODY_TOO_LARGE, what));
            }
            if !self.grow(data.len()) {
                return Err(Refusal::of(&code::TOO_MUCH_HELD, ""));
            }
            if first.is_empty() {
                first = data;
            } else {
                // Copied: a small part must not keep the whole of what it was read into.
                rest.extend_from_slice(&data);
            }
        }
        if rest.is_empty() {
            return Ok(first);
        }
        let mut all = Vec::with_capacity(first.len() + rest.len());
        all.extend_from_slice(&first);
        all.append(&mut rest);
        Ok(all.into())
    }
}

/// A body with what it takes.
struct Held {
    body: Body,
    _lease: Lease,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;
    use http_body_util::StreamBody;
    use std::convert::Infallible;

    fn body(parts: &'static [&'static str]) -> Body {
        let frame = |part: &&'static str| Ok::<_, Infallible>(Frame::data(Bytes::from(*part)));
        let body =
            StreamBody::new(async_graphql::futures_util::stream::iter(parts.iter().map(frame)));
        assert!(!HttpBody::is_end_stream(&body));
        Body::new(body)
    }

    #[tokio::test]
    async fn a_body_is_held_within_its_own_bound_and_that_of_its_sender() {
        let shares = Shares::new(10, 10);
        let lease = || Lease::new(shares.of(&"a"), 8);
        for (parts, found) in [
            (&[][..], Ok("")),
            (&["abc"][..], Ok("abc")),
            (&["ab", "", "cd", "e"][..], Ok("abcde")),
            (&["abcd", "efgh"][..], Ok("abcdefgh")),
            (&["abcd", "efghi"][..], Err("E8005")),
        ] {
            let read = lease().read(body(parts)).await.map_err(|refusal| refusal.0.code);
            let read = read.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
            assert_eq!(read.as_deref().map_err(String::as_str), found, "{parts:?}");
        }
        let held = lease();
        held.read(body(&["abcdef"])).await.unwrap();
        let refused = lease().read(body(&["abcdef"])).await.unwrap_err();
        assert_eq!(refused.0.code, "E8056", "while another of the same sender is held");
        drop(held);
        assert!(lease().read(body(&["abcdef"])).await.is_ok());
    }

    #[test]
    fn an_answer_counts_until_it_is_taken() {
        let shares = Shares::new(10, 10);
        let answer = |text: &'static str| {
            Lease::new(shares.of(&"a"), 0).hold(Response::new(Body::from(text)))
        };
        let waiting = answer("abcdef");
        assert_eq!(HttpBody::size_hint(waiting.body()).exact(), Some(6));
        assert_eq!(answer("abcdef").status(), 503, "nobody took the first");
        assert_eq!(answer("abcd").status(), 200);
        drop(waiting);
        assert_eq!(answer("abcdef").status(), 200);
    }
}
