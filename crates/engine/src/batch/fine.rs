//! Sums finer than accounts, from the raw events: one more reading of the Log once it is known
//! which events are plain, and the journal of those that were lived through.

use super::Task;
use super::exact::Lived;
use super::hash::NONE;
use super::known::Known;
use super::origin::{Origin, Origins};
use super::paths::{NOWHERE, split_name};
use super::sums::{Epochs, Sums};
use crate::error::EngineError;
use crate::locate::fix_frame;
use crate::port::{FrameKind, FrameView, Position};
use crate::record::{EventRecord, EventsHeader, Record};
use crate::stage;
use crate::wire::BadBytes;
use ledger::event::EventFields;
use ledger::time::{Bucket, Span};
use ledger::{EventView, Total};
use settle::measure::{DAY, EVENT};
use settle::scope::Part;
use settle::{AccountSum, Grain, Period, PeriodKind};
use std::collections::{BTreeMap, HashMap};

/// Finer sums at a close.
#[derive(Clone, Debug)]
pub struct FineView<'a> {
    /// Which.
    pub grain: Grain,
    /// Over which time.
    pub span: Span,
    /// The zone whose days count.
    pub zone: &'a str,
    /// Of which accounts: those that any of these reads.
    pub parts: Vec<Part<'a>>,
    /// Position of the close command.
    pub position: Position,
}

/// By view, then account, joined values and epoch: what was posted.
type Found = Vec<HashMap<Box<[u8]>, Total>>;

/// The sums of each view, ascending by path and asset.
pub(super) fn recompute(
    task: &Task<'_>,
    origins: &Origins<'_>,
    epochs: &Epochs,
    except: &[Position],
    (lived, lived_sums): (&[Lived], &Sums),
) -> Result<Vec<Vec<AccountSum>>, EngineError> {
    if task.fine.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = Kinds::new(task.fine);
    let threads = task.threads.max(1) as u64;
    let part = task.up_to.div_ceil(threads).max(1);
    let mut readers = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|thread| (thread * part)..((thread + 1) * part).min(task.up_to))
            .map(|stretch| {
                let reader = Reader::new(task, &kinds, epochs);
                scope.spawn(move || reader.read(origins, except, stretch))
            })
            .collect();
        let joined = started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect::<Result<Vec<_>, EngineError>>()
    })?;
    let mut reader = Reader::new(task, &kinds, epochs);
    reader.lived(origins, lived, lived_sums)?;
    readers.push(reader);
    let of = |(at, view): (usize, &FineView<'_>)| {
        let before = epochs.of(view.position);
        let mut sums: BTreeMap<(String, String), Total> = BTreeMap::new();
        for reader in &readers {
            reader.add_up(kinds.of_view[at], (&view.grain, before), &mut sums)?;
        }
        let reads = |(path, asset): &(String, String)| {
            let account = settle::measure::account_of(path).0;
            view.parts.iter().any(|part| part.reads_account(account, asset))
        };
        let sums = sums.into_iter().filter(|(key, _)| reads(key));
        Ok(sums.map(|((path, asset), total)| AccountSum { path, asset, total }).collect())
    };
    task.fine.iter().enumerate().map(of).collect()
}

/// Views that differ in nothing but the close.
struct Kinds<'a> {
    kinds: Vec<&'a FineView<'a>>,
    /// By kind: what any of its views reads.
    parts: Vec<Vec<&'a Part<'a>>>,
    of_view: Vec<usize>,
}

impl<'a> Kinds<'a> {
    fn new(views: &'a [FineView<'a>]) -> Self {
        let mut kinds: Vec<&FineView<'_>> = Vec::new();
        let mut parts: Vec<Vec<&Part<'_>>> = Vec::new();
        let mut of_view = Vec::new();
        for view in views {
            let same = |kind: &&FineView<'_>| {
                (&kind.grain.by, kind.span, kind.zone) == (&view.grain.by, view.span, view.zone)
            };
            let at = kinds.iter().position(same).unwrap_or_else(|| {
                kinds.push(view);
                parts.push(Vec::new());
                kinds.len() - 1
            });
            parts[at].extend(&view.parts);
            of_view.push(at);
        }
        Self { kinds, parts, of_view }
    }
}

struct Reader<'a> {
    task: &'a Task<'a>,
    kinds: &'a Kinds<'a>,
    epochs: &'a Epochs,
    sums: Sums,
    found: Found,
    /// By account: the kinds that read it.
    wanted: Vec<Vec<usize>>,
    key: Vec<u8>,
}

/// The event whose values count.
struct Of<'e> {
    origin: &'e Origin,
    event: &'e EventView<'e>,
    record: &'e EventRecord<'e>,
}

