//! Randomness, all of it from the scenario's seed, in streams split by purpose: what one purpose
//! draws never shifts what another does, so that a new line in a script does not reshuffle the rest.

use oorandom::Rand64;

/// The seed, from which any number of independent streams begin.
#[derive(Clone, Copy, Debug)]
pub struct Seed(pub u64);

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream(Rand64);

impl Seed {
    /// The stream for `purpose`, told apart from its like by `number`.
    pub fn stream(self, purpose: &str, number: u64) -> Stream {
        // FNV-1a: small, and the same everywhere. The generator does the mixing.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in purpose.bytes().chain(number.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Stream(Rand64::new(u128::from(self.0) << 64 | u128::from(hash)))
    }
}

impl Stream {
    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.rand_u64()
    }

    /// A number from 0 up to, but without, `bound`; zero if `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.rand_range(0..bound) }
    }
}
