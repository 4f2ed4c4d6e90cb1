//! Step one for a whole frame: verify every record, hash what the index, the plans and the tree
//! need. Frames are prepared side by side on any thread; the result depends only on the frame's
//! bytes and the rules of its revision.

mod leaves;
mod pool;

pub use pool::{Buffers, Pool};

use crate::key::{KeyHasher, SourceHasher, Space};
use crate::lookup::Lookup;
use crate::port::Frame;
use crate::record::{EventsHeader, Record};
use crate::stage::{self, Names, Placed};
use crate::wire::BadBytes;
use ledger::rules::{AssetId, KindId};
use ledger::{Dim, EventView, Reject};
use proof::Hash;
use proof::digest::BlindKey;
use std::ops::Range;
use std::sync::Arc;

/// One prepared record. Ranges are within the frame's records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Hash of the event's own key; of the content for a rejected record.
    pub own: u64,
    /// Hash of the key it refers to, or 0.
    pub reference: u64,
    /// For a cancel: hash of the cancelled key in its own space, or 0.
    pub cancel: u64,
    /// Hash of its account plan.
    pub plan: u64,
    /// Amount in minor units; for a cancel without one, 0.
    pub minor: i128,
    /// When it happened, nanoseconds UTC.
    pub occurred_at: i64,
    /// Where its account plan's key begins in [`Prepared::plan_keys`].
    pub plan_at: u32,
    /// Length of that key.
    pub plan_length: u16,
    /// Number of the reject, or 0 for a record that passed.
    pub reject: u16,
    /// Kind.
    pub kind: KindId,
    /// Asset.
    pub asset: AssetId,
    /// Where the id begins.
    pub id_at: u32,
    /// Where the id of the reference begins.
    pub reference_at: u32,
    /// Length of the id.
    pub id_length: u8,
    /// Length of the id of the reference.
    pub reference_length: u8,
    /// Whether it states an amount.
    pub has_amount: bool,
    /// Whether the reference is to another source.
    pub foreign: bool,
}

/// A frame with everything known of its records before any state is looked at.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The frame.
    pub frame: Arc<Frame>,
    /// Its header.
    pub header: Arc<EventsHeader>,
    /// The rules it was prepared under.
    pub lookup: Arc<Lookup>,
    /// One for each record.
    pub rows: Vec<Row>,
    /// Leaf hash of each record.
    pub leaves: Vec<Hash>,
    /// Content hash of each event; of another row the hash of its record, as in its leaf.
    pub contents: Vec<Hash>,
    /// Keys of account plans.
    pub plan_keys: Vec<u8>,
}

impl Prepared {
    /// The bytes of a record.
    ///
    /// # Errors
    /// [`BadBytes`] where there is none.
    pub fn record_bytes(&self, at: usize) -> Result<&[u8], BadBytes> {
        let ends = &self.frame.ends;
        let start = at.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
        let end = *ends.get(at).ok_or(BadBytes)?;
        self.frame.records.get(start as usize..end as usize).ok_or(BadBytes)
    }

    /// A record.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn record(&self, at: usize) -> Result<Record<'_>, BadBytes> {
        Record::decode(self.record_bytes(at)?)
    }

    /// The id of a record, as bytes; empty for a row that is no event.
    pub fn id(&self, at: usize) -> &[u8] {
        let Some(row) = self.rows.get(at) else { return &[] };
        let start = row.id_at as usize;
        self.frame.records.get(start..start + usize::from(row.id_length)).unwrap_or_default()
    }
}

/// The secrets that hashing needs, and the rules.
#[derive(Clone)]
pub struct Preparer {
    /// Hashes of keys.
    pub keys: KeyHasher,
    /// Blinds of the source's stream.
    pub blind: Arc<BlindKey>,
    /// The rules of the frame's revision.
    pub lookup: Arc<Lookup>,
    /// Which parts to do; all but in benchmarks that price a part.
    pub parts: Parts,
    /// Buffers of frames that are no longer needed.
    pub pool: Arc<Pool>,
}

/// Parts of the work that a benchmark may leave out to see their price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Whether to verify stage by stage.
    pub stages: bool,
    /// Whether to hash leaves.
    pub tree: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self { stages: true, tree: true }
    }
}

/// Where an event's canonical bytes and its id are in the records of its frame; nothing for a row
/// that is no event.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    canonical_at: u32,
    id_at: u32,
    canonical_length: u16,
    id_length: u8,
}

impl Mark {
    fn is_event(&self) -> bool {
        self.canonical_length > 0
    }

