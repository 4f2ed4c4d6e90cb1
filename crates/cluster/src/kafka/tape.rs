//! The messages of the partition from an offset on, as they come.

use super::KafkaOptions;
use super::fault::{failed, may_pass};
use crate::limits::GLANCE;
use engine::port::{PortError, Position};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message as _;
use rdkafka::{Offset, TopicPartitionList};
use std::time::{Duration, Instant};

/// A consumer of its own that belongs to no group.
pub(super) struct Tape {
    consumer: BaseConsumer,
    topic: String,
    partition: i32,
    /// The offset that is read next.
    next: i64,
    patience: Duration,
}

impl Tape {
    /// A tape that stands nowhere yet.
    pub(super) fn open(options: &KafkaOptions) -> Result<Self, PortError> {
        let mut config = options.client();
        // The driver asks for a group's name though none is joined.
        config.set("group.id", "saldo").set("enable.auto.commit", "false");
        config.set("enable.auto.offset.store", "false").set("auto.offset.reset", "error");
        config.set("fetch.wait.max.ms", "50").set("fetch.error.backoff.ms", "20");
        config.set("check.crcs", "true");
        let consumer = config.create().map_err(|error| failed("a consumer", &error))?;
        let (topic, partition) = (options.topic.clone(), options.partition);
        Ok(Self { consumer, topic, partition, next: 0, patience: options.patience })
    }

    /// Goes on at `offset`.
    pub(super) fn seek(&mut self, offset: i64) -> Result<(), PortError> {
        let mut list = TopicPartitionList::new();
        let assigned = list
            .add_partition_offset(&self.topic, self.partition, Offset::Offset(offset))
            .and_then(|()| self.consumer.assign(&list));
        assigned.map_err(|error| failed(self.place(offset), &error))?;
        self.next = offset;
        Ok(())
    }

    /// The offset that is read next.
    pub(super) fn next_offset(&self) -> i64 {
        self.next
    }

    /// Where a message stands, for an error.
    pub(super) fn place(&self, offset: i64) -> String {
        format!("{}/{}: offset {offset}", self.topic, self.partition)
    }

    /// The next message and its offset. One that is not there yet is waited for.
    pub(super) fn next(&mut self) -> Result<(i64, Vec<u8>), PortError> {
        let start = Instant::now();
        loop {
            match self.consumer.poll(GLANCE) {
                Some(Ok(message)) if message.offset() >= self.next => {
                    let offset = message.offset();
                    let payload = message.payload().unwrap_or_default().to_vec();
                    self.next = offset + 1;
                    return Ok((offset, payload));
                }
                Some(Err(error)) if !may_pass(&error) => {
                    return Err(failed(self.place(self.next), &error));
                }
                _ => {}
            }
            if start.elapsed() > self.patience {
                let (place, seconds) = (self.place(self.next), self.patience.as_secs());
                let what = format!("{place} did not come within {seconds} s");
                return Err(PortError::unavailable(what, None));
            }
        }
    }

    /// The first offset that is there, and the one after the last.
    pub(super) fn bounds(&self) -> Result<(i64, i64), PortError> {
        let bounds = self.consumer.fetch_watermarks(&self.topic, self.partition, self.patience);
        bounds.map_err(|error| failed(format!("{}/{}", self.topic, self.partition), &error))
    }
}

/// A place in the partition from which reading can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The offset to read from.
    pub(super) offset: i64,
    /// What counts from there on.
    pub(super) reading: super::reading::Reading,
}

impl Place {
    /// The position of the next record that counts.
    pub(super) fn first(&self) -> Position {
        self.reading.end
    }
}
