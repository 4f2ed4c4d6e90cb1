//! What happens to each row, whatever the format: skip rules, events, control totals, counts.

use super::build::{self, Built};
use super::control::Controls;
use super::join::Table;
use crate::Spare;
use crate::eval::when::Clock;
use crate::eval::{Cell, Eval, Row};
use crate::failure::Failure;
use crate::sink::{Sink, Stop, Summary};
use book::mapping::{Column, Mapping};
use std::borrow::Cow;

const TICK_ROWS: u64 = 8192;
const NO_EVENT: &str = "no event of the mapping applies";

pub(super) struct Machine<'m, 's> {
    mapping: &'m Mapping,
    clock: Clock<'m>,
    tables: Vec<Table>,
    /// For each column of the mapping that is a joined one: which table, which of its columns.
    joined: Vec<Option<(usize, usize)>>,
    controls: Controls<'m>,
    sink: &'s mut dyn Sink,
    resume_after_row: u64,
    summary: Summary,
    spare: Spare,
    built: Vec<Built>,
}

impl<'m, 's> Machine<'m, 's> {
    pub(super) fn new(
        mapping: &'m Mapping,
        tables: Vec<Table>,
        resume_after_row: u64,
        sink: &'s mut dyn Sink,
    ) -> Self {
        let joined = mapping.columns.iter().map(|column| match column {
            Column::Join { join, name } => Some((*join, tables.get(*join)?.column(name)?)),
            _ => None,
        });
        Self {
            mapping,
            clock: Clock::new(&mapping.times),
            joined: joined.collect(),
            tables,
            controls: Controls::new(mapping),
            sink,
            resume_after_row,
            summary: Summary::default(),
            spare: Spare::default(),
            built: Vec::new(),
        }
    }

    /// A row that could be read.
    pub(super) fn row(&mut self, row: &dyn Row, raw: &[u8]) -> Result<(), Stop> {
        self.summary.rows += 1;
        let number = self.summary.rows;
        let resumed = number > self.resume_after_row;
        if !resumed && self.mapping.controls.is_empty() {
            return Ok(());
        }
        let mut built = std::mem::take(&mut self.built);
        let taken = self.take(row, number, &mut built);
        let sent = if resumed { self.send(taken, number, raw, &built) } else { Ok(()) };
        self.built = built;
        sent
    }

    /// `Ok(Some)` is the reason to skip the row.
    fn take(
        &mut self,
        row: &dyn Row,
        number: u64,
        built: &mut Vec<Built>,
    ) -> Result<Option<&'m str>, Failure> {
        let mapping = self.mapping;
        let mut joined = Joined { row, machine: &self.joined, hits: Vec::new() };
        let plain = Eval { mapping, row, number };
        for (join, table) in mapping.joins.iter().zip(&self.tables) {
            let key = plain.template(&join.on).ok();
            joined.hits.push(key.and_then(|key| table.row(&key)));
        }
        let eval = Eval { mapping, row: &joined, number };
        for skip in &mapping.skips {
            if eval.holds(&skip.when)? {
                return Ok(Some(&skip.reason));
            }
        }
        let result = build::build(&eval, &self.clock, built);
        self.controls.add(&eval, result.is_ok().then_some(built.as_slice()));
        result.map(|()| built.is_empty().then_some(NO_EVENT))
    }

    fn send(
        &mut self,
        taken: Result<Option<&str>, Failure>,
        number: u64,
        raw: &[u8],
        built: &[Built],
    ) -> Result<(), Stop> {
        match taken {
            Ok(Some(reason)) => {
                self.summary.skipped += 1;
                self.sink.skipped(number, reason);
            }
            Ok(None) => {
                for event in built {
                    self.summary.events += 1;
                    event.send(self.mapping, number, raw, &mut self.spare, self.sink)?;
                }
            }
            Err(failure) => {
                self.summary.bad += 1;
                self.sink.bad(number, &failure, raw)?;
            }
        }
        Ok(())
    }

    /// A row that could not be read.
    pub(super) fn bad(&mut self, failure: &Failure, raw: &[u8]) -> Result<(), Stop> {
        self.summary.rows += 1;
        if self.summary.rows <= self.resume_after_row {
            return Ok(());
        }
        self.summary.bad += 1;
        self.sink.bad(self.summary.rows, failure, raw)
    }

    /// After each row: now and then reports progress.
    pub(super) fn tick(&mut self, bytes: u64) {
        if self.summary.rows.is_multiple_of(TICK_ROWS) {
            self.sink.progress(self.summary.rows, bytes);
        }
    }

    /// The end: compares totals, unless the sink stopped before it.
    pub(super) fn finish(mut self, stopped: bool) -> Summary {
        self.summary.stopped = stopped;
        if !stopped {
            self.controls.compare(&mut self.summary, self.sink);
        }
        self.summary
    }
}

/// A row with the columns of its joined files.
struct Joined<'r> {
    row: &'r dyn Row,
    machine: &'r [Option<(usize, usize)>],
    hits: Vec<Option<&'r [Box<str>]>>,
}

impl Row for Joined<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let Some((join, field)) = self.machine.get(column).copied().flatten() else {
            return self.row.cell(column);
        };
        let hit = self.hits.get(join).copied().flatten();
        match hit.and_then(|values| values.get(field)) {
            Some(value) => Cell::Text(Cow::Borrowed(value)),
            None => Cell::Null,
        }
    }
}
