//! What is under way to one endpoint: messages by subject. Those of one subject go one after the
//! other, in order; a subject that fails waits alone, as far as memory allows.

use crate::sender::Message;
use engine::query::Cursor;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

/// Messages under way.
#[derive(Debug)]
pub struct Window {
    lanes: HashMap<String, Lane>,
    /// Every message that has not arrived, with its subject.
    open: BTreeMap<Cursor, String>,
    /// Everything up to here was read from the feed.
    reached: Cursor,
    /// What arrived although an earlier message has not.
    early: BTreeSet<Cursor>,
    open_max: usize,
    early_max: usize,
}

/// Messages of one subject.
#[derive(Debug)]
struct Lane {
    waiting: VecDeque<Arc<Message>>,
    busy: bool,
    failures: u32,
    due: Instant,
}

impl Window {
    /// A window that begins after a place, with at most `open_max` messages that have not arrived
    /// and `early_max` that arrived although an earlier one has not: these come again after a
    /// restart.
    pub fn new(after: Cursor, open_max: usize, early_max: usize) -> Self {
        let (lanes, open, early) = (HashMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { lanes, open, reached: after, early, open_max, early_max }
    }

    /// Whether more may be read.
    pub fn room(&self) -> bool {
        self.open.len() < self.open_max && self.early.len() < self.early_max
    }

    /// Up to where the feed was read.
    pub fn reached(&self) -> Cursor {
        self.reached
    }

    /// Everything up to here has arrived.
    pub fn arrived(&self) -> Cursor {
        match self.open.first_key_value() {
            // Places begin with 1, so that there is one before each.
            Some((first, _)) => {
                Cursor { position: first.position, place: first.place.saturating_sub(1) }
            }
            None => self.reached,
        }
    }

    /// Whether nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Adds what was read, in order, and up to where it was read.
    pub fn add(&mut self, messages: Vec<Message>, reached: Cursor, now: Instant) {
        for message in messages {
            self.open.insert(message.cursor, message.subject.clone());
            let lane = self.lanes.entry(message.subject.clone()).or_insert_with(|| Lane {
                waiting: VecDeque::new(),
                busy: false,
                failures: 0,
                due: now,
            });
            lane.waiting.push_back(Arc::new(message));
        }
        self.reached = self.reached.max(reached);
    }

    /// The earliest message that may go now, and how often it failed; it is under way then.
    pub fn next(&mut self, now: Instant) -> Option<(Arc<Message>, u32)> {
        for (cursor, subject) in &self.open {
            let Some(lane) = self.lanes.get_mut(subject) else { continue };
            let Some(head) = lane.waiting.front() else { continue };
            if head.cursor == *cursor && !lane.busy && lane.due <= now {
                lane.busy = true;
                return Some((Arc::clone(head), lane.failures));
            }
        }
        None
    }

    /// When the next message may go, where all that is left waits.
    pub fn due(&self) -> Option<Instant> {
        let waiting = self.lanes.values().filter(|lane| !lane.busy && !lane.waiting.is_empty());
        waiting.map(|lane| lane.due).min()
    }

    /// A message arrived.
    pub fn done(&mut self, message: &Message) {
        self.open.remove(&message.cursor);
        self.early.insert(message.cursor);
        match self.open.first_key_value() {
            Some((first, _)) => self.early = self.early.split_off(first),
            None => self.early.clear(),
        }
        if let Some(lane) = self.lanes.get_mut(&message.subject) {
            lane.waiting.pop_front();
            lane.busy = false;
            lane.failures = 0;
            if lane.waiting.is_empty() {
                self.lanes.remove(&message.subject);
            }
        }
    }

    /// A message did not arrive: its subject waits until `due`. Whether it failed the first time.
    pub fn failed(&mut self, message: &Message, due: Instant) -> bool {
        let Some(lane) = self.lanes.get_mut(&message.subject) else { return false };
        lane.busy = false;
        lane.failures = lane.failures.saturating_add(1);
        lane.due = due;
        lane.failures == 1
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;
    use std::time::Duration;

    fn message(position: u64, subject: &str) -> Message {
        let cursor = Cursor { position, place: 1 };
        Message {
            cursor,
            id: format!("m{position}"),
            kind: "event.posted",
            subject: subject.to_owned(),
            trace: None,
            sampled: false,
            body: Vec::new().into(),
        }
    }

    fn window(subjects: &[&str], now: Instant) -> Window {
        let mut window = Window::new(Cursor::before(1), 10, 3);
        let messages = (1..).zip(subjects).map(|(at, subject)| message(at, subject)).collect();
        window.add(messages, Cursor::before(1 + subjects.len() as u64), now);
        window
    }

    /// The positions that may go, one after the other, until none may.
    fn going(window: &mut Window, now: Instant) -> Vec<u64> {
        std::iter::from_fn(|| window.next(now)).map(|(next, _)| next.cursor.position).collect()
    }

    #[test]
    fn subjects_go_side_by_side_and_each_in_order() {
        let now = Instant::now();
        let mut window = window(&["a", "b", "a", "c", "b"], now);
        assert_eq!(going(&mut window, now), [1, 2, 4]);
        window.done(&message(2, "b"));
        assert_eq!(going(&mut window, now), [5]);
        window.done(&message(1, "a"));
        assert_eq!(going(&mut window, now), [3]);
        assert_eq!(window.arrived(), Cursor { position: 3, place: 0 });
        for (position, subject) in [(3, "a"), (4, "c"), (5, "b")] {
            window.done(&message(position, subject));
        }
        assert!(window.is_empty());
        assert_eq!(window.arrived(), Cursor::before(6));
    }

    #[test]
    fn a_subject_that_fails_waits_alone() {
        let now = Instant::now();
        let mut window = window(&["a", "b", "a", "b"], now);
        assert_eq!(going(&mut window, now), [1, 2]);
        let due = now + Duration::from_secs(1);
        assert!(window.failed(&message(1, "a"), due), "the first time");
        window.done(&message(2, "b"));
        assert_eq!(going(&mut window, now), [4]);
        assert_eq!(window.due(), Some(due));
        assert_eq!(window.arrived(), Cursor { position: 1, place: 0 }, "what arrived later waits");
        let (again, failures) = window.next(due).unwrap();
        assert_eq!((again.cursor.position, failures), (1, 1));
        assert!(!window.failed(&again, due), "not the first time");
        window.done(&message(1, "a"));
        assert_eq!(window.next(due).unwrap().1, 0, "the next one of the subject failed never");
    }

    #[test]
    fn a_subject_that_never_arrives_holds_the_endpoint_in_the_end() {
        let now = Instant::now();
        let mut window = window(&["a", "b", "c", "d"], now);
        let due = now + Duration::from_secs(1);
        going(&mut window, now);
        window.failed(&message(1, "a"), due);
        for (position, subject) in [(2, "b"), (3, "c"), (4, "d")] {
            assert!(window.room());
            window.done(&message(position, subject));
        }
        assert!(!window.room(), "three arrived ahead of it");
        window.next(due).unwrap();
        window.done(&message(1, "a"));
        assert!(window.room());
    }
}
