//! One read for all that a level of a query asks for.
//!
//! The nodes of a level are resolved in one task: each puts its key down, and the first of them
//! lets the others do so before it reads for all. A long read steps aside for what is to be
//! consumed.

use crate::ask::scoped;
use crate::guard::Asker;
use crate::limits;
use crate::refusal::Refusal;
use crate::scope::Scope;
use api::code;
use node::Session;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot;

type Told<V> = oneshot::Sender<Result<V, Refusal>>;

/// Keys that wait for one read.
pub struct Batch<K, V> {
    waiting: Mutex<Vec<(K, Told<V>)>>,
    reads: AtomicU64,
}

impl<K, V> Default for Batch<K, V> {
    fn default() -> Self {
        Self { waiting: Mutex::new(Vec::new()), reads: AtomicU64::new(0) }
    }
}

/// Whoever reads for all; where it goes before it has read, nobody is left waiting for it.
struct Lead<'b, K, V>(&'b Batch<K, V>);

impl<K, V> Drop for Lead<'_, K, V> {
    fn drop(&mut self) {
        self.0.waiting().clear();
    }
}

impl<K, V> Batch<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    /// What `read` finds for a key, read together with everything that is asked for meanwhile.
    ///
    /// # Errors
    /// What `read` refuses for the key.
    pub async fn load(
        &self,
        asker: &Asker,
        key: K,
        read: impl Fn(&Session, &Scope, &K) -> Result<V, Refusal> + Send + Sync + 'static,
    ) -> Result<V, Refusal> {
        let (told, tell) = oneshot::channel();
        let first = {
            let mut waiting = self.waiting();
            waiting.push((key, told));
            waiting.len() == 1
        };
        if first {
            let lead = Lead(self);
            tokio::task::yield_now().await;
            let wanted = std::mem::take(&mut *lead.0.waiting());
            std::mem::forget(lead);
            self.read(asker, wanted, read).await?;
        }
        tell.await.unwrap_or_else(|_| Err(Refusal::of(&code::INTERNAL, "")))
    }

    async fn read(
        &self,
        asker: &Asker,
        wanted: Vec<(K, Told<V>)>,
        read: impl Fn(&Session, &Scope, &K) -> Result<V, Refusal> + Send + Sync + 'static,
    ) -> Result<(), Refusal> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let mut keys: Vec<K> = wanted.iter().map(|(key, _)| key.clone()).collect();
        let mut found: HashMap<K, Result<V, Refusal>> = HashMap::new();
        let read = Arc::new(read);
        while !keys.is_empty() {
            let read = Arc::clone(&read);
            let part = asker.read(move |session, scope| {
                let begun = Instant::now();
                while begun.elapsed() < limits::QUERY_HOLD_MAX
                    && let Some(key) = keys.pop()
                {
                    if let Entry::Vacant(place) = found.entry(key) {
                        let value = read(session, scope, place.key());
                        place.insert(value.map_err(|refusal| scoped(scope, refusal)));
                    }
                }
                Ok((keys, found))
            });
            (keys, found) = part.await?;
        }
        for (key, told) in wanted {
            let value = found.get(&key).cloned();
            // Who asked may have gone: an error elsewhere ends a query.
            let _ = told.send(value.unwrap_or_else(|| Err(Refusal::of(&code::INTERNAL, ""))));
        }
        Ok(())
    }
}

impl<K, V> Batch<K, V> {
    /// How many reads there were.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<(K, Told<V>)>> {
        // Nothing panics while it is held.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
