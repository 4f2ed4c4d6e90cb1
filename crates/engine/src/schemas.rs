//! The registry of schemas: which texts are registered under which subjects, as commands say. It
//! is rebuilt from the commands; what a text means, and what may follow what, is decided before a
//! command is given and is not known here.

use crate::error::EngineError;
use crate::port::{Position, Store, Table};
use crate::wire::{BadBytes, Reader, Writer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What every change is kept under: `schema:` and its position.
const PREFIX: &[u8] = b"schema:";

/// Another schema that a text speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Referred {
    /// The name in the text.
    pub name: String,
    /// Its subject.
    pub subject: String,
    /// Its version.
    pub version: u32,
}

/// A registered text. It never changes, and its id is never given to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Number of its kind: `formats::schema::Kind`.
    pub kind: u8,
    /// The text as given.
    pub text: String,
    /// What it stands on.
    pub references: Vec<Referred>,
    /// What tells it from others: a hash of its kind, its canonical form and its references.
    pub fingerprint: [u8; 32],
}

/// What a command does to the registry. Numbers are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// 1: a text is from now on a version of a subject.
    Register {
        /// The subject.
        subject: String,
        /// The version: one more than the last that the subject ever had.
        version: u32,
        /// The id of the text: a known one, or one more than the last.
        id: u32,
        /// The text.
        text: Text,
    },
    /// 2: a version is deleted.
    DeleteVersion {
        /// The subject.
        subject: String,
        /// The version.
        version: u32,
        /// Whether for good: then it was deleted before.
        for_good: bool,
    },
    /// 3: every version of a subject is deleted.
    DeleteSubject {
        /// The subject.
        subject: String,
        /// Whether for good: then each was deleted before.
        for_good: bool,
    },
    /// 4: the level of compatibility; of everything where the subject is empty.
    Level {
        /// The subject.
        subject: String,
        /// Number of the level (`formats::schema::Level`); 0 for none of its own.
        level: u8,
    },
    /// 5: whether anything may be registered; of everything where the subject is empty.
    Mode {
        /// The subject.
        subject: String,
        /// Number of the mode ([`Mode`]); 0 for none of its own.
        mode: u8,
    },
}

/// Whether something may be registered. Numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// It may.
    #[default]
    ReadWrite = 1,
    /// It may not.
    ReadOnly = 2,
}

/// A version of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The id of its text.
    pub id: u32,
    /// Whether it was deleted, and not for good.
    pub deleted: bool,
    /// Position of the command that made it.
    pub position: Position,
}

/// A subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Its versions; those deleted for good are gone.
    pub versions: BTreeMap<u32, Version>,
    /// The last version that it ever had: numbers are not used again.
    pub last: u32,
}

/// The registry as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    /// Texts by id.
    pub texts: BTreeMap<u32, Text>,
    /// Subjects by name.
    pub subjects: BTreeMap<String, Subject>,
    /// Levels by subject; that of everything under the empty name.
    pub levels: BTreeMap<String, u8>,
    /// Modes by subject; that of everything under the empty name.
    pub modes: BTreeMap<String, u8>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |subject: &str| match subject {
            "" => "everything".to_owned(),
            subject => subject.to_owned(),
        };
        let end = |for_good: bool| if for_good { " for good" } else { "" };
        match self {
            Self::Register { subject, version, .. } => {
                write!(f, "{subject} version {version} registered")
            }
            Self::DeleteVersion { subject, version, for_good } => {
                write!(f, "{subject} version {version} deleted{}", end(*for_good))
            }
            Self::DeleteSubject { subject, for_good } => {
                write!(f, "{subject} deleted{}", end(*for_good))
            }
            Self::Level { subject, .. } => write!(f, "level of {}", of(subject)),
            Self::Mode { subject, .. } => write!(f, "mode of {}", of(subject)),
        }
    }
}

impl Change {
    /// The subject; empty for everything.
    pub fn subject(&self) -> &str {
        match self {
            Self::Register { subject, .. }
            | Self::DeleteVersion { subject, .. }
            | Self::DeleteSubject { subject, .. }
            | Self::Level { subject, .. }
            | Self::Mode { subject, .. } => subject,
        }
    }

    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1);
        match self {
            Self::Register { subject, version, id, text } => {
                writer.u8(1).text(subject).u32(*version).u32(*id);
                writer.u8(text.kind).text(&text.text).fixed(&text.fingerprint);
                writer.u32(u32::try_from(text.references.len()).unwrap_or(u32::MAX));
                for referred in &text.references {
                    writer.text(&referred.name).text(&referred.subject).u32(referred.version);
                }
            }
            Self::DeleteVersion { subject, version, for_good } => {
                writer.u8(2).text(subject).u32(*version).u8((*for_good).into());
            }
            Self::DeleteSubject { subject, for_good } => {
                writer.u8(3).text(subject).u8((*for_good).into());
            }
            Self::Level { subject, level } => {
                writer.u8(4).text(subject).u8(*level);
            }
            Self::Mode { subject, mode } => {
                writer.u8(5).text(subject).u8(*mode);
            }
        }
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let (kind, subject) = (reader.u8()?, reader.text()?.to_owned());
        let change = match kind {
            1 => {
                let (version, id) = (reader.u32()?, reader.u32()?);
                Self::Register { subject, version, id, text: text(&mut reader)? }
            }
            2 => {
                let version = reader.u32()?;
                Self::DeleteVersion { subject, version, for_good: reader.u8()? == 1 }
            }
            3 => Self::DeleteSubject { subject, for_good: reader.u8()? == 1 },
            4 => Self::Level { subject, level: reader.u8()? },
            5 => Self::Mode { subject, mode: reader.u8()? },
            _ => return Err(BadBytes),
        };
        reader.end()?;
        Ok(change)
    }
}

