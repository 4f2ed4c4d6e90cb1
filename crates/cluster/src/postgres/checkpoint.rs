//! The one transaction of a checkpoint. Its first statement is the fence: it changes the shard's
//! row only where epoch and position are still ours, and holds that row to the end.

use super::PgStore;
use super::keys::Change;
use super::link::Values;
use super::numeric::Numeric;
use super::pending::{Block, DocumentKey, Pending};
use engine::port::{NewAccount, PortError, PortFault, Table};
use ledger::Total;
use std::collections::BTreeMap;
use std::pin::pin;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Transaction};

/// What a checkpoint writes.
struct Writing<'a> {
    epoch: i64,
    before: i64,
    after: i64,
    state: &'a [u8],
    partial: &'a [(String, Vec<u8>)],
    first_account: i64,
    pending: &'a Pending,
    keys: Option<&'a Change>,
    /// The schema of verification pages, quoted.
    verification: &'a str,
}

impl PgStore {
    pub(super) fn write_checkpoint(
        &mut self,
        state: &[u8],
        partial: &[(String, Vec<u8>)],
    ) -> Result<(), PortError> {
        let change = self.keys.change()?;
        let known = self.accounts.len() - self.pending.accounts.len();
        let writing = Writing {
            epoch: self.epoch.cast_signed(),
            before: self.durable.cast_signed(),
            after: self.position.cast_signed(),
            state,
            partial,
            first_account: i64::try_from(known).unwrap_or(i64::MAX),
            pending: &self.pending,
            keys: change.as_ref(),
            verification: &self.verification,
        };
        let what = format!("a checkpoint at position {}", self.position);
        let ours = self.link.run_alone(&what, async |client| writing.run(client).await)?;
        if !ours {
            let (epoch, position) = (self.epoch, self.durable);
            let what =
                format!("the shard is not at epoch {epoch} and position {position} any more");
            return Err(PortError::new(PortFault::Fenced, what));
        }
        self.durable = self.position;
        self.state = state.to_vec();
        self.pending = Pending::default();
        if let Some(change) = change {
            self.keys.apply(change);
        }
        Ok(())
    }
}

impl Writing<'_> {
    /// Writes all or nothing; false when the shard is another's.
    async fn run(&self, client: &mut Client) -> Result<bool, Error> {
        let work = client.transaction().await?;
        let fence = include_str!("sql/fence.sql");
        let row: Values<'_> = &[&self.after, &self.state, &self.epoch, &self.before];
        if work.execute(fence, row).await? != 1 {
            work.rollback().await?;
            return Ok(false);
        }
        accounts(&work, self.first_account, &self.pending.accounts).await?;
        totals(&work, &self.pending.totals).await?;
        blocks(&work, &self.pending.blocks).await?;
        tiles(&work, &self.pending.tiles, self.partial).await?;
        documents(&work, self.verification, &self.pending.documents).await?;
        if let Some(change) = self.keys {
            keys(&work, change).await?;
        }
        work.commit().await?;
        Ok(true)
    }
}

async fn accounts(work: &Transaction<'_>, from: i64, new: &[NewAccount]) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    let sink = work.copy_in(include_str!("sql/copy_accounts.sql")).await?;
    let types = [Type::INT8, Type::TEXT, Type::TEXT];
    let mut rows = pin!(BinaryCopyInWriter::new(sink, &types));
    for (id, account) in (from..).zip(new) {
        rows.as_mut().write(&[&id, &account.path, &account.asset]).await?;
    }
    rows.finish().await.map(|_| ())
}

