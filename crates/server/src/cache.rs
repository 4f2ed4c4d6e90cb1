//! Answers that are kept as long as nothing that they show has changed. An answer is kept under
//! the version that held before it was made, and found only under the version that holds now: a
//! change forgets it at once, and none is ever older than what was answered before.

use crate::guard::Asker;
use crate::limits;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

/// How often a command was begun, and the position reached: what an answer was made of.
pub type Version = (u64, u64);

/// What an answer depends on; a handler puts it into its response to let it be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depends {
    /// On commands only: a closed period, the book.
    OnCommands,
    /// On everything that is consumed.
    OnEverything,
}

/// Whose answer to what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    path: String,
    accept: String,
    role: String,
    party: Option<String>,
}

/// An answer that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

struct Entry {
    depends: Depends,
    version: Version,
    kept: Kept,
}

/// Answers by key, the oldest forgotten first.
#[derive(Default)]
pub struct Cache(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    entries: HashMap<Key, Entry>,
    order: VecDeque<Key>,
    bytes: usize,
}

impl Key {
    /// The key of a request.
    pub fn of(request: &Request, asker: &Asker) -> Self {
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let accept = request.headers().get(header::ACCEPT);
        let accept = accept.and_then(|accept| accept.to_str().ok()).unwrap_or_default().to_owned();
        Self { path, accept, role: asker.role.clone(), party: asker.party.clone() }
    }
}

impl Kept {
    /// The answer again.
    pub fn response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.headers_mut() = self.headers;
        response
    }
}

impl Cache {
    /// What is kept under a key, where it still holds.
    pub fn get(&self, key: &Key, now: Version) -> Option<Kept> {
        let inner = self.0.lock().ok()?;
        let entry = inner.entries.get(key)?;
        let holds = match entry.depends {
            Depends::OnCommands => entry.version.0 == now.0,
            Depends::OnEverything => entry.version == now,
        };
        holds.then(|| entry.kept.clone())
    }

    /// Keeps an answer that was made of `version` or later.
    pub fn put(&self, key: Key, depends: Depends, version: Version, kept: Kept) {
        let size = weight(&key, &kept);
        if size > limits::CACHE_BYTES_MAX / 8 {
            return;
        }
        let Ok(mut inner) = self.0.lock() else { return };
        match inner.entries.insert(key.clone(), Entry { depends, version, kept }) {
            Some(old) => inner.bytes -= weight(&key, &old.kept),
            None => inner.order.push_back(key),
        }
        inner.bytes += size;
        while inner.bytes > limits::CACHE_BYTES_MAX || inner.order.len() > limits::CACHE_ENTRIES_MAX
        {
            let Some(oldest) = inner.order.pop_front() else { break };
            if let Some(old) = inner.entries.remove(&oldest) {
                inner.bytes -= weight(&oldest, &old.kept);
            }
        }
    }
}

/// Bytes that an answer takes: its key, which whoever asks may make long, is there twice.
fn weight(key: &Key, kept: &Kept) -> usize {
    let party = key.party.as_deref().unwrap_or_default();
    let headers: usize = kept.headers.iter().map(|(n, v)| n.as_str().len() + v.len()).sum();
    let names = key.path.len() + key.accept.len() + key.role.len() + party.len();
    kept.body.len() + headers + 2 * names
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    fn key(path: &str) -> Key {
        Key { path: path.into(), accept: String::new(), role: "auditor".into(), party: None }
    }

    fn kept(bytes: usize) -> Kept {
        Kept { headers: HeaderMap::new(), body: vec![7; bytes].into() }
    }

    #[test]
    fn an_answer_is_found_while_what_it_depends_on_stays() {
        use Depends::{OnCommands, OnEverything};
        for (depends, now, found) in [
            (OnCommands, (1, 5), true),
            (OnCommands, (1, 9), true),
            (OnCommands, (2, 5), false),
            (OnEverything, (1, 5), true),
            (OnEverything, (1, 6), false),
            (OnEverything, (2, 5), false),
        ] {
            let cache = Cache::default();
            cache.put(key("/a"), depends, (1, 5), kept(3));
            assert_eq!(cache.get(&key("/a"), now).is_some(), found, "{depends:?} {now:?}");
            assert!(cache.get(&key("/b"), now).is_none());
        }
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let cache = Cache::default();
        let part = limits::CACHE_BYTES_MAX / 8 - 100;
        for number in 0..20 {
            cache.put(key(&number.to_string()), Depends::OnCommands, (0, 0), kept(part));
        }
        let inner = cache.0.lock().unwrap();
        assert!(inner.bytes <= limits::CACHE_BYTES_MAX, "{}", inner.bytes);
        assert_eq!((inner.entries.len(), inner.order.len()), (8, 8));
        assert!(inner.entries.contains_key(&key("19")) && !inner.entries.contains_key(&key("0")));
        drop(inner);
        cache.put(key("large"), Depends::OnCommands, (0, 0), kept(part + 100));
        assert!(cache.get(&key("large"), (0, 0)).is_none());
        let long = Key { accept: "a".repeat(part / 2), ..key("long") };
        cache.put(long.clone(), Depends::OnCommands, (0, 0), kept(1000));
        assert!(cache.get(&long, (0, 0)).is_none(), "a key counts as much as what it is for");
    }
}
