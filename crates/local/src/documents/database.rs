//! One `SQLite` file: settings, errors as the ports know them, one transaction that stays open from
//! checkpoint to checkpoint.

use engine::port::{PortError, PortFault};
use rusqlite::{Connection, Error, ErrorCode, OpenFlags, ffi};
use std::path::Path;

/// An open database.
pub struct Database {
    /// Its connection; statements on it see what is not committed yet.
    pub connection: Connection,
    name: &'static str,
}

/// What a failure of `SQLite` means to whoever called a port.
pub fn port_error(name: &str, error: &Error) -> PortError {
    let fault = match error {
        Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DiskFull => PortFault::Full,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => PortFault::Corrupt,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => PortFault::Fenced,
            ErrorCode::TooBig => PortFault::Limit,
            _ => match failure.extended_code {
                ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC => PortFault::FlushFailed,
                // Pages that end early were written whole.
                ffi::SQLITE_IOERR_SHORT_READ => PortFault::Corrupt,
                _ => PortFault::Io,
            },
        },
        // A column that is missing or of another type is none that we wrote.
        _ => PortFault::Corrupt,
    };
    PortError::new(fault, format!("{name}: {error}"))
}

impl Database {
    /// Opens the file in `root`, making it when absent, and begins the transaction.
    pub fn open(
        root: &Path,
        vfs: Option<&str>,
        name: &'static str,
        schema: &str,
    ) -> Result<Self, PortError> {
        let path = root.join(name);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
            None => Connection::open_with_flags(path, flags),
        };
        let connection = connection.map_err(|error| port_error(name, &error))?;
        connection.set_prepared_statement_cache_capacity(128);
        let database = Self { connection, name };
        database.run(include_str!("settings.sql"))?;
        database.run("BEGIN IMMEDIATE")?;
        database.run(schema)?;
        Ok(database)
    }

    /// Runs statements that have no parameters and no rows.
    pub fn run(&self, sql: &str) -> Result<(), PortError> {
        self.connection.execute_batch(sql).map_err(|error| self.failed(&error))
    }

    /// Runs one statement that has no rows.
    pub fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), PortError> {
        let ran = self.connection.prepare_cached(sql).and_then(|mut it| it.execute(values));
        ran.map(|_| ()).map_err(|error| self.failed(&error))
    }

    /// Makes everything since the last time durable, and begins anew.
    pub fn commit(&self) -> Result<(), PortError> {
        self.run("COMMIT")?;
        self.run("BEGIN IMMEDIATE")
    }

    /// As the ports know it.
    pub fn failed(&self, error: &Error) -> PortError {
        port_error(self.name, error)
    }

    /// Something in it is not what was written.
    pub fn corrupt(&self, what: impl std::fmt::Display) -> PortError {
        PortError::corrupt(format!("{}: {what}", self.name))
    }
}
