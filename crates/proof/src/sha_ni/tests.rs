//! The two-way compression against the library, block by block.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{compress_pair, compress_pair_portable};

fn block() -> impl Strategy<Value = [u8; 64]> {
    any::<[[u8; 32]; 2]>().prop_map(|halves| {
        let mut block = [0; 64];
        block.copy_from_slice(halves.as_flattened());
        block
    })
}

proptest! {
    #[test]
    fn same_as_the_library(
        states in any::<([u32; 8], [u32; 8])>(),
        blocks in vec((block(), block()), 0..9),
    ) {
        let (blocks_a, blocks_b): (Vec<_>, Vec<_>) = blocks.into_iter().unzip();
        let (mut fast_a, mut fast_b) = states;
        compress_pair(&mut fast_a, &blocks_a, &mut fast_b, &blocks_b);
        let (mut slow_a, mut slow_b) = states;
        compress_pair_portable(&mut slow_a, &blocks_a, &mut slow_b, &blocks_b);
        prop_assert_eq!((fast_a, fast_b), (slow_a, slow_b));
    }
}
