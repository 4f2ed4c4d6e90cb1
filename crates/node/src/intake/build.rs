//! Building a frame: drafts and unreadable rows to records, people to pseudonyms, raw rows to
//! their block, and the whole prepared for the engine.

use super::checks::Checks;
use super::meter::{Meter, Part};
use super::shapes::Shapes;
use engine::lookup::Lookup;
use engine::port::{Frame, FrameKind, PortError, RawStore, Vault};
use engine::prepare::{Places, Work};
use engine::record::{self, EventsHeader};
use engine::stage::{Place, Placed};
use engine::trace::{TraceId, Traces};
use engine::{EngineError, Prepared, Preparer};
use formats::Failure;
use ledger::{Draft, EventView, Reject, limits};
use std::sync::Arc;

/// What every producer of frames shares.
pub struct Context {
    /// The operator's name.
    pub operator: String,
    /// The source that is read.
    pub source: String,
    /// Name of the mapping, or empty.
    pub mapping: String,
    /// Identity of the file.
    pub file: [u8; 32],
    /// The run over the file; rows of a service say themselves what brings them.
    pub trace: Option<TraceId>,
    /// The rules in force.
    pub lookup: Arc<Lookup>,
    /// Prepares frames.
    pub preparer: Preparer,
    /// Pseudonyms.
    pub vault: Arc<dyn Vault>,
    /// Raw rows.
    pub raw: Arc<dyn RawStore>,
    /// Whether raw rows are kept, and people replaced: both but in benchmarks of their price.
    pub keep_raw: bool,
    /// Time spent.
    pub meter: Arc<Meter>,
    /// Tells when a frame is received, nanoseconds UTC.
    pub clock: fn() -> i64,
    /// What each row is checked by beside the rules, one that was mapped in the native shape.
    pub checks: Option<Checks>,
}

impl Context {
    /// Has rows checked by a schema, whose version the frames then name.
    pub(crate) fn checks(&mut self, checks: Option<Checks>) {
        if let Some(checks) = &checks {
            checks.name().clone_into(&mut self.mapping);
        }
        self.checks = checks;
    }
}

/// A frame ready for the Log.
pub struct Built {
    /// The frame, prepared.
    pub prepared: Arc<Prepared>,
}

/// Collects records of one frame, and prepares each as it is written.
#[derive(Default)]
pub struct Builder {
    records: Vec<u8>,
    ends: Vec<u32>,
    holes: Vec<usize>,
    subjects: String,
    subject_ends: Vec<usize>,
    work: Work,
    /// Whether a frame was begun.
    begun: bool,
    shapes: Shapes,
    traces: Traces,
}

impl Builder {
    /// Number of records so far.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Says what brings the records that are added next.
    pub fn brought_by(&mut self, trace: Option<TraceId>) {
        let at = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.traces.begin(at, trace);
    }

    fn begin(&mut self, context: &Context) {
        if !self.begun {
            self.begun = true;
            if context.trace.is_some() {
                self.traces = Traces::whole(context.trace);
            }
            let mut buffers = context.preparer.pool.take();
            self.records = std::mem::take(&mut buffers.records);
            self.ends = std::mem::take(&mut buffers.ends);
            let received_at = (context.clock)();
            self.work.begin(&context.preparer, &context.source, received_at, buffers);
            self.shapes.begin(&context.operator, &context.source, &context.lookup);
        }
    }

    /// Adds an event whose raw row is at `raw` (offset, length) of the frame's raw rows. A draft
    /// that fails the envelope stage becomes an unreadable row.
    pub fn event(&mut self, context: &Context, draft: &mut Draft<'_>, raw: (u32, u32), row: &[u8]) {
        self.begin(context);
        let shape = match self.shapes.check(draft) {
            Ok(shape) => shape,
            Err(reject) => {
                return self.unreadable(context, reject, reject.page().title, raw, row);
            }
        };
        let (mut names, mut count) = ([""; limits::DIMS_MAX], 0);
        for (place, dim) in shape.places.iter().zip(&draft.dims) {
            if *place == Place::Apart {
                names[count] = dim.name;
                count += 1;
                self.subjects.push_str(dim.value);
                self.subject_ends.push(self.subjects.len());
            }
        }
        let mut encoded = None;
        let canonical = |out: &mut Vec<u8>| {
            shape.push_head(draft.source, out);
            let keep = |at: usize| shape.places[at] != Place::Apart;
            encoded = Some(draft.encode_rest(keep, out));
        };
        let people = &names[..count];
        let canonical =
            record::push_event(&mut self.records, canonical, people, raw, &mut self.holes);
        if let (Some(canonical), Some(encoded)) = (canonical, encoded) {
            let (dims, bytes) = (&self.records[encoded.dims], &self.records[canonical.clone()]);
            let event = EventView::of(draft, &context.operator, dims);
            let placed = Placed { dims: &draft.dims, places: shape.places };
            let (id_at, reference_at) = (encoded.id_at, encoded.reference_at);
            let places = Places { canonical, id_at, reference_at };
            self.work.event(&context.preparer, &event, placed, bytes, &places);
            self.end();
        } else {
            for _ in 0..count {
                self.subject_ends.pop();
            }
            self.subjects.truncate(self.subject_ends.last().copied().unwrap_or(0));
            let reject = Reject::RecordTooLarge;
            self.unreadable(context, reject, reject.page().title, raw, row);
        }
    }

