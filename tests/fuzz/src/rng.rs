//! The generator that all inputs come from: SplitMix64, whose whole state is one number.

/// A stream of numbers that its seed alone decides.
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// The stream of one input: the same for the same seed and place, whatever was drawn before.
    pub fn of(seed: u64, input: u64) -> Self {
        let mut rng = Self { state: seed };
        Self { state: rng.next() ^ input.wrapping_mul(0xd6e8_feb8_6659_fd93) }
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of some choices.
    ///
    /// # Panics
    /// If there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// A number that code is likely to have got wrong: small, at the end of a type, or any.
    pub fn telling_number(&mut self) -> i64 {
        const ENDS: [i64; 8] = [
            i64::MAX,
            i64::MIN,
            i32::MAX as i64,
            i32::MIN as i64,
            i16::MAX as i64,
            i16::MIN as i64,
            255,
            1 << 20,
        ];
        match self.below(4) {
            0 => self.below(9) as i64 - 4,
            1 => *self.pick(&ENDS),
            2 => self.pick(&ENDS).wrapping_add(self.below(5) as i64 - 2),
            _ => self.next() as i64 >> self.below(64),
        }
    }
}