impl<'a> Reader<'a> {
    fn new(task: &'a Task<'a>, kinds: &'a Kinds<'a>, epochs: &'a Epochs) -> Self {
        let found = vec![HashMap::new(); kinds.kinds.len()];
        let (sums, wanted, key) = (Sums::default(), Vec::new(), Vec::new());
        Self { task, kinds, epochs, sums, found, wanted, key }
    }

    fn read(
        mut self,
        origins: &Origins<'_>,
        except: &[Position],
        stretch: std::ops::Range<Position>,
    ) -> Result<Self, EngineError> {
        if stretch.is_empty() {
            return Ok(self);
        }
        let mut known: HashMap<(String, u32), Known> = HashMap::new();
        let mut reader = self.task.log.reader(stretch.start)?;
        while let Some(view) = reader.next_frame()?.filter(|view| view.first < stretch.end) {
            if view.kind == FrameKind::Control {
                continue;
            }
            let header = EventsHeader::decode(view.header)?;
            let name = (header.source.clone(), header.revision);
            if !known.contains_key(&name) {
                let origin = origins.get(&header.source, header.revision)?;
                known.insert(name.clone(), Known::new(origin));
            }
            let known = known.get_mut(&name).ok_or(BadBytes)?;
            let after = view.first + view.len() as u64;
            for position in view.first.max(stretch.start)..after.min(stretch.end) {
                if except.binary_search(&position).is_err() {
                    self.plain(&view, known, header.received_at, position)?;
                }
            }
        }
        Ok(self)
    }

    /// Adds an event that is plain, if it is valid.
    fn plain(
        &mut self,
        view: &FrameView<'_>,
        known: &mut Known,
        received_at: i64,
        position: Position,
    ) -> Result<(), EngineError> {
        let place = usize::try_from(position - view.first).map_err(|_| BadBytes)?;
        let Record::Event(record) = Record::decode(view.record(place).ok_or(BadBytes)?)? else {
            return Ok(());
        };
        let fields = EventFields::decode(record.canonical).map_err(|_| BadBytes)?;
        let inside = |kind: &&FineView<'_>| kind.span.contains(fields.occurred_at);
        if !self.kinds.kinds.iter().any(inside) {
            return Ok(());
        }
        let event = EventView::decode(record.canonical).map_err(|_| BadBytes)?;
        let checked = known.check(&fields, received_at);
        let checked = checked.or_else(|| {
            let origin = &known.origin;
            let checked = stage::check(&origin.lookup, &event, origin.source_id, received_at).ok();
            checked.inspect(|checked| known.remember(&fields, checked))
        });
        let Some(checked) = checked else { return Ok(()) };
        let late = event.reference.is_some() && known.origin.is_late(checked.kind);
        let legs = match known.check(&fields, received_at) {
            _ if late => NOWHERE,
            Some(_) => self.sums.paths.find_or_write(known, &checked, &event)?,
            // What cannot be told apart by numbers is written out each time.
            None => return self.written(known, (&checked, &event, &record), position),
        };
        if legs == NOWHERE {
            return Ok(());
        }
        let minor = checked.minor.unwrap_or(0);
        let legs: Vec<(u32, u32)> = self.sums.paths.legs(legs).collect();
        let (bucket, epoch) = (Bucket::of(event.occurred_at), self.epochs.of(position));
        let of = Of { origin: &known.origin, event: &event, record: &record };
        for (debited, credited) in legs {
            let (debit, credit) = if minor < 0 { (credited, debited) } else { (debited, credited) };
            self.add(&of, (debit, bucket, epoch), Total::of_debit(minor.abs()))?;
            self.add(&of, (credit, bucket, epoch), Total::of_credit(minor.abs()))?;
        }
        Ok(())
    }

    fn written(
        &mut self,
        known: &Known,
        (checked, event, record): (&stage::Checked, &EventView<'_>, &EventRecord<'_>),
        position: Position,
    ) -> Result<(), EngineError> {
        let minor = checked.minor.unwrap_or(0);
        let (bucket, epoch) = (Bucket::of(event.occurred_at), self.epochs.of(position));
        let of = Of { origin: &known.origin, event, record };
        for sides in self.sums.paths.sides(&known.origin, checked, event)? {
            let (debited, credited) = (sides.debit.0, sides.credit.0);
            let (debit, credit) = if minor < 0 { (credited, debited) } else { (debited, credited) };
            self.add(&of, (debit, bucket, epoch), Total::of_debit(minor.abs()))?;
            self.add(&of, (credit, bucket, epoch), Total::of_credit(minor.abs()))?;
        }
        Ok(())
    }

