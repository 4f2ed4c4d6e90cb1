//! Which runs to merge: neighbours of like size, so that a row is rewritten once a tier.

use std::ops::Range;

/// The tier of a run: 0 up to `base` rows, then one more for each factor of `fan`.
fn tier(rows: u64, base: u64, fan: u64) -> u32 {
    let mut tier = 0;
    let mut top = base;
    // Half again as much: merged runs are a little over the sum of their due sizes.
    while rows > top + top / 2 {
        tier += 1;
        top = top.saturating_mul(fan);
    }
    tier
}

/// The places of `fan` neighbouring runs of one tier and one flag, the newest such, if any.
/// `runs` is (rows, flag), oldest first.
pub fn like(runs: &[(u64, bool)], base: u64, fan: usize) -> Option<Range<usize>> {
    let tiers: Vec<_> =
        runs.iter().map(|&(rows, flag)| (tier(rows, base, fan as u64), flag)).collect();
    let last = tiers.windows(fan).rposition(|window| window.iter().all(|t| *t == window[0]))?;
    Some(last..last + fan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_like_size_are_merged() {
        let check = |sizes: &[u64], expected: Option<Range<usize>>| {
            let runs: Vec<_> = sizes.iter().map(|&rows| (rows, false)).collect();
            assert_eq!(like(&runs, 100, 4), expected, "{sizes:?}");
        };
        check(&[], None);
        check(&[100, 100, 100], None);
        check(&[100, 1, 100, 100], Some(0..4));
        check(&[100, 100, 100, 100, 100], Some(1..5));
        check(&[400, 400, 400, 100, 400], None);
        check(&[400, 400, 400, 405, 90], Some(0..4));
        check(&[1600, 400, 400, 400, 400, 100], Some(1..5));
        assert_eq!(like(&[(1, true), (1, true), (1, false), (1, false)], 100, 4), None);
    }
}
