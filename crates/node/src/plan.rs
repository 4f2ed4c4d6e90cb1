//! `saldo plan`: the book on disk beside the one in force.

use crate::NodeError;
use crate::check::{self, Checked};
use crate::session::Session;
use book::plan::{Break, Change, breaks, changes};
use engine::plan::Plan;

/// What the book on disk would do.
pub struct Planned {
    /// The revision in force.
    pub revision: u32,
    /// The check of the book on disk.
    pub checked: Checked,
    /// What differs.
    pub changes: Vec<Change>,
    /// Events that are taken today and would not be.
    pub breaks: Vec<Break>,
    /// The money; nothing where the book on disk has mistakes.
    pub plan: Plan,
}

/// Compares both books, and rates history under both.
///
/// # Errors
/// When the book cannot be read, or a port fails; mistakes in it are in the result.
pub fn plan(session: &Session, bounds: (usize, bool)) -> Result<Planned, NodeError> {
    let current = session.operator.engine.state().books.current();
    let revision = current.map_or(0, |current| current.lookup.rules.revision);
    plan_checked(session, check::check(&session.place, revision + 1)?, bounds)
}

/// The same for files that were checked as the next revision.
///
/// # Errors
/// When a port fails.
pub fn plan_checked(
    session: &Session,
    checked: Checked,
    (periods, all): (usize, bool),
) -> Result<Planned, NodeError> {
    let engine = &session.operator.engine;
    let current = engine.state().books.current();
    let revision = current.map_or(0, |current| current.lookup.rules.revision);
    let mut planned = Planned {
        revision,
        checked,
        changes: Vec::new(),
        breaks: Vec::new(),
        plan: Plan::default(),
    };
    if let (Some(current), Some(changed)) = (current, &planned.checked.compiled) {
        planned.changes = changes(&current.compiled, changed);
        planned.breaks = breaks(&current.compiled.rules, &changed.rules);
        planned.plan = engine.plan(changed, (periods, all))?;
    }
    Ok(planned)
}
