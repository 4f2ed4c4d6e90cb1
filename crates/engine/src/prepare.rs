//! Step one for a whole frame: verify every record, hash what the index, the plans and the tree
//! need. Frames are prepared side by side on any thread; the result depends only on the frame's
//! bytes and the rules of its revision.

use crate::key::{KeyHasher, Space};
use crate::lookup::Lookup;
use crate::port::Frame;
use crate::record::{EventsHeader, Record};
use crate::stage::{self, DimWalk};
use crate::wire::BadBytes;
use ledger::rules::{AssetId, KindId};
use ledger::{EventView, Reject};
use proof::Hash;
use proof::digest::{self, BlindKey};
use proof::leaf::{LeafData, RecordLeafData};
use std::sync::{Arc, Mutex, PoisonError};

/// One prepared record. Ranges are within the frame's records.
#[derive(Clone, Copy, Debug, Default)]
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
    /// Keys of account plans.
    pub plan_keys: Vec<u8>,
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

/// Buffers of frames that are no longer needed. Giving megabytes back to the system with every
/// frame, and getting them zeroed again, cost a tenth of the whole.
#[derive(Debug, Default)]
pub struct Pool {
    spent: Mutex<Vec<Prepared>>,
}

/// Frames whose buffers are kept: as many as are on their way at once, and some.
const POOL_FRAMES_MAX: usize = 6;

impl Pool {
    /// Keeps the buffers of a frame that nobody else holds.
    pub fn put(&self, frame: Arc<Prepared>) {
        let Ok(prepared) = Arc::try_unwrap(frame) else { return };
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.len() < POOL_FRAMES_MAX {
            spent.push(prepared);
        }
    }

    /// The emptied buffers of a frame: records and their ends, rows, leaves, keys of plans.
    pub fn take(&self) -> Buffers {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(prepared) = spent.pop() else { return Buffers::default() };
        drop(spent);
        let Prepared { frame, mut rows, mut leaves, mut plan_keys, .. } = prepared;
        rows.clear();
        leaves.clear();
        plan_keys.clear();
        let (mut records, mut ends) =
            Arc::try_unwrap(frame).map_or_else(|_| Default::default(), |f| (f.records, f.ends));
        records.clear();
        ends.clear();
        Buffers { records, ends, rows, leaves, plan_keys }
    }
}

/// Emptied buffers of a frame.
#[derive(Debug, Default)]
pub struct Buffers {
    /// For records.
    pub records: Vec<u8>,
    /// For where they end.
    pub ends: Vec<u32>,
    rows: Vec<Row>,
    leaves: Vec<Hash>,
    plan_keys: Vec<u8>,
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

impl Preparer {
    /// Prepares a frame of events.
    ///
    /// # Errors
    /// [`BadBytes`] when a record is not one: the frame passed its checksum, so this is a defect
    /// or a record of a later version.
    pub fn prepare(&self, frame: Arc<Frame>) -> Result<Prepared, BadBytes> {
        self.prepare_with(frame, Buffers::default())
    }

    /// [`Preparer::prepare`] with buffers of an earlier frame.
    ///
    /// # Errors
    /// As [`Preparer::prepare`].
    pub fn prepare_with(&self, frame: Arc<Frame>, buffers: Buffers) -> Result<Prepared, BadBytes> {
        let Buffers { mut rows, leaves: mut hashes, mut plan_keys, .. } = buffers;
        rows.reserve(frame.ends.len());
        plan_keys.reserve(frame.ends.len() * 24);
        let header = Arc::new(EventsHeader::decode(&frame.header)?);
        let mut work = Work {
            preparer: self,
            header: &header,
            source: self.lookup.rules.source(&header.source),
            own: self.keys.source(Space::Event, &header.source),
            cancel: self.keys.source(Space::CancelOf, &header.source),
            rows,
            plan_keys,
            leaves: LeafWork::with_capacity(frame.ends.len()),
            dims: DimWalk::default(),
        };
        let mut start = 0;
        for end in &frame.ends {
            let end = *end as usize;
            let bytes = frame.records.get(start..end).ok_or(BadBytes)?;
            work.record(bytes, start, &frame.records)?;
            start = end;
        }
        let Work { rows, plan_keys, leaves, .. } = work;
        if self.parts.tree {
            leaves.hash(&self.blind, &mut hashes);
        } else {
            hashes.resize(rows.len(), Hash([0; 32]));
        }
        let lookup = Arc::clone(&self.lookup);
        Ok(Prepared { frame, header, lookup, rows, leaves: hashes, plan_keys })
    }
}

struct Work<'p, 'f> {
    preparer: &'p Preparer,
    header: &'p EventsHeader,
    source: Option<u16>,
    own: crate::key::SourceHasher,
    cancel: crate::key::SourceHasher,
    rows: Vec<Row>,
    plan_keys: Vec<u8>,
    leaves: LeafWork<'f>,
    dims: DimWalk<'f>,
}

impl<'f> Work<'_, 'f> {
    fn record(&mut self, bytes: &'f [u8], at: usize, all: &[u8]) -> Result<(), BadBytes> {
        match Record::decode(bytes)? {
            Record::Event(record) => {
                let event = EventView::decode(record.canonical).map_err(|_| BadBytes)?;
                let row = self.event(&event, record.canonical, all);
                self.rows.push(row);
                self.leaves.event(record.canonical, event.id, record.pseudonyms());
            }
            Record::Unreadable(record) => {
                let own = self.preparer.keys.bytes(Space::Quarantined, &record.raw_hash);
                let reject = record.reject as u16;
                self.rows.push(Row { own, reject, ..Row::default() });
                self.leaves.unreadable(self.rows.len() - 1, bytes, record.raw_hash);
            }
        }
        debug_assert!(at <= all.len());
        Ok(())
    }

