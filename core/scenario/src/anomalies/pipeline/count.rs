//! What the way from topic to topic has come to: lost, there twice, right, or not done yet.

use std::borrow::Cow;
use std::collections::BTreeMap;

use highwater_cluster::application::{Guarantee, Shape, Source};
use highwater_cluster::ids::{GroupId, TopicName, TopicPartition};
use highwater_cluster::log::{Batch, Log, Offset};
use highwater_cluster::world::World;

/// What all applications of a group that write to one topic have made of what they read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineCount {
    /// The group.
    pub group: GroupId,
    /// What is read.
    pub from: Vec<TopicName>,
    /// Where it is written to.
    pub to: TopicName,
    /// The guarantee of the application that was started last.
    pub guarantee: Guarantee,
    /// Records of which came what was to come.
    pub right: u64,
    /// Records of which less came, though their offsets are committed: nobody will read them again.
    pub lost: u64,
    /// Records of which more came.
    pub duplicated: u64,
    /// Records that are not committed yet and of which less came so far.
    pub pending: u64,
    /// The same for each partition that is read.
    pub partitions: Vec<PipelinePartition>,
}

/// What came of the records of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelinePartition {
    /// The partition.
    pub partition: TopicPartition,
    /// Where its first reader began.
    pub start: Offset,
    /// Up to where its records are committed.
    pub committed: Offset,
    /// Up to where there are records that can be read.
    pub end: Offset,
    /// The offsets of those that are lost, in order.
    pub lost: Vec<Offset>,
    /// The offsets of those of which too much came, in order.
    pub duplicated: Vec<Offset>,
    /// How many are not done yet.
    pub pending: u64,
    /// Of how many came what was to come.
    pub right: u64,
}

impl PipelineCount {
    pub(super) fn new(
        group: &GroupId,
        to: &TopicName,
        from: &[TopicName],
        guarantee: Guarantee,
    ) -> Self {
        let (group, to, from) = (group.clone(), to.clone(), from.to_vec());
        let (right, lost, duplicated, pending) = (0, 0, 0, 0);
        let partitions = Vec::new();
        Self { group, from, to, guarantee, right, lost, duplicated, pending, partitions }
    }

    /// Compares the logs. `progress` knows for a partition where its first reader began, and up to where
    /// the group has committed.
    pub(super) fn fill(
        mut self,
        world: &World,
        shape: Shape,
        progress: &dyn Fn(&TopicPartition) -> Option<(Offset, Offset)>,
    ) -> Self {
        let made = made(world, &self.to);
        for partition in self.from.iter().flat_map(|topic| partitions(world, topic)) {
            let Some((start, committed)) = progress(&partition) else { continue };
            let end = leader_log(world, &partition).map_or(start, |log| log.last_stable_offset());
            let none = (Vec::new(), Vec::new());
            let mut own = PipelinePartition {
                partition,
                start,
                committed,
                end,
                lost: none.0,
                duplicated: none.1,
                pending: 0,
                right: 0,
            };
            for offset in offsets(world, &own.partition, start, end) {
                let source = Source { partition: own.partition.clone(), offset };
                let came = made.get(&source).copied().unwrap_or(0);
                match came.cmp(&shape.expected(offset)) {
                    std::cmp::Ordering::Equal => own.right += 1,
                    std::cmp::Ordering::Greater => own.duplicated.push(offset),
                    std::cmp::Ordering::Less if offset < committed => own.lost.push(offset),
                    std::cmp::Ordering::Less => own.pending += 1,
                }
            }
            self.right += own.right;
            self.lost += own.lost.len() as u64;
            self.duplicated += own.duplicated.len() as u64;
            self.pending += own.pending;
            self.partitions.push(own);
        }
        self
    }
}

/// The offsets of the records of a partition from one offset up to another, that a reader of committed
/// records gets.
pub(super) fn offsets(
    world: &World,
    partition: &TopicPartition,
    from: Offset,
    to: Offset,
) -> impl Iterator<Item = Offset> {
    let log = leader_log(world, partition);
    let batches: Vec<_> =
        log.iter().flat_map(|log| committed_batches(log, from, to)).cloned().collect();
    let records = batches.into_iter().flat_map(|batch| batch.records().unwrap_or_default());
    records.map(|record| record.offset).filter(move |offset| from <= *offset && *offset < to)
}

/// How many records that can be read were made of each record.
fn made(world: &World, to: &TopicName) -> BTreeMap<Source, u32> {
    let mut made = BTreeMap::new();
    for partition in partitions(world, to) {
        let Some(log) = leader_log(world, &partition) else { continue };
        for batch in committed_batches(&log, log.log_start_offset(), log.last_stable_offset()) {
            for source in batch.records().unwrap_or_default().iter().filter_map(Source::of) {
                *made.entry(source).or_default() += 1;
            }
        }
    }
    made
}

/// The batches with records from one offset up to another, without those of aborted transactions.
fn committed_batches(log: &Log, from: Offset, to: Offset) -> impl Iterator<Item = &Batch> {
    let aborted = log.aborted_transactions(from, to);
    let is_aborted = move |batch: &Batch| {
        let header = batch.header();
        let is_of = |first: Offset, last: Offset| {
            first <= batch.base_offset() && batch.last_offset() <= last
        };
        header.is_transactional
            && aborted.iter().any(|transaction| {
                transaction.producer_id == header.producer_id
                    && is_of(transaction.first_offset, transaction.last_offset)
            })
    };
    log.batches_from(from)
        .take_while(move |batch| batch.base_offset() < to)
        .filter(move |batch| !batch.header().is_control && !is_aborted(batch))
}

fn partitions(world: &World, topic: &TopicName) -> Vec<TopicPartition> {
    let known = world.metadata().and_then(|image| image.topics.get(topic));
    let indexes = known.into_iter().flat_map(|topic| topic.partitions.keys());
    indexes.map(|index| TopicPartition { topic: topic.clone(), partition: *index }).collect()
}

/// The log of a partition at its leader, with what is in the remote tier.
fn leader_log<'a>(world: &'a World, partition: &TopicPartition) -> Option<Cow<'a, Log>> {
    world.whole_log(world.registration(partition)?.leader?, partition)
}
