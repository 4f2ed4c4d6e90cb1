//! Which operators of this process brought something lately: they share its processors and its
//! disk.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

/// How long ago is lately: some frames of an operator that is brought a hundred events a second.
const LATELY: Duration = Duration::from_millis(100);

/// The two that were last; nobody needs to know of more.
static LAST: Mutex<Last> = Mutex::new(Last([None; 2]));

/// Operators, whoever was later first.
#[derive(Debug)]
struct Last([Option<(usize, Instant)>; 2]);

/// Takes note that an operator, told by any number of its own, brings something now. Whether
/// another one did lately.
pub(super) fn note(operator: usize, now: Instant) -> bool {
    LAST.lock().note(operator, now)
}

impl Last {
    fn note(&mut self, operator: usize, now: Instant) -> bool {
        let [last, before] = &mut self.0;
        if last.is_some_and(|(who, _)| who != operator) {
            *before = *last;
        }
        *last = Some((operator, now));
        before.is_some_and(|(who, at)| who != operator && now.duration_since(at) <= LATELY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_beside_others_as_long_as_they_bring_something() {
        let start = Instant::now();
        let mut last = Last([None; 2]);
        for (operator, millis, is_beside_others) in [
            (1, 0, false),
            (1, 10, false),
            (2, 20, true),
            (2, 110, true),
            (2, 111, false),
            (1, 120, true),
            (3, 130, true),
            (2, 400, false),
            (2, 401, false),
        ] {
            let now = start + Duration::from_millis(millis);
            assert_eq!(last.note(operator, now), is_beside_others, "{operator} at {millis} ms");
        }
    }
}
