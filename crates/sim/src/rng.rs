//! A small deterministic generator of random numbers: integers only, the same on every machine.
//!
//! xoshiro256** seeded through splitmix64. Not for secrets.

/// A stream of random integers that is a pure function of its seed.
#[derive(Clone, Debug)]
pub struct Rng {
    state: [u64; 4],
}

/// Spreads the bits of `value` (the output step of splitmix64): equal in, equal out.
pub const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Rng {
    /// A generator whose whole future follows from `seed`.
    pub fn from_seed(seed: u64) -> Self {
        let mut counter = seed;
        let state = [(); 4].map(|()| {
            counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mix(counter)
        });
        Self { state }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let (c2, d2) = (c ^ a, d ^ b);
        self.state = [a ^ d2, b ^ c2, c2 ^ (b << 17), d2.rotate_left(45)];
        b.wrapping_mul(5).rotate_left(7).wrapping_mul(9)
    }

    /// A number below `n`; 0 when `n` is 0. The bias is under `n` / 2^64.
    pub fn below(&mut self, n: u64) -> u64 {
        // The high half of a product below n * 2^64 is below n, so nothing is lost.
        let product = u128::from(self.next_u64()) * u128::from(n);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included; `low` when the range is empty.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below((high.saturating_sub(low)).saturating_add(1))
    }

    /// An index into something of length `len`; 0 when it is empty.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// True in `numerator` of `denominator` cases; never when `numerator` is 0.
    pub fn chance(&mut self, numerator: u64, denominator: u64) -> bool {
        self.below(denominator) < numerator
    }

    /// One of `items`, all equally likely; `None` when there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.index(items.len()))
    }

    /// Brings `items` into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

/// Picks ranks so that rank `r` is about `r + 1` times rarer than rank 0, as with popular games.
#[derive(Clone, Debug)]
pub struct Zipf {
    cumulative: Vec<u64>,
}

impl Zipf {
    /// A table over the ranks `0..n` (8 bytes each).
    pub fn new(n: usize) -> Self {
        let mut sum = 0;
        let cumulative = (1..=n as u64).map(|rank| {
            sum += (1 << 32) / rank;
            sum
        });
        Self { cumulative: cumulative.collect() }
    }

    /// A rank below `n`; 0 when the table is empty.
    pub fn draw(&self, rng: &mut Rng) -> usize {
        let target = rng.below(self.cumulative.last().copied().unwrap_or(0));
        self.cumulative.partition_point(|&sum| sum <= target)
    }
}

#[cfg(test)]
#[path = "rng_tests.rs"]
mod tests;
