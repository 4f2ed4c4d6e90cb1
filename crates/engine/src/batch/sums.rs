//! Sums per account, bucket and epoch. Epochs are the stretches of the Log between closes, so
//! that what was posted before a close is a sum of epochs.
//!
//! Events come roughly in order of time. Each account therefore has one open sum, that of the
//! bucket and epoch it was posted in last; when another one begins, the open sum is put away as
//! a row, and rows of the same place are added up at the end.

use super::origin::Origin;
use super::paths::Paths;
use super::{CutView, FineView};
use crate::error::EngineError;
use crate::port::Position;
use crate::stage::Checked;
use ledger::EventView;
use ledger::rules::TimeBasis;
use ledger::time::Bucket;

/// Rows put away before those of the same place are added up for the first time.
const ROWS_MAX: usize = 6_000_000;

/// Bookings whose sums are read before any is changed.
pub(super) const GROUP: usize = 32;

/// The positions of closes, ascending.
#[derive(Debug)]
pub(super) struct Epochs {
    cuts: Vec<Position>,
}

impl Epochs {
    pub fn new(cuts: &[CutView], fine: &[FineView<'_>]) -> Result<Self, EngineError> {
        if cuts.iter().any(|cut| cut.span.buckets().is_none()) {
            return Err(EngineError::Form("a period does not end on a bucket's boundary".into()));
        }
        let fine = fine.iter().map(|view| view.position);
        let mut cuts: Vec<Position> = cuts.iter().map(|cut| cut.position).chain(fine).collect();
        cuts.sort_unstable();
        cuts.dedup();
        Ok(Self { cuts })
    }

    /// The epoch of what is posted at `position`.
    pub fn of(&self, position: Position) -> u32 {
        let before = self.cuts.partition_point(|cut| *cut <= position);
        u32::try_from(before).unwrap_or(u32::MAX)
    }

    /// The epoch of `position`, and the position at which the next one begins.
    pub fn from(&self, position: Position) -> (u32, Position) {
        let epoch = self.of(position);
        let next = self.cuts.get(epoch as usize).copied();
        (epoch, next.unwrap_or(Position::MAX))
    }
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
    pub account: u32,
    pub bucket: i32,
    pub debit: i128,
    pub credit: i128,
}

/// What was posted on an account in one bucket and epoch. Amounts are minor units; what does not
/// fit is in [`WideRow`]s.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row {
    pub account: u32,
    pub bucket: i32,
    pub epoch: u32,
    /// Number of postings; none only in a sum that was never opened.
    pub count: u32,
    pub debit: i64,
    pub credit: i64,
}

/// The same for large amounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct WideRow {
    pub account: u32,
    pub bucket: i32,
    pub epoch: u32,
    pub debit: i128,
    pub credit: i128,
}

/// All sums, each with the account it is of.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub paths: Paths,
    /// By account: its open sum.
    open: Vec<Row>,
    rows: Vec<Row>,
    wide: Vec<WideRow>,
    /// How many rows there may be before they are added up.
    rows_max: usize,
}

impl Sums {
    /// Books the legs of a valid event and returns both sides of each.
    pub fn book_listed(
        &mut self,
        origin: &Origin,
        checked: &Checked,
        event: &EventView<'_>,
        how: How,
    ) -> Result<Vec<Booked>, EngineError> {
        let minor = checked.minor.unwrap_or(0);
        let (amount, turned) = (minor.abs(), how.reverse != (minor < 0));
        let mut booked = Vec::new();
        for sides in self.paths.sides(origin, checked, event)? {
            for ((account, basis), is_debit) in [(sides.debit, !turned), (sides.credit, turned)] {
                let time = match basis {
                    TimeBasis::Occurred => how.occurred,
                    TimeBasis::Original => how.original,
                };
                let (debit, credit) = if is_debit { (amount, 0) } else { (0, amount) };
                booked.push(Booked { account, bucket: Bucket::of(time).0, debit, credit });
            }
        }
        booked.iter().for_each(|side| self.change(side, how.epoch));
        Ok(booked)
    }

    /// Books each side the other way round.
    pub fn reverse(&mut self, booked: &[Booked], epoch: u32) {
        for side in booked {
            self.change(&Booked { debit: side.credit, credit: side.debit, ..*side }, epoch);
        }
    }

