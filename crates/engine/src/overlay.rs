//! Keys that the present batch has added: what the index will hold after its commit.

/// Part of a hash to row of the batch. Whoever finds a row compares what is stored: several rows
/// may share a hash, and several hashes the part of it that is kept.
#[derive(Debug, Default)]
pub struct Overlay {
    /// The upper half of the hash, and the number after the row's.
    slots: Vec<(u32, u32)>,
    mask: usize,
}

impl Overlay {
    /// Empties the table and makes room for the keys of `rows` rows (at most three each).
    pub fn reset(&mut self, rows: usize) {
        let size = (rows * 4).next_power_of_two().max(64);
        self.slots.clear();
        self.slots.resize(size, (0, 0));
        self.mask = size - 1;
    }

    /// Adds a key of row `row`.
    pub fn insert(&mut self, hash: u64, row: usize) {
        let mut slot = home(hash) & self.mask;
        while self.slots[slot].1 != 0 {
            slot = (slot + 1) & self.mask;
        }
        self.slots[slot] = (tag(hash), u32::try_from(row + 1).unwrap_or(u32::MAX));
    }

    /// Every row that may have a key of this hash, in order of insertion.
    pub fn find(&self, hash: u64) -> impl Iterator<Item = usize> + '_ {
        let (mut slot, tag) = (home(hash) & self.mask, tag(hash));
        std::iter::from_fn(move || {
            loop {
                let (found, row) = self.slots[slot];
                if row == 0 {
                    return None;
                }
                slot = (slot + 1) & self.mask;
                if found == tag {
                    return Some(row as usize - 1);
                }
            }
        })
    }
}

#[allow(clippy::cast_possible_truncation)] // the low bits of a uniform hash
fn home(hash: u64) -> usize {
    hash as usize
}

#[allow(clippy::cast_possible_truncation)] // the upper half
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}
