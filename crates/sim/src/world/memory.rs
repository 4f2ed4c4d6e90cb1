//! What the world remembers of its own events, in bounded memory however long it runs: the last
//! few thousand, a fair sample of all that came before, and those held back for later.

use std::collections::BTreeMap;

use super::event::Event;
use crate::rng::Rng;

const RECENT_MAX: usize = 4_096;
const OLD_MAX: usize = 8_192;
/// How many events are looked at to find one that suits.
const TRIES: usize = 16;

/// A remembered event and what has happened to it since.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub event: Event,
    /// The line at which it arrives at the latest.
    pub arrives_at: u64,
    /// The kinds that have answered it, as bits by their index.
    pub answers: u32,
}

/// The events that others may refer to or repeat.
#[derive(Default)]
pub(super) struct Memory {
    recent: Vec<Slot>,
    next: usize,
    old: Vec<Slot>,
    evicted: u64,
}

impl Memory {
    /// Remembers `event`, to arrive at line `arrives_at`.
    pub fn keep(&mut self, event: Event, arrives_at: u64, rng: &mut Rng) {
        let slot = Slot { event, arrives_at, answers: 0 };
        if self.recent.len() < RECENT_MAX {
            self.recent.push(slot);
            return;
        }
        let evicted = std::mem::replace(&mut self.recent[self.next], slot);
        self.next = (self.next + 1) % RECENT_MAX;
        self.sample(evicted, rng);
    }

    /// Keeps every event that ever left the recent ones with the same likelihood.
    fn sample(&mut self, slot: Slot, rng: &mut Rng) {
        self.evicted += 1;
        if self.old.len() < OLD_MAX {
            self.old.push(slot);
        } else if rng.chance(OLD_MAX as u64, self.evicted) {
            let at = rng.index(OLD_MAX);
            self.old[at] = slot;
        }
    }

    /// A recent event for which `suits` holds, to be changed; `None` when a few tries find none.
    pub fn recent(&mut self, rng: &mut Rng, suits: impl Fn(&Slot) -> bool) -> Option<&mut Slot> {
        let mut tries = (0..TRIES).map(|_| rng.index(self.recent.len()));
        let at = tries.find(|&at| self.recent.get(at).is_some_and(&suits))?;
        self.recent.get_mut(at)
    }

    /// An event of any age for which `suits` holds: four of five times a recent one.
    pub fn any(&mut self, rng: &mut Rng, suits: impl Fn(&Slot) -> bool) -> Option<Event> {
        if !self.old.is_empty() && rng.chance(1, 5) {
            return rng.pick(&self.old).filter(|slot| suits(slot)).map(|slot| slot.event);
        }
        self.recent(rng, suits).map(|slot| slot.event)
    }
}

/// Events that arrive after their time, in the order of the line that they wait for.
#[derive(Default)]
pub(super) struct Held {
    /// By the line to arrive at, and a number that makes the key unique.
    due: BTreeMap<(u64, u64), Event>,
    pushed: u64,
}

impl Held {
    /// Most events held at a time.
    pub const MAX: u64 = 4_096;

    /// How many are held.
    pub fn len(&self) -> u64 {
        self.due.len() as u64
    }

    /// Holds `event` until line `arrives_at`.
    pub fn push(&mut self, event: Event, arrives_at: u64) {
        self.pushed += 1;
        self.due.insert((arrives_at, self.pushed), event);
    }

    /// The next one, if it is due at line `now` or `is_forced`.
    pub fn pop(&mut self, now: u64, is_forced: bool) -> Option<Event> {
        let first = self.due.first_entry()?;
        (is_forced || first.key().0 <= now).then(|| first.remove())
    }
}
