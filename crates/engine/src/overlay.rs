//! Keys that the present batch has added: what the index will hold after its commit.

/// Hash to row of the batch; several rows may share a hash.
#[derive(Debug, Default)]
pub struct Overlay {
    slots: Vec<(u64, u32)>,
    mask: usize,
}

impl Overlay {
    /// Empties the table and makes room for the keys of `rows` rows (at most three each).
    pub fn reset(&mut self, rows: usize) {
        let size = (rows * 6).next_power_of_two().max(64);
        self.slots.clear();
        self.slots.resize(size, (0, 0));
        self.mask = size - 1;
    }

    /// Adds a key of row `row`.
    pub fn insert(&mut self, hash: u64, row: usize) {
        let mut slot = Self::home(hash) & self.mask;
        while self.slots[slot].1 != 0 {
            slot = (slot + 1) & self.mask;
        }
        self.slots[slot] = (hash, u32::try_from(row + 1).unwrap_or(u32::MAX));
    }

    /// Every row with a key of this hash, in order of insertion.
    pub fn find(&self, hash: u64) -> impl Iterator<Item = usize> + '_ {
        let mut slot = Self::home(hash) & self.mask;
        std::iter::from_fn(move || {
            loop {
                let (found, row) = self.slots[slot];
                if row == 0 {
                    return None;
                }
                slot = (slot + 1) & self.mask;
                if found == hash {
                    return Some(row as usize - 1);
                }
            }
        })
    }

    #[allow(clippy::cast_possible_truncation)] // any bits of a uniform hash will do
    fn home(hash: u64) -> usize {
        (hash >> 16) as usize
    }
}