fn text(reader: &mut Reader<'_>) -> Result<Text, BadBytes> {
    let (kind, text, fingerprint) = (reader.u8()?, reader.text()?.to_owned(), reader.fixed()?);
    let mut references = Vec::new();
    for _ in 0..reader.u32()? {
        let (name, subject) = (reader.text()?.to_owned(), reader.text()?.to_owned());
        references.push(Referred { name, subject, version: reader.u32()? });
    }
    Ok(Text { kind, text, references, fingerprint })
}

impl Registry {
    /// The id that the next new text gets.
    pub fn next_id(&self) -> u32 {
        self.texts.last_key_value().map_or(1, |(id, _)| id + 1)
    }

    /// The id of a text that is known by its fingerprint.
    pub fn id_of(&self, fingerprint: &[u8; 32]) -> Option<u32> {
        self.texts.iter().find(|(_, text)| &text.fingerprint == fingerprint).map(|(id, _)| *id)
    }

    /// The versions whose texts speak of this one, by id.
    pub fn referring(&self, subject: &str, version: u32) -> BTreeSet<u32> {
        let speaks = |id: &u32| {
            self.texts.get(id).is_some_and(|text| {
                text.references.iter().any(|of| of.subject == subject && of.version == version)
            })
        };
        let versions = self.subjects.values().flat_map(|subject| subject.versions.values());
        versions.map(|version| version.id).filter(speaks).collect()
    }

    /// Carries a change out, given at `position`.
    ///
    /// # Errors
    /// [`EngineError::Conflict`]: it does not fit; nothing is changed then.
    pub fn apply(&mut self, change: Change, position: Position) -> Result<(), EngineError> {
        let conflict = |what: String| Err(EngineError::Conflict(what));
        match change {
            Change::Register { subject, version, id, text } => {
                let known = self.texts.get(&id);
                let fits = known.map_or(id == self.next_id(), |known| *known == text);
                let last = self.subjects.get(&subject).map_or(0, |subject| subject.last);
                if !fits || version != last + 1 || subject.is_empty() {
                    return conflict(format!("version {version} of {subject} with id {id}"));
                }
                self.texts.insert(id, text);
                let subject = self.subjects.entry(subject).or_default();
                subject.last = version;
                subject.versions.insert(version, Version { id, deleted: false, position });
            }
            Change::DeleteVersion { subject, version, for_good } => {
                let found = self.subjects.get(&subject);
                let found = found.and_then(|subject| subject.versions.get(&version));
                if found.is_none_or(|found| found.deleted != for_good) {
                    return conflict(format!("version {version} of {subject}"));
                }
                self.delete(&subject, version, for_good);
            }
            Change::DeleteSubject { subject, for_good } => {
                let found = self.subjects.get(&subject).map(|subject| &subject.versions);
                let versions: Vec<u32> =
                    found.into_iter().flat_map(BTreeMap::keys).copied().collect();
                let deleted = found.is_some_and(|all| all.values().all(|one| one.deleted));
                if versions.is_empty() || deleted != for_good {
                    return conflict(format!("the subject {subject}"));
                }
                versions.into_iter().for_each(|version| self.delete(&subject, version, for_good));
            }
            Change::Level { subject, level } => set(&mut self.levels, subject, level),
            Change::Mode { subject, mode } => set(&mut self.modes, subject, mode),
        }
        Ok(())
    }

    fn delete(&mut self, subject: &str, version: u32, for_good: bool) {
        let Some(subject) = self.subjects.get_mut(subject) else { return };
        if for_good {
            subject.versions.remove(&version);
        } else if let Some(version) = subject.versions.get_mut(&version) {
            version.deleted = true;
        }
    }

    /// Rebuilds the registry from the documents of its changes.
    ///
    /// # Errors
    /// When they cannot be read, or are not what was written.
    pub(crate) fn restore(store: &dyn Store) -> Result<Self, EngineError> {
        let (mut registry, mut changes, mut bad) = (Self::default(), Vec::new(), None);
        store.documents(Table::Meta, PREFIX, &mut |key, value| {
            let Some(position) = key.strip_prefix(PREFIX) else { return false };
            let change = position.try_into().map_err(|_| BadBytes).map(u64::from_be_bytes);
            match change.and_then(|position| Ok((position, Change::decode(value)?))) {
                Ok(change) => changes.push(change),
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        if let Some(error) = bad {
            return Err(error.into());
        }
        for (position, change) in changes {
            registry.apply(change, position)?;
        }
        Ok(registry)
    }
}

fn set(map: &mut BTreeMap<String, u8>, subject: String, number: u8) {
    if number == 0 {
        map.remove(&subject);
    } else {
        map.insert(subject, number);
    }
}

/// The key of the document for a change.
pub(crate) fn document_key(position: Position) -> Vec<u8> {
    [PREFIX, &position.to_be_bytes()].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests;
