//! Where the operator stands.

use api::status::{Counters, Refusals, Status};
use node::NodeError;
use node::engine::Engine;
use node::engine::counters::Counters as Counted;

/// Where the operator stands.
///
/// # Errors
/// A failing port.
pub fn document(engine: &Engine) -> Result<Status, NodeError> {
    let status = engine.status()?;
    let refusals = engine.refusals()?.into_iter().map(|refused| Refusals {
        source: refused.source,
        code: refused.code,
        count: refused.count,
    });
    let sources = status.sources.iter().map(|(name, counts)| (name.clone(), counters(counts)));
    Ok(Status {
        operator: status.operator.clone(),
        position: status.position,
        book_revision: status.book_revision,
        total: counters(&status.total),
        sources: sources.collect(),
        refusals: refusals.collect(),
        contests: status.contests,
        accounts: u64::from(status.accounts),
    })
}

fn counters(counted: &Counted) -> Counters {
    let Counted { received, posted, duplicate, waiting, quarantined, refused } = *counted;
    Counters { received, posted, duplicate, waiting, quarantined, refused }
}
