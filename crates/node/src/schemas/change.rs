//! Changes of the registry: decided beside the operator, recorded as commands.

use super::{Catalog, Fault, New, SUBJECT_BYTES_MAX, TEXTS_MAX, Which};
use crate::service::Service;
use engine::Command;
use engine::schemas::{Change, Mode, Version};
use engine::trace::TraceId;
use formats::schema::Level;
use std::sync::Arc;

/// How often a decision is made again because the registry changed meanwhile.
const TRIES_MAX: u32 = 5;

/// Who changes the registry, and by which request.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// The name of its author.
    pub author: &'a str,
    /// The trace of the request.
    pub trace: Option<TraceId>,
}

/// Decides upon the registry as it is, and records what was decided if it still is so.
fn change<R>(
    service: &Service,
    by: By<'_>,
    decide: impl Fn(&Catalog) -> Result<(Option<Change>, R), Fault>,
) -> Result<R, Fault> {
    for _ in 0..TRIES_MAX {
        let catalog = service.catalog();
        let (change, answer) = decide(&catalog)?;
        let Some(change) = change else { return Ok(answer) };
        let (author, trace) = (by.author.to_owned(), by.trace);
        let registry = Arc::clone(&catalog.registry);
        let done = service.command(move |session| {
            if !Arc::ptr_eq(&session.operator.engine.state().schemas, &registry) {
                return Ok(false);
            }
            // The engine changes it in place where nobody else looks at it.
            drop(registry);
            let command = Command::Schema { change: change.encode() };
            session.traced(trace, |session| session.command_by(&author, command)).map(|_| true)
        })??;
        if done {
            return Ok(answer);
        }
    }
    let busy = crate::NodeError::said(crate::code::BUSY, "the registry keeps changing");
    Err(Fault::Failed(busy))
}

fn named(subject: &str) -> Result<(), Fault> {
    let sound = (1..=SUBJECT_BYTES_MAX).contains(&subject.len());
    let sound = sound && !subject.chars().any(char::is_control);
    if sound { Ok(()) } else { Err(Fault::BadSubject) }
}

fn writable(catalog: &Catalog, subject: &str) -> Result<(), Fault> {
    match catalog.mode(subject, true) {
        Some(Mode::ReadOnly) => Err(Fault::ReadOnly),
        _ => Ok(()),
    }
}

/// Registers a text as the next version of a subject; one that the subject has already is not
/// registered again. Returns its id and its version.
///
/// # Errors
/// [`Fault`]: it is no schema, may not follow, or nothing may be registered.
pub fn register(
    service: &Service,
    subject: &str,
    new: &New,
    by: By<'_>,
) -> Result<(u32, u32), Fault> {
    named(subject)?;
    change(service, by, |catalog| {
        let read = catalog.read(new)?;
        let versions = catalog.versions(subject, false).unwrap_or_default();
        if let Some((version, known)) = catalog.same(&versions, &read.text) {
            return Ok((None, (known.id, version)));
        }
        writable(catalog, subject)?;
        let changes = catalog.check(subject, &read.schema, &versions)?;
        if !changes.is_empty() {
            return Err(Fault::Incompatible(changes));
        }
        let registry = &catalog.registry;
        let known = registry.id_of(&read.text.fingerprint);
        if known.is_none() && registry.texts.len() >= TEXTS_MAX {
            return Err(Fault::TooMany(format!("at most {TEXTS_MAX} schemas are kept")));
        }
        let id = known.unwrap_or_else(|| registry.next_id());
        // The same text with other space in it is the text that was first.
        let text = registry.texts.get(&id).cloned().unwrap_or(read.text);
        let version = registry.subjects.get(subject).map_or(0, |subject| subject.last) + 1;
        let change = Change::Register { subject: subject.to_owned(), version, id, text };
        Ok((Some(change), (id, version)))
    })
}

