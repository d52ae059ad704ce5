//! What has moved from whom to whom, so that two partitions of a topic never swap their owners: one of
//! them moves back instead.

use std::collections::BTreeMap;

use crate::group::java_hash::hash_code;
use crate::ids::{MemberId, TopicName, TopicPartition};

/// From whom, and to whom.
type Pair = (MemberId, MemberId);

/// The movements of one assignment.
#[derive(Default)]
pub(super) struct Movements {
    by_partition: BTreeMap<TopicPartition, Pair>,
    by_pair: BTreeMap<(TopicName, Pair), Vec<TopicPartition>>,
}

impl Movements {
    /// Notes that a partition moves. Several moves in a row count as one, and none if it comes back.
    pub(super) fn record(&mut self, partition: &TopicPartition, from: &MemberId, to: &MemberId) {
        let origin = match self.forget(partition) {
            Some((origin, _)) if origin == *to => return,
            Some((origin, _)) => origin,
            None => from.clone(),
        };
        let pair = (origin, to.clone());
        self.by_partition.insert(partition.clone(), pair.clone());
        self.by_pair.entry((partition.topic.clone(), pair)).or_default().push(partition.clone());
    }

    /// What to move instead of a partition: one of the same topic that moved the other way before.
    pub(super) fn actual(
        &self,
        partition: &TopicPartition,
        from: &MemberId,
        to: &MemberId,
    ) -> TopicPartition {
        let from = self.by_partition.get(partition).map_or(from, |(origin, _)| origin);
        let back = (partition.topic.clone(), (to.clone(), from.clone()));
        let moved = self.by_pair.get(&back).into_iter().flatten();
        moved.min_by_key(|moved| bucket(moved)).unwrap_or(partition).clone()
    }

    fn forget(&mut self, partition: &TopicPartition) -> Option<Pair> {
        let pair = self.by_partition.remove(partition)?;
        let key = (partition.topic.clone(), pair);
        if let Some(moved) = self.by_pair.get_mut(&key) {
            moved.retain(|other| other != partition);
        }
        Some(key.1)
    }
}

/// The place of a partition in a small Java set: Kafka takes whichever comes first there.
fn bucket(partition: &TopicPartition) -> u32 {
    let number = 31_i32.wrapping_add(partition.partition.0);
    let hash = number.wrapping_mul(31).wrapping_add(hash_code(partition.topic.as_str()));
    let hash = hash.cast_unsigned();
    (hash ^ hash >> 16) & 15
}
