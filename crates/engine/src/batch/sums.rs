//! Sums per account, bucket and epoch. Epochs are the stretches of the Log between closes, so that
//! what was posted before a close is a sum of epochs.

use super::origin::Origin;
use super::paths::Paths;
use super::{BatchSum, CutSums, CutView};
use crate::error::EngineError;
use crate::port::Position;
use crate::stage::Checked;
use ledger::rules::TimeBasis;
use ledger::time::Bucket;
use ledger::{EventView, Total};
use settle::AccountSum;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// The positions of closes, ascending.
#[derive(Debug)]
pub(super) struct Epochs {
    cuts: Vec<Position>,
}

impl Epochs {
    pub fn new(cuts: &[CutView]) -> Result<Self, EngineError> {
        if cuts.iter().any(|cut| cut.span.buckets().is_none()) {
            return Err(EngineError::Form("a period does not end on a bucket's boundary".into()));
        }
        let mut cuts: Vec<Position> = cuts.iter().map(|cut| cut.position).collect();
        cuts.sort_unstable();
        cuts.dedup();
        Ok(Self { cuts })
    }

    /// The epoch of what is posted at `position`.
    pub fn of(&self, position: Position) -> u32 {
        let before = self.cuts.partition_point(|cut| *cut <= position);
        u32::try_from(before).unwrap_or(u32::MAX)
    }
}

/// Where an amount goes, and when it was posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    account: u32,
    bucket: i32,
    epoch: u32,
}

/// What is added to or taken from a place. Amounts are minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Amounts {
    debit: i128,
    credit: i128,
    count: i64,
}

/// The times and the direction of a posting.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// The event's own time, nanoseconds UTC.
    pub occurred: i64,
    /// That of the event it refers to, or its own.
    pub original: i64,
    /// The epoch it is posted in.
    pub epoch: u32,
    /// Whether debit and credit change sides.
    pub reverse: bool,
}

/// One booked side: what a later command needs to reverse it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booked {
    account: u32,
    bucket: i32,
    debit: i128,
    credit: i128,
}

/// All sums, each with the account it is of.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub paths: Paths,
    rows: Vec<(Place, Amounts)>,
    places: HashMap<Place, u32, BuildHasherDefault<Mixer>>,
    /// By account: the row used last. Events come roughly in order of time.
    last: Vec<u32>,
}

impl Sums {
    /// Books the legs of a valid event, or takes them back where `sign` is -1.
    pub fn book(
        &mut self,
        origin: &Origin,
        checked: &Checked,
        event: &EventView<'_>,
        how: How,
        sign: i64,
    ) -> Result<(), EngineError> {
        self.book_each(origin, checked, event, how, |sums, side| sums.change(side, how.epoch, sign))
    }

    /// Books the legs of a valid event and returns both sides of each.
    pub fn book_listed(
        &mut self,
        origin: &Origin,
        checked: &Checked,
        event: &EventView<'_>,
        how: How,
    ) -> Result<Vec<Booked>, EngineError> {
        let mut booked = Vec::new();
        self.book_each(origin, checked, event, how, |sums, side| {
            booked.push(side);
            sums.change(side, how.epoch, 1)
        })?;
        Ok(booked)
    }

    /// Books each side the other way round.
    pub fn reverse(&mut self, booked: &[Booked], epoch: u32) -> Result<(), EngineError> {
        for side in booked {
            let turned = Booked { debit: side.credit, credit: side.debit, ..*side };
            self.change(turned, epoch, 1)?;
        }
        Ok(())
    }

    fn book_each(
        &mut self,
        origin: &Origin,
        checked: &Checked,
        event: &EventView<'_>,
        how: How,
        mut change: impl FnMut(&mut Self, Booked) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let minor = checked.minor.unwrap_or(0);
        let (amount, turned) = (minor.abs(), how.reverse != (minor < 0));
        for at in self.paths.legs(origin, checked, event)? {
            let sides = self.paths.sides(at);
            for ((account, basis), is_debit) in [(sides.debit, !turned), (sides.credit, turned)] {
                let time = match basis {
                    TimeBasis::Occurred => how.occurred,
                    TimeBasis::Original => how.original,
                };
                let (debit, credit) = if is_debit { (amount, 0) } else { (0, amount) };
                change(self, Booked { account, bucket: Bucket::of(time).0, debit, credit })?;
            }
        }
        Ok(())
    }

