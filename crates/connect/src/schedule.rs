//! When to try again: exponential backoff with full jitter for one subject, and a circuit for the
//! endpoint as a whole. Time and randomness are arguments.

use std::time::{Duration, Instant};

/// How tries are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Bound of the first wait.
    pub first: Duration,
    /// Bound of every wait.
    pub most: Duration,
    /// Messages whose end counts for the circuit: the last so many, at most 64.
    pub among: u32,
    /// Failures among them that open it. A message that fails again is not counted again: what one
    /// subject does waits alone, however long.
    pub failures_max: u32,
    /// How long the circuit stays open the first time.
    pub open_first: Duration,
    /// How long it stays open at most.
    pub open_most: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            most: Duration::from_mins(5),
            among: 20,
            failures_max: 16,
            open_first: Duration::from_secs(30),
            open_most: Duration::from_mins(15),
        }
    }
}

impl Pace {
    /// How long to wait after so many failures (at least one): anything from nothing to the bound,
    /// as `random` chooses, so that those who failed together do not come back together.
    pub fn wait(&self, failures: u32, random: u64) -> Duration {
        let bound = doubled(self.first, failures.saturating_sub(1), self.most);
        part(bound, random)
    }
}

/// `first` doubled `times`, at most `most`.
fn doubled(first: Duration, times: u32, most: Duration) -> Duration {
    let factor = 1_u32.checked_shl(times).unwrap_or(u32::MAX);
    first.checked_mul(factor).map_or(most, |wait| wait.min(most))
}

/// A part of a time, evenly by `random`.
fn part(bound: Duration, random: u64) -> Duration {
    let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(random % nanos.saturating_add(1).max(1))
}

/// Whether an endpoint is called at all: left alone where nearly all of what is sent fails.
#[derive(Clone, Debug, Default)]
pub struct Circuit {
    /// Failures in a row.
    failures: u32,
    /// How the last messages ended, the newest in the lowest bit: 1 for a failure.
    ended: u64,
    opened: u32,
    until: Option<Instant>,
}

impl Circuit {
    /// Whether something may be sent now: beyond a probe, only while it is closed.
    pub fn may_send(&self, now: Instant, under_way: usize) -> bool {
        match self.until {
            None => true,
            Some(until) => now >= until && under_way == 0,
        }
    }

    /// When the next probe may be sent, where it is open.
    pub fn probe_at(&self) -> Option<Instant> {
        self.until
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Notes that something arrived: it is closed.
    pub fn succeeded(&mut self) {
        let ended = if self.until.is_some() { 0 } else { self.ended << 1 };
        *self = Self { ended, ..Self::default() };
    }

    /// Notes that something did not, and whether it was the message's first failure.
    pub fn failed(&mut self, now: Instant, pace: &Pace, is_first: bool, random: u64) {
        self.failures = self.failures.saturating_add(1);
        match self.until {
            // Sent before it was opened.
            Some(until) if now < until => {}
            Some(_) => self.open(now, pace, random),
            None if !is_first => {}
            None => {
                self.ended = (self.ended << 1) | 1;
                let among = u64::MAX >> (64 - pace.among.clamp(1, 64));
                if (self.ended & among).count_ones() >= pace.failures_max {
                    self.open(now, pace, random);
                }
            }
        }
    }

    fn open(&mut self, now: Instant, pace: &Pace, random: u64) {
        let bound = doubled(pace.open_first, self.opened, pace.open_most);
        // Half of it at least: an endpoint that is down is left alone for a while.
        self.until = Some(now + bound / 2 + part(bound / 2, random));
        self.opened = self.opened.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound_and_are_spread_below_it() {
        let pace = Pace { first: Duration::from_secs(1), ..Pace::default() };
        for (failures, seconds) in
            [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (40, 300), (u32::MAX, 300)]
        {
            let bound = Duration::from_secs(seconds);
            let nanos = u64::try_from(bound.as_nanos()).unwrap_or(0);
            assert_eq!(pace.wait(failures, nanos), bound, "{failures}: the most");
            assert_eq!(pace.wait(failures, nanos + 1), Duration::ZERO, "{failures}: the least");
        }
    }

    #[test]
    fn a_circuit_opens_probes_and_closes() {
        let (pace, start) = (Pace { failures_max: 3, ..Pace::default() }, Instant::now());
        let mut circuit = Circuit::default();
        for _ in 0..2 {
            circuit.failed(start, &pace, true, 0);
            assert!(circuit.may_send(start, 5), "not yet");
        }
        circuit.failed(start, &pace, true, 0);
        assert!(!circuit.may_send(start, 0), "open");
        circuit.failed(start, &pace, true, 0);
        let later = start + Duration::from_secs(15);
        assert_eq!(circuit.probe_at(), Some(later), "what was under way opens it no longer");
        assert!(circuit.may_send(later, 0) && !circuit.may_send(later, 1), "one probe");
        circuit.failed(later, &pace, false, 0);
        assert_eq!(circuit.probe_at(), Some(later + Duration::from_secs(30)), "longer");
        let mut at = later;
        for _ in 0..40 {
            at += pace.open_most;
            circuit.failed(at, &pace, false, u64::MAX);
        }
        let most = circuit.probe_at().map(|until| until - at);
        assert!(most <= Some(pace.open_most), "{most:?}");
        circuit.succeeded();
        assert!(circuit.may_send(at, 9) && circuit.failures() == 0, "closed");
        circuit.failed(at, &pace, true, 0);
        assert!(circuit.may_send(at, 9), "what was before it closed does not count");
    }

    #[test]
    fn a_circuit_opens_by_share_and_not_by_one_subject() {
        let (pace, now) = (Pace::default(), Instant::now());
        // How each of many messages ends, one after the other: `!` for a failure, `r` for that of
        // a message that failed before.
        for (ends, opens) in [
            ("!!!!!!.", true),              // one in seven arrives
            ("......!", false),             // one in seven fails
            ("!.", false),                  // half
            ("!!!.", false),                // three of four
            ("!!!!!!!!!.", true),           // nine of ten
            ("!", true),                    // none arrives
            ("!rrrrrrrrr.........", false), // one subject that fails again and again
        ] {
            let mut circuit = Circuit::default();
            for end in ends.chars().cycle().take(200) {
                match end {
                    '.' => circuit.succeeded(),
                    end => circuit.failed(now, &pace, end == '!', 0),
                }
                if circuit.probe_at().is_some() {
                    break;
                }
            }
            assert_eq!(circuit.probe_at().is_some(), opens, "{ends}");
        }
        let mut alone = Circuit::default();
        (0..1000).for_each(|at| alone.failed(now, &pace, at == 0, 0));
        assert_eq!((alone.probe_at(), alone.failures()), (None, 1000));
    }
}