    fn canonical<'f>(&self, records: &'f [u8]) -> &'f [u8] {
        let at = self.canonical_at as usize;
        &records[at..at + usize::from(self.canonical_length)]
    }

    fn id<'f>(&self, records: &'f [u8]) -> &'f [u8] {
        let at = self.id_at as usize;
        &records[at..at + usize::from(self.id_length)]
    }
}

/// Where parts of an event are in the records of its frame.
#[derive(Clone, Debug)]
pub struct Places {
    /// Its canonical bytes.
    pub canonical: Range<usize>,
    /// Where its id begins.
    pub id_at: usize,
    /// Where the id of its reference begins, or 0.
    pub reference_at: usize,
}

impl Preparer {
    /// Prepares a frame of events.
    ///
    /// # Errors
    /// [`BadBytes`] when a record is not one: the frame passed its checksum, so this is a defect
    /// or a record of a later version.
    pub fn prepare(&self, frame: Arc<Frame>) -> Result<Prepared, BadBytes> {
        let header = Arc::new(EventsHeader::decode(&frame.header)?);
        let mut work = Work::default();
        work.begin(self, &header.source, header.received_at, Buffers::default());
        let (mut dims, mut places, mut names) = (Vec::new(), Vec::new(), Names::default());
        let mut start = 0;
        for end in &frame.ends {
            let end = *end as usize;
            let bytes = frame.records.get(start..end).ok_or(BadBytes)?;
            start = end;
            match Record::decode(bytes)? {
                Record::Event(record) => {
                    let event = EventView::decode(record.canonical).map_err(|_| BadBytes)?;
                    dims.clear();
                    dims.extend(event.dims());
                    places.clear();
                    let numbered = (0..).zip(&dims);
                    places.extend(numbered.map(|(at, dim): (usize, &Dim<'_>)| {
                        names.place(&self.lookup, at, dim.name)
                    }));
                    let canonical = place(&frame.records, record.canonical);
                    let where_it_is = Places {
                        canonical: canonical..canonical + record.canonical.len(),
                        id_at: place(&frame.records, event.id.as_bytes()),
                        reference_at: event
                            .reference
                            .map_or(0, |to| place(&frame.records, to.id.as_bytes())),
                    };
                    let placed = Placed { dims: &dims, places: &places };
                    work.event(self, &event, placed, record.canonical, &where_it_is);
                }
                Record::Unreadable(record) => {
                    work.unreadable(self, record.reject, &record.raw_hash);
                }
            }
        }
        work.finish(self, frame, header)
    }
}

/// The preparation of one frame, record by record: while they are written, or from its bytes.
#[derive(Debug, Default)]
pub struct Work {
    source_name: String,
    source: Option<u16>,
    hashers: Option<(SourceHasher, SourceHasher)>,
    received_at: i64,
    rows: Vec<Row>,
    plan_keys: Vec<u8>,
    marks: Vec<Mark>,
    leaves: Vec<Hash>,
    contents: Vec<Hash>,
}

impl Work {
    /// Begins a frame of `source`, received at `received_at` (nanoseconds UTC).
    pub fn begin(&mut self, by: &Preparer, source: &str, received_at: i64, buffers: Buffers) {
        source.clone_into(&mut self.source_name);
        self.source = by.lookup.rules.source(source);
        let hasher = |space| by.keys.source(space, source);
        self.hashers = Some((hasher(Space::Event), hasher(Space::CancelOf)));
        self.received_at = received_at;
        self.marks.clear();
        (self.rows, self.leaves, self.plan_keys) =
            (buffers.rows, buffers.leaves, buffers.plan_keys);
        self.contents = buffers.contents;
    }

    /// When the frame was received, nanoseconds UTC.
    pub fn received_at(&self) -> i64 {
        self.received_at
    }

    /// Prepares the next record, an event with these dimensions and canonical bytes.
    pub fn event(
        &mut self,
        by: &Preparer,
        event: &EventView<'_>,
        dims: Placed<'_>,
        canonical: &[u8],
        places: &Places,
    ) {
        let mut row = Row { occurred_at: event.occurred_at, ..Row::default() };
        (row.id_at, row.id_length) = (offset(places.id_at), length(event.id));
        let checked = if by.parts.stages {
            stage::check_placed(&by.lookup, event, dims, self.source, self.received_at)
        } else {
            unverified(&by.lookup, event)
        };
        match checked {
            Err(reject) => {
                row.reject = reject as u16;
                row.own = by.keys.bytes(Space::Quarantined, canonical);
            }
            Ok(checked) => {
                (row.kind, row.asset) = (checked.kind, checked.asset);
                row.has_amount = checked.minor.is_some();
                row.minor = checked.minor.unwrap_or(0);
                self.keys(by, event, places, &mut row);
                self.plan(by, event, dims, &mut row);
            }
        }
        self.rows.push(row);
        self.marks.push(Mark {
            canonical_at: offset(places.canonical.start),
            id_at: row.id_at,
            canonical_length: u16::try_from(canonical.len()).unwrap_or(u16::MAX),
            id_length: row.id_length,
        });
    }

