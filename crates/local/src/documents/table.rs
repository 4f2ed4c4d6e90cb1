//! One table of documents: each row with a checksum, the whole with a tally, so that a changed or
//! lost row is found.

use super::database::Database;
use crate::store::manifest::Tally;
use engine::port::PortError;
use rusqlite::OptionalExtension;

/// A table, its statements, and what it must hold.
pub struct Rows {
    number: u8,
    name: &'static str,
    get: String,
    get_checksum: String,
    put: String,
    remove: String,
    scan: String,
    /// Documents and sum of checksums, with what is not committed yet.
    pub tally: Tally,
}

/// What makes the table called `name`.
pub fn schema_of(name: &str) -> String {
    include_str!("table.sql").replace("{table}", name)
}

impl Rows {
    /// The table called `name`; its tally is that of the manifest.
    pub fn new(number: u8, name: &'static str, tally: Tally) -> Self {
        let statement = |text: &str| text.replace("{table}", name);
        Self {
            number,
            name,
            get: statement(include_str!("get.sql")),
            get_checksum: statement(include_str!("get_checksum.sql")),
            put: statement(include_str!("put.sql")),
            remove: statement(include_str!("remove.sql")),
            scan: statement(include_str!("scan.sql")),
            tally,
        }
    }

    fn checksum(&self, key: &[u8], value: &[u8]) -> u32 {
        let mut head = vec![self.number];
        head.extend_from_slice(&(key.len() as u64).to_le_bytes());
        head.extend_from_slice(key);
        crc32c::crc32c_append(crc32c::crc32c(&head), value)
    }

    fn check(
        &self,
        database: &Database,
        key: &[u8],
        value: &[u8],
        stored: i64,
    ) -> Result<u32, PortError> {
        let checksum = self.checksum(key, value);
        let right = i64::from(checksum) == stored;
        let wrong = || database.corrupt(format_args!("a row of {}", self.name));
        if right { Ok(checksum) } else { Err(wrong()) }
    }

    /// The value under `key`.
    pub fn get(&self, database: &Database, key: &[u8]) -> Result<Option<Vec<u8>>, PortError> {
        let failed = |error| database.failed(&error);
        let mut statement = database.connection.prepare_cached(&self.get).map_err(failed)?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?));
        let found = statement.query_row([key], row).optional().map_err(failed)?;
        let Some((value, checksum)) = found else { return Ok(None) };
        self.check(database, key, &value, checksum)?;
        Ok(Some(value))
    }

    /// Puts a value under `key`, or with none removes what is there.
    pub fn set(
        &mut self,
        database: &Database,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), PortError> {
        let failed = |error| database.failed(&error);
        let old: Option<i64> = {
            let sql = &self.get_checksum;
            let mut statement = database.connection.prepare_cached(sql).map_err(failed)?;
            statement.query_row([key], |row| row.get(0)).optional().map_err(failed)?
        };
        if let Some(old) = old {
            self.tally.count = self.tally.count.wrapping_sub(1);
            self.tally.sum = self.tally.sum.wrapping_sub(old.cast_unsigned());
        }
        let Some(value) = value else {
            return if old.is_some() { database.execute(&self.remove, [key]) } else { Ok(()) };
        };
        let checksum = self.checksum(key, value);
        self.tally.count += 1;
        self.tally.sum = self.tally.sum.wrapping_add(checksum.into());
        database.execute(&self.put, (key, value, checksum))
    }

    /// Visits rows in order of keys, from `from` on, each verified, until `visit` says false.
    pub fn scan(
        &self,
        database: &Database,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), PortError> {
        let failed = |error| database.failed(&error);
        let mut statement = database.connection.prepare_cached(&self.scan).map_err(failed)?;
        let mut rows = statement.query([from]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let blob = |at| row.get_ref(at).and_then(|value| Ok(value.as_blob()?));
            let (key, value) = (blob(0).map_err(failed)?, blob(1).map_err(failed)?);
            self.check(database, key, value, row.get(2).map_err(failed)?)?;
            if !visit(key, value) {
                break;
            }
        }
        Ok(())
    }

    /// Reads every row and compares all of them with the tally.
    pub fn verify(&self, database: &Database) -> Result<(), PortError> {
        let mut tally = Tally::default();
        self.scan(database, &[], &mut |key, value| {
            tally.count += 1;
            tally.sum = tally.sum.wrapping_add(self.checksum(key, value).into());
            true
        })?;
        if tally == self.tally {
            return Ok(());
        }
        Err(database.corrupt(format_args!("table {} has not the rows it had", self.name)))
    }
}
