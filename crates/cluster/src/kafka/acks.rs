//! What the broker has acknowledged, and what follows from it.
//!
//! Offsets of one partition are dense. So as long as each of our messages got the very next one,
//! nobody else has written since our fence; where one is left out, what stands there is read: a
//! newer fence means that our message does not count, and that we are fenced.

use super::KafkaOptions;
use super::envelope::{Kind, Writer};
use super::fault::failed;
use super::places::{Places, next_message};
use super::reading::Reading;
use super::tape::{Place, Tape};
use crate::limits::{GLANCE, PATIENCE_GRACE};
use engine::port::{PortError, PortFault, Position};
use rdkafka::ClientContext;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::ProducerContext;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What a message was when it was sent.
pub(super) struct Sent {
    /// Position of its first record.
    pub(super) first: Position,
    /// The position after its last record.
    pub(super) after: Position,
    /// Its length.
    pub(super) bytes: usize,
}

/// Acknowledgements as they come in, in order of offsets.
#[derive(Default)]
struct Inbox {
    acked: VecDeque<(i64, Sent)>,
    failed: Option<KafkaError>,
}

#[derive(Default)]
struct Shared {
    inbox: Mutex<Inbox>,
    came: Condvar,
}

/// What the driver tells about deliveries, on a thread of its own.
#[derive(Clone, Default)]
pub(super) struct Acks {
    shared: Arc<Shared>,
}

impl ClientContext for Acks {}

impl ProducerContext for Acks {
    type DeliveryOpaque = Box<Sent>;

    fn delivery(&self, result: &DeliveryResult<'_>, sent: Box<Sent>) {
        let mut inbox = self.inbox();
        match result {
            Ok(message) => inbox.acked.push_back((message.offset(), *sent)),
            Err((error, _)) => {
                inbox.failed.get_or_insert_with(|| error.clone());
            }
        }
        drop(inbox);
        self.shared.came.notify_all();
    }
}

impl Acks {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.shared.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next acknowledgement, waited for until `deadline`.
    pub(super) fn next(&self, deadline: Instant) -> Result<(i64, Sent), PortError> {
        let mut inbox = self.inbox();
        loop {
            if let Some(acked) = inbox.acked.pop_front() {
                return Ok(acked);
            }
            if let Some(error) = &inbox.failed {
                return Err(failed("a message was not taken", error));
            }
            if Instant::now() > deadline {
                let what = "messages were not acknowledged in time";
                return Err(PortError::unavailable(what, None));
            }
            let waited = self.shared.came.wait_timeout(inbox, GLANCE);
            inbox = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The first failure, if any.
    pub(super) fn failure(&self) -> Option<PortError> {
        self.inbox().failed.as_ref().map(|error| failed("a message was not taken", error))
    }
}

/// How far what was appended is known to count and to be durable.
pub(super) struct Settled {
    pub(super) writer: Writer,
    /// The offset that our next message gets when nobody else writes.
    pub(super) next_offset: i64,
    pub(super) durable: Position,
}

impl Settled {
    /// Takes acknowledgements until everything before `wanted` is durable.
    pub(super) fn reach(
        &mut self,
        wanted: Position,
        acks: &Acks,
        options: &KafkaOptions,
        places: &Mutex<Places>,
    ) -> Result<(), PortError> {
        let deadline = Instant::now() + options.patience + PATIENCE_GRACE;
        while self.durable < wanted {
            let (offset, sent) = acks.next(deadline)?;
            if offset != self.next_offset {
                self.look_between(offset, options)?;
            }
            let reading = Reading { writer: Some(self.writer), end: sent.first };
            let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
            places.note(Place { offset, reading }, sent.bytes);
            (self.next_offset, self.durable) = (offset + 1, sent.after);
        }
        Ok(())
    }

    /// Reads what others wrote before `offset`.
    fn look_between(&self, offset: i64, options: &KafkaOptions) -> Result<(), PortError> {
        if offset < self.next_offset {
            let what = format!("offset {offset} was given twice");
            return Err(PortError::corrupt(what));
        }
        let mut tape = Tape::open(options)?;
        tape.seek(self.next_offset)?;
        while tape.next_offset() < offset {
            let envelope = next_message(&mut tape)?.1.envelope;
            if envelope.kind == Kind::Fence && envelope.writer.epoch > self.writer.epoch {
                return Err(fenced(self.writer.epoch, envelope.writer.epoch));
            }
        }
        Ok(())
    }
}

/// The error of a writer whose time is over.
pub(super) fn fenced(own: u64, other: u64) -> PortError {
    let what = format!("this process writes with epoch {own}; another began epoch {other}");
    PortError::new(PortFault::Fenced, what)
}