    /// Prepares the next record, a row that is no event.
    pub fn unreadable(&mut self, by: &Preparer, reject: Reject, raw_hash: &[u8; 32]) {
        let own = by.keys.bytes(Space::Quarantined, raw_hash);
        self.rows.push(Row { own, reject: reject as u16, ..Row::default() });
        self.marks.push(Mark::default());
    }

    /// The whole, once the records are written to the last byte.
    ///
    /// # Errors
    /// [`BadBytes`] when the frame does not hold the records that were prepared (a defect).
    pub fn finish(
        &mut self,
        by: &Preparer,
        frame: Arc<Frame>,
        header: Arc<EventsHeader>,
    ) -> Result<Prepared, BadBytes> {
        if frame.ends.len() != self.rows.len() {
            return Err(BadBytes);
        }
        let rows = std::mem::take(&mut self.rows);
        let plan_keys = std::mem::take(&mut self.plan_keys);
        let mut hashes = leaves::Hashes {
            leaves: std::mem::take(&mut self.leaves),
            contents: std::mem::take(&mut self.contents),
        };
        if by.parts.tree {
            hashes.add(&frame, &self.marks, &by.blind)?;
        } else {
            hashes.leaves.resize(rows.len(), Hash([0; 32]));
            hashes.contents.resize(rows.len(), Hash([0; 32]));
        }
        let leaves::Hashes { leaves, contents } = hashes;
        let lookup = Arc::clone(&by.lookup);
        Ok(Prepared { frame, header, lookup, rows, leaves, contents, plan_keys })
    }

    /// Hashes of its own key and of what it refers to.
    fn keys(&self, by: &Preparer, event: &EventView<'_>, places: &Places, row: &mut Row) {
        let Some((own, cancel)) = &self.hashers else { return };
        row.own = own.id(event.id);
        let Some(to) = event.reference else { return };
        (row.reference_at, row.reference_length) = (offset(places.reference_at), length(to.id));
        row.foreign = to.source != self.source_name;
        let cancels = by.lookup.shape(row.kind).cancels;
        if row.foreign {
            row.reference = by.keys.event(Space::Event, to.source, to.id);
            row.cancel = if cancels { by.keys.event(Space::CancelOf, to.source, to.id) } else { 0 };
        } else {
            row.reference = own.id(to.id);
            row.cancel = if cancels { cancel.id(to.id) } else { 0 };
        }
    }

    /// The key of an account plan: everything that the kind's account paths are made from.
    fn plan(&mut self, by: &Preparer, event: &EventView<'_>, dims: Placed<'_>, row: &mut Row) {
        let lookup = &by.lookup;
        let shape = lookup.shape(row.kind);
        let start = self.plan_keys.len();
        self.plan_keys.extend_from_slice(&lookup.rules.revision.to_le_bytes());
        self.plan_keys.extend_from_slice(&row.kind.to_le_bytes());
        self.plan_keys.extend_from_slice(&row.asset.to_le_bytes());
        if shape.source {
            self.plan_keys.extend_from_slice(event.source.as_bytes());
            self.plan_keys.push(0xff);
        }
        for dim in &shape.dims {
            let value = dims.value(*dim).unwrap_or_default();
            self.plan_keys.extend_from_slice(value.as_bytes());
            self.plan_keys.push(0xff);
        }
        row.plan = by.keys.bytes(Space::Plan, &self.plan_keys[start..]);
        row.plan_at = offset(start);
        row.plan_length = u16::try_from(self.plan_keys.len() - start).unwrap_or(u16::MAX);
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn length(text: &str) -> u8 {
    u8::try_from(text.len()).unwrap_or(u8::MAX)
}

/// Where `part`, a slice of `all`, begins in it.
fn place(all: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - all.as_ptr() as usize
}

/// What posting needs, without verification: only for the benchmark's price of a stage.
fn unverified(lookup: &Lookup, event: &EventView<'_>) -> Result<stage::Checked, Reject> {
    let kind = lookup.rules.kind(event.kind).ok_or(Reject::KindUnknown)?;
    let asset = event.asset.and_then(|code| lookup.rules.asset(code));
    let minor = event
        .amount
        .zip(asset)
        .and_then(|(amount, asset)| lookup.rules.assets[usize::from(asset)].minor(amount).ok());
    Ok(stage::Checked { kind, asset: asset.unwrap_or(0), minor })
}
