//! One reading of the journal for all groupings together: blocks are handed to threads, each of
//! which reads the frames of its blocks from the Log beside them.

use super::fine::{Adder, Fine, Grouping};
use super::late::{self, Left};
use super::only::Only;
use super::values::{Reading, Values, join_values, local_day};
use crate::block::{Block, Posted};
use crate::books::Books;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{FrameView, Log, LogReader, Position};
use crate::record::{EventRecord, EventsHeader, Record};
use crate::wire::BadBytes;
use ledger::Total;
use ledger::event::EventFields;
use ledger::time::Bucket;
use settle::measure::DAY;
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Most groupings of one reading: each is a bit of an account's mask.
pub(super) const GROUPINGS_MAX: usize = 64;
/// Bytes of blocks handed over at once: enough that handing over costs nothing.
const HANDED_BYTES: usize = 1 << 20;
/// Most threads: one thread reads the blocks for all of them.
const THREADS_MAX: usize = 8;
/// Records passed over that are cheaper to read than to find the place behind them.
const GAP_RECORDS: u64 = 20_000;

/// What a reading looks for.
pub(super) struct Plan<'a> {
    groupings: &'a [(Grouping, (Vec<bool>, Only))],
    /// By account: a bit for each grouping that wants it.
    masks: Vec<u64>,
    /// Dimensions of events that any grouping goes by.
    dims: Vec<String>,
    /// By grouping: where each of its values is found.
    places: Vec<Vec<Place>>,
    /// By grouping: where values are that are not all asked for, and those that are, ascending.
    only: Vec<Vec<OnlyAt<'a>>>,
    bounds: (Bucket, Bucket),
    pub log: &'a dyn Log,
    books: &'a Books,
    replayed: &'a HashMap<Position, u32>,
}

/// The place of a dimension among those of events, and the values of it that count, ascending.
type OnlyAt<'a> = (usize, Vec<&'a [u8]>);

#[derive(Clone, Copy)]
enum Place {
    /// Among the dimensions of the event.
    Dim(usize),
    /// In the bucket.
    Day,
}

/// One side of a posting that some grouping wants.
#[derive(Clone, Copy)]
pub(super) struct Side {
    account: u32,
    bucket: Bucket,
    total: Total,
    mask: u64,
}

impl<'a> Plan<'a> {
    fn new(engine: &'a Engine, groupings: &'a [(Grouping, (Vec<bool>, Only))]) -> Self {
        let accounts = groupings.iter().map(|(_, (wanted, _))| wanted.len()).max().unwrap_or(0);
        let mut masks = vec![0; accounts];
        let (mut dims, mut places, mut all_only) = (Vec::<String>::new(), Vec::new(), Vec::new());
        let mut bounds = (Bucket(i32::MAX), Bucket(i32::MIN));
        for (bit, (grouping, (wanted, only))) in groupings.iter().enumerate() {
            for (account, _) in wanted.iter().enumerate().filter(|(_, wanted)| **wanted) {
                masks[account] |= 1 << bit;
            }
            let (start, end) = (grouping.span.start, grouping.span.end);
            bounds = (bounds.0.min(Bucket::of(start)), bounds.1.max(Bucket::of(end)));
            let place = |dim: &String| {
                if dim == DAY {
                    return Place::Day;
                }
                let known = dims.iter().position(|known| known == dim);
                Place::Dim(known.unwrap_or_else(|| {
                    dims.push(dim.clone());
                    dims.len() - 1
                }))
            };
            places.push(grouping.by.iter().map(place).collect());
            let mut of_event = Vec::new();
            for (dim, values) in &only.dims {
                if let Some(at) = dims.iter().position(|known| known == dim) {
                    of_event.push((at, values.iter().map(|value| &**value).collect()));
                }
            }
            all_only.push(of_event);
        }
        let (log, state) = (engine.log.as_ref(), engine.state());
        let (books, replayed) = (&state.books, &state.replayed);
        Self { groupings, masks, dims, places, only: all_only, bounds, log, books, replayed }
    }

    /// The sides of a posting that any grouping wants.
    fn sides(&self, row: &Posted) -> impl Iterator<Item = Side> + '_ {
        let both = [
            (row.debit, row.debit_bucket, Total::of_debit(row.minor)),
            (row.credit, row.credit_bucket, Total::of_credit(row.minor)),
        ];
        both.into_iter().filter_map(|(account, bucket, total)| {
            let mut mask = self.masks.get(account as usize).copied().unwrap_or(0);
            for (bit, (grouping, _)) in self.groupings.iter().enumerate() {
                if mask & 1 << bit != 0 && !grouping.holds(bucket) {
                    mask &= !(1 << bit);
                }
            }
            (mask != 0).then_some(Side { account, bucket, total, mask })
        })
    }
}

