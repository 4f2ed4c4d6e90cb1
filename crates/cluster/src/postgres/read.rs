//! Reading what is stored, page by page, with what is pending laid over it. Nothing is visited
//! while an answer is on its way: who visits may ask again.

use super::PgStore;
use super::checkpoint::{in_schema, kind};
use super::numeric::Numeric;
use crate::limits::{PAGE_BLOCKS, PAGE_ROWS};
use engine::port::{PortError, Position, Table, TotalRow};
use ledger::Total;
use ledger::time::Bucket;

impl PgStore {
    /// The schema of a table's documents; empty for the shard's own.
    fn schema_of(&self, table: Table) -> &str {
        if table == Table::Verification { &self.verification } else { "" }
    }

    pub(super) fn read_totals(
        &self,
        from: Bucket,
        to: Bucket,
        visit: &mut dyn FnMut(TotalRow),
    ) -> Result<(), PortError> {
        let mut after = (from.0, -1_i64);
        loop {
            let sql = include_str!("sql/get_totals.sql");
            let values = self.link.rows("totals", sql, &[&after.0, &after.1, &to.0, &PAGE_ROWS])?;
            for row in &values {
                after = (row.get(0), row.get(1));
                let number = |at| {
                    let read: Result<Numeric, _> = row.try_get(at);
                    let what = |error| super::fault::failed(format!("totals of {after:?}"), &error);
                    read.map(|it| it.0).map_err(what)
                };
                let count = row.get::<_, i64>(4).cast_unsigned();
                let total = Total { debit: number(2)?, credit: number(3)?, count };
                let account = u32::try_from(after.1).unwrap_or(u32::MAX);
                visit(TotalRow { bucket: Bucket(after.0), account, total });
            }
            if is_last(values.len(), PAGE_ROWS) {
                return Ok(());
            }
        }
    }

    pub(super) fn read_blocks(
        &self,
        from: Position,
        visit: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), PortError> {
        let mut last = from.cast_signed();
        loop {
            let sql = include_str!("sql/get_blocks.sql");
            let rows = self.link.rows("blocks", sql, &[&last, &PAGE_BLOCKS])?;
            for row in &rows {
                last = row.get(0);
                let bytes: &[u8] = row.get(2);
                if i64::from(crc32c::crc32c(bytes)) != row.get::<_, i64>(1) {
                    return Err(PortError::corrupt(format!("the block before position {last}")));
                }
                if !visit(bytes) {
                    return Ok(());
                }
            }
            if is_last(rows.len(), PAGE_BLOCKS) {
                break;
            }
        }
        let pending = self.pending.blocks.iter().filter(|block| block.after > from);
        let _ = pending.map(|block| visit(&block.bytes)).find(|goes_on| !goes_on);
        Ok(())
    }

    pub(super) fn read_tile(&self, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        let rows = self.link.rows("a tile", include_str!("sql/get_tile.sql"), &[&path])?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    pub(super) fn read_document(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, PortError> {
        let sql = in_schema(include_str!("sql/get_document.sql"), self.schema_of(table));
        let rows = self.link.rows("a document", &sql, &[&kind(table), &key])?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    pub(super) fn read_documents(
        &self,
        table: Table,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), PortError> {
        let sql = in_schema(include_str!("sql/get_documents.sql"), self.schema_of(table));
        let mut changed = self.pending.documents(table, from).peekable();
        let mut next = from.to_vec();
        loop {
            let rows = self.link.rows("documents", &sql, &[&kind(table), &next, &PAGE_ROWS])?;
            for row in &rows {
                let (key, value): (&[u8], &[u8]) = (row.get(0), row.get(1));
                while let Some((new, value)) = changed.next_if(|(new, _)| *new < key) {
                    if value.is_some_and(|value| !visit(new, value)) {
                        return Ok(());
                    }
                }
                let value = match changed.next_if(|(new, _)| *new == key) {
                    Some((_, changed)) => changed,
                    None => Some(value),
                };
                if value.is_some_and(|value| !visit(key, value)) {
                    return Ok(());
                }
                next = [key, &[0]].concat();
            }
            if is_last(rows.len(), PAGE_ROWS) {
                break;
            }
        }
        for (new, value) in changed {
            if value.is_some_and(|value| !visit(new, value)) {
                break;
            }
        }
        Ok(())
    }

    /// What is stored, less what pending changes replace or remove, and what they put.
    pub(super) fn count_documents(&self, table: Table) -> Result<u64, PortError> {
        let schema = self.schema_of(table);
        let one = |sql: &str, values: super::link::Values<'_>| {
            let rows = self.link.rows("a count", &in_schema(sql, schema), values)?;
            let first = rows.first().map_or(0, |row| row.get::<_, i64>(0).cast_unsigned());
            Ok::<u64, PortError>(first)
        };
        let stored = one(include_str!("sql/count_documents.sql"), &[&kind(table)])?;
        let (keys, values): (Vec<_>, Vec<_>) = self.pending.documents(table, &[]).unzip();
        if keys.is_empty() {
            return Ok(stored);
        }
        let replaced = one(include_str!("sql/count_keys.sql"), &[&kind(table), &keys])?;
        let put = values.iter().filter(|value| value.is_some()).count() as u64;
        Ok(stored - replaced + put)
    }

    pub(super) fn read_stored_bytes(&self) -> Result<Vec<(&'static str, u64)>, PortError> {
        let pages = format!("{}.documents", self.verification);
        let sql = include_str!("sql/stored_bytes.sql");
        let rows = self.link.rows("sizes of tables", sql, &[&pages])?;
        let Some(row) = rows.first() else { return Ok(Vec::new()) };
        let names = ["index", "totals", "blocks", "tiles", "documents"];
        let size = |(at, name)| (name, row.get::<_, i64>(at).cast_unsigned());
        Ok(names.into_iter().enumerate().map(size).collect())
    }
}

/// Whether a page is the last one.
fn is_last(rows: usize, page: i64) -> bool {
    usize::try_from(page).is_ok_and(|page| rows < page)
}
