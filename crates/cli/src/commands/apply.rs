//! `saldo apply`: the book on disk comes into force.
//!
//! JSON: `{"operator","revision","recorded","reason"}`.

use super::{Ended, Globals, Outcome};
use crate::args::make::Apply;
use crate::errors::Failure;
use crate::output::{self, Plain};
use node::{NodeError, Purpose};
use serde_json::json;

/// Records the book.
pub fn run(globals: &Globals, args: &Apply) -> Outcome {
    if args.reason.trim().is_empty() {
        return Err(Failure::from(NodeError::said(node::code::NO_REASON, String::new())));
    }
    let mut session = globals.open(Purpose::Read)?;
    server::policy::trial::demand(&session.place)?;
    session.apply(args.reason.trim())?;
    session.checkpoint()?;
    let books = &session.operator.engine.state().books;
    let revision = books.current().map_or(0, |current| current.lookup.rules.revision);
    let recorded = session.recorded.is_some();
    match args.format {
        Plain::Json => output::json(&json!({
            "operator": session.place.operator,
            "revision": revision,
            "recorded": recorded,
            "reason": args.reason.trim(),
        }))?,
        Plain::Text if recorded => output::talk(format!("the book is now revision {revision}")),
        Plain::Text => {
            output::talk(format!("nothing to apply: the book on disk is revision {revision}"));
        }
    }
    Ok(Ended::Done)
}
