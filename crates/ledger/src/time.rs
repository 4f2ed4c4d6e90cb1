//! Instants as nanoseconds since 1970-01-01T00:00:00Z, and the 15-minute buckets of totals.

use crate::limits::BUCKET_SECONDS;

/// Nanoseconds in one bucket.
pub const BUCKET_NANOS: i64 = BUCKET_SECONDS * 1_000_000_000;

/// A 15-minute UTC bucket: the number of bucket lengths since 1970, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bucket(pub i32);

impl Bucket {
    /// The bucket that `nanos` (UTC, since 1970) falls in.
    #[allow(clippy::cast_possible_truncation)] // i64 nanoseconds / 9e11 always fits an i32
    pub fn of(nanos: i64) -> Self {
        Self(nanos.div_euclid(BUCKET_NANOS) as i32)
    }

    /// The first nanosecond of the bucket.
    pub fn start_nanos(self) -> i64 {
        i64::from(self.0) * BUCKET_NANOS
    }

    /// Whether `nanos` is exactly a bucket's first nanosecond.
    pub fn is_boundary(nanos: i64) -> bool {
        nanos.rem_euclid(BUCKET_NANOS) == 0
    }
}

/// A half-open span of time, in nanoseconds UTC: `start <= t < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First nanosecond inside.
    pub start: i64,
    /// First nanosecond after.
    pub end: i64,
}

impl Span {
    /// Whether `nanos` lies inside.
    pub fn contains(self, nanos: i64) -> bool {
        self.start <= nanos && nanos < self.end
    }

    /// The buckets of the span, half-open, when both bounds are bucket boundaries.
    pub fn buckets(self) -> Option<(Bucket, Bucket)> {
        (Bucket::is_boundary(self.start) && Bucket::is_boundary(self.end))
            .then(|| (Bucket::of(self.start), Bucket::of(self.end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_round_down_on_both_sides_of_1970() {
        for (nanos, bucket) in
            [(0, 0), (BUCKET_NANOS - 1, 0), (900_000_000_000, 1), (-1, -1), (-BUCKET_NANOS, -1)]
        {
            assert_eq!(Bucket::of(nanos), Bucket(bucket), "{nanos}");
        }
        assert_eq!(Bucket(3).start_nanos(), 3 * BUCKET_NANOS);
        let span = Span { start: 0, end: 2 * BUCKET_NANOS };
        assert_eq!(span.buckets(), Some((Bucket(0), Bucket(2))));
        assert_eq!(Span { start: 1, end: 2 * BUCKET_NANOS }.buckets(), None);
        assert!(span.contains(0) && !span.contains(2 * BUCKET_NANOS));
    }
}
