//! The Log on Kafka: one partition per shard, one message per frame.
//!
//! One writer at a time is held by fences of our own in the partition, not by Kafka's
//! transactions: see `reading` for the rule, `acks` for how a writer learns that its time is over.
//! Offsets stay in here; positions are what others see.

mod acks;
mod cache;
mod envelope;
mod fault;
mod places;
mod reader;
mod reading;
mod tape;
mod topic;

pub use topic::create_topic;

use crate::limits::{GLANCE, MESSAGE_BYTES_MAX, PATIENCE, PATIENCE_GRACE, QUEUE_KIB_MAX};
use acks::{Acks, Sent, Settled};
use cache::{Cache, Whole};
use engine::port::frame::{self, Head};
use engine::port::{Fetched, Frame, Log, LogReader, PortError, PortFault, Position};
use envelope::{ENVELOPE_BYTES, Writer};
use places::Places;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, Producer, PurgeConfig, ThreadedProducer};
use reader::{Cursor, Reader};
use reading::Reading;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tape::{Place, Tape};

/// Where a Log is, and how it is opened.
#[derive(Clone, Debug)]
pub struct KafkaOptions {
    /// Brokers to begin with, `HOST:PORT` with commas between.
    pub brokers: String,
    /// The topic; [`create_topic`] makes it.
    pub topic: String,
    /// The shard's partition.
    pub partition: i32,
    /// How long one call waits for Kafka.
    pub patience: Duration,
    /// More settings of the driver (security, addresses), by its names.
    pub settings: Vec<(String, String)>,
}

impl KafkaOptions {
    /// The first partition of a topic.
    pub fn new(brokers: &str, topic: &str) -> Self {
        let (brokers, topic) = (brokers.to_owned(), topic.to_owned());
        Self { brokers, topic, partition: 0, patience: PATIENCE, settings: Vec::new() }
    }

    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.brokers).set("client.id", "saldo");
        config.set("allow.auto.create.topics", "false");
        // A broker that is back is found again within a second, not within ten.
        config.set("reconnect.backoff.max.ms", "1000");
        config.set("topic.metadata.refresh.sparse", "true");
        for (name, value) in &self.settings {
            config.set(name, value);
        }
        config
    }

    fn producer(&self) -> ClientConfig {
        let mut config = self.client();
        let millis = self.patience.as_millis().to_string();
        let bytes = MESSAGE_BYTES_MAX.to_string();
        config.set("enable.idempotence", "true").set("acks", "all");
        config.set("message.timeout.ms", millis).set("message.max.bytes", bytes);
        config.set("queue.buffering.max.kbytes", QUEUE_KIB_MAX.to_string());
        // A message is a batch already: nothing is gained by waiting for another.
        config.set("linger.ms", "0").set("compression.type", "none");
        config
    }
}

/// The Log of one shard on one partition, open for writing.
pub struct KafkaLog {
    shared: Arc<Shared>,
}

/// What readers hold too.
struct Shared {
    options: KafkaOptions,
    writer: Writer,
    producer: ThreadedProducer<Acks>,
    acks: Acks,
    /// Guards the order of sending; the position after the last appended record.
    appending: Mutex<Position>,
    end: AtomicU64,
    settled: Mutex<Settled>,
    durable: AtomicU64,
    places: Mutex<Places>,
    cache: Mutex<Cache>,
    fetching: Mutex<Option<Cursor>>,
    /// Why nothing more is written.
    poison: OnceLock<(PortFault, String)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl KafkaLog {
    /// Opens the Log as the writer of `epoch`, which must be higher than any before: the Store
    /// gives it. `reached` is where that Store stands: the Log must hold what is before, and is
    /// read from there on.
    ///
    /// # Errors
    /// [`PortFault::Fenced`] when the epoch is not the highest; [`PortFault::Missing`] when the
    /// topic is not there or has lost records; [`PortFault::Refused`] when its settings would
    /// lose some; [`PortFault::Unavailable`]; [`PortFault::Corrupt`].
    pub fn open(options: KafkaOptions, epoch: u64, reached: Position) -> Result<Self, PortError> {
        topic::check(&options)?;
        let acks = Acks::default();
        let producer: ThreadedProducer<Acks> = options
            .producer()
            .create_with_context(acks.clone())
            .map_err(|error| fault::failed("a producer", &error))?;
        let writer = Writer { epoch, number: random_number() };
        let sent = Sent { first: 0, after: 0, bytes: ENVELOPE_BYTES };
        send(&producer, &options, &envelope::fence(writer), sent)?;
        let (fence, _) = acks.next(Instant::now() + options.patience + PATIENCE_GRACE)?;
        let mut places = Places::default();
        let reading = read_up_to(&options, fence, reached, writer, &mut places)?;
        let end = reading.end;
        let settled = Settled { writer, next_offset: fence + 1, durable: end };
        let shared = Shared {
            options,
            writer,
            producer,
            acks,
            appending: Mutex::new(end),
            end: AtomicU64::new(end),
            settled: Mutex::new(settled),
            durable: AtomicU64::new(end),
            places: Mutex::new(places),
            cache: Mutex::default(),
            fetching: Mutex::default(),
            poison: OnceLock::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }
}

/// Reads what counts up to the fence of `writer` at offset `fence`.
fn read_up_to(
    options: &KafkaOptions,
    fence: i64,
    reached: Position,
    writer: Writer,
    places: &mut Places,
) -> Result<Reading, PortError> {
    let mut tape = Tape::open(options)?;
    // What is before the last record of the Store is not needed to go on.
    let start = places.find(&mut tape, reached.saturating_sub(1))?;
    tape.seek(start.offset)?;
    let mut reading = start.reading;
    loop {
        let before = reading;
        let (offset, bytes) = tape.next()?;
        let message = envelope::read(&bytes, &|| tape.place(offset))?;
        reading.take(&message)?;
        if reading.end > before.end {
            places.note(Place { offset, reading: before }, bytes.len());
        }
        if offset >= fence {
            break;
        }
    }
    // For who reads on from the end.
    places.keep(Place { offset: fence, reading });
    if reading.end < reached {
        let end = reading.end;
        let what = format!("the Store stands at {reached} and {} ends at {end}", options.topic);
        return Err(PortError::new(PortFault::Missing, what));
    }
    match reading.writer {
        Some(last) if last == writer => Ok(reading),
        last => Err(acks::fenced(writer.epoch, last.map_or(0, |it| it.epoch))),
    }
}

/// A number that no other writer of the same epoch has.
fn random_number() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    // Seeded by the system for every process and instance.
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.finish()
}

/// Queues a message; where the queue is full, waits until the broker has taken some.
fn send(
    producer: &ThreadedProducer<Acks>,
    options: &KafkaOptions,
    payload: &[u8],
    sent: Sent,
) -> Result<(), PortError> {
    let start = Instant::now();
    let record: BaseRecord<'_, [u8], [u8], Box<Sent>> =
        BaseRecord::with_opaque_to(&options.topic, Box::new(sent));
    let mut record = record.partition(options.partition).payload(payload);
    loop {
        let (error, back) = match producer.send(record) {
            Ok(()) => return Ok(()),
            Err(refused) => refused,
        };
        let full = KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull);
        if error != full || start.elapsed() > options.patience {
            return Err(fault::failed("queueing a message", &error));
        }
        std::thread::sleep(GLANCE / 20);
        record = back;
    }
}