/// The sums of each grouping, in their order.
pub(super) fn scan(
    engine: &Engine,
    groupings: &[(Grouping, (Vec<bool>, Only))],
) -> Result<Vec<(Grouping, Fine)>, EngineError> {
    let plan = Plan::new(engine, groupings);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let (sender, receiver) = sync_channel(threads);
    let receiver = Mutex::new(receiver);
    let workers = std::thread::scope(|scope| {
        let started: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| Worker::new(&plan).run(&receiver))).collect();
        let handed = hand_over(engine, &plan, &sender);
        drop(sender);
        let joined = started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        let workers = joined.collect::<Result<Vec<_>, EngineError>>()?;
        handed.map(|()| workers)
    })?;
    let (mut grouper, mut left) = (Grouper::new(&plan), Left::default());
    for worker in workers {
        grouper.merge(worker.grouper)?;
        left.merge(worker.left);
    }
    late::resolve(engine, &plan, left, &mut grouper)?;
    let pairs = groupings.iter().zip(grouper.adders);
    Ok(pairs.map(|((of, wanted), adder)| (of.clone(), adder.finish(wanted.clone()))).collect())
}

/// Reads the blocks in order and hands them to whoever is free.
fn hand_over(
    engine: &Engine,
    plan: &Plan<'_>,
    sender: &SyncSender<Vec<Vec<u8>>>,
) -> Result<(), EngineError> {
    let (mut handed, mut bytes, mut bad) = (Vec::new(), 0, None);
    engine.store().blocks(0, &mut |block| {
        match Block::bounds_of(block) {
            Ok((low, high)) if low < plan.bounds.1 && plan.bounds.0 <= high => {
                bytes += block.len();
                handed.push(block.to_vec());
            }
            Ok(_) => {}
            Err(error) => bad = Some(error),
        }
        if bytes > HANDED_BYTES {
            bytes = 0;
            // Whoever does not listen any more has failed and says why.
            return bad.is_none() && sender.send(std::mem::take(&mut handed)).is_ok();
        }
        bad.is_none()
    })?;
    sender.send(handed).ok();
    bad.map_or(Ok(()), |error| Err(error.into()))
}

/// What is known of an event's values in a grouping.
#[derive(Clone, Copy)]
enum Number {
    Unknown,
    /// Asked for; with a number of their own for every day.
    Dated,
    /// Asked for, and their number.
    Known(u32),
    NotAsked,
}

/// Adds what one thread reads up.
pub(super) struct Grouper<'p> {
    plan: &'p Plan<'p>,
    adders: Vec<Adder>,
    /// By book revision: few, and mostly the one that was used last, which is in front.
    readings: Vec<(u32, Reading)>,
    /// By grouping: the days of buckets.
    days: Vec<HashMap<i32, Box<str>>>,
    values: Values,
    joined: Vec<u8>,
    /// By grouping: what is known of the present event's values.
    numbers: Vec<Number>,
}

impl<'p> Grouper<'p> {
    pub fn new(plan: &'p Plan<'p>) -> Self {
        let count = plan.groupings.len();
        Self {
            plan,
            adders: (0..count).map(|_| Adder::default()).collect(),
            readings: Vec::new(),
            days: vec![HashMap::new(); count],
            values: Values::default(),
            joined: Vec::new(),
            numbers: vec![Number::Unknown; count],
        }
    }

    fn merge(&mut self, other: Self) -> Result<(), EngineError> {
        let mut pairs = self.adders.iter_mut().zip(other.adders);
        pairs.try_for_each(|(mine, other)| mine.merge(other))
    }

    /// Turns to how events of a revision are read.
    fn turn_to(&mut self, revision: u32) -> Result<(), EngineError> {
        let known = self.readings.iter().position(|(known, _)| *known == revision);
        match known {
            Some(at) => self.readings.swap(0, at),
            None => {
                let lookup = self.plan.books.get(revision)?.lookup.clone();
                let reading = Reading::new(lookup, &self.plan.dims);
                self.readings.insert(0, (revision, reading));
            }
        }
        Ok(())
    }

    /// The revision that the record at a position stands under.
    pub fn revision(&self, position: Position, header: u32) -> u32 {
        self.plan.replayed.get(&position).copied().unwrap_or(header)
    }

    /// Whether the event stands for what it refers to.
    pub fn is_cancel(
        &mut self,
        revision: u32,
        event: &EventFields<'_>,
    ) -> Result<bool, EngineError> {
        self.turn_to(revision)?;
        Ok(self.readings.first().is_some_and(|(_, reading)| reading.is_cancel(event)))
    }

    /// From here on, sides are of this event.
    pub fn begin(
        &mut self,
        revision: u32,
        event: &EventFields<'_>,
        record: &EventRecord<'_>,
    ) -> Result<(), EngineError> {
        self.turn_to(revision)?;
        let (_, reading) = self.readings.first().ok_or(BadBytes)?;
        self.values.read(&self.plan.dims, reading, event, record)?;
        self.numbers.fill(Number::Unknown);
        Ok(())
    }

