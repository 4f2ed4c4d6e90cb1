//! Merging runs of totals into one: rows of the same bucket and account become their sum.

use super::run::{Cursor, Run, Writer};
use crate::store::file::limit;
use engine::port::{Disk, PortError, TotalRow};
use std::sync::Arc;

/// Writes run `number` from the sums of all rows of `runs`.
pub fn merge(disk: &dyn Disk, number: u64, runs: &[Arc<Run>]) -> Result<Run, PortError> {
    let mut writer = Writer::new(disk, number)?;
    let mut heads: Vec<(Option<TotalRow>, Cursor<'_>)> = Vec::new();
    for run in runs {
        let mut cursor = run.cursor();
        heads.push((cursor.next_row()?, cursor));
    }
    let key = |row: &TotalRow| (row.bucket, row.account);
    while let Some(least) = heads.iter().filter_map(|(row, _)| row.as_ref().map(key)).min() {
        let mut sum: Option<TotalRow> = None;
        for (head, cursor) in &mut heads {
            let Some(row) = head.as_ref().filter(|row| key(row) == least) else { continue };
            match &mut sum {
                None => sum = Some(*row),
                Some(sum) => sum.total.add(row.total).map_err(|error| limit(error.to_string()))?,
            }
            *head = cursor.next_row()?;
        }
        if let Some(sum) = sum {
            writer.push(&sum)?;
        }
    }
    writer.finish()
}
