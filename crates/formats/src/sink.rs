//! Where decoded rows go.

use crate::failure::Failure;
use ledger::{Decimal, Draft};

/// The sink wants no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

/// Takes what a decoder finds, in the order of the file.
///
/// `row` counts the rows of the file from 1, whatever becomes of them; all events of one row
/// come one after the other with the same `raw`, so that it need be kept only once.
pub trait Sink {
    /// An event. `raw` is the row: the text of a CSV record or a JSON value, or a JSON rendering
    /// of a row of a workbook or of Parquet; always UTF-8 where the row was readable.
    fn event(&mut self, row: u64, draft: &mut Draft<'_>, raw: &[u8]) -> Result<(), Stop>;

    /// A row that is no event. A row is taken whole or not at all.
    fn bad(&mut self, row: u64, failure: &Failure, raw: &[u8]) -> Result<(), Stop>;

    /// A row that the mapping passes over.
    fn skipped(&mut self, row: u64, reason: &str);

    /// A stated total that differs from the rows.
    fn control(&mut self, finding: ControlFinding);

    /// Now and then: rows read, and about how many bytes of the input.
    fn progress(&mut self, row: u64, bytes: u64);
}

/// A stated total that differs from the rows, or could not be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlFinding {
    /// Name of the control in the mapping.
    pub control: String,
    /// Which rows: the value of `per`, empty for all of the file.
    pub group: String,
    /// What the file states; absent when it cannot be read.
    pub stated: Option<Decimal>,
    /// What the events add up to.
    pub summed: Decimal,
    /// Events that were added.
    pub events: u64,
    /// First and last row of the group.
    pub rows: (u64, u64),
    /// One sentence.
    pub reason: String,
}

/// What a file held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows read, those before a resumed position included.
    pub rows: u64,
    /// Events handed over.
    pub events: u64,
    /// Rows that are no event.
    pub bad: u64,
    /// Rows passed over.
    pub skipped: u64,
    /// Totals compared.
    pub controls: u64,
    /// Totals that differ.
    pub controls_failed: u64,
    /// Whether the sink stopped it.
    pub stopped: bool,
}