    /// Adds a row that is no event.
    pub fn bad(&mut self, context: &Context, failure: &Failure, raw: (u32, u32), row: &[u8]) {
        self.begin(context);
        self.unreadable(context, failure.reject, &failure.reason, raw, row);
    }

    fn unreadable(
        &mut self,
        context: &Context,
        reject: Reject,
        reason: &str,
        raw: (u32, u32),
        row: &[u8],
    ) {
        let hash = proof::digest::sha256(row);
        let half = |part: u8| context.preparer.blind.blind(&[&hash.0[..], &[part]].concat());
        let mut keyed = [0; 32];
        keyed[..16].copy_from_slice(&half(0));
        keyed[16..].copy_from_slice(&half(1));
        record::push_unreadable(&mut self.records, reject, keyed, reason, raw);
        self.work.unreadable(&context.preparer, reject, &keyed);
        self.end();
    }

    fn end(&mut self) {
        self.ends.push(u32::try_from(self.records.len()).unwrap_or(u32::MAX));
    }

    /// Finishes the frame: pseudonyms, raw rows (durable), verification and hashing. The builder
    /// is empty afterwards.
    ///
    /// # Errors
    /// When the Vault or the raw rows cannot be written, or a record is malformed (a defect).
    pub fn finish(
        &mut self,
        context: &Context,
        raw: &[u8],
        progress: (u64, bool),
    ) -> Result<Built, EngineError> {
        self.begin(context);
        let meter = &context.meter;
        meter.time(Part::Vault, || self.pseudonyms(context))?;
        let received_at = self.work.received_at();
        let raw_block = if context.keep_raw && !raw.is_empty() && !self.is_empty() {
            let day = i32::try_from(received_at.div_euclid(86_400_000_000_000)).unwrap_or(0);
            meter.time(Part::Raw, || context.raw.append(&context.source, day, raw))?
        } else {
            record::NO_RAW
        };
        meter.time(Part::RawFlush, || -> Result<(), PortError> {
            context.vault.flush()?;
            if raw_block == record::NO_RAW { Ok(()) } else { context.raw.flush() }
        })?;
        let header = EventsHeader {
            operator: context.operator.clone(),
            source: context.source.clone(),
            received_at,
            revision: context.lookup.rules.revision,
            mapping: context.mapping.clone(),
            raw_block,
            file: context.file,
            rows_done: progress.0,
            last: progress.1,
            traces: std::mem::take(&mut self.traces),
        };
        let frame = Arc::new(Frame {
            kind: FrameKind::Events,
            header: header.encode(),
            records: std::mem::take(&mut self.records),
            ends: std::mem::take(&mut self.ends),
        });
        self.begun = false;
        let (work, preparer) = (&mut self.work, &context.preparer);
        let finish = || work.finish(preparer, Arc::clone(&frame), Arc::new(header));
        let prepared = meter.time(Part::Prepare, finish)?;
        // What replay will make of the same bytes.
        debug_assert!(
            preparer.prepare(Arc::clone(&frame)).is_ok_and(|read| read.rows == prepared.rows
                && read.leaves == prepared.leaves
                && read.plan_keys == prepared.plan_keys),
            "a frame is prepared alike while it is written and when it is read"
        );
        drop(frame);
        Ok(Built { prepared: Arc::new(prepared) })
    }

    /// Puts each person's pseudonym where the record has a hole for it.
    fn pseudonyms(&mut self, context: &Context) -> Result<(), PortError> {
        let mut start = 0;
        let subjects: Vec<&str> = self
            .subject_ends
            .iter()
            .map(|end| {
                let subject = &self.subjects[start..*end];
                start = *end;
                subject
            })
            .collect();
        let mut pseudonyms = Vec::with_capacity(subjects.len());
        context.vault.pseudonyms(&subjects, &mut pseudonyms)?;
        for (hole, pseudonym) in self.holes.iter().zip(&pseudonyms) {
            self.records[*hole..*hole + 16].copy_from_slice(pseudonym);
        }
        self.holes.clear();
        self.subjects.clear();
        self.subject_ends.clear();
        Ok(())
    }
}
