//! SHA-256 compression of two independent messages at once with the x86 SHA instructions.
//!
//! The one file of the workspace that may hold `unsafe`. One SHA-256 chain leaves the unit idle
//! for half of its cycles, since each instruction waits for the last; a second chain fills them.
//! Everything here is tested against the `sha2` crate, which also serves where the processor
//! lacks the instructions.
#![allow(unsafe_code)]

/// Compresses `blocks_a` into `state_a` and as many `blocks_b` into `state_b`.
///
/// Surplus blocks of the longer slice are left alone: callers pass slices of one length.
pub(crate) fn compress_pair(
    state_a: &mut [u32; 8],
    blocks_a: &[[u8; 64]],
    state_b: &mut [u32; 8],
    blocks_b: &[[u8; 64]],
) {
    debug_assert_eq!(blocks_a.len(), blocks_b.len(), "a pair compresses slices of one length");
    #[cfg(target_arch = "x86_64")]
    if available() {
        // SAFETY: `available` has found every feature that the function is compiled for.
        unsafe { x86::compress_pair(state_a, blocks_a, state_b, blocks_b) };
        return;
    }
    compress_pair_portable(state_a, blocks_a, state_b, blocks_b);
}

/// The same, one after the other, through the library.
pub(crate) fn compress_pair_portable(
    state_a: &mut [u32; 8],
    blocks_a: &[[u8; 64]],
    state_b: &mut [u32; 8],
    blocks_b: &[[u8; 64]],
) {
    let count = blocks_a.len().min(blocks_b.len());
    sha2::block_api::compress256(state_a, &blocks_a[..count]);
    sha2::block_api::compress256(state_b, &blocks_b[..count]);
}