impl Shared {
    fn end_position(&self) -> Position {
        self.end.load(Ordering::Acquire)
    }

    fn check_poison(&self) -> Result<(), PortError> {
        self.poison.get().map_or(Ok(()), |(fault, why)| {
            Err(PortError::new(*fault, format!("the log stopped at an earlier error: {why}")))
        })
    }

    /// Stops for good. What is still queued is not sent.
    fn poisoned(&self, error: PortError) -> PortError {
        if self.poison.set((error.fault, error.what.clone())).is_ok() {
            self.producer.purge(PurgeConfig::default().queue().inflight());
        }
        error
    }

    fn write(&self, frames: &[Frame]) -> Result<Position, PortError> {
        let mut position = lock(&self.appending);
        self.check_poison()?;
        if let Some(error) = self.acks.failure() {
            return Err(self.poisoned(error));
        }
        let start = *position;
        for frame in frames {
            let (first, durable) = (*position, self.durable.load(Ordering::Acquire));
            let after = first + frame.ends.len() as u64;
            let bytes = envelope::message(self.writer, durable, first, frame);
            let sent = Sent { first, after, bytes: bytes.len() };
            send(&self.producer, &self.options, &bytes, sent)
                .map_err(|error| self.poisoned(error))?;
            if let Some(head) = Head::parse(&bytes[ENVELOPE_BYTES..]) {
                lock(&self.cache).put(Arc::new(Whole { head, bytes }));
            }
            *position = after;
            self.end.store(after, Ordering::Release);
        }
        Ok(start)
    }

    fn flush_all(&self) -> Result<Position, PortError> {
        let wanted = self.end_position();
        self.check_poison()?;
        let mut settled = lock(&self.settled);
        let reached = settled.reach(wanted, &self.acks, &self.options, &self.places);
        let durable = settled.durable;
        self.durable.store(durable, Ordering::Release);
        drop(settled);
        reached.map(|()| durable).map_err(|error| self.poisoned(error))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // What nobody waited for is not waited for here.
        self.producer.purge(PurgeConfig::default().queue().inflight());
    }
}

impl Log for KafkaLog {
    fn append(&self, frames: &[Frame]) -> Result<Position, PortError> {
        frames.iter().try_for_each(frame::check)?;
        self.shared.write(frames)
    }

    fn flush(&self) -> Result<Position, PortError> {
        self.shared.flush_all()
    }

    fn end(&self) -> Position {
        self.shared.end_position()
    }

    fn durable_end(&self) -> Position {
        self.shared.durable.load(Ordering::Acquire)
    }

    fn reader(&self, from: Position) -> Result<Box<dyn LogReader>, PortError> {
        if from > self.shared.end_position() {
            let what = format!("position {from} is beyond the end of the log");
            return Err(PortError::new(PortFault::Missing, what));
        }
        Ok(Box::new(Reader::new(Arc::clone(&self.shared), from)))
    }

    fn fetch(
        &self,
        position: Position,
        header: &mut Vec<u8>,
        record: &mut Vec<u8>,
    ) -> Result<Fetched, PortError> {
        self.shared.fetch_record(position, header, record)
    }
}
