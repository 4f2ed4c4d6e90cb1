//! Requests that were denied, added up until their minute is over: one command in the Log for each
//! credential, action and code, however often one asks.

use crate::app::Tenant;
use crate::limits::DENIALS_MAX;
use crate::trace::alone;
use crate::tried;
use node::engine::Command;
use node::engine::access::Denied;
use node::{NodeError, clock};
use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MINUTE_NANOS: i64 = 60_000_000_000;
/// Who is recorded where too many ask at once to tell them apart.
const OTHERS: &str = "others";

/// Denials of one operator that no command has recorded yet.
#[derive(Default)]
pub struct Denials {
    open: Mutex<HashMap<Key, u64>>,
}

/// Who, what for, why, and in which minute.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    minute: i64,
    asker: String,
    action: String,
    code: String,
}

impl Denials {
    /// Counts one; whether it is the first since the last were recorded.
    pub fn count(&self, asker: &str, action: &str, code: &str, at: i64) -> bool {
        let Ok(mut open) = self.open.lock() else { return false };
        let first = open.is_empty();
        let minute = at.div_euclid(MINUTE_NANOS) * MINUTE_NANOS;
        let text = str::to_owned;
        let mut key = Key { minute, asker: text(asker), action: text(action), code: text(code) };
        if open.len() >= DENIALS_MAX && !open.contains_key(&key) {
            OTHERS.clone_into(&mut key.asker);
        }
        *open.entry(key).or_default() += 1;
        first
    }

    /// Takes what is there, in order.
    fn take(&self) -> Vec<Denied> {
        let open = self.open.lock().map(|mut open| mem::take(&mut *open)).unwrap_or_default();
        let mut all: Vec<(Key, u64)> = open.into_iter().collect();
        all.sort();
        let denied = |(key, count): (Key, u64)| {
            let Key { minute, asker, action, code } = key;
            Denied { asker, action, code, minute, count }
        };
        all.into_iter().map(denied).collect()
    }
}

impl Tenant {
    /// Counts a denial; it is recorded when its minute is over.
    pub fn denied(self: &Arc<Self>, asker: &str, action: &str, code: &str) {
        let now = clock::now_nanos();
        if self.denials.count(asker, action, code, now) {
            self.record_later();
        }
    }

    /// Records what was added up when this minute is over.
    pub(crate) fn record_later(self: &Arc<Self>) {
        let now = clock::now_nanos();
        let rest = MINUTE_NANOS - now.rem_euclid(MINUTE_NANOS);
        let rest = Duration::from_nanos(u64::try_from(rest).unwrap_or_default());
        let tenant = Arc::downgrade(self);
        // Where no runtime is, the end of the service records it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            tokio::time::sleep(rest).await;
            let Some(tenant) = tenant.upgrade() else { return };
            let recorded = alone(move || {
                if let Err(error) = tenant.record_denials() {
                    tracing::error!(error.code = error.code(), "denials are not recorded");
                }
            });
            // One that panicked has said so.
            let _ = recorded.await;
        });
    }

    /// Records what was denied, and what sign-ins failed, so far.
    ///
    /// # Errors
    /// When the service takes no commands; what was to be recorded is lost then.
    pub fn record_denials(&self) -> Result<(), NodeError> {
        tried::record(self)?;
        let all = self.denials.take();
        if all.is_empty() {
            return Ok(());
        }
        self.command(move |session| {
            all.iter().try_for_each(|denied| {
                let command = Command::Denied { denied: denied.encode() };
                session.command_by("saldo", command).map(|_| ())
            })
        })?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_of_a_minute_add_up_and_their_number_is_bounded() {
        let denials = Denials::default();
        assert!(denials.count("key:a", "see-keys", "E8002", 59_999_999_999));
        for at in [60_000_000_000, 60_000_000_001, 119_999_999_999] {
            assert!(!denials.count("key:a", "see-keys", "E8002", at));
        }
        let counts: Vec<_> = denials.take().into_iter().map(|d| (d.minute, d.count)).collect();
        assert_eq!(counts, [(0, 1), (60_000_000_000, 3)]);
        for at in 0..DENIALS_MAX + 50 {
            denials.count(&format!("key:{at}"), "see-keys", "E8002", 0);
        }
        let all = denials.take();
        assert_eq!(all.len(), DENIALS_MAX + 1);
        let others = all.iter().find(|denied| denied.asker == OTHERS);
        assert_eq!(others.map(|denied| denied.count), Some(50));
    }
}
