//! What a thread's scan wrote down to be booked: sixteen bytes an event, booked once it is known
//! which events are not plain.

use super::hash::NONE;
use super::sums::{Epochs, GROUP, Sums};
use crate::port::Position;
use ledger::time::Bucket;

/// An amount that is in the list of large ones.
const WIDE: i64 = i64::MIN;

/// One event to book.
#[derive(Clone, Copy, Debug)]
struct Entry {
    minor: i64,
    /// The place of its legs, or [`NONE`].
    legs: u32,
    bucket: i32,
}

/// Events to book, one entry for each position, and the sums they go to.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub sums: Sums,
    first: Position,
    entries: Vec<Entry>,
    /// Large amounts, in order.
    wide: Vec<i128>,
}

impl Part {
    /// A part for positions from `first`.
    pub fn from(first: Position, expected: usize) -> Self {
        Self { first, entries: Vec::with_capacity(expected), ..Self::default() }
    }

    /// Begins again at a later position, with the sums as they are.
    pub fn restart(&mut self, first: Position) {
        self.first = first;
        self.entries.clear();
        self.wide.clear();
    }

    /// Writes down what is at the next position.
    pub fn push(&mut self, legs: u32, occurred_at: i64, minor: i128) {
        let short = i64::try_from(minor).ok().filter(|minor| *minor != WIDE);
        if short.is_none() {
            self.wide.push(minor);
        }
        let bucket = Bucket::of(occurred_at).0;
        self.entries.push(Entry { minor: short.unwrap_or(WIDE), legs, bucket });
    }

    /// Writes down that nothing is booked for the next position.
    pub fn push_none(&mut self) {
        self.entries.push(Entry { minor: 0, legs: NONE, bucket: 0 });
    }

    /// Writes down what is at the next position, whose legs are told later; its place.
    pub fn push_later(&mut self, occurred_at: i64, minor: i128) -> usize {
        self.push(NONE, occurred_at, minor);
        self.entries.len() - 1
    }

    /// Tells the legs of what is at a place; [`NONE`] leaves it out.
    pub fn set_legs(&mut self, at: usize, legs: u32) {
        self.entries[at].legs = legs;
    }

    /// Books everything but what is at the positions `except` (ascending).
    #[allow(clippy::cast_possible_truncation)] // differences are places in the list
    pub fn book(&mut self, epochs: &Epochs, except: &[Position]) {
        let after = self.first + self.entries.len() as Position;
        let mine = except.partition_point(|position| *position < self.first)
            ..except.partition_point(|position| *position < after);
        for position in &except[mine] {
            if let Ok(at) = usize::try_from(position - self.first) {
                self.entries[at].legs = NONE;
            }
        }
        // About what accounts by the ten thousand leave; what is not used is never touched.
        self.sums.reserve(self.entries.len() / 4);
        let (mut epoch, mut next) = epochs.from(self.first);
        let mut wide = self.wide.iter();
        for (position, entry) in (self.first..).zip(&self.entries) {
            let at = (position - self.first) as usize;
            if at.is_multiple_of(GROUP) {
                let group = &self.entries[at..(at + GROUP).min(self.entries.len())];
                self.sums.touch(group.iter().map(|entry| entry.legs));
            }
            if position >= next {
                (epoch, next) = epochs.from(position);
            }
            let large = if entry.minor == WIDE { wide.next() } else { None };
            match large {
                _ if entry.legs == NONE => {}
                Some(minor) => self.sums.book_wide(entry.legs, entry.bucket, epoch, *minor),
                None => self.sums.book(entry.legs, entry.bucket, epoch, entry.minor),
            }
            if position % 65_536 == 0 {
                self.sums.tidy();
            }
        }
        self.restart(after);
    }
}