    /// Adds one side of a posting of the present event.
    pub fn add(&mut self, side: &Side) -> Result<(), EngineError> {
        for bit in (0..self.adders.len()).filter(|bit| side.mask & 1 << bit != 0) {
            let number = match self.numbers[bit] {
                Number::NotAsked => continue,
                Number::Known(number) => number,
                Number::Unknown if !self.is_asked(bit) => {
                    self.numbers[bit] = Number::NotAsked;
                    continue;
                }
                Number::Unknown | Number::Dated => self.number(bit, side.bucket)?,
            };
            self.adders[bit].add(side.account, number, side.total)?;
        }
        Ok(())
    }

    /// Whether the present event's values are asked for.
    fn is_asked(&self, bit: usize) -> bool {
        let mut only = self.plan.only[bit].iter();
        only.all(|(at, values)| values.binary_search(&self.values.get(*at)).is_ok())
    }

    fn number(&mut self, bit: usize, bucket: Bucket) -> Result<u32, EngineError> {
        self.joined.clear();
        let mut dated = false;
        for place in &self.plan.places[bit] {
            match place {
                Place::Dim(at) => join_values(&mut self.joined, self.values.get(*at)),
                Place::Day => {
                    dated = true;
                    if !self.days[bit].contains_key(&bucket.0) {
                        let day = local_day(bucket, &self.plan.groupings[bit].0.zone)?;
                        self.days[bit].insert(bucket.0, day.into_boxed_str());
                    }
                    let day = self.days[bit].get(&bucket.0).ok_or(BadBytes)?;
                    join_values(&mut self.joined, day.as_bytes());
                }
            }
        }
        let number = self.adders[bit].number(&self.joined);
        self.numbers[bit] = if dated { Number::Dated } else { Number::Known(number) };
        Ok(number)
    }
}

struct Worker<'p> {
    grouper: Grouper<'p>,
    left: Left,
    reader: Option<(Box<dyn LogReader>, Position)>,
}

impl<'p> Worker<'p> {
    fn new(plan: &'p Plan<'p>) -> Self {
        Self { grouper: Grouper::new(plan), left: Left::default(), reader: None }
    }

    fn run(mut self, receiver: &Mutex<Receiver<Vec<Vec<u8>>>>) -> Result<Self, EngineError> {
        loop {
            let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(blocks) = next else { return Ok(self) };
            for block in blocks {
                self.block(&Block::decode(&block)?)?;
            }
        }
    }

    fn block(&mut self, block: &Block) -> Result<(), EngineError> {
        let plan = self.grouper.plan;
        for row in &block.released {
            plan.sides(row).for_each(|side| self.left.late(row.position, side));
        }
        if !block.posted.iter().any(|row| plan.sides(row).next().is_some()) {
            return Ok(());
        }
        let (mut reader, mut next) = match self.reader.take() {
            Some((reader, next)) if next <= block.first && block.first - next < GAP_RECORDS => {
                (reader, next)
            }
            _ => (plan.log.reader(block.first)?, 0),
        };
        loop {
            let view = reader.next_frame()?.ok_or(BadBytes)?;
            next = next.max(view.first + view.len() as u64);
            if view.first == block.first {
                self.frame(&view, block)?;
                break;
            }
            if view.first > block.first {
                let what = format!("the Log has no frame at {}", block.first);
                return Err(EngineError::Form(what));
            }
        }
        self.reader = Some((reader, next));
        Ok(())
    }

    /// Adds what was posted for the frame's own records.
    fn frame(&mut self, view: &FrameView<'_>, block: &Block) -> Result<(), EngineError> {
        let plan = self.grouper.plan;
        let header = EventsHeader::decode(view.header)?;
        let mut cancels = false;
        let mut present = None;
        for row in &block.posted {
            for side in plan.sides(row) {
                if present != Some(row.position) {
                    present = Some(row.position);
                    cancels = self.event(view, row.position, header.revision)?;
                }
                if cancels {
                    self.left.cancel(row.position, side);
                } else {
                    self.grouper.add(&side)?;
                }
            }
        }
        Ok(())
    }

    /// Turns to the event at a position; whether it is one that stands for another.
    fn event(
        &mut self,
        view: &FrameView<'_>,
        position: Position,
        revision: u32,
    ) -> Result<bool, EngineError> {
        let place = usize::try_from(position - view.first).map_err(|_| BadBytes)?;
        let Record::Event(record) = Record::decode(view.record(place).ok_or(BadBytes)?)? else {
            return Err(BadBytes.into());
        };
        let event = EventFields::decode(record.canonical).map_err(|_| BadBytes)?;
        let revision = self.grouper.revision(position, revision);
        if self.grouper.is_cancel(revision, &event)? {
            self.left.refer(position, event.reference);
            return Ok(true);
        }
        self.grouper.begin(revision, &event, &record)?;
        Ok(false)
    }
}
