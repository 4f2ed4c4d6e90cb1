//! Opening: schemas and tables made or brought up to date, the shard taken over, and what is kept
//! in memory read.

use super::PgStore;
use super::keys::{Keys, Run};
use super::link::Link;
use super::pending::Pending;
use super::steps;
use crate::limits::{PAGE_ROWS, PATIENCE, SHARD_NAME_BYTES_MAX};
use engine::port::{NewAccount, PortError, PortFault};
use std::time::Duration;

/// The format of what is in the tables.
const FORMAT: i32 = 1;

/// Where a Store is.
#[derive(Clone, Debug)]
pub struct PgOptions {
    /// A connection string, as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub address: String,
    /// The shard: `[a-z0-9_-]`, at most 40. Its schemas are `saldo_SHARD` and
    /// `saldo_SHARD_verification`.
    pub shard: String,
    /// How long one call waits for PostgreSQL.
    pub patience: Duration,
}

impl PgOptions {
    /// A shard of a database.
    pub fn new(address: &str, shard: &str) -> Self {
        Self { address: address.to_owned(), shard: shard.to_owned(), patience: PATIENCE }
    }

    /// The quoted names of both schemas.
    fn schemas(&self) -> Result<(String, String), PortError> {
        let shard = &self.shard;
        let known =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        if shard.is_empty() || shard.len() > SHARD_NAME_BYTES_MAX || !shard.bytes().all(known) {
            let what = format!(
                "the name of shard `{shard}`: 1 to {SHARD_NAME_BYTES_MAX} of a-z, 0-9, _ and -"
            );
            return Err(PortError::new(PortFault::Limit, what));
        }
        Ok((format!("\"saldo_{shard}\""), format!("\"saldo_{shard}_verification\"")))
    }
}

impl PgStore {
    /// Takes the shard over and opens it at its last checkpoint: from here on whoever had it
    /// before is fenced. Makes an empty one where nothing is.
    ///
    /// # Errors
    /// [`PortFault::Unavailable`]; [`PortFault::Refused`] by missing rights;
    /// [`PortFault::UnknownFormat`] when a later version wrote it; [`PortFault::Corrupt`].
    pub fn open(options: &PgOptions) -> Result<Self, PortError> {
        let (schema, verification) = options.schemas()?;
        let mut link = Link::open(options)?;
        refuse_unsafe(&link)?;
        steps::prepare(&mut link, &schema, &verification)?;
        let what = format!("taking over shard {}", options.shard);
        let take = link.client.query_one(include_str!("sql/take.sql"), &[]);
        let row = link.run(&what, take)?;
        let (format, epoch, position): (i32, i64, i64) = (row.get(0), row.get(1), row.get(2));
        if format != FORMAT {
            let what = format!("{schema} has format {format}; this version knows {FORMAT}");
            return Err(PortError::new(PortFault::UnknownFormat, what));
        }
        let position = position.cast_unsigned();
        Ok(Self {
            epoch: epoch.cast_unsigned(),
            position,
            durable: position,
            state: row.get(3),
            accounts: read_accounts(&link)?,
            keys: Keys::of(read_runs(&link)?),
            pending: Pending::default(),
            poisoned: None,
            verification,
            link,
        })
    }
}

/// A server that does not write through to its disk promises nothing.
fn refuse_unsafe(link: &Link) -> Result<(), PortError> {
    for setting in ["fsync", "full_page_writes"] {
        let sql = format!("show {setting}");
        let rows = link.rows(setting, &sql, &[])?;
        let value: String = rows.first().map_or_else(String::new, |row| row.get(0));
        if value != "on" {
            let what = format!("PostgreSQL runs with {setting}={value}; a Store needs on");
            return Err(PortError::new(PortFault::Refused, what));
        }
    }
    Ok(())
}

fn read_accounts(link: &Link) -> Result<Vec<NewAccount>, PortError> {
    let mut accounts: Vec<NewAccount> = Vec::new();
    loop {
        let last = i64::try_from(accounts.len()).unwrap_or(i64::MAX) - 1;
        let sql = include_str!("sql/get_accounts.sql");
        let rows = link.rows("the accounts", sql, &[&last, &PAGE_ROWS])?;
        if rows.is_empty() {
            return Ok(accounts);
        }
        for row in rows {
            let id: i64 = row.get(0);
            if usize::try_from(id) != Ok(accounts.len()) {
                return Err(PortError::corrupt(format!("there is no account before {id}")));
            }
            accounts.push(NewAccount { path: row.get(1), asset: row.get(2) });
        }
    }
}

fn read_runs(link: &Link) -> Result<Vec<Run>, PortError> {
    let mut runs: Vec<Run> = Vec::new();
    loop {
        let last = runs.last().map_or(-1, |run| run.number);
        let sql = include_str!("sql/get_runs.sql");
        let rows = link.rows("the index", sql, &[&last, &1_i64])?;
        let Some(row) = rows.into_iter().next() else { return Ok(runs) };
        let number = row.get(0);
        let run = Run::stored(number, row.get(1), row.get(2), row.get(3));
        let wrong = || PortError::corrupt(format!("run {number} of the index"));
        runs.push(run.ok_or_else(wrong)?);
    }
}
