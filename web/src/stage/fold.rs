//! Which partitions have a row of their own, and which are folded into the band of their topic.

use std::collections::BTreeSet;

use highwater_cluster::health::Health;
use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::view::{ClusterView, PartitionView, TopicView};

use super::shape::Row;

/// The partitions that stand side by side without folding any.
const ROOM: usize = 24;

/// The same on a phone.
const NARROW_ROOM: usize = 12;

/// The troubled partitions of a folded topic that keep their rows.
const TROUBLED: usize = 4;

/// The rows that are drawn. The rest is named, not drawn.
const MOST_ROWS: usize = 240;

/// The rows of the matrix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many partitions of topics that are open have no row, for want of room.
    pub left_out: usize,
    /// How many partitions stand in the bands of their topics only.
    pub folded: usize,
    /// Those of them that are Kafka's own: that these are folded goes without saying.
    pub internal: usize,
}

/// The rows for a cluster. The topics in `opened` are unfolded; `selected` is never folded away. Kafka's own topics can be
/// left out.
pub fn fold(
    view: &ClusterView,
    opened: &BTreeSet<TopicName>,
    selected: Option<&TopicPartition>,
    is_narrow: bool,
    shows_internal: bool,
) -> Folded {
    let room = if is_narrow { NARROW_ROOM } else { ROOM };
    let people: Vec<&TopicView> = view.topics.iter().filter(|topic| !topic.is_internal).collect();
    let sizes: Vec<usize> = people.iter().map(|topic| topic.partitions.len()).collect();
    let folds = folding(&sizes, room);
    let mut all = Folded::default();
    for (topic, folds) in people.iter().zip(folds) {
        all.push(topic, folds, opened.contains(&topic.name), selected);
    }
    // Kafka's own topics stand below those that people made.
    for topic in view.topics.iter().filter(|topic| topic.is_internal && shows_internal) {
        all.push(topic, true, opened.contains(&topic.name), selected);
    }
    all
}

/// Which topics of these sizes fold: the largest first, until the rest has room. A topic of one partition
/// would not be smaller.
fn folding(sizes: &[usize], room: usize) -> Vec<bool> {
    let mut folds = vec![false; sizes.len()];
    let rows = |folds: &[bool]| -> usize {
        let each = sizes.iter().zip(folds);
        each.map(|(size, folds)| if *folds { 1 } else { *size }).sum()
    };
    while rows(&folds) > room {
        let open = (0..sizes.len()).filter(|index| !folds[*index] && sizes[*index] > 1);
        // Of topics of one size the last folds first.
        let Some(largest) = open.max_by_key(|index| sizes[*index]) else { break };
        folds[largest] = true;
    }
    folds
}

impl Folded {
    fn push(
        &mut self,
        topic: &TopicView,
        folds: bool,
        is_open: bool,
        selected: Option<&TopicPartition>,
    ) {
        let (partitions, is_internal) = (topic.partitions.len(), topic.is_internal);
        let shown: Vec<&PartitionView> = if !folds || is_open {
            topic.partitions.iter().collect()
        } else {
            let troubled = troubled(topic);
            let stays = |known: &&PartitionView| {
                selected == Some(&known.partition) || troubled.contains(&known.partition)
            };
            topic.partitions.iter().filter(stays).collect()
        };
        if folds {
            let topic = topic.name.clone();
            self.rows.push(Row::Topic { topic, partitions, is_open, shown: shown.len() });
            self.folded += partitions - shown.len();
            self.internal += if is_internal { partitions - shown.len() } else { 0 };
        }
        let room = MOST_ROWS.saturating_sub(self.rows.len());
        self.left_out += shown.len().saturating_sub(room);
        let rows = shown.into_iter().take(room);
        self.rows.extend(rows.map(|known| Row::Partition(known.partition.clone())));
    }

