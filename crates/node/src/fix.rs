//! Correcting a quarantined record: an event in the native shape takes its place.

use crate::NodeError;
use crate::code;
use crate::intake::checks_of;
use crate::session::Session;
use engine::Command;
use engine::record;
use formats::{Scanner, Spare};

/// Replaces the quarantined record at `position` by the event in `line` (one line of NDJSON), for
/// `reason`, which counterparties read; it may be empty. Returns the position of the command.
///
/// # Errors
/// [`code::BAD_FIX`] when the line is no event; the engine's refusal when nothing quarantined is
/// at the position; a failing port.
pub fn fix(
    session: &mut Session,
    position: u64,
    line: &[u8],
    reason: &str,
) -> Result<u64, NodeError> {
    let engine = &session.operator.engine;
    let source = engine.find(position)?.source().to_owned();
    let lookup = std::sync::Arc::clone(engine.lookup()?);
    let operator = engine.operator().to_owned();
    let (mut scanner, mut spare) = (Scanner::default(), Spare::default());
    let mut draft = spare.take();
    scanner
        .scan(line.trim_ascii(), &source, &mut draft)
        .map_err(|failure| NodeError::said(code::BAD_FIX, failure.reason))?;
    draft.check_envelope().map_err(|reject| NodeError::said(code::BAD_FIX, reject.to_string()))?;
    if let Some(checks) = checks_of(&session.operator, &source) {
        let checked = checks.check(line.trim_ascii());
        checked.map_err(|failure| NodeError::said(code::BAD_FIX, failure.reason))?;
    }
    let personal = draft.dims.iter().filter(|dim| lookup.is_personal(dim.name));
    let (names, subjects): (Vec<&str>, Vec<&str>) =
        personal.map(|dim| (dim.name, dim.value)).unzip();
    let mut pseudonyms = Vec::new();
    session.operator.vault.pseudonyms(&subjects, &mut pseudonyms)?;
    session.operator.vault.flush()?;
    let (mut bytes, mut holes) = (Vec::new(), Vec::new());
    let canonical = |out: &mut Vec<u8>| draft.encode(&operator, |name| names.contains(&name), out);
    if record::push_event(&mut bytes, canonical, &names, (0, 0), &mut holes).is_none() {
        return Err(NodeError::said(code::BAD_FIX, "the event is too large"));
    }
    for (hole, pseudonym) in holes.iter().zip(&pseudonyms) {
        bytes[*hole..*hole + 16].copy_from_slice(pseudonym);
    }
    let revision = lookup.rules.revision;
    let (record, reason) = (bytes, reason.to_owned());
    session.command(Command::Fix { position, operator, source, revision, record, reason })
}