    /// Makes room for so many rows more.
    pub fn reserve(&mut self, rows: usize) {
        self.rows.reserve(rows);
    }

    /// Reads the open sums that a group of bookings will change, so that the waits for memory
    /// overlap. It changes nothing.
    pub fn touch(&self, places: impl Iterator<Item = u32>) {
        let mut accounts = [(0, 0); GROUP];
        for (pair, place) in accounts.iter_mut().zip(places) {
            *pair = self.paths.legs(place).next().unwrap_or_default();
        }
        let count = |account: u32| self.open.get(account as usize).map_or(0, |sum| sum.count);
        let touched = accounts.iter().fold(0, |sum, (a, b)| sum ^ count(*a) ^ count(*b));
        std::hint::black_box(touched);
    }

    /// Books the legs at a place, which `legs` found.
    pub fn book(&mut self, legs: u32, bucket: i32, epoch: u32, minor: i64) {
        let Self { paths, open, rows, .. } = self;
        if open.len() < paths.len() {
            open.resize(paths.len(), Row::default());
        }
        // The lowest number has no opposite: it is written down as a large amount.
        let amount = minor.saturating_abs();
        let (left, right) = if minor < 0 { (0, amount) } else { (amount, 0) };
        for (account, debit, credit) in paths
            .legs(legs)
            .flat_map(|(debited, credited)| [(debited, left, right), (credited, right, left)])
        {
            let sum = &mut open[account as usize];
            if (sum.bucket, sum.epoch) == (bucket, epoch)
                && let Some(more) = sum.plus(debit, credit)
            {
                *sum = more;
                continue;
            }
            let fresh = Row { account, bucket, epoch, count: 1, debit, credit };
            let full = std::mem::replace(sum, fresh);
            if full.count > 0 {
                rows.push(full);
            }
        }
    }

    /// The same for any amount.
    pub fn book_wide(&mut self, legs: u32, bucket: i32, epoch: u32, minor: i128) {
        let legs: Vec<_> = self.paths.legs(legs).collect();
        let amount = minor.abs();
        for (debited, credited) in legs {
            let (debited, credited) =
                if minor < 0 { (credited, debited) } else { (debited, credited) };
            let debit = Booked { account: debited, bucket, debit: amount, credit: 0 };
            let credit = Booked { account: credited, bucket, debit: 0, credit: amount };
            self.change(&debit, epoch);
            self.change(&credit, epoch);
        }
    }

    fn change(&mut self, side: &Booked, epoch: u32) {
        let Booked { account, bucket, debit, credit } = *side;
        match (i64::try_from(debit), i64::try_from(credit)) {
            (Ok(debit), Ok(credit)) => {
                self.rows.push(Row { account, bucket, epoch, count: 1, debit, credit });
            }
            _ => self.wide.push(WideRow { account, bucket, epoch, debit, credit }),
        }
    }

    /// Adds up rows of the same place, when there are many.
    pub fn tidy(&mut self) {
        self.rows_max = self.rows_max.max(ROWS_MAX);
        if self.rows.len() < self.rows_max {
            return;
        }
        self.rows.sort_unstable_by_key(|row| (row.account, row.bucket, row.epoch));
        self.rows.dedup_by(|row, kept| {
            let same =
                (row.account, row.bucket, row.epoch) == (kept.account, kept.bucket, kept.epoch);
            match kept.join(row).filter(|_| same) {
                Some(joined) => {
                    *kept = joined;
                    true
                }
                None => false,
            }
        });
        self.rows_max = (self.rows.len() * 2).max(ROWS_MAX);
    }

    /// Account names and rows, several of which may be of the same place.
    pub fn into_parts(mut self) -> (Paths, Vec<Row>, Vec<WideRow>) {
        self.rows.extend(self.open.iter().filter(|row| row.count > 0));
        (self.paths, self.rows, self.wide)
    }
}

impl Row {
    fn plus(&self, debit: i64, credit: i64) -> Option<Self> {
        self.join(&Self { count: 1, debit, credit, ..*self })
    }

    fn join(&self, other: &Self) -> Option<Self> {
        Some(Self {
            count: self.count.checked_add(other.count).filter(|_| self.count > 0)?,
            debit: self.debit.checked_add(other.debit)?,
            credit: self.credit.checked_add(other.credit)?,
            ..*self
        })
    }
}
