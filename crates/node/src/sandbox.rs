//! The sandbox of an operator: an operator of its own, `OPERATOR-sandbox`, with the same book and
//! keys and data apart, made when it is first asked for.

use crate::session::{Purpose, Session};
use crate::{Home, NodeError, code};
use book::Files;
use engine::Command;
use engine::schemas::{Change, Registry, Version};
use std::path::Path;

/// What the name of a sandbox ends with.
pub const SUFFIX: &str = "-sandbox";
/// Who gives the commands that make one.
const AUTHOR: &str = "sandbox";

/// The name of an operator's sandbox.
pub fn name(operator: &str) -> String {
    format!("{operator}{SUFFIX}")
}

/// Opens the sandbox of `operator` in the directory, with the files of the operator's book and
/// its schemas; makes it where there is none.
///
/// # Errors
/// [`code::BAD_NAME`] where the name would be too long; as [`crate::init::init`] and
/// [`Session::open`].
pub fn open(
    dir: &Path,
    operator: &str,
    files: &Files,
    schemas: &Registry,
) -> Result<Session, NodeError> {
    let sandbox = name(operator);
    let files = renamed(files, &sandbox);
    let known = Home::open(dir)?.config.operators.contains(&sandbox);
    if !known {
        crate::init::init(dir, &files, &sandbox)?;
    }
    let mut session = Session::open(dir, Some(&sandbox), Purpose::Change, &mut |_, _| {})?;
    if known {
        follow(&mut session, operator, &files)?;
    }
    follow_schemas(&mut session, schemas)?;
    Ok(session)
}

/// Gives a sandbox the versions of its operator's schemas that it does not have yet: under the same
/// subjects and numbers, with ids of its own. A subject in which somebody registered something else
/// is left as it is; levels and modes are the operator's as long as the registry is empty.
///
/// # Errors
/// A failing port.
pub fn follow_schemas(session: &mut Session, schemas: &Registry) -> Result<(), NodeError> {
    let own = Registry::clone(&session.operator.engine.state().schemas);
    for change in changes(schemas, own)? {
        session.command_by(AUTHOR, Command::Schema { change: change.encode() })?;
    }
    Ok(())
}

/// Whether a registry has something under a subject that another one does not.
fn is_own(made: &Registry, of: &Registry, name: &str) -> bool {
    let Some(own) = made.subjects.get(name) else { return false };
    let text = |of: &Registry, id: u32| of.texts.get(&id).map(|text| text.fingerprint);
    let theirs = of.subjects.get(name);
    let differs = |(number, version): (&u32, &Version)| {
        let other = theirs.and_then(|theirs| theirs.versions.get(number));
        other.is_some_and(|other| text(of, other.id) != text(made, version.id))
    };
    theirs.is_none_or(|theirs| own.last > theirs.last) || own.versions.iter().any(differs)
}

/// What gives one registry the versions of another. Of a version that was deleted for good the text
/// is gone: its number is taken by another text, and deleted for good too.
fn changes(of: &Registry, mut made: Registry) -> Result<Vec<Change>, NodeError> {
    let is_empty = made == Registry::default();
    let mut changes = Vec::new();
    let mut give = |made: &mut Registry, change: Change| {
        made.apply(change.clone(), 0)?;
        changes.push(change);
        Ok::<_, NodeError>(())
    };
    let new = of.subjects.iter().filter(|(name, _)| !is_own(&made, of, name));
    let each = new.flat_map(|(name, subject)| {
        let had = made.subjects.get(name).map_or(0, |own| own.last);
        let versions = subject.versions.iter().filter(move |(number, _)| **number > had);
        versions.map(move |(number, version)| (version, name, *number))
    });
    let mut each: Vec<_> = each.collect();
    // As they were registered: what stands on another comes after it.
    each.sort_by_key(|(version, name, number)| (version.position, *name, *number));
    for (version, name, number) in each {
        let Some(text) = of.texts.get(&version.id) else { continue };
        let last = made.subjects.get(name).map_or(0, |subject| subject.last);
        for at in last + 1..=number {
            let id = made.id_of(&text.fingerprint).unwrap_or_else(|| made.next_id());
            let (subject, text) = (name.clone(), text.clone());
            give(&mut made, Change::Register { subject, version: at, id, text })?;
            let ends: &[bool] = match (at < number, version.deleted) {
                (true, _) => &[false, true],
                (false, true) => &[false],
                (false, false) => &[],
            };
            for for_good in ends {
                let (subject, for_good) = (name.clone(), *for_good);
                give(&mut made, Change::DeleteVersion { subject, version: at, for_good })?;
            }
        }
    }
    if !is_empty {
        return Ok(changes);
    }
    for (subject, level) in of.levels.clone() {
        give(&mut made, Change::Level { subject, level })?;
    }
    for (subject, mode) in of.modes.clone() {
        give(&mut made, Change::Mode { subject, mode })?;
    }
    Ok(changes)
}

