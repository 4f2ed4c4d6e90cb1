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
    /// Failures in a row that open the circuit.
    pub failures_max: u32,
    /// How long the circuit stays open the first time.
    pub open_first: Duration,
    /// How long it stays open at most.
    pub open_most: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            most: Duration::from_mins(5),
            failures_max: 10,
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

/// Whether an endpoint is called at all.
#[derive(Clone, Debug, Default)]
pub struct Circuit {
    failures: u32,
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
        *self = Self::default();
    }

    /// Notes that something did not.
    pub fn failed(&mut self, now: Instant, pace: &Pace, random: u64) {
        self.failures = self.failures.saturating_add(1);
        if self.failures < pace.failures_max {
            return;
        }
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
        let pace = Pace::default();
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
            circuit.failed(start, &pace, 0);
            assert!(circuit.may_send(start, 5), "not yet");
        }
        circuit.failed(start, &pace, 0);
        assert!(!circuit.may_send(start, 0), "open");
        let later = start + Duration::from_secs(15);
        assert!(circuit.may_send(later, 0) && !circuit.may_send(later, 1), "one probe");
        circuit.failed(later, &pace, 0);
        assert_eq!(circuit.probe_at(), Some(later + Duration::from_secs(30)), "longer");
        for _ in 0..40 {
            circuit.failed(later, &pace, u64::MAX);
        }
        let most = circuit.probe_at().map(|at| at - later);
        assert!(most <= Some(pace.open_most), "{most:?}");
        circuit.succeeded();
        assert!(circuit.may_send(later, 9) && circuit.failures() == 0, "closed");
    }
}
