//! The producer for files read by a mapping: one thread decodes, fills frames, and finishes
//! them.

use super::build::{Builder, Context};
use super::meter::Part;
use super::pipeline::Produced;
use super::{FRAME_RAW_BYTES_MAX, FRAME_RECORDS_MAX};
use crossbeam_channel::Sender;
use formats::{ControlFinding, Failure, Sink, Stop};
use ledger::Draft;
use std::time::Instant;

/// Fills frames from decoded rows.
pub struct Filler<'a> {
    context: &'a Context,
    out: &'a Sender<Produced>,
    builder: Builder,
    raw: Vec<u8>,
    row: u64,
    row_at: (u32, u32),
    place: u64,
    since: Instant,
    /// Stated totals that differ.
    pub findings: Vec<ControlFinding>,
}

impl<'a> Filler<'a> {
    /// Sends frames to `out`.
    pub fn new(context: &'a Context, out: &'a Sender<Produced>) -> Self {
        Self {
            context,
            out,
            builder: Builder::default(),
            raw: Vec::new(),
            row: 0,
            row_at: (0, 0),
            place: 0,
            since: Instant::now(),
            findings: Vec::new(),
        }
    }

    /// Sends the last frame of a file with `rows` rows. It is sent even when it holds nothing,
    /// so that the file is known to be complete.
    pub fn finish(&mut self, rows: u64) {
        self.row = self.row.max(rows);
        let _ = self.send(true);
    }

    fn send(&mut self, last: bool) -> Result<(), Stop> {
        let decoding = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.context.meter.add(Part::Decode, decoding);
        let rows_done = if last { self.row } else { self.row.saturating_sub(1) };
        let built = self.builder.finish(self.context, &self.raw, (rows_done, last));
        self.raw.clear();
        let place = self.place;
        self.place += 1;
        let failed = built.is_err();
        let sent = self.out.send((place, built));
        self.since = Instant::now();
        if sent.is_err() || failed { Err(Stop) } else { Ok(()) }
    }

    /// Notes the raw row of `row`, sending the frame first when it is full: the events of one row
    /// are never parted.
    fn begin(&mut self, row: u64, raw: &[u8]) -> Result<(), Stop> {
        if row == self.row {
            return Ok(());
        }
        self.row = row;
        let full = self.builder.len() >= FRAME_RECORDS_MAX - 64
            || self.raw.len() + raw.len() > FRAME_RAW_BYTES_MAX;
        if full && !self.builder.is_empty() {
            self.send(false)?;
        }
        let at = u32::try_from(self.raw.len()).unwrap_or(u32::MAX);
        self.row_at = (at, u32::try_from(raw.len()).unwrap_or(u32::MAX));
        self.raw.extend_from_slice(raw);
        self.raw.push(b'\n');
        Ok(())
    }
}

impl Sink for Filler<'_> {
    fn event(&mut self, row: u64, draft: &mut Draft<'_>, raw: &[u8]) -> Result<(), Stop> {
        self.begin(row, raw)?;
        let checks = self.context.checks.as_ref();
        match checks.map_or(Ok(()), |checks| checks.check_draft(draft)) {
            Ok(()) => self.builder.event(self.context, draft, self.row_at, raw),
            Err(failure) => self.builder.bad(self.context, &failure, self.row_at, raw),
        }
        Ok(())
    }

    fn bad(&mut self, row: u64, failure: &Failure, raw: &[u8]) -> Result<(), Stop> {
        self.begin(row, raw)?;
        self.builder.bad(self.context, failure, self.row_at, raw);
        Ok(())
    }

    fn skipped(&mut self, _row: u64, _reason: &str) {}

    fn control(&mut self, finding: ControlFinding) {
        self.findings.push(finding);
    }

    fn progress(&mut self, _row: u64, bytes: u64) {
        self.context.meter.bytes(bytes);
    }
}
