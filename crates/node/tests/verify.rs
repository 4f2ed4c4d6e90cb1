//! A fault in either road makes `verify` fail.
#![allow(clippy::unwrap_used)] // a test may panic

mod support;

use engine::port::{
    AccountId, Commit, Fetched, Frame, FrameKind, FrameView, Log, LogReader, PortError, Position,
    Store, Table, TotalRow,
};
use engine::record::Record;
use ledger::EventView;
use ledger::time::Bucket;
use sim::world::{Field, stormy};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use support::input;
use support::rig::{NOW, Opening, Rig};

/// The first account that a statement posted on.
static FIRST_SETTLED: AtomicU32 = AtomicU32::new(u32::MAX);

fn filled() -> Rig {
    let mut rig = Rig::new(Field::Gaming);
    let arrivals = input::arrivals(&stormy(Field::Gaming, 400, 9));
    rig.ingest_all(&input::in_order(&arrivals, 40));
    rig.engine.checkpoint().unwrap();
    rig
}

/// What is found on the disk of `rig` when it is opened so.
fn found(rig: &Rig, opening: &Opening) -> Vec<String> {
    Rig::open_with(&rig.disk, opening).unwrap().differences()
}

/// A Store that reads something else than what is stored.
struct OtherStore {
    inner: Box<dyn Store>,
    /// Of the totals: what a row becomes.
    row: fn(usize, &mut TotalRow),
    /// Of the blocks: what its bytes become.
    block: fn(usize, &mut Vec<u8>),
    /// Of the documents.
    document: fn(Table, &mut Vec<u8>),
}

impl Store for OtherStore {
    fn position(&self) -> Position {
        self.inner.position()
    }
    fn checkpoint_position(&self) -> Position {
        self.inner.checkpoint_position()
    }
    fn checkpoint_state(&self) -> Vec<u8> {
        self.inner.checkpoint_state()
    }
    fn probe(&self, hashes: &[u64], found: &mut Vec<(u32, Position)>) -> Result<(), PortError> {
        self.inner.probe(hashes, found)
    }
    fn commit(&mut self, commit: Commit) -> Result<(), PortError> {
        self.inner.commit(commit)
    }
    fn checkpoint_due(&self) -> bool {
        self.inner.checkpoint_due()
    }
    fn checkpoint(&mut self, state: &[u8], partial: &[(String, Vec<u8>)]) -> Result<(), PortError> {
        self.inner.checkpoint(state, partial)
    }
    fn account_count(&self) -> u32 {
        self.inner.account_count()
    }
    fn accounts(&self, visit: &mut dyn FnMut(AccountId, &str, &str)) -> Result<(), PortError> {
        self.inner.accounts(visit)
    }
    fn totals(
        &self,
        from: Bucket,
        to: Bucket,
        visit: &mut dyn FnMut(TotalRow),
    ) -> Result<(), PortError> {
        let mut at = 0;
        self.inner.totals(from, to, &mut |mut row| {
            (self.row)(at, &mut row);
            at += 1;
            visit(row);
        })
    }
    fn blocks(
        &self,
        from: Position,
        visit: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), PortError> {
        let mut at = 0;
        self.inner.blocks(from, &mut |block| {
            let mut block = block.to_vec();
            (self.block)(at, &mut block);
            at += 1;
            visit(&block)
        })
    }
    fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.inner.tile(path)
    }
    fn document(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, PortError> {
        self.inner.document(table, key)
    }
    fn documents(
        &self,
        table: Table,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), PortError> {
        self.inner.documents(table, from, &mut |key, value| {
            let mut value = value.to_vec();
            (self.document)(table, &mut value);
            visit(key, &value)
        })
    }
    fn document_count(&self, table: Table) -> Result<u64, PortError> {
        self.inner.document_count(table)
    }
    fn stored_bytes(&self) -> Result<Vec<(&'static str, u64)>, PortError> {
        self.inner.stored_bytes()
    }
}