    fn change(&mut self, side: Booked, epoch: u32, sign: i64) -> Result<(), EngineError> {
        let place = Place { account: side.account, bucket: side.bucket, epoch };
        let row = self.row(place);
        let amounts = &mut self.rows[row].1;
        let sum = |have: i128, more: i128| {
            have.checked_add(more * i128::from(sign)).ok_or(EngineError::Overflow)
        };
        amounts.debit = sum(amounts.debit, side.debit)?;
        amounts.credit = sum(amounts.credit, side.credit)?;
        amounts.count += sign;
        Ok(())
    }

    fn row(&mut self, place: Place) -> usize {
        let account = place.account as usize;
        if self.last.len() <= account {
            self.last.resize(account + 1, 0);
        }
        let last = self.last[account] as usize;
        if self.rows.get(last).is_some_and(|(found, _)| *found == place) {
            return last;
        }
        let next = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let row = *self.places.entry(place).or_insert(next);
        if row == next {
            self.rows.push((place, Amounts::default()));
        }
        self.last[account] = row;
        row as usize
    }

    /// Adds what another thread has booked.
    pub fn merge(&mut self, other: &Self) -> Result<(), EngineError> {
        let names = other.paths.names().iter();
        let numbers: Vec<u32> = names.map(|(path, asset)| self.paths.number(path, asset)).collect();
        for (place, theirs) in &other.rows {
            let account = numbers[place.account as usize];
            let row = self.row(Place { account, ..*place });
            let mine = &mut self.rows[row].1;
            let sum = |a: i128, b: i128| a.checked_add(b).ok_or(EngineError::Overflow);
            mine.debit = sum(mine.debit, theirs.debit)?;
            mine.credit = sum(mine.credit, theirs.credit)?;
            mine.count += theirs.count;
        }
        Ok(())
    }

    /// The sums at each cut.
    pub fn at_cuts(&self, cuts: &[CutView], epochs: &Epochs) -> Result<Vec<CutSums>, EngineError> {
        cuts.iter().map(|cut| self.at_cut(cut, epochs)).collect()
    }

    fn at_cut(&self, cut: &CutView, epochs: &Epochs) -> Result<CutSums, EngineError> {
        let (from, to) = cut.span.buckets().unwrap_or_default();
        let before = epochs.of(cut.position);
        let inside = self
            .rows
            .iter()
            .filter(|(place, _)| (from.0..to.0).contains(&place.bucket) && place.epoch < before);
        let mut by_account: BTreeMap<&(String, String), Amounts> = BTreeMap::new();
        for (place, amounts) in inside {
            let name = &self.paths.names()[place.account as usize];
            by_account.entry(name).or_default().put(amounts)?;
        }
        let used = by_account.into_iter().filter(|(_, amounts)| amounts.count != 0);
        let sums = used.map(|((path, asset), amounts)| {
            let Amounts { debit, credit, .. } = amounts;
            let total = Total { debit, credit, count: amounts.count()? };
            Ok(AccountSum { path: path.clone(), asset: asset.clone(), total })
        });
        Ok(CutSums { id: cut.id, sums: sums.collect::<Result<_, EngineError>>()? })
    }

    /// Every sum with a posting, over all epochs.
    pub fn into_rows(self) -> Result<Vec<BatchSum>, EngineError> {
        let mut merged: HashMap<Place, Amounts, BuildHasherDefault<Mixer>> = HashMap::default();
        for (place, amounts) in &self.rows {
            merged.entry(Place { epoch: 0, ..*place }).or_default().put(amounts)?;
        }
        let used = merged.into_iter().filter(|(_, amounts)| amounts.count != 0);
        let rows = used.map(|(place, amounts)| {
            let (path, asset) = self.paths.names()[place.account as usize].clone();
            let Amounts { debit, credit, .. } = amounts;
            let bucket = Bucket(place.bucket);
            Ok(BatchSum { path, asset, bucket, debit, credit, count: amounts.count()? })
        });
        let mut rows = rows.collect::<Result<Vec<_>, EngineError>>()?;
        rows.sort_unstable();
        Ok(rows)
    }
}

impl Amounts {
    fn put(&mut self, more: &Self) -> Result<(), EngineError> {
        self.debit = self.debit.checked_add(more.debit).ok_or(EngineError::Overflow)?;
        self.credit = self.credit.checked_add(more.credit).ok_or(EngineError::Overflow)?;
        self.count += more.count;
        Ok(())
    }

    fn count(&self) -> Result<u64, EngineError> {
        let more = || EngineError::Form("more was taken back than was booked".into());
        u64::try_from(self.count).map_err(|_| more())
    }
}

/// Mixes the few small numbers of a [`Place`]: nobody outside chooses them.
#[derive(Debug, Default)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = (self.0.rotate_left(23) ^ u64::from(value)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_i32(&mut self, value: i32) {
        self.write_u32(value.cast_unsigned());
    }
}
