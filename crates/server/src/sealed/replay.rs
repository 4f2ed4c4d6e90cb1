//! What was brought signed, for as long as its timestamp is fresh, so that a copy of it made by
//! somebody in between is known.
//!
//! The same id sent anew, with a timestamp of now and the same content, is how whoever got no
//! answer asks again: it is answered as the first was, since an event counts once. The same id
//! and timestamp again, or the id with other content, is a replay.
//!
//! Kept in memory: after a start it knows nothing, and a copy of the last minutes would be taken,
//! and change nothing, since an event counts once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Mutex;

/// Seconds that a timestamp may differ from the clock here, in either direction.
pub const WINDOW_SECONDS: i64 = 300;
/// Most ids of a generation: it bounds memory at some 300 MB for each operator at the very worst.
const IDS_MAX: usize = 4_000_000;
/// Most of them of one source, so that one that floods keeps no other out.
const IDS_OF_ONE_MAX: usize = IDS_MAX / 4;

/// The ids of two windows.
#[derive(Default)]
pub struct Seen(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<[u8; 16], (i64, [u8; 16])>,
    old: HashMap<[u8; 16], (i64, [u8; 16])>,
    /// How many of the young ones each source has.
    counts: HashMap<String, usize>,
    /// When the young one began, unix seconds.
    since: i64,
}

/// What an id is known as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Not at all.
    New,
    /// As an earlier attempt of the same.
    Again,
    /// As this very attempt, or as something else.
    Replay,
    /// More ids than are kept came within the window.
    Full,
}

impl Seen {
    /// Notes an id of a source (its hash) with the time that it states and the hash of its content.
    pub fn note(
        &self,
        (source, id): (&str, [u8; 16]),
        stated: i64,
        content: [u8; 16],
        now: i64,
    ) -> Known {
        let Ok(mut seen) = self.0.lock() else { return Known::Full };
        // A timestamp is fresh for two windows at most: once ahead of the clock, once behind.
        if now - seen.since > 2 * WINDOW_SECONDS {
            seen.old = std::mem::take(&mut seen.young);
            seen.since = now;
            seen.counts.clear();
        }
        let seen = &mut *seen;
        let earlier = seen.old.get(&id).copied();
        let own = seen.counts.get(source).copied().unwrap_or(0);
        let is_full = seen.young.len() >= IDS_MAX || own >= IDS_OF_ONE_MAX;
        match seen.young.entry(id) {
            Entry::Vacant(_) if is_full => Known::Full,
            Entry::Vacant(place) => {
                let known = earlier.map_or(Known::New, |earlier| judge(earlier, stated, content));
                if known != Known::Replay {
                    place.insert((stated, content));
                    match seen.counts.get_mut(source) {
                        Some(count) => *count += 1,
                        None => {
                            seen.counts.insert(source.to_owned(), 1);
                        }
                    }
                }
                known
            }
            Entry::Occupied(mut place) => {
                let known = judge(*place.get(), stated, content);
                if known == Known::Again {
                    place.insert((stated, content));
                }
                known
            }
        }
    }
}

/// Only a later attempt of the same is one; a time is never taken twice.
fn judge((at, content): (i64, [u8; 16]), stated: i64, again: [u8; 16]) -> Known {
    if content == again && stated > at { Known::Again } else { Known::Replay }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_counts_once_and_may_be_made_again() {
        let (seen, id, other) = (Seen::default(), [1; 16], [2; 16]);
        let (content, changed) = ([7; 16], [8; 16]);
        for (name, id, stated, content, now, known) in [
            ("first", id, 1000, content, 1000, Known::New),
            ("copied", id, 1000, content, 1001, Known::Replay),
            ("again", id, 1002, content, 1002, Known::Again),
            ("again, copied", id, 1002, content, 1003, Known::Replay),
            ("an older attempt", id, 1001, content, 1003, Known::Replay),
            ("other content", id, 1004, changed, 1004, Known::Replay),
            ("other id", other, 1000, content, 1004, Known::New),
            ("a window later", id, 1002, content, 1000 + 601, Known::Replay),
            ("again, then", id, 1601, content, 1601, Known::Again),
            ("long after", id, 3000, content, 3000, Known::Again),
            ("forgotten", other, 5000, content, 5000, Known::New),
        ] {
            assert_eq!(seen.note(("feed-b", id), stated, content, now), known, "{name}");
        }
    }

    #[test]
    fn a_source_that_floods_keeps_no_other_out() {
        let seen = Seen::default();
        let id = |number: usize| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&number.to_le_bytes());
            id
        };
        {
            let mut generations = seen.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            generations.since = 1000;
            generations.counts.insert("feed-b".to_owned(), IDS_OF_ONE_MAX - 1);
        }
        let note = |source: &str, number| seen.note((source, id(number)), 1000, [0; 16], 1000);
        assert_eq!(note("feed-b", 1), Known::New);
        assert_eq!(note("feed-b", 2), Known::Full);
        assert_eq!(note("feed-a", 3), Known::New);
        let later = seen.note(("feed-b", id(4)), 2000, [0; 16], 1000 + 2 * WINDOW_SECONDS + 1);
        assert_eq!(later, Known::New);
    }
}