    fn event(&mut self, event: &EventView<'f>, canonical: &[u8], all: &[u8]) -> Row {
        let mut row = Row { occurred_at: event.occurred_at, ..Row::default() };
        (row.id_at, row.id_length) = place(all, event.id);
        let lookup = &self.preparer.lookup;
        self.dims.read(lookup, event);
        let checked = if self.preparer.parts.stages {
            stage::check_walked(lookup, event, &self.dims, self.source, self.header.received_at)
        } else {
            unverified(lookup, event)
        };
        match checked {
            Err(reject) => {
                row.reject = reject as u16;
                row.own = self.preparer.keys.bytes(Space::Quarantined, canonical);
            }
            Ok(checked) => {
                (row.kind, row.asset) = (checked.kind, checked.asset);
                row.has_amount = checked.minor.is_some();
                row.minor = checked.minor.unwrap_or(0);
                row.own = self.own.id(event.id);
                self.reference(event, all, &mut row);
                self.plan(event, &mut row);
            }
        }
        row
    }

    fn reference(&self, event: &EventView<'_>, all: &[u8], row: &mut Row) {
        let Some(to) = event.reference else { return };
        (row.reference_at, row.reference_length) = place(all, to.id);
        row.foreign = to.source != self.header.source;
        let cancels = self.preparer.lookup.shape(row.kind).cancels;
        let keys = &self.preparer.keys;
        if row.foreign {
            row.reference = keys.event(Space::Event, to.source, to.id);
            row.cancel = if cancels { keys.event(Space::CancelOf, to.source, to.id) } else { 0 };
        } else {
            row.reference = self.own.id(to.id);
            row.cancel = if cancels { self.cancel.id(to.id) } else { 0 };
        }
    }

    /// The key of an account plan: everything that the kind's account paths are made from.
    fn plan(&mut self, event: &EventView<'_>, row: &mut Row) {
        let lookup = &self.preparer.lookup;
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
            let value = self.dims.value(*dim).unwrap_or_default();
            self.plan_keys.extend_from_slice(value.as_bytes());
            self.plan_keys.push(0xff);
        }
        row.plan = self.preparer.keys.bytes(Space::Plan, &self.plan_keys[start..]);
        row.plan_at = u32::try_from(start).unwrap_or(u32::MAX);
        row.plan_length = u16::try_from(self.plan_keys.len() - start).unwrap_or(u16::MAX);
    }
}

/// Where `text`, a slice of `all`, begins in it, and its length.
fn place(all: &[u8], text: &str) -> (u32, u8) {
    let at = text.as_ptr() as usize - all.as_ptr() as usize;
    (u32::try_from(at).unwrap_or(u32::MAX), u8::try_from(text.len()).unwrap_or(u8::MAX))
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

/// Collects what leaves are hashed from, so that all are hashed together.
struct LeafWork<'f> {
    canonicals: Vec<&'f [u8]>,
    ids: Vec<&'f [u8]>,
    people: Vec<[u8; 16]>,
    counts: Vec<u8>,
    others: Vec<(usize, RecordLeafData)>,
}

impl<'f> LeafWork<'f> {
    fn with_capacity(records: usize) -> Self {
        Self {
            canonicals: Vec::with_capacity(records),
            ids: Vec::with_capacity(records),
            people: Vec::with_capacity(records),
            counts: Vec::with_capacity(records),
            others: Vec::new(),
        }
    }

    fn event(
        &mut self,
        canonical: &'f [u8],
        id: &'f str,
        people: impl Iterator<Item = (&'f str, [u8; 16])>,
    ) {
        self.canonicals.push(canonical);
        self.ids.push(id.as_bytes());
        let before = self.people.len();
        self.people.extend(people.map(|(_, pseudonym)| pseudonym));
        self.counts.push(u8::try_from(self.people.len() - before).unwrap_or(u8::MAX));
    }

    fn unreadable(&mut self, at: usize, record: &[u8], raw_hash: [u8; 32]) {
        let mut blind = [0; 16];
        blind.copy_from_slice(&raw_hash[..16]);
        // Without the place of its raw row, so that the tree does not depend on the frame's size.
        let stated = &record[..record.len().saturating_sub(8)];
        let record_hash = digest::sha256(stated);
        self.others.push((at, RecordLeafData { kind: 2, record_hash, blind }));
    }

    fn hash(self, key: &BlindKey, leaves: &mut Vec<Hash>) {
        let (mut contents, mut blinds) = (Vec::new(), Vec::new());
        digest::content_hashes(&self.canonicals, &mut contents);
        key.blinds(&self.ids, &mut blinds);
        let total = contents.len() + self.others.len();
        let (mut data, mut ends) = (Vec::with_capacity(total * 80), Vec::with_capacity(total));
        let (mut person, mut others) = (0, self.others.iter().peekable());
        let mut events = contents.iter().zip(&blinds).zip(&self.counts);
        for at in 0..total {
            if let Some((_, other)) = others.next_if(|(place, _)| *place == at) {
                other.encode_into(&mut data);
            } else if let Some(((content_hash, blind), count)) = events.next() {
                let pseudonyms = &self.people[person..person + usize::from(*count)];
                person += usize::from(*count);
                LeafData { content_hash: *content_hash, pseudonyms, blind: *blind }
                    .encode_into(&mut data);
            }
            ends.push(data.len());
        }
        let mut start = 0;
        let datas: Vec<&[u8]> = ends
            .iter()
            .map(|end| {
                let data = &data[start..*end];
                start = *end;
                data
            })
            .collect();
        leaves.reserve(total);
        digest::leaf_hashes(&datas, leaves);
    }
}