    /// What is folded, in words; nothing if nothing is.
    pub fn words(&self) -> Option<String> {
        let folded = self.folded - self.internal;
        let folded = (folded > 0)
            .then(|| t!("stage.partitions-are-folded", folded = folded, most = TROUBLED));
        let left_out =
            (self.left_out > 0).then(|| t!("stage.more-partitions-are", left_out = self.left_out));
        let all: Vec<String> = folded.into_iter().chain(left_out).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}

/// The partitions of a topic that are in the worst trouble.
fn troubled(topic: &TopicView) -> BTreeSet<TopicPartition> {
    // Of Kafka's own only what takes no writes is to be seen.
    let least = if topic.is_internal { Health::UnderMinIsr } else { Health::UnderReplicated };
    let mut troubled: Vec<(Health, &TopicPartition)> = topic
        .partitions
        .iter()
        .map(|known| (Health::of(topic, known), &known.partition))
        .filter(|(health, _)| *health >= least)
        .collect();
    // The worst first; of those the first.
    troubled.sort_by_key(|(health, partition)| (std::cmp::Reverse(*health), *partition));
    troubled.into_iter().take(TROUBLED).map(|(_, partition)| partition.clone()).collect()
}

#[cfg(test)]
mod tests {
    use highwater_cluster::ids::{BrokerId, PartitionEpoch, TopicId};
    use highwater_cluster::log::LeaderEpoch;

    use super::*;

    /// A topic of which the partitions in `without_leader` have none.
    fn topic(name: &str, partitions: i32, without_leader: &[i32]) -> TopicView {
        let name = TopicName::from(name);
        let partition = |index: i32| {
            let is_led = !without_leader.contains(&index);
            PartitionView {
                partition: TopicPartition::new(&name, index),
                leader: is_led.then_some(BrokerId(1)),
                leader_epoch: LeaderEpoch(0),
                partition_epoch: PartitionEpoch(0),
                replicas: vec![BrokerId(1)],
                isr: vec![BrokerId(1)],
                elr: Vec::new(),
                adding: Vec::new(),
                removing: Vec::new(),
            }
        };
        TopicView {
            id: TopicId(1),
            is_internal: name.as_str().starts_with("__"),
            configs: Vec::new(),
            min_insync_replicas: 1,
            partitions: (0..partitions).map(partition).collect(),
            name,
        }
    }

    /// Topics as `name` with how many rows: a band as `name*`.
    fn check(topics: Vec<TopicView>, opened: &[&str], selected: Option<(&str, i32)>, expect: &str) {
        let view = ClusterView { topics, ..ClusterView::default() };
        let opened = opened.iter().map(|name| TopicName::from(*name)).collect();
        let selected =
            selected.map(|(name, index)| TopicPartition::new(&TopicName::from(name), index));
        let folded = fold(&view, &opened, selected.as_ref(), false, true);
        let mut said: Vec<(String, usize)> = Vec::new();
        for row in &folded.rows {
            match row {
                Row::Topic { topic, .. } => said.push((format!("{topic}*"), 0)),
                Row::Partition(partition) => {
                    let name = partition.topic.to_string();
                    match said.last_mut() {
                        Some((known, count)) if known.trim_end_matches('*') == name => *count += 1,
                        _ => said.push((name, 1)),
                    }
                }
            }
        }
        let said: Vec<String> =
            said.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
        assert_eq!(said.join(", "), expect);
        let drawn = folded.rows.iter().filter(|row| matches!(row, Row::Partition(_))).count();
        let all: usize = view.topics.iter().map(|topic| topic.partitions.len()).sum();
        assert_eq!(
            drawn + folded.folded + folded.left_out,
            all,
            "every partition is accounted for"
        );
    }

    #[test]
    fn large_topics_fold_and_small_ones_stay() {
        check(vec![topic("a", 24, &[])], &[], None, "a 24");
        check(vec![topic("a", 25, &[])], &[], None, "a* 0");
        check(vec![topic("a", 20, &[]), topic("b", 6, &[])], &[], None, "a* 0, b 6");
        check(
            vec![topic("__consumer_offsets", 3, &[]), topic("a", 1, &[])],
            &[],
            None,
            "a 1, __consumer_offsets* 0",
        );
        check(vec![topic("a", 200, &[])], &["a"], None, "a* 200");
        check(vec![topic("a", 300, &[])], &["a"], None, "a* 239");
    }

    #[test]
    fn what_is_selected_or_troubled_stays_open() {
        check(vec![topic("a", 200, &[7])], &[], None, "a* 1");
        check(vec![topic("a", 200, &[7])], &[], Some(("a", 9)), "a* 2");
        let many: Vec<i32> = (20..90).collect();
        check(vec![topic("a", 200, &many)], &[], None, "a* 4");
    }

    #[test]
    fn what_folds_is_said() {
        let view = ClusterView { topics: vec![topic("a", 200, &[7])], ..ClusterView::default() };
        let words = fold(&view, &BTreeSet::new(), None, false, true).words().unwrap();
        assert!(
            words.starts_with("199 partitions are folded into the bands of their topics."),
            "{words}"
        );
    }
}