fn other_store(
    row: fn(usize, &mut TotalRow),
    block: fn(usize, &mut Vec<u8>),
    document: fn(Table, &mut Vec<u8>),
) -> Opening {
    let wrap = move |inner| Box::new(OtherStore { inner, row, block, document }) as Box<dyn Store>;
    Opening { wrap_store: Some(Box::new(wrap)), ..Opening::default() }
}

/// A Log in which the frame at a place reads otherwise; its checksum is right.
struct OtherLog {
    inner: Arc<dyn Log>,
    change: fn(&FrameView<'_>) -> Option<Frame>,
}

impl Log for OtherLog {
    fn append(&self, frames: &[Frame]) -> Result<Position, PortError> {
        self.inner.append(frames)
    }
    fn flush(&self) -> Result<Position, PortError> {
        self.inner.flush()
    }
    fn end(&self) -> Position {
        self.inner.end()
    }
    fn durable_end(&self) -> Position {
        self.inner.durable_end()
    }
    fn reader(&self, from: Position) -> Result<Box<dyn LogReader>, PortError> {
        let (inner, change) = (self.inner.reader(from)?, self.change);
        Ok(Box::new(OtherReader { inner, change, frame: None, ends: Vec::new() }))
    }
    fn fetch(
        &self,
        position: Position,
        header: &mut Vec<u8>,
        record: &mut Vec<u8>,
    ) -> Result<Fetched, PortError> {
        self.inner.fetch(position, header, record)
    }
}

struct OtherReader {
    inner: Box<dyn LogReader>,
    change: fn(&FrameView<'_>) -> Option<Frame>,
    frame: Option<Frame>,
    ends: Vec<u8>,
}

impl LogReader for OtherReader {
    fn next_frame(&mut self) -> Result<Option<FrameView<'_>>, PortError> {
        let Some(view) = self.inner.next_frame()? else { return Ok(None) };
        let first = view.first;
        let unchanged = || Frame {
            kind: view.kind,
            header: view.header.to_vec(),
            records: view.records.to_vec(),
            ends: view.ends.as_chunks().0.iter().map(|end| u32::from_le_bytes(*end)).collect(),
        };
        let frame = (self.change)(&view).unwrap_or_else(unchanged);
        self.ends = frame.ends.iter().flat_map(|end| end.to_le_bytes()).collect();
        let frame = self.frame.insert(frame);
        Ok(Some(FrameView {
            first,
            kind: frame.kind,
            header: &frame.header,
            records: &frame.records,
            ends: &self.ends,
        }))
    }
}

fn other_log(change: fn(&FrameView<'_>) -> Option<Frame>) -> Opening {
    let wrap = move |inner| Arc::new(OtherLog { inner, change }) as Arc<dyn Log>;
    Opening { wrap_log: Some(Box::new(wrap)), ..Opening::default() }
}

/// The frame with one byte of its first event changed, so that `differs` says yes.
fn with_event(
    view: &FrameView<'_>,
    differs: fn(&EventView<'_>, &EventView<'_>) -> bool,
) -> Option<Frame> {
    if view.kind != FrameKind::Events || view.first < 100 || view.first > 140 {
        return None;
    }
    let ends: Vec<u32> = view.ends.as_chunks().0.iter().map(|e| u32::from_le_bytes(*e)).collect();
    let Record::Event(original) = Record::decode(&view.records[..ends[0] as usize]).ok()? else {
        return None;
    };
    let original = EventView::decode(original.canonical).ok()?;
    for at in 0..ends[0] as usize {
        for bit in 0..8 {
            let mut records = view.records.to_vec();
            records[at] ^= 1 << bit;
            let Ok(Record::Event(event)) = Record::decode(&records[..ends[0] as usize]) else {
                continue;
            };
            if EventView::decode(event.canonical).is_ok_and(|event| differs(&original, &event)) {
                let (kind, header) = (view.kind, view.header.to_vec());
                return Some(Frame { kind, header, records, ends });
            }
        }
    }
    None
}

#[test]
fn nothing_is_found_in_what_is_right() {
    let rig = filled();
    let opening = other_store(|_, _| {}, |_, _| {}, |_, _| {});
    assert_eq!(found(&rig, &opening), Vec::<String>::new());
    assert_eq!(found(&rig, &other_log(|_| None)), Vec::<String>::new());
}

#[test]
fn a_fault_of_the_stream_road_is_found() {
    let rig = filled();
    let cases: [(&str, Opening); 5] = [
        (
            "a unit more",
            other_store(|at, row| row.total.debit += i128::from(at == 17), |_, _| {}, |_, _| {}),
        ),
        (
            "one more",
            other_store(|at, row| row.total.count += u64::from(at == 5), |_, _| {}, |_, _| {}),
        ),
        (
            "another account",
            other_store(|at, row| row.account ^= u32::from(at == 3), |_, _| {}, |_, _| {}),
        ),
        (
            "another bucket",
            other_store(|at, row| row.bucket.0 += i32::from(at == 8), |_, _| {}, |_, _| {}),
        ),
        (
            "both sides of one posting",
            other_store(
                |_, row| {
                    row.total.debit *= 2;
                    row.total.credit *= 2;
                },
                |_, _| {},
                |_, _| {},
            ),
        ),
    ];
    for (name, opening) in cases {
        assert_ne!(found(&rig, &opening), Vec::<String>::new(), "{name} is not found");
    }
}

#[test]
fn another_log_is_found() {
    let rig = filled();
    let amount = other_log(|view| with_event(view, |a, b| a.amount != b.amount && a.id == b.id));
    assert!(found(&rig, &amount).len() >= 2, "an amount: a sum and a tree");
    let time = other_log(|view| with_event(view, |a, b| a.occurred_at != b.occurred_at));
    assert_ne!(found(&rig, &time), Vec::<String>::new(), "a time");
    let id = other_log(|view| with_event(view, |a, b| a.id != b.id));
    assert_ne!(found(&rig, &id), Vec::<String>::new(), "an id");
}

#[test]
fn another_statement_is_found() {
    let mut rig = Rig::new(Field::Gaming);
    let arrivals = input::arrivals(&sim::world::small(Field::Gaming, 9));
    rig.ingest_all(&input::in_order(&arrivals, 40));
    FIRST_SETTLED.store(rig.engine.store().account_count(), Ordering::Relaxed);
    rig.engine.close("studio-0-share", "2026-03", NOW, "test").unwrap();
    rig.must_verify("closed");
    rig.engine.checkpoint().unwrap();
    let body = other_store(
        |_, _| {},
        |_, _| {},
        |table, bytes| {
            if table == Table::Statement {
                let mut closed = engine::close::Closed::decode(bytes).unwrap();
                let at = closed.body.iter().rposition(u8::is_ascii_digit).unwrap();
                closed.body[at] ^= 1;
                *bytes = closed.encode();
            }
        },
    );
    assert_ne!(found(&rig, &body), Vec::<String>::new(), "a digit of the statement");
    // What a statement moved: the same on both sides, so that debits still equal credits.
    let moved = other_store(
        |_, row| {
            if row.account >= FIRST_SETTLED.load(Ordering::Relaxed) {
                row.total.debit *= 2;
                row.total.credit *= 2;
            }
        },
        |_, _| {},
        |_, _| {},
    );
    let named = found(&rig, &moved);
    assert!(named.iter().any(|text| text.contains("settlement:studio-0-share:")), "{named:?}");
    let sums = other_store(
        |_, _| {},
        |_, _| {},
        |table, bytes| {
            if table == Table::Statement {
                let mut closed = engine::close::Closed::decode(bytes).unwrap();
                closed.sums[0].total.debit += 1;
                *bytes = closed.encode();
            }
        },
    );
    assert_ne!(found(&rig, &sums), Vec::<String>::new(), "a sum of the statement");
}
