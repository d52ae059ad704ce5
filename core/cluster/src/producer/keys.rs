//! Which of its keys a made-up record gets: each alike, a few far more often than most (Zipf), or one
//! hot key with a fixed share.

use std::sync::Arc;

use crate::rng::Stream;

/// The weight of the most frequent key of a Zipf distribution; the others' are whole fractions of it.
const HEAVIEST: u64 = 1 << 40;

/// How often each of the made-up keys comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyDistribution {
    /// All alike.
    #[default]
    Uniform,
    /// Key number `i`, counted from 1, comes `i` to the power of `exponent` times as rarely as the first.
    Zipf {
        /// The exponent, a whole number from 1 on.
        exponent: u32,
    },
    /// The first key gets a share of all records; the others share the rest alike.
    Hot {
        /// Its share in per cent.
        percent: u32,
    },
}

impl KeyDistribution {
    /// The most keys of a Zipf distribution: its table has a number for each.
    pub const MOST_ZIPF_KEYS: u32 = 100_000;
}

/// What draws keys by their number, from 0.
#[derive(Clone, Debug)]
pub(super) struct KeyPicker {
    count: u64,
    distribution: KeyDistribution,
    /// Running sums of the weights of a Zipf distribution; empty for others.
    cumulative: Arc<[u64]>,
}

impl KeyPicker {
    pub(super) fn new(count: u32, distribution: KeyDistribution) -> Self {
        let cumulative = match distribution {
            KeyDistribution::Zipf { exponent } => zipf(count, exponent),
            _ => Arc::default(),
        };
        Self { count: u64::from(count), distribution, cumulative }
    }

    /// The number of the next key; none if records have no key.
    pub(super) fn draw(&self, random: &mut Stream) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        Some(match (self.distribution, self.cumulative.last()) {
            (KeyDistribution::Zipf { .. }, Some(total)) => {
                let drawn = random.below(*total);
                self.cumulative.partition_point(|sum| *sum <= drawn) as u64
            }
            (KeyDistribution::Hot { percent }, _) if self.count > 1 => {
                if random.below(100) < u64::from(percent) {
                    0
                } else {
                    1 + random.below(self.count - 1)
                }
            }
            _ => random.below(self.count),
        })
    }
}

fn zipf(count: u32, exponent: u32) -> Arc<[u64]> {
    let weights = (1..=u64::from(count)).map(|rank| {
        let divisor = rank.checked_pow(exponent).unwrap_or(u64::MAX);
        (HEAVIEST / divisor).max(1)
    });
    let sums = weights.scan(0_u64, |sum, weight| {
        *sum += weight;
        Some(*sum)
    });
    sums.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::Seed;

    /// How many of `records` each key gets.
    fn counts(count: u32, distribution: KeyDistribution, seed: u64, records: u32) -> Vec<u32> {
        let picker = KeyPicker::new(count, distribution);
        let mut random = Seed(seed).stream("keys", 0);
        let mut counts = vec![0; count as usize];
        for _ in 0..records {
            let key = picker.draw(&mut random).expect("there are keys");
            counts[key as usize] += 1;
        }
        counts
    }

    #[test]
    fn without_keys_there_is_none() {
        let picker = KeyPicker::new(0, KeyDistribution::Hot { percent: 50 });
        assert_eq!(picker.draw(&mut Seed(1).stream("keys", 0)), None);
    }

    #[test]
    fn the_hot_key_gets_its_share() {
        let counts = counts(10, KeyDistribution::Hot { percent: 80 }, 42, 10_000);
        assert!((7_800..8_200).contains(&counts[0]), "{counts:?}");
        assert!(counts[1..].iter().all(|count| (120..330).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_second_key_of_zipf_comes_half_as_often_as_the_first() {
        let counts = counts(10, KeyDistribution::Zipf { exponent: 1 }, 42, 10_000);
        // 1 + 1/2 + .. + 1/10 is about 2.93.
        assert!((3_300..3_530).contains(&counts[0]), "{counts:?}");
        assert!((1_600..1_810).contains(&counts[1]), "{counts:?}");
    }

    fn any_distribution() -> impl Strategy<Value = KeyDistribution> {
        prop_oneof![
            Just(KeyDistribution::Uniform),
            (1..6_u32).prop_map(|exponent| KeyDistribution::Zipf { exponent }),
            (0..=100_u32).prop_map(|percent| KeyDistribution::Hot { percent }),
        ]
    }

    proptest! {
        /// Every draw is one of the keys, and the same seed draws the same.
        #[test]
        fn draws_stay_in_range_and_repeat(
            distribution in any_distribution(), count in 1..2_000_u32, seed in any::<u64>(),
        ) {
            let first = counts(count, distribution, seed, 200);
            prop_assert_eq!(first.iter().sum::<u32>(), 200);
            prop_assert_eq!(first, counts(count, distribution, seed, 200));
        }

        /// A Zipf table grows with each key, so that each can be drawn.
        #[test]
        fn every_key_of_zipf_has_a_weight(count in 1..3_000_u32, exponent in 1..64_u32) {
            let table = zipf(count, exponent);
            prop_assert_eq!(table.len(), count as usize);
            prop_assert!(table.windows(2).all(|pair| pair[0] < pair[1]) && table[0] > 0);
        }
    }
}
