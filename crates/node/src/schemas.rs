//! The registry of schemas as it is used: texts read once, and what may follow what.
//!
//! What is slow (reading texts, comparing them) is done beside the operator; the command alone is
//! given between two frames, and only while the registry is what it was compared with.

mod change;
mod fault;
mod row;

pub use change::{By, delete_subject, delete_version, register, set_level, set_mode};
pub use fault::Fault;
pub use row::{raw, row_now};

use engine::schemas::{Mode, Referred, Registry, Subject, Text, Version};
use formats::schema::{Change, Kind, Level, Reference, Schema, SchemaError};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

/// Most texts of one operator: all of them are held in memory.
pub const TEXTS_MAX: usize = 10_000;
/// Most bytes of a subject's name.
pub const SUBJECT_BYTES_MAX: usize = 255;
/// Most texts that are kept as read; beyond it all are read again when they are asked for.
const READ_MAX: usize = 1_000;

/// A text as somebody gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// Its kind.
    pub kind: Kind,
    /// The text.
    pub text: String,
    /// What it stands on.
    pub references: Vec<Referred>,
    /// Whether order of fields counts not.
    pub normalize: bool,
}

/// Which version is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The last one.
    Latest,
    /// This one.
    Number(u32),
}

/// The registry with its texts read.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// The registry.
    pub registry: Arc<Registry>,
    read: Arc<Mutex<HashMap<u32, Arc<Schema>>>>,
}

/// A text that was read.
#[derive(Clone, Debug)]
pub struct ReadText {
    /// What it means.
    pub schema: Arc<Schema>,
    /// As it is registered.
    pub text: Text,
}

impl Catalog {
    /// The catalog of a registry.
    pub fn of(registry: &Arc<Registry>) -> Self {
        Self::next(&Self::default(), Arc::clone(registry))
    }

    /// The catalog of a registry; what `before` read stays read, since texts never change.
    pub(crate) fn next(before: &Self, registry: Arc<Registry>) -> Self {
        Self { registry, read: Arc::clone(&before.read) }
    }

    /// The text with this id, read.
    ///
    /// # Errors
    /// [`Fault::NoSchema`].
    pub fn schema(&self, id: u32) -> Result<Arc<Schema>, Fault> {
        if let Some(schema) = self.read.lock().get(&id) {
            return Ok(Arc::clone(schema));
        }
        let text = self.registry.texts.get(&id).ok_or(Fault::NoSchema)?;
        let kind = Kind::from_number(text.kind).ok_or(Fault::NoSchema)?;
        let references = self.references(&text.references)?;
        let schema = Schema::parse(kind, &text.text, references);
        let schema = Arc::new(schema.map_err(|error| Fault::Bad(error.to_string()))?);
        let mut read = self.read.lock();
        if read.len() >= READ_MAX {
            read.clear();
        }
        read.insert(id, Arc::clone(&schema));
        Ok(schema)
    }

    fn references(&self, referred: &[Referred]) -> Result<Vec<Reference>, Fault> {
        let each = referred.iter().map(|to| {
            let missing = |_| Fault::Bad(format!("no version {} of `{}`", to.version, to.subject));
            // A version deleted but not for good still serves those that stand on it.
            let (_, version) =
                self.version(&to.subject, Which::Number(to.version), true).map_err(missing)?;
            Ok(Reference { name: to.name.clone(), schema: self.schema(version.id)? })
        });
        each.collect()
    }

    /// Reads a text that somebody gives.
    ///
    /// # Errors
    /// [`Fault::Bad`].
    pub fn read(&self, new: &New) -> Result<ReadText, Fault> {
        let bad = |error: SchemaError| Fault::Bad(error.to_string());
        let references = self.references(&new.references)?;
        let mut schema = Schema::parse(new.kind, &new.text, references.clone()).map_err(bad)?;
        if new.normalize && new.kind != Kind::Protobuf {
            let text = schema.normalized().map_err(bad)?;
            schema = Schema::parse(new.kind, &text, references).map_err(bad)?;
        }
        let mut identity = format!("saldo.schema.v1\0{}\0{}", new.kind.word(), schema.canonical());
        for Referred { name, subject, version } in &new.references {
            // Writing to a text does not fail.
            let _ = write!(identity, "\0{name}\0{subject}\0{version}");
        }
        let text = Text {
            kind: new.kind as u8,
            text: schema.text.clone(),
            references: new.references.clone(),
            fingerprint: proof::digest::sha256(identity.as_bytes()).0,
        };
        Ok(ReadText { schema: Arc::new(schema), text })
    }

