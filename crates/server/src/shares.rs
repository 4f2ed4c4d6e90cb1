//! Places and memory, bounded together and for each who takes them, so that nobody takes what the
//! others need.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So much of something: for all, and for each.
#[derive(Clone)]
pub struct Shares(Arc<Inner>);

struct Inner {
    all_max: usize,
    each_max: usize,
    keys: RandomState,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    each: HashMap<u64, usize>,
}

/// What somebody has of it, until it is dropped.
pub struct Share {
    of: Shares,
    key: u64,
    amount: usize,
}

impl Shares {
    /// At most `all_max` together, and `each_max` for each.
    pub fn new(all_max: usize, each_max: usize) -> Self {
        let (keys, taken) = (RandomState::new(), Mutex::default());
        Self(Arc::new(Inner { all_max, each_max, keys, taken }))
    }

    /// The share of somebody, with nothing in it yet.
    pub fn of(&self, who: &impl Hash) -> Share {
        Share { of: self.clone(), key: self.0.keys.hash_one(who), amount: 0 }
    }

    /// One place of somebody's; none where there is no more.
    pub fn place(&self, who: &impl Hash) -> Option<Share> {
        let mut share = self.of(who);
        share.grow(1).then_some(share)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Takes more; whether there was so much.
    pub fn grow(&mut self, more: usize) -> bool {
        let (mut taken, bounds) = (self.of.taken(), &self.of.0);
        let own = taken.each.get(&self.key).copied().unwrap_or(0);
        let (own, all) = (own.saturating_add(more), taken.all.saturating_add(more));
        if own > bounds.each_max || all > bounds.all_max {
            return false;
        }
        taken.each.insert(self.key, own);
        taken.all = all;
        self.amount += more;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.amount == 0 {
            return;
        }
        let mut taken = self.of.taken();
        taken.all -= self.amount;
        if let Entry::Occupied(mut own) = taken.each.entry(self.key) {
            *own.get_mut() -= self.amount;
            if *own.get() == 0 {
                own.remove();
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn nobody_has_more_than_a_share_and_all_no_more_than_there_is() {
        let shares = Shares::new(10, 6);
        let mut held = [shares.of(&"a"), shares.of(&"a"), shares.of(&"b")];
        for (name, at, more, given) in [
            ("a takes four", 0, 4, true),
            ("and no three beside", 1, 3, false),
            ("but two", 1, 2, true),
            ("b takes what is left", 2, 4, true),
            ("and there is no more", 2, 1, false),
        ] {
            assert_eq!(held[at].grow(more), given, "{name}");
        }
        let [a, again, mut b] = held;
        drop(a);
        assert!(b.grow(2) && shares.place(&"c").is_some(), "what was given back is there again");
        drop((again, b));
        let taken = shares.taken();
        assert_eq!((taken.all, taken.each.len()), (0, 0), "nothing is kept of who had one");
    }
}
