//! Which partition a record goes to that names none: `partitioner.class`, or a rule of the person's.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::client::{Partitions, partition_for_key, to_positive};
use crate::ids::{PartitionIndex, TopicName};
use crate::producer::partition_rule::{PartitionRule, Target};

/// What chooses the partitions of records that name none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Partitioner {
    /// Kafka's built-in logic: by the hash of the key, or stickily without one.
    #[default]
    BuiltIn,
    /// Kafka's `RoundRobinPartitioner`: one partition that has a leader after the other, whatever the key.
    RoundRobin,
    /// Any partition that has a leader, each alike. Kafka has no such class.
    Random,
    /// A rule that a person wrote.
    Rule(Arc<PartitionRule>),
}

impl Partitioner {
    const ROUND_ROBIN: &str = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
    const RANDOM: &str = "highwater.RandomPartitioner";

    /// What may be given as `partitioner.class`.
    pub const CLASSES: &[&str] = &[Self::ROUND_ROBIN, Self::RANDOM];

    /// The partitioner of a class. The error is the reason alone.
    pub(super) fn of_class(name: &str) -> Result<Self, String> {
        match name {
            "" | "null" => Ok(Self::BuiltIn),
            Self::ROUND_ROBIN => Ok(Self::RoundRobin),
            Self::RANDOM => Ok(Self::Random),
            _ => Err(format!(
                "Class {name} could not be found. (Here there are {}; one of your own is written \
                 with --partition-rule.)",
                Self::CLASSES.join(" and ")
            )),
        }
    }

    /// As `partitioner.class` shows it.
    pub(super) fn class(&self) -> &'static str {
        match self {
            Self::BuiltIn => "null",
            Self::RoundRobin => Self::ROUND_ROBIN,
            Self::Random => Self::RANDOM,
            Self::Rule(_) => "highwater.PartitionRule",
        }
    }
}

/// A partitioner at work.
#[derive(Clone, Debug, Default)]
pub(super) struct Chooser {
    partitioner: Partitioner,
    /// How often one after the other was chosen, by topic: `RoundRobinPartitioner.topicCounterMap`.
    counters: BTreeMap<TopicName, i32>,
}

/// A choice. It counts once the record is taken: until then the same is chosen again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) partition: PartitionIndex,
    /// Whether the next one in turn was chosen.
    is_turn: bool,
}

impl Chooser {
    pub(super) fn new(partitioner: Partitioner) -> Self {
        Self { partitioner, counters: BTreeMap::new() }
    }

    /// Chooses a partition; none if that is left to the built-in logic. `random` gives numbers from 0 to
    /// `i32::MAX`.
    pub(super) fn choose(
        &self,
        topic: &TopicName,
        key: Option<&[u8]>,
        partitions: Partitions<'_>,
        random: &mut dyn FnMut() -> u32,
    ) -> Option<Choice> {
        let target = match &self.partitioner {
            Partitioner::BuiltIn => return None,
            Partitioner::RoundRobin => Target::RoundRobin,
            Partitioner::Random => Target::Random,
            Partitioner::Rule(rule) => rule.target(key),
        };
        let partition = match (target, key) {
            (Target::Partition(partition), _) => partition,
            (Target::Among { first, last }, Some(key)) => {
                let count = last.0.saturating_sub(first.0).saturating_add(1);
                PartitionIndex(first.0 + partition_for_key(key, count).0)
            }
            (Target::Among { first, last }, None) => {
                let count = u64::from(last.0.abs_diff(first.0)) + 1;
                PartitionIndex(first.0 + (u64::from(random()) % count) as i32)
            }
            (Target::Hash, Some(key)) => partition_for_key(key, partitions.count),
            (Target::Hash, None) => return None,
            (Target::RoundRobin, _) => {
                let turn = self.counters.get(topic).copied().unwrap_or(0);
                nth(partitions, to_positive(turn))
            }
            (Target::Random, _) => nth(partitions, random() as i32),
        };
        Some(Choice { partition, is_turn: target == Target::RoundRobin })
    }