    /// A subject that has versions: with `deleted` also those that were deleted.
    ///
    /// # Errors
    /// [`Fault::NoSubject`].
    pub fn subject(&self, name: &str, deleted: bool) -> Result<&Subject, Fault> {
        let found = self.registry.subjects.get(name);
        let has = |subject: &&Subject| subject.versions.values().any(|v| deleted || !v.deleted);
        found.filter(has).ok_or_else(|| Fault::NoSubject(name.to_owned()))
    }

    /// The versions of a subject, ascending: with `deleted` also those that were deleted.
    ///
    /// # Errors
    /// [`Fault::NoSubject`].
    pub fn versions(&self, name: &str, deleted: bool) -> Result<Vec<(u32, Version)>, Fault> {
        let versions = self.subject(name, deleted)?.versions.iter();
        let shown = versions.filter(|(_, version)| deleted || !version.deleted);
        Ok(shown.map(|(number, version)| (*number, *version)).collect())
    }

    /// One version of a subject.
    ///
    /// # Errors
    /// [`Fault::NoSubject`], [`Fault::NoVersion`].
    pub fn version(
        &self,
        name: &str,
        which: Which,
        deleted: bool,
    ) -> Result<(u32, Version), Fault> {
        let versions = self.versions(name, deleted)?;
        let found = match which {
            Which::Latest => versions.last(),
            Which::Number(wanted) => versions.iter().find(|(number, _)| *number == wanted),
        };
        found.copied().ok_or(Fault::NoVersion(which))
    }

    /// The version of a subject that has this text, the last one first.
    ///
    /// # Errors
    /// [`Fault::NoSubject`], [`Fault::Bad`], [`Fault::NoSchema`].
    pub fn find(&self, name: &str, new: &New, deleted: bool) -> Result<(u32, Version), Fault> {
        let versions = self.versions(name, deleted)?;
        let text = self.read(new)?.text;
        self.same(&versions, &text).ok_or(Fault::NoSchema)
    }

    fn same(&self, versions: &[(u32, Version)], text: &Text) -> Option<(u32, Version)> {
        let fingerprint =
            |version: &Version| self.registry.texts.get(&version.id).map(|known| known.fingerprint);
        let is = |version: &Version| fingerprint(version) == Some(text.fingerprint);
        versions.iter().rev().find(|(_, version)| is(version)).copied()
    }

    /// The level in force for a subject; its own one only where `inherited` is false.
    pub fn level(&self, name: &str, inherited: bool) -> Option<Level> {
        let levels = &self.registry.levels;
        let own = levels.get(name).and_then(|number| Level::from_number(*number));
        let all = || levels.get("").and_then(|number| Level::from_number(*number));
        if inherited { Some(own.or_else(all).unwrap_or_default()) } else { own }
    }

    /// The mode in force for a subject; its own one only where `inherited` is false.
    pub fn mode(&self, name: &str, inherited: bool) -> Option<Mode> {
        let read = |number: &u8| if *number == 2 { Mode::ReadOnly } else { Mode::ReadWrite };
        let own = self.registry.modes.get(name).map(read);
        let all = || self.registry.modes.get("").map(read);
        if inherited { Some(own.or_else(all).unwrap_or_default()) } else { own }
    }

    /// What prevents a text from following these versions, by the level in force: each as a
    /// sentence.
    ///
    /// # Errors
    /// [`Fault::Bad`], [`Fault::NoSchema`].
    pub fn check(
        &self,
        name: &str,
        new: &Schema,
        versions: &[(u32, Version)],
    ) -> Result<Vec<String>, Fault> {
        let level = self.level(name, true).unwrap_or_default();
        let each = versions.iter().map(|(number, version)| Ok((*number, self.schema(version.id)?)));
        let earlier: Vec<_> = each.collect::<Result<_, Fault>>()?;
        let found = level.check(new, &earlier).into_iter();
        Ok(found
            .map(|(version, direction, change)| sentence(version, direction, &change))
            .collect())
    }
}

fn sentence(version: u32, direction: formats::schema::Direction, change: &Change) -> String {
    use formats::schema::Direction;
    match direction {
        Direction::Backward => format!("what version {version} allowed cannot be read: {change}"),
        Direction::Forward => {
            format!("version {version} cannot read what is allowed now: {change}")
        }
    }
}
