//! An order that a seed draws: the same for the same seed, everywhere.

/// Puts them into the order that the seed draws.
pub fn shuffle<T>(things: &mut [T], seed: u64) {
    let mut state = seed;
    for index in (1..things.len()).rev() {
        let other = next(&mut state) % (index as u64 + 1);
        things.swap(index, usize::try_from(other).unwrap_or(0));
    }
}

/// SplitMix64.
pub fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