/// Refuses what the deletion of these versions would take from others.
fn free(
    service: &Service,
    catalog: &Catalog,
    subject: &str,
    versions: &[(u32, Version)],
    for_good: bool,
) -> Result<(), Fault> {
    let ids: Vec<u32> = versions
        .iter()
        .flat_map(|(number, _)| catalog.registry.referring(subject, *number))
        .filter(|id| !versions.iter().any(|(_, version)| version.id == *id))
        .collect();
    if !ids.is_empty() {
        return Err(Fault::Referred(ids));
    }
    if for_good {
        return Ok(()); // it was not in use before
    }
    let left = catalog.versions(subject, false).unwrap_or_default();
    let left = left.iter().any(|one| !versions.contains(one));
    let gone = |wanted: Option<u32>| match wanted {
        None => !left,
        Some(wanted) => versions.iter().any(|(number, _)| *number == wanted),
    };
    let mut named = service.source_schemas().into_iter();
    match named.find(|(_, schema)| schema.subject == subject && gone(schema.version)) {
        Some((source, _)) => Err(Fault::Needed(source)),
        None => Ok(()),
    }
}

/// Deletes a version, or for good one that was deleted; returns its number.
///
/// # Errors
/// [`Fault`].
pub fn delete_version(
    service: &Service,
    subject: &str,
    which: Which,
    for_good: bool,
    by: By<'_>,
) -> Result<u32, Fault> {
    change(service, by, |catalog| {
        let (number, version) = catalog.version(subject, which, true)?;
        match (version.deleted, for_good) {
            (true, false) => return Err(Fault::VersionDeleted(number)),
            (false, true) => return Err(Fault::VersionNotDeleted(number)),
            _ => {}
        }
        writable(catalog, subject)?;
        free(service, catalog, subject, &[(number, version)], for_good)?;
        let subject = subject.to_owned();
        Ok((Some(Change::DeleteVersion { subject, version: number, for_good }), number))
    })
}

/// Deletes a subject, or for good one that was deleted; returns the numbers of its versions.
///
/// # Errors
/// [`Fault`].
pub fn delete_subject(
    service: &Service,
    subject: &str,
    for_good: bool,
    by: By<'_>,
) -> Result<Vec<u32>, Fault> {
    change(service, by, |catalog| {
        let versions = catalog.versions(subject, true)?;
        match (versions.iter().all(|(_, version)| version.deleted), for_good) {
            (true, false) => return Err(Fault::SubjectDeleted(subject.to_owned())),
            (false, true) => return Err(Fault::SubjectNotDeleted(subject.to_owned())),
            _ => {}
        }
        writable(catalog, subject)?;
        free(service, catalog, subject, &versions, for_good)?;
        let shown = versions.iter().filter(|(_, version)| for_good || !version.deleted);
        let numbers = shown.map(|(number, _)| *number).collect();
        Ok((Some(Change::DeleteSubject { subject: subject.to_owned(), for_good }), numbers))
    })
}

/// Sets the level of a subject, or of everything where the name is empty; none takes it back.
///
/// # Errors
/// [`Fault`].
pub fn set_level(
    service: &Service,
    subject: &str,
    level: Option<Level>,
    by: By<'_>,
) -> Result<(), Fault> {
    if !subject.is_empty() {
        named(subject)?;
    }
    change(service, by, |_| {
        let level = level.map_or(0, |level| level as u8);
        Ok((Some(Change::Level { subject: subject.to_owned(), level }), ()))
    })
}

/// Sets the mode of a subject, or of everything where the name is empty; none takes it back.
///
/// # Errors
/// [`Fault`].
pub fn set_mode(
    service: &Service,
    subject: &str,
    mode: Option<Mode>,
    by: By<'_>,
) -> Result<(), Fault> {
    if !subject.is_empty() {
        named(subject)?;
    }
    change(service, by, |_| {
        let mode = mode.map_or(0, |mode| mode as u8);
        Ok((Some(Change::Mode { subject: subject.to_owned(), mode }), ()))
    })
}
