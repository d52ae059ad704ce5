//! How a key leads to a partition, step by step: murmur2, `toPositive`, modulo.

use crate::client::partitioner::{Murmur2Step, murmur2_in_steps, to_positive};
use crate::ids::PartitionIndex;

/// The sum that leads from a key to its partition, as Kafka's `BuiltInPartitioner` does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHash {
    /// The bytes of the key.
    pub key_bytes: usize,
    /// `h` before the first byte: the seed, and the length of the key in it.
    pub seeded: u32,
    /// What each four bytes did, and then what was left of them; of a long key, the first of them.
    pub steps: Vec<HashStep>,
    /// The steps that are not among them.
    pub left_out: usize,
    /// The hash, after the last mixing.
    pub hash: i32,
    /// The hash with its sign bit cleared: `Utils.toPositive`.
    pub positive: i32,
    /// How many partitions the topic has.
    pub partitions: i32,
    /// The rest of the division: the partition.
    pub partition: PartitionIndex,
}

/// A step of the sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashStep {
    /// The bytes that were taken: four, or at the end what was left.
    pub bytes: Vec<u8>,
    /// `h` after it.
    pub h: u32,
}

/// The steps that are handed out.
const MOST_STEPS: usize = 32;

impl KeyHash {
    /// The sum for a key, for a topic of so many partitions.
    ///
    /// # Panics
    /// If there is no partition.
    pub fn new(key: &[u8], partitions: i32) -> Self {
        let (mut seeded, mut steps, mut left_out) = (0, Vec::new(), 0);
        let hash = murmur2_in_steps(key, |step| match step {
            Murmur2Step::Seeded(h) => seeded = h,
            Murmur2Step::Taken(bytes, h) if steps.len() < MOST_STEPS => {
                steps.push(HashStep { bytes: bytes.to_vec(), h });
            }
            Murmur2Step::Taken(..) => left_out += 1,
        });
        let positive = to_positive(hash);
        let partition = PartitionIndex(positive % partitions);
        let key_bytes = key.len();
        Self { key_bytes, seeded, steps, left_out, hash, positive, partitions, partition }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::client::partitioner::{murmur2, partition_for_key};

    /// Worked out by hand from the formula, each step by itself.
    #[test]
    fn the_steps_of_a_short_key() {
        const M: u32 = 0x5bd1_e995;
        let sum = KeyHash::new(b"21abc", 6);
        assert_eq!(sum.seeded, 0x9747_b28c ^ 5);
        let mixed = u32::from_le_bytes(*b"21ab").wrapping_mul(M);
        let mixed = (mixed ^ mixed >> 24).wrapping_mul(M);
        let first = sum.seeded.wrapping_mul(M) ^ mixed;
        let second = (first ^ u32::from(b'c')).wrapping_mul(M);
        let expected = [
            HashStep { bytes: b"21ab".to_vec(), h: first },
            HashStep { bytes: b"c".to_vec(), h: second },
        ];
        assert_eq!(sum.steps, expected);
    }

    proptest! {
        /// The sum ends where the partitioner does, and shows every byte or says how many it does not.
        #[test]
        fn the_sum_is_the_partitioners(key in proptest::collection::vec(any::<u8>(), 0..200), partitions in 1..100) {
            let sum = KeyHash::new(&key, partitions);
            prop_assert_eq!(sum.hash, murmur2(&key));
            prop_assert_eq!(sum.partition, partition_for_key(&key, partitions));
            prop_assert_eq!(sum.steps.len() + sum.left_out, key.len().div_ceil(4));
            let shown: Vec<u8> = sum.steps.iter().flat_map(|step| step.bytes.clone()).collect();
            prop_assert!(key.starts_with(&shown));
        }
    }
}
