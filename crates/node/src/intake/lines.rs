//! Producers for files in the native event shape: several threads take turns at reading chunks
//! of whole lines, and each turns its chunk into a frame.

use super::build::{Builder, Context};
use super::meter::Part;
use super::pipeline::Produced;
use super::{FRAME_RAW_BYTES_MAX, FRAME_RECORDS_MAX};
use crossbeam_channel::Sender;
use engine::EngineError;
use engine::port::PortError;
use engine::trace::TraceId;
use formats::lines::LINE_BYTES_MAX;
use formats::{Failure, Scanner, Spare};
use ledger::Reject;
use std::fs::File;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

/// Hands out chunks of whole lines in their order.
pub struct Chunks {
    file: File,
    rest: Vec<u8>,
    place: u64,
    rows: u64,
    at_end: bool,
    bytes: u64,
}

/// A chunk of whole lines.
struct Chunk {
    place: u64,
    bytes: Vec<u8>,
    rows_before: u64,
    rows_done: u64,
    last: bool,
}

const READ_BYTES: usize = 1 << 20;

impl Chunks {
    /// Reads `file` from where it stands.
    pub fn new(file: File) -> Self {
        Self { file, rest: Vec::new(), place: 0, rows: 0, at_end: false, bytes: 0 }
    }

    /// The next chunk; none after the last. `rest` is a buffer to be used again.
    fn next(&mut self, context: &Context, mut rest: Vec<u8>) -> Result<Option<Chunk>, EngineError> {
        if self.at_end && self.rest.is_empty() && self.place > 0 {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.rest);
        let (mut searched, mut lines) = (0, 0);
        let cut = loop {
            let room = FRAME_RECORDS_MAX - lines;
            let mut ends = memchr::memchr_iter(b'\n', &bytes[searched..]).take(room);
            let mut last = None;
            for end in ends.by_ref() {
                last = Some(searched + end + 1);
                lines += 1;
            }
            if lines == FRAME_RECORDS_MAX {
                break last.unwrap_or(bytes.len());
            }
            searched = bytes.len();
            if self.at_end {
                if bytes.last().is_some_and(|byte| *byte != b'\n') {
                    lines += 1;
                }
                break bytes.len();
            }
            if bytes.len() >= FRAME_RAW_BYTES_MAX {
                // A line longer than a frame is refused piece by piece: memory is bounded.
                let end = memchr::memrchr(b'\n', &bytes);
                lines += usize::from(end.is_none());
                break end.map_or(bytes.len(), |end| end + 1);
            }
            self.fill(&mut bytes)?;
            if self.place == 0 && bytes.starts_with(b"\xef\xbb\xbf") {
                bytes.drain(..3);
            }
        };
        rest.clear();
        rest.extend_from_slice(&bytes[cut..]);
        bytes.truncate(cut);
        if rest.is_empty() && !self.at_end {
            // Whether this chunk is the last is known only when there is more, or no more.
            self.fill(&mut rest)?;
        }
        self.rest = rest;
        let rows_before = self.rows;
        self.rows += lines as u64;
        self.bytes += cut as u64;
        let last = self.at_end && self.rest.is_empty();
        let place = self.place;
        self.place += 1;
        context.meter.bytes(self.bytes);
        Ok(Some(Chunk { place, bytes, rows_before, rows_done: self.rows, last }))
    }

    fn fill(&mut self, bytes: &mut Vec<u8>) -> Result<(), EngineError> {
        let before = bytes.len();
        bytes.resize(before + READ_BYTES, 0);
        let read = loop {
            match self.file.read(&mut bytes[before..]) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other.map_err(|error| PortError::io("reading the file", error))?,
            }
        };
        bytes.truncate(before + read);
        self.at_end = read == 0;
        Ok(())
    }
}

/// One producer thread. Rows up to `skip` are passed over: they are in the Log.
pub fn produce(chunks: &Mutex<Chunks>, skip: u64, context: &Context, out: &Sender<Produced>) {
    let (mut worker, mut buffer) = (Worker::default(), Vec::new());
    loop {
        let chunk = {
            let mut chunks = chunks.lock().unwrap_or_else(PoisonError::into_inner);
            context.meter.time(Part::Read, || chunks.next(context, std::mem::take(&mut buffer)))
        };
        let (place, built) = match chunk {
            Ok(None) => return,
            Ok(Some(chunk)) => {
                let built = worker.build(&chunk, skip, context);
                buffer = chunk.bytes;
                (chunk.place, built)
            }
            Err(error) => (u64::MAX, Err(error)),
        };
        let failed = built.is_err();
        if out.send((place, built)).is_err() || failed {
            return;
        }
    }
}

/// Turns chunks of lines into frames.
#[derive(Default)]
pub struct Worker {
    scanner: Scanner,
    spare: Spare,
    builder: Builder,
}

impl Worker {
    fn build(
        &mut self,
        chunk: &Chunk,
        skip: u64,
        context: &Context,
    ) -> Result<super::build::Built, EngineError> {
        let passed = skip.saturating_sub(chunk.rows_before);
        self.frame(&chunk.bytes, passed, context, (chunk.rows_done, chunk.last))
    }

    /// The frame of whole `lines` without the first `passed` of them; `progress` is what its
    /// header says of the file: rows done, and whether it is the last.
    ///
    /// # Errors
    /// When the Vault or the raw rows cannot be written, or a record is malformed (a defect).
    pub fn frame(
        &mut self,
        lines: &[u8],
        passed: u64,
        context: &Context,
        progress: (u64, bool),
    ) -> Result<super::build::Built, EngineError> {
        let decode = || {
            let (mut start, mut row) = (0, 0);
            for end in memchr::memchr_iter(b'\n', lines).chain([lines.len()]) {
                let line = lines.get(start..end).unwrap_or_default();
                let at = start;
                start = end + 1;
                row += 1;
                if row > passed {
                    self.line(line, at, context);
                }
            }
        };
        context.meter.time(Part::Decode, decode);
        self.builder.finish(context, lines, progress)
    }

    /// Says what brings the rows that are added next.
    pub fn brought_by(&mut self, trace: Option<TraceId>) {
        self.builder.brought_by(trace);
    }

    /// Adds one row, which is at `at` of the frame's raw rows, to the frame being built.
    pub fn row(&mut self, row: &[u8], at: usize, context: &Context) {
        let raw = (u32::try_from(at).unwrap_or(u32::MAX), u32::try_from(row.len()).unwrap_or(0));
        if row.len() > LINE_BYTES_MAX {
            let failure = Failure::new(Reject::RecordTooLarge, "the line is too long");
            return self.builder.bad(context, &failure, raw, row);
        }
        let mut draft = self.spare.take();
        match self.scanner.scan(row, &context.source, &mut draft) {
            Ok(()) => match context.checks.as_ref().map_or(Ok(()), |checks| checks.check(row)) {
                Ok(()) => self.builder.event(context, &mut draft, raw, row),
                Err(failure) => self.builder.bad(context, &failure, raw, row),
            },
            Err(failure) => self.builder.bad(context, &failure, raw, row),
        }
        self.spare.put(draft);
    }

    /// Finishes the frame being built, whose raw rows are `raw`; it came from no file.
    ///
    /// # Errors
    /// As [`Worker::frame`].
    pub fn finish(
        &mut self,
        raw: &[u8],
        context: &Context,
    ) -> Result<super::build::Built, EngineError> {
        self.builder.finish(context, raw, (0, false))
    }

    fn line(&mut self, line: &[u8], at: usize, context: &Context) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() {
            self.row(line, at, context);
        }
    }
}
