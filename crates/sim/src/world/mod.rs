//! The world: a seeded series of events as lines of NDJSON, with everything that goes wrong on the
//! way, and the truth about each line.
//!
//! Equal options give equal bytes on every machine. Memory does not grow with the number of events.

mod app_store;
mod draft;
mod event;
mod field;
mod gaming;
mod line;
mod marketplace;
mod memory;
mod options;
mod payments;
mod text;

use std::io;

use self::draft::Drafter;
use self::event::Event;
pub use self::event::Fault;
pub use self::field::Field;
use self::line::Writer;
pub use self::options::{
    DAY_SECONDS, MONTH_SECONDS, OptionsError, START_NS, WorldOptions, bench, months, small, stormy,
};
use crate::oracle::{Expected, Oracle, Truth};

/// A running world. Each call to [`World::push_line`] makes the next line; as an iterator it gives
/// each line as bytes of its own, with its truth.
pub struct World {
    options: WorldOptions,
    drafter: Drafter,
    last: Option<Event>,
}

/// One line and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line as a feed would send it, without the end of line.
    pub raw: Vec<u8>,
    /// What the oracle is to be told.
    pub truth: Truth,
}

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Lines.
    pub lines: u64,
    /// Bytes, ends of lines included.
    pub bytes: u64,
}

impl World {
    /// A world before its first event. Fails on options that no world can follow from.
    pub fn new(options: WorldOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { drafter: Drafter::new(&options), options, last: None })
    }

    /// Appends the next line and its end to `out`; false, with nothing appended, after the last.
    pub fn push_line(&mut self, out: &mut Vec<u8>) -> bool {
        self.last = self.drafter.next_event(&self.options);
        let Some(event) = &self.last else { return false };
        self.writer().push_line(out, event);
        out.push(b'\n');
        true
    }

    /// The truth about the line made last; `None` before the first and after the last.
    pub fn truth(&self) -> Option<Truth> {
        self.last.as_ref().map(|event| self.writer().truth(event))
    }

    /// What is wrong with the line made last, if anything is.
    pub fn fault(&self) -> Option<Fault> {
        self.last.and_then(|event| event.fault)
    }

    fn writer(&self) -> Writer<'_> {
        Writer { shape: self.options.field.shape(), sources: &self.options.sources }
    }
}

impl Iterator for World {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let mut raw = Vec::new();
        self.push_line(&mut raw);
        let truth = self.truth()?;
        raw.pop();
        Some(Line { raw, truth })
    }
}

/// Writes the whole world as NDJSON. Options that no world follows from are invalid input.
pub fn write_ndjson(options: WorldOptions, mut out: impl io::Write) -> io::Result<Written> {
    const FLUSH_BYTES: usize = 1 << 20;
    const LINE_BYTES_MAX: usize = 1 << 12;
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let mut world = World::new(options).map_err(invalid)?;
    let mut written = Written::default();
    let mut buffer = Vec::with_capacity(FLUSH_BYTES + LINE_BYTES_MAX);
    while world.push_line(&mut buffer) {
        written.lines += 1;
        if buffer.len() >= FLUSH_BYTES {
            out.write_all(&buffer)?;
            written.bytes += buffer.len() as u64;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    written.bytes += buffer.len() as u64;
    out.flush()?;
    Ok(written)
}

/// What must come out when the whole world is taken in, in its order of arrival.
pub fn expected(options: WorldOptions) -> Result<Expected, OptionsError> {
    let mut oracle = Oracle::new();
    oracle.extend(World::new(options)?.map(|line| line.truth));
    Ok(oracle.expected().clone())
}