    /// Adds what was lived through; account numbers are those of `sums`.
    fn lived(
        &mut self,
        origins: &Origins<'_>,
        lived: &[Lived],
        sums: &Sums,
    ) -> Result<(), EngineError> {
        let (mut header, mut bytes) = (Vec::new(), Vec::new());
        for lived in lived {
            if self.task.log.fetch(lived.of, &mut header, &mut bytes)?.kind == FrameKind::Control {
                let frame = fix_frame(&bytes, None)?;
                (header, bytes) = (frame.header, frame.records);
            }
            let source = EventsHeader::decode(&header)?.source;
            let origin = origins.get(&source, lived.revision)?;
            let Record::Event(record) = Record::decode(&bytes)? else {
                return Err(BadBytes.into());
            };
            let event = EventView::decode(record.canonical).map_err(|_| BadBytes)?;
            let of = Of { origin: &origin, event: &event, record: &record };
            for (account, bucket, debit, credit) in lived.sides() {
                let account = self.sums.paths.number(sums.paths.name(account));
                let total = Total { debit, credit, count: 1 };
                self.add(&of, (account, Bucket(bucket), lived.epoch), total)?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        of: &Of<'_>,
        (account, bucket, epoch): (u32, Bucket, u32),
        total: Total,
    ) -> Result<(), EngineError> {
        let at = account as usize;
        while self.wanted.len() <= at {
            let name = self.sums.paths.name(u32::try_from(self.wanted.len()).unwrap_or(NONE));
            let (path, asset) = split_name(name);
            let reads = |kind: &usize| {
                self.kinds.parts[*kind].iter().any(|part| part.reads_account(&path, &asset))
            };
            self.wanted.push((0..self.kinds.kinds.len()).filter(reads).collect());
        }
        for kind in &self.wanted[at] {
            let view = self.kinds.kinds[*kind];
            if !view.span.contains(bucket.start_nanos()) {
                continue;
            }
            self.key.clear();
            self.key.extend_from_slice(&account.to_le_bytes());
            self.key.extend_from_slice(&epoch.to_le_bytes());
            for dim in &view.grain.by {
                let value = value(of, dim, (bucket, view.zone))?;
                self.key.extend_from_slice(&(value.len() as u64).to_le_bytes());
                self.key.extend_from_slice(value.as_bytes());
            }
            let sums = &mut self.found[*kind];
            match sums.get_mut(self.key.as_slice()) {
                Some(sum) => plus(sum, total)?,
                None => {
                    sums.insert(self.key.as_slice().into(), total);
                }
            }
        }
        Ok(())
    }

    /// Adds the sums of a kind in epochs before one, under their paths at a grain.
    fn add_up(
        &self,
        kind: usize,
        (grain, before): (&Grain, u32),
        sums: &mut BTreeMap<(String, String), Total>,
    ) -> Result<(), EngineError> {
        for (key, total) in &self.found[kind] {
            let number = |at: usize| key.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            let account = u32::from_le_bytes(number(0).ok_or(BadBytes)?);
            if u32::from_le_bytes(number(4).ok_or(BadBytes)?) >= before {
                continue;
            }
            let (mut values, mut rest) = (Vec::new(), &key[8..]);
            while let Some((length, more)) = rest.split_first_chunk::<8>() {
                let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| BadBytes)?;
                let (value, more) = more.split_at_checked(length).ok_or(BadBytes)?;
                values.push(std::str::from_utf8(value).map_err(|_| BadBytes)?);
                rest = more;
            }
            let (mut path, asset) = split_name(self.sums.paths.name(account));
            grain.push(&mut path, &values);
            plus(sums.entry((path, asset)).or_default(), *total)?;
        }
        Ok(())
    }
}

fn plus(sum: &mut Total, more: Total) -> Result<(), EngineError> {
    let both = |a: i128, b: i128| a.checked_add(b).ok_or(EngineError::Overflow);
    sum.debit = both(sum.debit, more.debit)?;
    sum.credit = both(sum.credit, more.credit)?;
    sum.count += more.count;
    Ok(())
}

/// The value of a dimension.
fn value(of: &Of<'_>, dim: &str, (bucket, zone): (Bucket, &str)) -> Result<String, EngineError> {
    let Of { origin, event, record } = of;
    Ok(match dim {
        DAY => Period::containing(PeriodKind::Day, bucket.start_nanos(), zone)?.to_string(),
        EVENT => format!("{} {}", event.source, event.id),
        "kind" => event.kind.to_owned(),
        "source" => event.source.to_owned(),
        _ => match event.dim(dim) {
            Some(stated) => {
                let rules = &origin.lookup.rules;
                let is_party = rules.dims.iter().any(|found| found.name == dim && found.party);
                let party = if is_party { origin.lookup.party(stated) } else { None };
                let party = party.map(|party| rules.parties[usize::from(party)].name.clone());
                party.unwrap_or_else(|| stated.to_owned())
            }
            None => {
                let person = record.pseudonyms().find(|(name, _)| *name == dim);
                let digits = |bytes: [u8; 16]| format!("{:032x}", u128::from_be_bytes(bytes));
                person.map(|(_, bytes)| digits(bytes)).unwrap_or_default()
            }
        },
    })
}