    /// The record for which that was chosen is taken.
    pub(super) fn took(&mut self, topic: &TopicName, choice: Choice) {
        if choice.is_turn {
            let counter = self.counters.entry(topic.clone()).or_default();
            *counter = counter.wrapping_add(1);
        }
    }
}

/// The partition at that place among those with a leader, or among all if none has one.
fn nth(partitions: Partitions<'_>, number: i32) -> PartitionIndex {
    match partitions.available {
        [] => PartitionIndex(number % partitions.count),
        available => available[number as usize % available.len()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The partitions of six records in turn, with keys from `keys`.
    fn check(partitioner: Partitioner, available: &[i32], keys: &[&str], expected: &[i32]) {
        let available: Vec<PartitionIndex> =
            available.iter().copied().map(PartitionIndex).collect();
        let partitions = Partitions { count: 4, available: &available };
        let topic = TopicName::from("orders");
        let mut chooser = Chooser::new(partitioner.clone());
        let mut drawn = 0;
        let mut random = || {
            drawn += 1;
            drawn
        };
        let chosen = keys.iter().map(|key| {
            let key = (!key.is_empty()).then_some(key.as_bytes());
            let choice = chooser.choose(&topic, key, partitions, &mut random);
            if let Some(choice) = choice {
                assert_eq!(
                    chooser.choose(&topic, key, partitions, &mut || 0).unwrap().is_turn,
                    choice.is_turn
                );
                chooser.took(&topic, choice);
            }
            choice.map_or(-1, |choice| choice.partition.0)
        });
        let chosen: Vec<i32> = chosen.collect();
        assert_eq!(chosen, expected, "{partitioner:?}");
    }

    fn rule(text: &str) -> Partitioner {
        Partitioner::Rule(Arc::new(PartitionRule::parse(text).expect("it is a rule")))
    }

    #[test]
    fn each_partitioner_chooses_as_it_says() {
        let same = ["a"; 6];
        check(Partitioner::BuiltIn, &[0, 1, 2, 3], &same, &[-1; 6]);
        check(Partitioner::RoundRobin, &[0, 1, 2, 3], &same, &[0, 1, 2, 3, 0, 1]);
        check(Partitioner::RoundRobin, &[1, 3], &same, &[1, 3, 1, 3, 1, 3]);
        check(Partitioner::RoundRobin, &[], &same, &[0, 1, 2, 3, 0, 1]);
        check(Partitioner::Random, &[1, 3], &same, &[3, 1, 3, 1, 3, 1]);
        let vip = rule("key=vip:0;key~^eu-:9;else:roundrobin");
        check(vip, &[0, 1, 2, 3], &["vip", "a", "eu-1", "b", "", "vip"], &[0, 0, 9, 1, 2, 0]);
        check(rule("key=vip:0"), &[0, 1], &["vip", ""], &[0, -1]);
        check(
            rule("else:2..3"),
            &[0, 1, 2, 3],
            &["a", "b", "", ""],
            &[2 + partition_for_key(b"a", 2).0, 2 + partition_for_key(b"b", 2).0, 3, 2],
        );
    }

    #[test]
    fn a_turn_counts_only_once_the_record_is_taken() {
        let available = [PartitionIndex(0), PartitionIndex(1)];
        let partitions = Partitions { count: 2, available: &available };
        let topic = TopicName::from("orders");
        let chooser = Chooser::new(Partitioner::RoundRobin);
        let choose = || chooser.choose(&topic, None, partitions, &mut || 0);
        assert_eq!(choose(), choose());
    }

    #[test]
    fn a_class_that_kafka_no_longer_has_is_not_found() {
        let error =
            Partitioner::of_class("org.apache.kafka.clients.producer.UniformStickyPartitioner");
        assert!(
            error.unwrap_err().starts_with("Class org.apache.kafka.clients.producer.UniformSticky")
        );
    }
}
