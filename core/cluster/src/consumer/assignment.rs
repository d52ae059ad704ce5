//! The partitions that a consumer owns, and where it reads in each: Kafka's `SubscriptionState`.

use std::collections::BTreeMap;

use highwater_log::{LeaderEpoch, Offset};

use crate::consumer::read_replica::ReadReplica;
use crate::ids::TopicPartition;
use crate::time::Time;

/// The partitions of one generation.
#[derive(Clone, Debug, Default)]
pub(super) struct Assignment {
    /// One higher whenever everything is given back: answers that were asked for before are not
    /// looked at.
    pub(super) id: u64,
    pub(super) partitions: BTreeMap<TopicPartition, Partition>,
    /// Whether they are about to be given back: the application gets nothing more of them.
    pub(super) is_pending_revocation: bool,
}

/// A partition that a consumer owns.
#[derive(Clone, Debug)]
pub(super) struct Partition {
    pub(super) position: Position,
    /// The leader epoch that goes with the position: of the last batch that was read, or what was found
    /// with the offset where it began. A commit carries it (KIP-320).
    pub(super) offset_epoch: LeaderEpoch,
    /// The last offset that the consumer committed, or found committed.
    pub(super) committed: Option<Offset>,
    /// Until when nothing is asked of the partition.
    pub(super) not_before: Time,
    /// Whether the leader that the consumer knows is no longer one: newer metadata is awaited.
    pub(super) awaits_metadata: bool,
    /// Whether it is about to be given back, while others are kept: nothing more is read of it.
    pub(super) is_being_revoked: bool,
    /// Whether its offset is being asked for.
    pub(super) is_asking: bool,
    /// Whether the application, or a person, paused it.
    pub(super) is_paused: bool,
    /// Until when it waits for its next record to be due.
    pub(super) paused_until: Time,
    /// How far the partition's leader lets it read, as its last answer said: the high watermark, or the
    /// last stable offset for who reads only what is committed.
    pub(super) end: Option<Offset>,
    /// The replica to fetch from in place of the leader (KIP-392).
    pub(super) preferred_read_replica: Option<ReadReplica>,
}

/// Where a consumer reads next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// Where the group has got to: the coordinator is asked.
    Committed,
    /// Where `auto.offset.reset` says: the partition's leader is asked for this timestamp.
    Reset(i64),
    /// At this offset.
    At(Offset),
}

impl Assignment {
    /// Takes over what was assigned. What the consumer owned already goes on as it was.
    pub(super) fn assign(&mut self, partitions: &[TopicPartition]) {
        self.is_pending_revocation = false;
        let mut before = std::mem::take(&mut self.partitions);
        let mut state = |partition| before.remove(partition).unwrap_or_else(Partition::new);
        self.partitions =
            partitions.iter().map(|partition| (partition.clone(), state(partition))).collect();
    }

    /// What the consumer owns.
    pub(super) fn owned(&self) -> Vec<TopicPartition> {
        self.partitions.keys().cloned().collect()
    }

    /// What of this the consumer does not own yet.
    pub(super) fn not_owned(&self, partitions: &[TopicPartition]) -> Vec<TopicPartition> {
        let is_new = |partition: &&TopicPartition| !self.partitions.contains_key(*partition);
        partitions.iter().filter(is_new).cloned().collect()
    }

    /// What the consumer owns beyond this.
    pub(super) fn owned_beyond(&self, partitions: &[TopicPartition]) -> Vec<TopicPartition> {
        let owned = self.partitions.keys();
        owned.filter(|partition| !partitions.contains(partition)).cloned().collect()
    }

    /// Nothing more is read of these: they are given back as soon as that is committed.
    pub(super) fn begin_revocation(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            if let Some(state) = self.partitions.get_mut(partition) {
                state.is_being_revoked = true;
            }
        }
    }

    /// Gives some back, and keeps the rest.
    pub(super) fn remove(&mut self, partitions: &[TopicPartition]) {
        self.partitions.retain(|partition, _| !partitions.contains(partition));
    }

    /// Gives everything back.
    pub(super) fn take(&mut self) -> Vec<TopicPartition> {
        self.id += 1;
        self.is_pending_revocation = false;
        std::mem::take(&mut self.partitions).into_keys().collect()
    }

    /// Where the application has got to in each partition: what a commit commits.
    pub(super) fn consumed(&self) -> BTreeMap<TopicPartition, Offset> {
        let partitions = self.partitions.iter();
        partitions
            .filter_map(|(name, partition)| Some((name.clone(), partition.reached()?)))
            .collect()
    }

    /// The leader epoch to commit with an offset: known where the consumer stands, and not elsewhere.
    pub(super) fn epoch_at(&self, partition: &TopicPartition, offset: Offset) -> LeaderEpoch {
        let state = self.partitions.get(partition);
        let state = state.filter(|state| state.reached() == Some(offset));
        state.map_or(LeaderEpoch::NONE, |state| state.offset_epoch)
    }

    /// Newer metadata came: what waited for it may be tried again.
    pub(super) fn metadata_updated(&mut self) {
        for partition in self.partitions.values_mut() {
            partition.awaits_metadata = false;
        }
    }

    /// The next instant at which something may be asked of a partition again.
    pub(super) fn next_retry(&self, now: Time) -> Option<Time> {
        let each = self.partitions.values();
        let times = each.flat_map(|partition| [partition.not_before, partition.paused_until]);
        times.filter(|at| *at > now).min()
    }
}

impl Partition {
    fn new() -> Self {
        Self {
            position: Position::Committed,
            offset_epoch: LeaderEpoch::NONE,
            committed: None,
            not_before: Time::ZERO,
            awaits_metadata: false,
            is_being_revoked: false,
            is_asking: false,
            is_paused: false,
            paused_until: Time::ZERO,
            end: None,
            preferred_read_replica: None,
        }
    }

    /// The offset of the next record to read, once it is known; none if no more is to be read.
    pub(super) fn offset(&self) -> Option<Offset> {
        self.reached().filter(|_| !self.is_being_revoked)
    }

    /// How far the application has got.
    fn reached(&self) -> Option<Offset> {
        match self.position {
            Position::At(offset) => Some(offset),
            Position::Committed | Position::Reset(_) => None,
        }
    }

    /// Whether the application gets nothing of it for now.
    pub(super) fn is_paused(&self, now: Time) -> bool {
        self.is_paused || self.paused_until > now
    }

    /// Whether something may be asked of the partition now.
    pub(super) fn is_ready(&self, now: Time) -> bool {
        !self.is_asking && !self.awaits_metadata && self.not_before <= now
    }
}
