//! Where the replicas of a new topic go: Kafka's `StripedReplicaPlacer`.
//!
//! Partition after partition is laid over the racks in turn, and within a rack over its brokers in
//! turn, both from a random start, so that leaders and followers spread evenly. Fenced brokers come
//! last and never lead. Drawn with Java's generator, the assignment is Kafka's to the letter.

use std::sync::Arc;

use crate::ids::BrokerId;
use crate::rng::Stream;

#[cfg(test)]
mod tests;

/// A source of random numbers below a bound, as `java.util.Random` is one.
pub trait Random {
    /// A number from 0 up to, but without, `bound`, which is not zero.
    fn next_int(&mut self, bound: usize) -> usize;
}

impl Random for Stream {
    fn next_int(&mut self, bound: usize) -> usize {
        self.below(bound as u64) as usize
    }
}

/// A broker on which replicas may be placed.
#[derive(Clone, Debug)]
pub struct UsableBroker {
    /// Its id.
    pub id: BrokerId,
    /// Its `broker.rack`.
    pub rack: Option<Arc<str>>,
    /// Whether the controller has shut it out.
    pub fenced: bool,
}

/// Places the replicas of `partitions` partitions; the first replica of each is its preferred
/// leader.
///
/// # Errors
/// In Kafka's words, if there are too few brokers, or none that could lead.
pub fn place(
    random: &mut impl Random,
    brokers: &[UsableBroker],
    partitions: usize,
    replication_factor: usize,
) -> Result<Vec<Vec<BrokerId>>, String> {
    let mut racks = RackList::new(random, brokers);
    if replication_factor == 0 {
        return Err("Invalid replication factor 0: the replication factor must be positive.".into());
    }
    if racks.unfenced_brokers == 0 {
        return Err(
            "All brokers are currently fenced, or have all their log directories cordoned.".into(),
        );
    }
    if replication_factor > brokers.len() {
        return Err(format!(
            "The target replication factor of {replication_factor} cannot be reached because only {} \
             broker(s) are registered or some brokers have all their log directories cordoned.",
            brokers.len()
        ));
    }
    Ok((0..partitions).map(|_| racks.place(random, replication_factor)).collect())
}

/// Brokers that are handed out in turn, once each in a round.
#[derive(Debug, Default)]
struct BrokerList {
    brokers: Vec<BrokerId>,
    /// How many were handed out in this round.
    index: usize,
    /// Where this round began.
    offset: usize,
    /// Which round this is.
    epoch: usize,
}

impl BrokerList {
    fn initialize(&mut self, random: &mut impl Random) {
        if !self.brokers.is_empty() {
            self.brokers.sort_unstable();
            self.offset = random.next_int(self.brokers.len());
        }
    }

    /// The next broker in this round; none once all had their turn. Each round begins one further.
    fn next(&mut self, epoch: usize) -> Option<BrokerId> {
        if self.brokers.is_empty() {
            return None;
        }
        if self.epoch != epoch {
            self.epoch = epoch;
            self.index = 0;
            self.offset = (self.offset + 1) % self.brokers.len();
        }
        if self.index >= self.brokers.len() {
            return None;
        }
        let broker = self.brokers[(self.index + self.offset) % self.brokers.len()];
        self.index += 1;
        Some(broker)
    }
}

/// The brokers of one rack.
#[derive(Debug, Default)]
struct Rack {
    name: Option<Arc<str>>,
    fenced: BrokerList,
    unfenced: BrokerList,
}

impl Rack {
    fn next(&mut self, epoch: usize) -> Option<BrokerId> {
        self.unfenced.next(epoch).or_else(|| self.fenced.next(epoch))
    }
}

/// The racks, which are gone through in turn, each partition beginning one further.
#[derive(Debug)]
struct RackList {
    /// In the order in which Java's `HashMap` goes through them, which decides who draws first.
    racks: Vec<Rack>,
    /// Indexes of racks, at first in the order of their names.
    order: Vec<usize>,
    unfenced_brokers: usize,
    epoch: usize,
    offset: usize,
}

impl RackList {
    fn new(random: &mut impl Random, brokers: &[UsableBroker]) -> Self {
        let mut racks: Vec<Rack> = Vec::new();
        for broker in brokers {
            let known = racks.iter().position(|rack| rack.name == broker.rack);
            let index = known.unwrap_or_else(|| {
                racks.push(Rack { name: broker.rack.clone(), ..Rack::default() });
                racks.len() - 1
            });
            let rack = &mut racks[index];
            let list = if broker.fenced { &mut rack.fenced } else { &mut rack.unfenced };
            list.brokers.push(broker.id);
        }
        sort_as_hash_map(&mut racks);
        for rack in &mut racks {
            rack.fenced.initialize(random);
            rack.unfenced.initialize(random);
        }
        let mut order: Vec<usize> = (0..racks.len()).collect();
        order.sort_by(|a, b| racks[*a].name.cmp(&racks[*b].name));
        let offset = if racks.is_empty() { 0 } else { random.next_int(racks.len()) };
        let unfenced_brokers = brokers.iter().filter(|broker| !broker.fenced).count();
        Self { racks, order, unfenced_brokers, epoch: 0, offset }
    }

    fn place(&mut self, random: &mut impl Random, replication_factor: usize) -> Vec<BrokerId> {
        // Once there are as many assignments as brokers they would repeat: shuffle. With a single
        // broker there is nothing else to come.
        if self.epoch == self.unfenced_brokers && self.unfenced_brokers > 1 {
            self.shuffle(random);
            self.epoch = 0;
        }
        if self.offset == self.order.len() {
            self.offset = 0;
        }
        let (leader, leader_place) = self.place_leader();
        let mut replicas = vec![leader];
        let mut place = self.offset;
        // The leader's rack has had its turn; it is passed over once.
        let mut passed_over = Some(leader_place);
        while replicas.len() < replication_factor {
            if passed_over == Some(place) {
                passed_over = None;
            } else {
                replicas.extend(self.racks[self.order[place]].next(self.epoch));
            }
            place = (place + 1) % self.order.len();
        }
        self.epoch += 1;
        self.offset += 1;
        replicas
    }

    /// The next unfenced broker, and the place of its rack.
    fn place_leader(&mut self) -> (BrokerId, usize) {
        let places = self.order.len();
        for place in (0..places).map(|step| (self.offset + step) % places) {
            if let Some(leader) = self.racks[self.order[place]].unfenced.next(self.epoch) {
                return (leader, place);
            }
        }
        unreachable!(
            "an unfenced broker has its turn in each round, and rounds end before they run out"
        )
    }

    fn shuffle(&mut self, random: &mut impl Random) {
        shuffle(&mut self.order, random);
        for rack in &mut self.racks {
            shuffle(&mut rack.fenced.brokers, random);
            shuffle(&mut rack.unfenced.brokers, random);
        }
    }
}

/// `Collections.shuffle`.
fn shuffle<T>(items: &mut [T], random: &mut impl Random) {
    for end in (2..=items.len()).rev() {
        items.swap(end - 1, random.next_int(end));
    }
}

/// Sorts racks, which stand in the order of their coming, as a Java `HashMap` with their names for
/// keys goes through them: by bucket.
fn sort_as_hash_map(racks: &mut [Rack]) {
    let mut buckets: usize = 16;
    while racks.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    racks.sort_by_key(|rack| {
        let hash = java_hash(rack.name.as_deref().unwrap_or_default());
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
}

/// `String.hashCode`. That of an absent `Optional` is 0, as that of an empty string.
fn java_hash(text: &str) -> u32 {
    text.encode_utf16()
        .fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}
