//! Small documents and the manifest, in `SQLite`; the verification log in a database of its own.
//!
//! A transaction stays open from checkpoint to checkpoint, so that reads see what is committed
//! to the Store but not durable yet. Two databases cannot commit in one step: the first carries,
//! in the same transaction as the manifest, what the second is to change (`verification_redo`).
//! When a crash comes between the two commits, opening does the change again, so that both are
//! always of the same checkpoint.

mod database;
mod table;

#[cfg(test)]
mod tests;

use crate::store::file::limit;
use crate::store::limits::DOCUMENT_BYTES_MAX;
use crate::store::manifest::{FORMAT, Manifest, Part, Tally};
use database::Database;
use engine::port::{DocumentChange, PortError, PortFault, Table};
use rusqlite::{OptionalExtension, Row};
use std::path::Path;
use table::{Rows, schema_of};

/// The database of the documents and of the manifest.
pub const MAIN: &str = "documents.db";
/// The database of the verification log.
pub const VERIFICATION: &str = "verification.db";

/// Tiles that are not full, of the last checkpoint.
const PARTIAL: usize = Table::ALL.len();
/// Tiles that the tile files did not take.
const ODD: usize = PARTIAL + 1;
const NAMES: [&str; ODD + 1] = [
    "quarantine",
    "waiting",
    "contest",
    "statement",
    "feed",
    "book",
    "period",
    "verification",
    "meta",
    "partial_tile",
    "odd_tile",
];

fn place_of(table: Table) -> usize {
    table as usize - 1
}

/// The documents of one shard.
pub struct Documents {
    main: Database,
    verification: Database,
    tables: Vec<Rows>,
    /// The last checkpoint that changed the verification database, and whether this one does.
    verification_generation: u64,
    verification_changed: bool,
}

impl Documents {
    /// Opens the databases in `root` and reads the manifest; none when they are new.
    pub fn open(root: &Path, vfs: Option<&str>) -> Result<(Self, Option<Manifest>), PortError> {
        let verification = place_of(Table::Verification);
        let mut schema = include_str!("documents/manifest.sql").to_owned();
        for (_, name) in NAMES.iter().enumerate().filter(|(at, _)| *at != verification) {
            schema.push_str(&schema_of(name));
        }
        let main = Database::open(root, vfs, MAIN, &schema)?;
        let manifest = read_manifest(&main)?;
        let mut schema = include_str!("documents/generation.sql").to_owned();
        schema.push_str(&schema_of(NAMES[verification]));
        let verification = Database::open(root, vfs, VERIFICATION, &schema)?;
        let table = |(at, name): (usize, &&'static str)| {
            let tally = manifest.as_ref().and_then(|manifest| manifest.tallies.get(at));
            Rows::new(u8::try_from(at + 1).unwrap_or(0), name, tally.copied().unwrap_or_default())
        };
        let documents = Self {
            main,
            verification,
            tables: NAMES.iter().enumerate().map(table).collect(),
            verification_generation: manifest.as_ref().map_or(0, |it| it.verification),
            verification_changed: false,
        };
        if manifest.is_none() {
            documents.verification.execute(PUT_GENERATION, [0])?;
        }
        Ok((documents, manifest))
    }

    /// Brings the verification database to the manifest's checkpoint, and verifies every table.
    pub fn recover(&mut self, manifest: &Manifest) -> Result<(), PortError> {
        let wanted = manifest.verification.cast_signed();
        let generation = self.generation()?;
        if generation != Some(wanted) {
            let redone = manifest.verification == manifest.generation;
            if !redone || generation.is_none_or(|it| it > wanted) {
                let what = "it is of another checkpoint than documents.db";
                return Err(self.verification.corrupt(what));
            }
            self.redo()?;
        }
        // Written even when nothing differs: after a failed flush the medium may hold an older
        // state than the one that is read, and files are removed by what is read.
        self.verification.execute(PUT_GENERATION, [wanted])?;
        self.verification.commit()?;
        self.main.run("DELETE FROM verification_redo; UPDATE manifest SET id = id;")?;
        self.main.commit()?;
        (0..NAMES.len()).try_for_each(|at| self.tables[at].verify(self.database(at)))
    }

    fn generation(&self) -> Result<Option<i64>, PortError> {
        let sql = include_str!("documents/get_generation.sql");
        let found = self.verification.connection.query_row(sql, [], |row| row.get(0)).optional();
        found.map_err(|error| self.verification.failed(&error))
    }

    fn redo(&mut self) -> Result<(), PortError> {
        let failed = |error| self.main.failed(&error);
        let at = place_of(Table::Verification);
        // The manifest's tally counts these changes already.
        let tally = self.tables[at].tally;
        let sql = include_str!("documents/scan_redo.sql");
        let mut statement = self.main.connection.prepare(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let key: Vec<u8> = row.get(0).map_err(failed)?;
            let value: Option<Vec<u8>> = row.get(1).map_err(failed)?;
            self.tables[at].set(&self.verification, &key, value.as_deref())?;
        }
        self.tables[at].tally = tally;
        Ok(())
    }

    fn database(&self, at: usize) -> &Database {
        if at == place_of(Table::Verification) { &self.verification } else { &self.main }
    }

    fn set(&mut self, at: usize, key: &[u8], value: Option<&[u8]>) -> Result<(), PortError> {
        if value.is_some_and(|value| value.len() > DOCUMENT_BYTES_MAX) {
            return Err(limit(format!("document of over {DOCUMENT_BYTES_MAX} bytes")));
        }
        if at == place_of(Table::Verification) {
            self.main.execute(include_str!("documents/put_redo.sql"), (key, value))?;
            self.verification_changed = true;
            return self.tables[at].set(&self.verification, key, value);
        }
        self.tables[at].set(&self.main, key, value)
    }