#[cfg(target_arch = "x86_64")]
fn available() -> bool {
    std::is_x86_feature_detected!("sha")
        && std::is_x86_feature_detected!("ssse3")
        && std::is_x86_feature_detected!("sse4.1")
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! The instructions keep the eight words as two registers: (A, B, E, F) and (C, D, G, H).

    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_load_si128, _mm_loadu_si128,
        _mm_set_epi64x, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
        _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_storeu_si128,
    };

    /// The round constants, aligned so that four of them load at once.
    #[repr(align(16))]
    struct Rounds([u32; 64]);

    static ROUNDS: Rounds = Rounds([
        0x428a_2f98,
        0x7137_4491,
        0xb5c0_fbcf,
        0xe9b5_dba5,
        0x3956_c25b,
        0x59f1_11f1,
        0x923f_82a4,
        0xab1c_5ed5,
        0xd807_aa98,
        0x1283_5b01,
        0x2431_85be,
        0x550c_7dc3,
        0x72be_5d74,
        0x80de_b1fe,
        0x9bdc_06a7,
        0xc19b_f174,
        0xe49b_69c1,
        0xefbe_4786,
        0x0fc1_9dc6,
        0x240c_a1cc,
        0x2de9_2c6f,
        0x4a74_84aa,
        0x5cb0_a9dc,
        0x76f9_88da,
        0x983e_5152,
        0xa831_c66d,
        0xb003_27c8,
        0xbf59_7fc7,
        0xc6e0_0bf3,
        0xd5a7_9147,
        0x06ca_6351,
        0x1429_2967,
        0x27b7_0a85,
        0x2e1b_2138,
        0x4d2c_6dfc,
        0x5338_0d13,
        0x650a_7354,
        0x766a_0abb,
        0x81c2_c92e,
        0x9272_2c85,
        0xa2bf_e8a1,
        0xa81a_664b,
        0xc24b_8b70,
        0xc76c_51a3,
        0xd192_e819,
        0xd699_0624,
        0xf40e_3585,
        0x106a_a070,
        0x19a4_c116,
        0x1e37_6c08,
        0x2748_774c,
        0x34b0_bcb5,
        0x391c_0cb3,
        0x4ed8_aa4a,
        0x5b9c_ca4f,
        0x682e_6ff3,
        0x748f_82ee,
        0x78a5_636f,
        0x84c8_7814,
        0x8cc7_0208,
        0x90be_fffa,
        0xa450_6ceb,
        0xbef9_a3f7,
        0xc671_78f2,
    ]);

    /// One message's working state within a block.
    struct Chain {
        abef: __m128i,
        cdgh: __m128i,
        schedule: [__m128i; 4],
    }

    #[target_feature(enable = "sha,ssse3,sse4.1")]
    pub(super) fn compress_pair(
        state_a: &mut [u32; 8],
        blocks_a: &[[u8; 64]],
        state_b: &mut [u32; 8],
        blocks_b: &[[u8; 64]],
    ) {
        let (mut a_abef, mut a_cdgh) = load_state(state_a);
        let (mut b_abef, mut b_cdgh) = load_state(state_b);
        for (block_a, block_b) in blocks_a.iter().zip(blocks_b) {
            let mut a = Chain { abef: a_abef, cdgh: a_cdgh, schedule: load_block(block_a) };
            let mut b = Chain { abef: b_abef, cdgh: b_cdgh, schedule: load_block(block_b) };
            sixteen_rounds::<0>(&mut a, &mut b);
            sixteen_rounds::<1>(&mut a, &mut b);
            sixteen_rounds::<2>(&mut a, &mut b);
            sixteen_rounds::<3>(&mut a, &mut b);
            a_abef = _mm_add_epi32(a_abef, a.abef);
            a_cdgh = _mm_add_epi32(a_cdgh, a.cdgh);
            b_abef = _mm_add_epi32(b_abef, b.abef);
            b_cdgh = _mm_add_epi32(b_cdgh, b.cdgh);
        }
        store_state(state_a, a_abef, a_cdgh);
        store_state(state_b, b_abef, b_cdgh);
    }

    /// Sixteen rounds of both chains, four of one and four of the other in turn.
    #[inline]
    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn sixteen_rounds<const QUARTER: usize>(a: &mut Chain, b: &mut Chain) {
        for group in 0..4 {
            if QUARTER > 0 {
                extend(&mut a.schedule, group);
                extend(&mut b.schedule, group);
            }
            let constants = round_constants(QUARTER * 4 + group);
            four_rounds(a, group, constants);
            four_rounds(b, group, constants);
        }
    }

    /// Replaces four words of the schedule by the four that come sixteen later.
    #[inline]
    #[target_feature(enable = "sha,ssse3")]
    fn extend(schedule: &mut [__m128i; 4], group: usize) {
        let oldest = schedule[group];
        let next = schedule[(group + 1) % 4];
        let third = schedule[(group + 2) % 4];
        let newest = schedule[(group + 3) % 4];
        let partial = _mm_sha256msg1_epu32(oldest, next);
        let seven_back = _mm_alignr_epi8::<4>(newest, third);
        schedule[group] = _mm_sha256msg2_epu32(_mm_add_epi32(partial, seven_back), newest);
    }

    #[inline]
    #[target_feature(enable = "sha,sse2")]
    fn four_rounds(chain: &mut Chain, group: usize, constants: __m128i) {
        let words = _mm_add_epi32(chain.schedule[group], constants);
        chain.cdgh = _mm_sha256rnds2_epu32(chain.cdgh, chain.abef, words);
        let upper = _mm_shuffle_epi32::<0x0e>(words);
        chain.abef = _mm_sha256rnds2_epu32(chain.abef, chain.cdgh, upper);
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn round_constants(group: usize) -> __m128i {
        let four: &[u32] = &ROUNDS.0[group * 4..group * 4 + 4];
        // SAFETY: the slice holds 16 bytes and starts at a multiple of 16 of an aligned table.
        unsafe { _mm_load_si128(four.as_ptr().cast()) }
    }

    /// A block as four registers of four big-endian words.
    #[inline]
    #[target_feature(enable = "ssse3")]
    fn load_block(block: &[u8; 64]) -> [__m128i; 4] {
        let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        let start: *const __m128i = block.as_ptr().cast();
        std::array::from_fn(|quarter| {
            // SAFETY: 4 × 16 bytes are the whole block; the load needs no alignment.
            _mm_shuffle_epi8(unsafe { _mm_loadu_si128(start.add(quarter)) }, swap)
        })
    }

    #[inline]
    #[target_feature(enable = "ssse3,sse4.1")]
    fn load_state(state: &[u32; 8]) -> (__m128i, __m128i) {
        let start: *const __m128i = state.as_ptr().cast();
        // SAFETY: eight words are two registers; the loads need no alignment.
        let (dcba, hgfe) = unsafe { (_mm_loadu_si128(start), _mm_loadu_si128(start.add(1))) };
        let cdab = _mm_shuffle_epi32::<0xb1>(dcba);
        let efgh = _mm_shuffle_epi32::<0x1b>(hgfe);
        (_mm_alignr_epi8::<8>(cdab, efgh), _mm_blend_epi16::<0xf0>(efgh, cdab))
    }

    #[inline]
    #[target_feature(enable = "ssse3,sse4.1")]
    fn store_state(state: &mut [u32; 8], abef: __m128i, cdgh: __m128i) {
        let feba = _mm_shuffle_epi32::<0x1b>(abef);
        let dchg = _mm_shuffle_epi32::<0xb1>(cdgh);
        let start: *mut __m128i = state.as_mut_ptr().cast();
        // SAFETY: eight words are two registers; the stores need no alignment.
        unsafe {
            _mm_storeu_si128(start, _mm_blend_epi16::<0xf0>(feba, dchg));
            _mm_storeu_si128(start.add(1), _mm_alignr_epi8::<8>(dchg, feba));
        }
    }
}

#[cfg(test)]
mod tests;