/// Gives an open sandbox the book of its operator, where that has changed.
///
/// # Errors
/// When the book cannot be written or recorded.
pub fn follow(session: &mut Session, operator: &str, files: &Files) -> Result<(), NodeError> {
    let files = renamed(files, &name(operator));
    let current = session.operator.engine.state().books.current();
    if current.is_some_and(|current| current.files == files) {
        return Ok(());
    }
    let place = session.place.book.clone();
    if place.exists() {
        let failed = |error| NodeError::system("emptying", &place, error);
        std::fs::remove_dir_all(&place).map_err(failed)?;
    }
    crate::init::write_book(&place, &files)?;
    session.apply(&format!("as the book of {operator}"))
}

/// The files of a book under another operator's name.
fn renamed(files: &Files, operator: &str) -> Files {
    let line = |line: &str| match line.strip_prefix("operator:") {
        Some(_) => format!("operator: {operator}\n"),
        None => format!("{line}\n"),
    };
    let text = |path: &str, bytes: &[u8]| match (path, str::from_utf8(bytes)) {
        ("operator.yaml", Ok(text)) => text.lines().map(line).collect::<String>().into_bytes(),
        _ => bytes.to_vec(),
    };
    files.iter().map(|(path, bytes)| (path.clone(), text(path, bytes))).collect()
}

/// Refuses an operator that is a sandbox itself.
///
/// # Errors
/// [`code::BAD_CREDENTIAL`].
pub fn of(operator: &str) -> Result<(), NodeError> {
    if operator.ends_with(SUFFIX) {
        let what = "a sandbox has none of its own: make the key without `sandbox`";
        return Err(NodeError::said(code::BAD_CREDENTIAL, what));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::schemas::Text;

    fn text(byte: u8) -> Text {
        let text = format!("\"{byte}\"");
        Text { kind: 2, text, references: Vec::new(), fingerprint: [byte; 32] }
    }

    /// The subjects with the versions that there are, each with its text and whether it is deleted.
    fn shown(registry: &Registry) -> Vec<(String, u32, String, bool)> {
        let each = registry.subjects.iter().flat_map(|(name, subject)| {
            subject.versions.iter().map(move |(number, version)| {
                let text = registry.texts[&version.id].text.clone();
                (name.clone(), *number, text, version.deleted)
            })
        });
        each.collect()
    }

    fn follow(of: &Registry, mut made: Registry) -> Registry {
        for change in changes(of, made.clone()).unwrap() {
            made.apply(change, 1).unwrap();
        }
        made
    }

    #[test]
    fn later_versions_are_seen_where_nobody_registered_others() {
        let register = |subject: &str, version, id, byte| Change::Register {
            subject: subject.to_owned(),
            version,
            id,
            text: text(byte),
        };
        let mut of = Registry::default();
        of.apply(register("a", 1, 1, 1), 1).unwrap();
        of.apply(register("b", 1, 1, 1), 2).unwrap();
        let mut own = follow(&of, Registry::default());
        own.apply(register("b", 2, 2, 9), 3).unwrap();
        own.apply(register("mine", 1, 2, 9), 4).unwrap();
        of.apply(register("a", 2, 2, 2), 5).unwrap();
        of.apply(register("b", 2, 2, 2), 6).unwrap();
        of.apply(register("c", 1, 3, 3), 7).unwrap();
        let texts = |registry: &Registry| -> Vec<String> {
            let shown = shown(registry).into_iter();
            shown.map(|(name, number, text, _)| format!("{name}{number}{text}")).collect()
        };
        let now = follow(&of, own);
        let expected = ["a1\"1\"", "a2\"2\"", "b1\"1\"", "b2\"9\"", "c1\"3\"", "mine1\"9\""];
        assert_eq!(texts(&now), expected);
        assert_eq!(follow(&of, now.clone()), now, "a second time it comes to nothing");
    }

    #[test]
    fn a_registry_is_made_again_with_its_numbers() {
        let mut of = Registry::default();
        let register = |subject: &str, version, id, byte| Change::Register {
            subject: subject.to_owned(),
            version,
            id,
            text: text(byte),
        };
        let delete = |version, for_good| Change::DeleteVersion {
            subject: "b".to_owned(),
            version,
            for_good,
        };
        let steps = [
            register("b", 1, 1, 1),
            register("b", 2, 2, 2),
            register("a", 1, 2, 2),
            delete(1, false),
            delete(1, true),
            register("b", 3, 3, 3),
            register("b", 4, 4, 4),
            delete(4, false),
            Change::Level { subject: String::new(), level: 3 },
            Change::Mode { subject: "a".to_owned(), mode: 2 },
        ];
        for (at, change) in (1..).zip(steps) {
            of.apply(change, at).unwrap();
        }
        let made = follow(&of, Registry::default());
        assert_eq!(shown(&made), shown(&of));
        assert_eq!(shown(&made).len(), 4);
        assert_eq!((made.levels, made.modes), (of.levels, of.modes));
    }
}