    /// Applies changes in order.
    pub fn apply(&mut self, changes: &[DocumentChange]) -> Result<(), PortError> {
        changes.iter().try_for_each(|change| {
            self.set(place_of(change.table), &change.key, change.value.as_deref())
        })
    }

    /// As `Store::document`.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, PortError> {
        let at = place_of(table);
        self.tables[at].get(self.database(at), key)
    }

    /// As `Store::documents`.
    pub fn scan(
        &self,
        table: Table,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), PortError> {
        let at = place_of(table);
        self.tables[at].scan(self.database(at), from, visit)
    }

    /// Number of documents in a table.
    pub fn count(&self, table: Table) -> u64 {
        self.tables[place_of(table)].tally.count
    }

    /// Keeps a tile that the tile files did not take.
    pub fn put_odd_tile(&mut self, path: &str, tile: &[u8]) -> Result<(), PortError> {
        self.set(ODD, path.as_bytes(), Some(tile))
    }

    /// A tile that is not full, or that the tile files did not take.
    pub fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        match self.tables[ODD].get(&self.main, path.as_bytes())? {
            Some(tile) => Ok(Some(tile)),
            None => self.tables[PARTIAL].get(&self.main, path.as_bytes()),
        }
    }

    fn replace_partial(&mut self, partial: &[(String, Vec<u8>)]) -> Result<(), PortError> {
        self.main.run("DELETE FROM partial_tile")?;
        self.tables[PARTIAL].tally = Tally::default();
        partial.iter().try_for_each(|(path, tile)| self.set(PARTIAL, path.as_bytes(), Some(tile)))
    }

    /// Makes every change durable together with the manifest, which is completed here.
    pub fn checkpoint(
        &mut self,
        manifest: &mut Manifest,
        partial: &[(String, Vec<u8>)],
    ) -> Result<(), PortError> {
        self.replace_partial(partial)?;
        if self.verification_changed {
            self.verification_generation = manifest.generation;
            let generation = manifest.generation.cast_signed();
            self.verification.execute(PUT_GENERATION, [generation])?;
        }
        manifest.verification = self.verification_generation;
        manifest.tallies = self.tables.iter().map(|table| table.tally).collect();
        write_manifest(&self.main, manifest)?;
        self.main.commit()?;
        if std::mem::take(&mut self.verification_changed) {
            self.verification.commit()?;
            self.main.run("DELETE FROM verification_redo")?;
        }
        Ok(())
    }

    /// Makes both databases, with the manifest of an empty Store: the verification database
    /// first, for only the manifest says that there is one.
    pub fn create(&mut self, manifest: &mut Manifest) -> Result<(), PortError> {
        self.verification.commit()?;
        self.checkpoint(manifest, &[])
    }
}

const PUT_GENERATION: &str = include_str!("documents/put_generation.sql");

fn write_manifest(main: &Database, manifest: &Manifest) -> Result<(), PortError> {
    main.run("DELETE FROM part")?;
    for (place, part) in (0_i64..).zip(manifest.parts()) {
        let Part { kind, path, number, length, count, low, high, checksum } = part;
        let [number, length, count, low, high, checksum] =
            [number, length, count, low, high, checksum].map(u64::cast_signed);
        let values = (place, kind, path, number, length, count, low, high, checksum);
        main.execute(include_str!("documents/put_part.sql"), values)?;
    }
    let [format, position, generation, verification] =
        [FORMAT, manifest.position, manifest.generation, manifest.verification]
            .map(u64::cast_signed);
    let values = (format, position, generation, verification, &manifest.state, manifest.checksum());
    main.execute(include_str!("documents/put_manifest.sql"), values)
}

fn read_manifest(main: &Database) -> Result<Option<Manifest>, PortError> {
    let failed = |error| main.failed(&error);
    let sql = include_str!("documents/get_manifest.sql");
    let read = |row: &Row<'_>| {
        let [format, position, generation, verification] =
            [unsigned(row, 0)?, unsigned(row, 1)?, unsigned(row, 2)?, unsigned(row, 3)?];
        let state = row.get(4)?;
        let known = Manifest { position, state, generation, verification, ..Manifest::default() };
        Ok((format, known, unsigned(row, 5)?))
    };
    let found = main.connection.query_row(sql, [], read).optional().map_err(failed)?;
    let Some((format, mut manifest, checksum)) = found else { return Ok(None) };
    if format != FORMAT {
        let what = format!("{MAIN} has format {format}; this version knows {FORMAT}");
        return Err(PortError::new(PortFault::UnknownFormat, what));
    }
    let sql = include_str!("documents/get_parts.sql");
    let mut statement = main.connection.prepare(sql).map_err(failed)?;
    let parts = statement.query_map([], read_part).map_err(failed)?;
    let known = parts.map(|part| Ok(manifest.add_part(part?))).collect::<Result<Vec<_>, _>>();
    if known.map_err(failed)?.contains(&false) || u64::from(manifest.checksum()) != checksum {
        return Err(main.corrupt("the manifest"));
    }
    Ok(Some(manifest))
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

fn read_part(row: &Row<'_>) -> rusqlite::Result<Part> {
    Ok(Part {
        kind: row.get(0)?,
        path: row.get(1)?,
        number: unsigned(row, 2)?,
        length: unsigned(row, 3)?,
        count: unsigned(row, 4)?,
        low: unsigned(row, 5)?,
        high: unsigned(row, 6)?,
        checksum: unsigned(row, 7)?,
    })
}
