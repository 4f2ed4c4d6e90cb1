//! A Bloom filter over the hashes of a run that is only on disk: 12 bits a key, one cache line a
//! question, about one wrong yes in 150.

/// Bits of the filter for each key: 1.5 bytes a key that has left the memory table.
const BITS_PER_KEY: u64 = 12;
/// One odd multiplier for each word of a block: each sets one bit of its word.
const SPREAD: [u32; 8] = [
    0x9e37_79b1,
    0x85eb_ca77,
    0xc2b2_ae3d,
    0x27d4_eb2f,
    0x1656_67b1,
    0xa511_e9b3,
    0x3c6e_f373,
    0xd1b5_4a33,
];

/// A set of hashes that never says no to a member.
pub struct Filter {
    blocks: Vec<[u32; 8]>,
}

#[allow(clippy::cast_possible_truncation)] // the low half is what is wanted
fn masks(hash: u64) -> [u32; 8] {
    SPREAD.map(|spread| 1 << ((hash as u32).wrapping_mul(spread) >> 27))
}

impl Filter {
    /// An empty filter sized for `keys`.
    #[allow(clippy::cast_possible_truncation)] // memory for them could not be had anyway
    pub fn for_keys(keys: u64) -> Self {
        Self { blocks: vec![[0; 8]; (keys * BITS_PER_KEY / 256) as usize + 1] }
    }

    #[allow(clippy::cast_possible_truncation)] // below the number of blocks
    fn block_of(&self, hash: u64) -> usize {
        (((hash >> 32) * self.blocks.len() as u64) >> 32) as usize
    }

    /// Adds a hash.
    pub fn insert(&mut self, hash: u64) {
        let block = self.block_of(hash);
        for (word, mask) in self.blocks[block].iter_mut().zip(masks(hash)) {
            *word |= mask;
        }
    }

    /// False when the hash was certainly not added.
    pub fn may_hold(&self, hash: u64) -> bool {
        let block = &self.blocks[self.block_of(hash)];
        block.iter().zip(masks(hash)).all(|(word, mask)| word & mask != 0)
    }
}
