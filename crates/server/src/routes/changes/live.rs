//! Changes as they come: a stream of server-sent events. A client that is slow is waited for, and
//! misses nothing; one that is gone is noticed at the next event or heartbeat.

use super::{EVENT_STREAM, read};
use crate::app::App;
use crate::guard::Asker;
use crate::limits;
use crate::refusal::Refusal;
use crate::shares::Share;
use crate::told::told;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use hyper::body::Frame;
use node::engine::query::{ChangeFilter, Cursor};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

/// Changes that are read at once.
const PAGE: usize = 200;
/// Pages that wait for a slow client.
const WAITING: usize = 2;

/// The stream from a place on.
pub(super) fn stream(
    app: &App,
    asker: Asker,
    filter: ChangeFilter,
    after: Cursor,
) -> Result<Response, Refusal> {
    let place = app.live_place(&asker)?;
    let (pages, body) = mpsc::channel(WAITING);
    let writer = Writer { asker, filter, after, pages, closing: app.closing.subscribe() };
    tokio::spawn(writer.run(place));
    let mut response = Response::new(Body::new(Live(body)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather answers would hold the events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// The body: pages as they come.
struct Live(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Live {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|page| page.map(|page| Ok(Frame::data(page))))
    }
}

struct Writer {
    asker: Asker,
    filter: ChangeFilter,
    after: Cursor,
    pages: mpsc::Sender<Bytes>,
    closing: watch::Receiver<bool>,
}

impl Writer {
    /// Until the client is gone, the credential ends, or the service closes.
    async fn run(mut self, _place: Share) {
        let heartbeat = Duration::from_secs(limits::HEARTBEAT_SECONDS);
        let mut moved = self.asker.tenant.reached.clone();
        let mut text = ": saldo\n\n".to_owned();
        let mut beat = Instant::now() + heartbeat;
        loop {
            if Instant::now() >= beat {
                if !self.asker.still_holds() {
                    return;
                }
                beat = Instant::now() + heartbeat;
                // What was looked at in vain need not be looked at again.
                let _ = write!(text, ":\nid: {}\n\n", self.after);
            }
            moved.borrow_and_update();
            let page = read(&self.asker.tenant, &self.filter, self.after, PAGE).await;
            let Ok(page) = page else { return };
            self.after = page.reached;
            let (operator, party) =
                (self.asker.tenant.service.operator(), self.filter.party.as_deref());
            for change in page.changes {
                let change = told(operator, change, party);
                let json = serde_json::to_string(&change).unwrap_or_default();
                let (id, kind) = (&change.cursor, &change.kind);
                let _ = write!(text, "id: {id}\nevent: {kind}\ndata: {json}\n\n");
            }
            if !text.is_empty() && !self.send(&mut text).await {
                return;
            }
            if page.more {
                continue;
            }
            tokio::select! {
                changed = moved.changed() => if changed.is_err() { return },
                _ = self.closing.changed() => return,
                () = self.pages.closed() => return,
                () = sleep_until(beat) => {}
            }
        }
    }

    /// Hands text over; whether anybody takes it.
    async fn send(&mut self, text: &mut String) -> bool {
        tokio::select! {
            sent = self.pages.send(Bytes::from(std::mem::take(text))) => sent.is_ok(),
            _ = self.closing.changed() => false,
        }
    }
}
