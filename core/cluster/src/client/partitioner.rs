//! Which partition a record goes to: by its key, or, without one, uniform sticky (KIP-794).

use crate::ids::PartitionIndex;

/// The hash of a key: 32-bit Murmur2 as Kafka computes it, with Kafka's seed.
pub fn murmur2(data: &[u8]) -> i32 {
    murmur2_in_steps(data, |_| {})
}

/// A step of [`murmur2`].
pub(crate) enum Murmur2Step<'a> {
    /// The hash before the first byte.
    Seeded(u32),
    /// The next four bytes, or what is left at the end, and the hash after them.
    Taken(&'a [u8], u32),
}

/// As [`murmur2`], telling each step.
pub(crate) fn murmur2_in_steps<'a>(data: &'a [u8], mut tell: impl FnMut(Murmur2Step<'a>)) -> i32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;
    let mut hash = SEED ^ data.len() as u32;
    tell(Murmur2Step::Seeded(hash));
    let mut words = data.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k = (k ^ (k >> R)).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
        tell(Murmur2Step::Taken(word, hash));
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
        tell(Murmur2Step::Taken(rest, hash));
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    (hash ^ (hash >> 15)) as i32
}

/// The number with its sign bit cleared: `Utils.toPositive`. It is not the absolute value.
pub fn to_positive(number: i32) -> i32 {
    number & i32::MAX
}

/// The partition of a key, of `partitions` that there are.
///
/// # Panics
/// If there is no partition.
pub fn partition_for_key(key: &[u8], partitions: i32) -> PartitionIndex {
    PartitionIndex(to_positive(murmur2(key)) % partitions)
}

/// The partitions of a topic, as the sticky partitioner sees them.
#[derive(Clone, Copy, Debug)]
pub struct Partitions<'a> {
    /// How many there are.
    pub count: i32,
    /// Those with a leader, in order.
    pub available: &'a [PartitionIndex],
}

/// Kafka's `BuiltInPartitioner`: records without a key stick to one partition until about
/// `batch.size` bytes went there, then to another that is drawn at random, those with shorter queues
/// more often.
#[derive(Clone, Debug)]
pub struct StickyPartitioner {
    sticky_batch_size: u32,
    current: Option<PartitionIndex>,
    produced_bytes: u32,
    load: Option<LoadStats>,
}

/// How likely each partition is to be drawn next.
#[derive(Clone, Debug)]
struct LoadStats {
    /// Running sums of the weights: a number below an entry, and not below the one before it, draws
    /// that entry's partition.
    cumulative: Vec<u32>,
    partitions: Vec<PartitionIndex>,
}

impl StickyPartitioner {
    /// A partitioner that switches after about `sticky_batch_size` bytes; at least one.
    pub fn new(sticky_batch_size: u32) -> Self {
        let sticky_batch_size = sticky_batch_size.max(1);
        Self { sticky_batch_size, current: None, produced_bytes: 0, load: None }
    }

    /// The partition that records stick to; the first is drawn now. `random` gives numbers from 0 to
    /// `i32::MAX`.
    ///
    /// # Panics
    /// If the topic has no partition.
    pub fn current(
        &mut self,
        partitions: Partitions<'_>,
        random: &mut dyn FnMut() -> u32,
    ) -> PartitionIndex {
        match self.current {
            Some(partition) => partition,
            None => self.switch(partitions, random),
        }
    }

    /// Counts bytes that were appended to the current partition, and switches to another once
    /// `sticky_batch_size` of them were. `may_switch` is false while the partition's last batch still
    /// has room: to leave it half full would make batches smaller. Twice the size switches all the same.
    pub fn appended(
        &mut self,
        bytes: u32,
        may_switch: bool,
        partitions: Partitions<'_>,
        random: &mut dyn FnMut() -> u32,
    ) {
        self.produced_bytes = self.produced_bytes.saturating_add(bytes);
        let is_due = self.produced_bytes >= self.sticky_batch_size && may_switch;
        if is_due || self.produced_bytes >= self.sticky_batch_size.saturating_mul(2) {
            self.switch(partitions, random);
        }
    }

    /// Learns how many batches wait for each partition that has a leader. `None` makes all equally
    /// likely again.
    pub fn update_load(&mut self, queues: Option<&[(PartitionIndex, u32)]>) {
        self.load = queues.and_then(|queues| LoadStats::new(queues, queues.len()));
    }

    /// Learns how many batches wait for each partition that may be drawn, of `count` that there are. That
    /// some may not be drawn is a load too.
    pub fn update_load_among(&mut self, queues: &[(PartitionIndex, u32)], count: i32) {
        self.load = LoadStats::new(queues, usize::try_from(count).unwrap_or(0));
    }

    fn switch(
        &mut self,
        partitions: Partitions<'_>,
        random: &mut dyn FnMut() -> u32,
    ) -> PartitionIndex {
        let random = random();
        let next = match (&self.load, partitions.available) {
            (Some(load), _) => load.draw(random),
            (None, []) => PartitionIndex((random % partitions.count as u32) as i32),
            (None, available) => available[random as usize % available.len()],
        };
        self.current = Some(next);
        self.produced_bytes = 0;
        next
    }
}

impl LoadStats {
    /// None if all of `count` partitions are alike: they need no weights.
    fn new(queues: &[(PartitionIndex, u32)], count: usize) -> Option<Self> {
        let longest = queues.iter().map(|(_, size)| *size).max()?;
        let are_alike = queues.iter().all(|(_, size)| *size == longest);
        if count < 2 || are_alike && queues.len() >= count {
            return None;
        }
        let weights = queues.iter().map(|(_, size)| longest + 1 - size);
        let cumulative = weights.scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Some(Self {
            cumulative: cumulative.collect(),
            partitions: queues.iter().map(|(partition, _)| *partition).collect(),
        })
    }

    fn draw(&self, random: u32) -> PartitionIndex {
        let total = self.cumulative.last().expect("there is a partition");
        let drawn = random % total;
        self.partitions[self.cumulative.partition_point(|sum| *sum <= drawn)]
    }
}
