//! How much the operators of this process brought lately: they share its processors and its disk.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

/// Half of what is lately: some frames of an operator that is brought a hundred events a second.
const STEP: Duration = Duration::from_millis(50);

/// An operator brings more than another from so many times as much on.
const MORE_TIMES: u32 = 3;

/// Those that brought something lately.
static LATELY: Mutex<Lately> = Mutex::new(Lately(Vec::new()));

struct Lately(Vec<Brought>);

/// What one operator brought.
struct Brought {
    operator: usize,
    /// When the step began that is counted.
    since: Instant,
    /// Deliveries in it, and in the one before.
    counted: [u32; 2],
}

/// Takes note of deliveries that an operator, told by any number of its own, brings now. Whether
/// it brought several times as much lately as another one did.
pub(super) fn note(operator: usize, deliveries: u32, now: Instant) -> bool {
    LATELY.lock().note(operator, deliveries, now)
}

impl Lately {
    fn note(&mut self, operator: usize, deliveries: u32, now: Instant) -> bool {
        let is_here = |brought: &Brought| brought.operator == operator;
        if !self.0.iter().any(is_here) {
            self.0.push(Brought { operator, since: now, counted: [0; 2] });
        }
        self.0.retain_mut(|brought| {
            brought.go_on(now);
            if is_here(brought) {
                brought.counted[0] = brought.counted[0].saturating_add(deliveries);
            }
            brought.deliveries() > 0
        });
        let own = self.0.iter().find(|brought| is_here(brought)).map_or(0, Brought::deliveries);
        let others = self.0.iter().filter(|brought| !is_here(brought));
        let least = others.map(Brought::deliveries).min();
        least.is_some_and(|least| own >= least.saturating_mul(MORE_TIMES))
    }
}

impl Brought {
    fn deliveries(&self) -> u32 {
        self.counted[0].saturating_add(self.counted[1])
    }

    fn go_on(&mut self, now: Instant) {
        let steps = now.duration_since(self.since).as_nanos() / STEP.as_nanos();
        match steps {
            0 => {}
            1 => (self.since, self.counted) = (self.since + STEP, [0, self.counted[0]]),
            _ => (self.since, self.counted) = (now, [0; 2]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_brings_more_while_another_brings_something_and_several_times_less() {
        let start = Instant::now();
        let mut lately = Lately(Vec::new());
        for (operator, deliveries, millis, brings_more) in [
            (1, 100, 0, false),
            (2, 10, 10, false),
            (1, 1, 20, true),
            (2, 20, 30, false),
            (1, 1, 40, true),
            (2, 10, 45, false),
            (1, 1, 49, false),
            (3, 1, 60, false),
            (2, 1, 70, true),
            (2, 1, 150, false),
            (2, 100, 155, true),
            (1, 1, 170, false),
            (2, 3, 260, true),
            (2, 1, 400, false),
        ] {
            let now = start + Duration::from_millis(millis);
            let found = lately.note(operator, deliveries, now);
            assert_eq!(found, brings_more, "{operator} at {millis} ms");
        }
    }
}
