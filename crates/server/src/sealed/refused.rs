//! What is turned away at the door is counted for good: by source and code, gathered and recorded
//! in one command a second at most, so that whoever sends nonsense does not fill the Log.

use crate::app::Tenant;
use crate::trace::alone;
use node::Session;
use node::engine::Command;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long refusals are gathered before they are recorded.
const GATHERED_FOR: Duration = Duration::from_secs(1);
/// Who records them.
const AUTHOR: &str = "door";

/// Refusals that are not recorded yet.
#[derive(Default)]
pub struct Refused(Mutex<Gathered>);

#[derive(Default)]
struct Gathered {
    counts: BTreeMap<(String, String), u64>,
    /// Whether somebody is about to record them.
    awaited: bool,
}

impl Refused {
    /// Counts one; says whether it is now to be seen to that they are recorded.
    fn add(&self, source: &str, code: &str) -> bool {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *gathered.counts.entry((source.to_owned(), code.to_owned())).or_default() += 1;
        !std::mem::replace(&mut gathered.awaited, true)
    }

    fn take(&self) -> Vec<(String, String, u64)> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.awaited = false;
        let counts = std::mem::take(&mut gathered.counts);
        counts.into_iter().map(|((source, code), count)| (source, code, count)).collect()
    }
}

/// Counts a refusal of a source that the tenant's book has.
pub fn count(tenant: &Arc<Tenant>, source: &str, code: &str) {
    if tenant.service.source_known(source).is_err() || !tenant.refused.add(source, code) {
        return;
    }
    let tenant = Arc::downgrade(tenant);
    tokio::spawn(async move {
        tokio::time::sleep(GATHERED_FOR).await;
        // A tenant that ended meanwhile recorded them as it did.
        if let Some(tenant) = tenant.upgrade() {
            // One that panicked has said so.
            let _ = alone(move || record(&tenant)).await;
        }
    });
}

/// Records what was gathered.
pub fn record(tenant: &Tenant) {
    let refused = tenant.refused.take();
    if refused.is_empty() {
        return;
    }
    let given = move |session: &mut Session| session.command_by(AUTHOR, Command::Door { refused });
    if let Err(error) | Ok(Err(error)) = tenant.command(given) {
        tracing::error!(error.code = error.code(), "refusals are not recorded");
    }
}
