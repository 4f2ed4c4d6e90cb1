//! The sandbox of an operator: an operator of its own, `OPERATOR-sandbox`, with the same book and
//! keys and data apart, made when it is first asked for.

use crate::session::{Purpose, Session};
use crate::{Home, NodeError, code};
use book::Files;
use engine::Command;
use engine::schemas::{Change, Registry};
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
    begin(&mut session, schemas)?;
    Ok(session)
}

/// Gives a sandbox whose registry is empty the schemas of its operator: under the same subjects and
/// versions, with ids of its own. After that its registry is its own.
///
/// # Errors
/// A failing port.
pub fn begin(session: &mut Session, schemas: &Registry) -> Result<(), NodeError> {
    if *session.operator.engine.state().schemas != Registry::default() {
        return Ok(());
    }
    for change in changes(schemas)? {
        session.command_by(AUTHOR, Command::Schema { change: change.encode() })?;
    }
    Ok(())
}

/// What makes a registry as this one is of an empty one. Of a version that was deleted for good the
/// text is gone: its number is taken by another text, and deleted for good too.
fn changes(of: &Registry) -> Result<Vec<Change>, NodeError> {
    let (mut made, mut changes) = (Registry::default(), Vec::new());
    let mut give = |made: &mut Registry, change: Change| {
        made.apply(change.clone(), 0)?;
        changes.push(change);
        Ok::<_, NodeError>(())
    };
    let each = of.subjects.iter().flat_map(|(name, subject)| {
        subject.versions.iter().map(move |(number, version)| (version, name, *number))
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
        let mut made = Registry::default();
        for change in changes(&of).unwrap() {
            made.apply(change, 1).unwrap();
        }
        assert_eq!(shown(&made), shown(&of));
        assert_eq!(shown(&made).len(), 4);
        assert_eq!((made.levels, made.modes), (of.levels, of.modes));
    }
}