async fn totals(
    work: &Transaction<'_>,
    touched: &BTreeMap<(i32, u32), Total>,
) -> Result<(), Error> {
    if touched.is_empty() {
        return Ok(());
    }
    work.batch_execute(include_str!("sql/stage_totals.sql")).await?;
    let sink = work.copy_in(include_str!("sql/copy_totals.sql")).await?;
    let types = [Type::INT4, Type::INT8, Type::NUMERIC, Type::NUMERIC, Type::INT8];
    let mut rows = pin!(BinaryCopyInWriter::new(sink, &types));
    for ((bucket, account), total) in touched {
        let (debit, credit) = (Numeric(total.debit), Numeric(total.credit));
        let (account, count) = (i64::from(*account), total.count.cast_signed());
        rows.as_mut().write(&[bucket, &account, &debit, &credit, &count]).await?;
    }
    rows.finish().await?;
    work.batch_execute(include_str!("sql/add_totals.sql")).await
}

async fn blocks(work: &Transaction<'_>, new: &[Block]) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    let sink = work.copy_in(include_str!("sql/copy_blocks.sql")).await?;
    let mut rows = pin!(BinaryCopyInWriter::new(sink, &[Type::INT8, Type::INT8, Type::BYTEA]));
    for block in new {
        let checksum = i64::from(crc32c::crc32c(&block.bytes));
        rows.as_mut().write(&[&block.after.cast_signed(), &checksum, &block.bytes]).await?;
    }
    rows.finish().await.map(|_| ())
}

async fn tiles(
    work: &Transaction<'_>,
    full: &BTreeMap<String, Vec<u8>>,
    partial: &[(String, Vec<u8>)],
) -> Result<(), Error> {
    let (paths, tiles): (Vec<_>, Vec<_>) = full.iter().unzip();
    if !paths.is_empty() {
        work.execute(include_str!("sql/put_tiles.sql"), &[&paths, &tiles]).await?;
    }
    work.batch_execute(include_str!("sql/remove_partial_tiles.sql")).await?;
    let (paths, tiles): (Vec<_>, Vec<_>) = partial.iter().map(|(path, tile)| (path, tile)).unzip();
    work.execute(include_str!("sql/put_partial_tiles.sql"), &[&paths, &tiles]).await?;
    Ok(())
}

async fn documents(
    work: &Transaction<'_>,
    verification: &str,
    changed: &BTreeMap<DocumentKey, Option<Vec<u8>>>,
) -> Result<(), Error> {
    for (apart, schema) in [(false, ""), (true, verification)] {
        let of = changed.iter().filter(|((table, _), _)| (*table == Table::Verification) == apart);
        let (mut put, mut gone) = ((Vec::new(), Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        for ((table, key), value) in of {
            if let Some(value) = value {
                put.0.push(kind(*table));
                put.1.push(key);
                put.2.push(value);
            } else {
                gone.0.push(kind(*table));
                gone.1.push(key);
            }
        }
        if !gone.0.is_empty() {
            let sql = in_schema(include_str!("sql/remove_documents.sql"), schema);
            work.execute(&sql, &[&gone.0, &gone.1]).await?;
        }
        if !put.0.is_empty() {
            let sql = in_schema(include_str!("sql/put_documents.sql"), schema);
            work.execute(&sql, &[&put.0, &put.1, &put.2]).await?;
        }
    }
    Ok(())
}

async fn keys(work: &Transaction<'_>, change: &Change) -> Result<(), Error> {
    if !change.gone.is_empty() {
        work.execute(include_str!("sql/remove_runs.sql"), &[&change.gone]).await?;
    }
    let run = &change.added;
    let (low, checksum) = (run.low.cast_signed(), run.checksum());
    let row: Values<'_> = &[&run.number, &low, &checksum, &run.bytes];
    work.execute(include_str!("sql/put_run.sql"), row).await?;
    Ok(())
}

/// The stored number of a table.
pub(super) fn kind(table: Table) -> i16 {
    i16::from(table as u8)
}

/// A statement about documents, in the schema of the shard or in another one.
pub(super) fn in_schema(sql: &str, schema: &str) -> String {
    let table = if schema.is_empty() { "documents" } else { &format!("{schema}.documents") };
    sql.replace("{documents}", table)
}
