//! Tiered storage on a broker (KIP-405): copying closed segments of the partitions that it leads to the remote store,
//! letting go of them there, and reading from there. `RemoteLogManager`.
//!
//! The store takes its time: what it is asked waits here until a timer says that it is done. Each partition is looked
//! after every `remote.log.manager.task.interval.ms`, and at once when its leader is new.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_log::{LeaderEpoch, Offset};

use crate::broker::Broker;
use crate::broker::replica::Replica;
use crate::broker::retention::{at_least_a_moment, log_start_moved};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{TimerId, TopicPartition};
use crate::remote::TopicIdPartition;
use crate::remote::cache::RemoteCache;
use crate::remote::event::RemoteEvent;
use crate::remote::lineage::{highest_remote_offset, remote_log_start};
use crate::time::Span;
use crate::timer::Timer;

mod copy;
mod delete;
mod expire;
mod fetch;
mod follower;
mod metadata;
mod offsets;
mod store;
mod views;

pub(super) use fetch::RemoteRead;
pub(super) use follower::TierStart;
pub(super) use offsets::{FoundOffset, RemoteLookup, fill};

/// What a broker does with the remote tier.
#[derive(Clone, Debug, Default)]
pub(super) struct Tiered {
    next: u64,
    tasks: BTreeMap<TopicPartition, Task>,
    operations: BTreeMap<u64, store::Operation>,
    deletions: BTreeMap<u64, delete::Deletion>,
    reads: BTreeMap<u64, fetch::DelayedRead>,
    lookups: BTreeMap<u64, offsets::DelayedLookups>,
    metadata: metadata::RemoteMetadata,
    indexes: fetch::IndexCache,
}

/// The looking after one partition.
#[derive(Clone, Debug)]
struct Task {
    owner: TopicIdPartition,
    leader_epoch: LeaderEpoch,
    is_leader: bool,
    timer: TimerId,
    /// The last offset that was copied, once a leader has found it out; none in it if nothing was.
    copied: Option<Option<Offset>>,
    copying: Option<copy::Copying>,
    is_expiring: bool,
    has_log_start: bool,
}

impl Tiered {
    /// A number for the next thing that waits.
    fn next_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// How many fetches wait for the store.
    pub(super) fn reads_under_way(&self) -> usize {
        self.reads.len()
    }
}

impl Broker {
    /// This broker leads or follows a partition from here on, or its topic has other settings: looks after it if it is
    /// tiered, and no longer if it is not.
    pub(super) fn look_after_tier(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let Some(replica) = self.replicas.get(partition) else { return };
        let is_leader = replica.leader().is_some();
        if !is_leader && replica.follower().is_none() {
            return;
        }
        if !replica.log.config().remote_storage {
            return self.tier_disabled(ctx, partition);
        }
        let leader_epoch = replica.leader_epoch;
        let owner = owner_of(replica, partition);
        let known = self.process.tiered.tasks.get(partition);
        if known.is_some_and(|task| {
            (task.leader_epoch, task.is_leader) == (leader_epoch, is_leader) && task.owner == owner
        }) {
            return;
        }
        if let Some(earlier) = self.process.tiered.tasks.remove(partition) {
            ctx.cancel_timer(earlier.timer);
        }
        let timer =
            ctx.set_timer(at_least_a_moment(Span::ZERO), Timer::RemoteLog(partition.clone()));
        let task = Task {
            owner,
            leader_epoch,
            is_leader,
            timer,
            copied: None,
            copying: None,
            is_expiring: false,
            has_log_start: false,
        };
        self.process.tiered.tasks.insert(partition.clone(), task);
        self.consume_remote_metadata(ctx);
    }

    /// Settings have changed: what is tiered now is looked after, and what is not any more is not.
    pub(super) fn look_after_tiers(&mut self, ctx: &mut Ctx<'_>) {
        if !self.config.remote_log_storage_system {
            return;
        }
        let tasks = &self.process.tiered.tasks;
        let concerned = self.replicas.iter().filter(|(partition, replica)| {
            replica.log.config().remote_storage != tasks.contains_key(*partition)
        });
        let concerned: Vec<_> = concerned.map(|(partition, _)| partition.clone()).collect();
        for partition in concerned {
            self.look_after_tier(ctx, &partition);
        }
    }

    /// It is time to look after a partition.
    pub(super) fn look_after_remote_log(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let interval = at_least_a_moment(self.config.remote_log_manager_task_interval);
        let Some(task) = self.process.tiered.tasks.get_mut(partition) else { return };
        task.timer = ctx.set_timer(interval, Timer::RemoteLog(partition.clone()));
        self.run_remote_task(ctx, partition);
    }

    /// Does what is to be done for a partition, if it is known what the store has.
    fn run_remote_task(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let Some(task) = self.process.tiered.tasks.get(partition) else { return };
        if !self.knows_remote_log(task.owner) {
            return self.consume_remote_metadata(ctx);
        }
        if task.is_leader {
            self.take_over_log_start(ctx, partition);
            self.expire_remote_log(ctx, partition);
            self.copy_to_remote(ctx, partition);
        } else {
            self.learn_highest_remote_offset(partition);
        }
    }

    /// A leader that is new begins where the remote tier begins, or without one its disk, if that is above its own log
    /// start.
    fn take_over_log_start(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let Some(task) = self.process.tiered.tasks.get_mut(partition) else { return };
        if std::mem::replace(&mut task.has_log_start, true) {
            return;
        }
        let owner = task.owner;
        let cache = self.process.tiered.metadata.cache(owner);
        let Some(replica) = self.replicas.get(partition) else { return };
        let start = remote_log_start(cache, &replica.log);
        let start = start.unwrap_or(replica.log.local_log_start_offset());
        self.move_log_start(ctx, partition, start);
    }

    /// The log starts further up, unless that is beyond what is committed.
    fn move_log_start(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition, to: Offset) {
        let Some(replica) = self.replicas.get(partition) else { return };
        let from = replica.log.log_start_offset();
        if to <= from || to > replica.log.high_watermark() {
            return;
        }
        let is_leader = replica.leader().is_some();
        let replica = self.replicas.get_mut(partition).expect("it was just there");
        if replica.log.increment_log_start_offset(to) == Ok(true) {
            ctx.emit(log_start_moved(self.id, partition, from, to, is_leader));
        }
    }

    fn learn_highest_remote_offset(&mut self, partition: &TopicPartition) {
        let Some(task) = self.process.tiered.tasks.get(partition) else { return };
        let cache = self.process.tiered.metadata.cache(task.owner);
        let Some(replica) = self.replicas.get(partition) else { return };
        let highest = highest_remote_offset(cache, &replica.log);
        if let Some(highest) =
            highest.filter(|it| Some(*it) > replica.log.highest_offset_in_remote())
            && let Some(replica) = self.replicas.get_mut(partition)
        {
            replica.log.note_highest_offset_in_remote(highest);
        }
    }

    /// A partition is tiered no longer. Its leader deletes what is in the remote tier, as
    /// `remote.log.delete.on.disable` says; without it the setting cannot be taken away.
    fn tier_disabled(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        if !self.process.tiered.tasks.contains_key(partition) {
            return;
        }
        let Some(task) = self.process.tiered.tasks.remove(partition) else { return };
        ctx.cancel_timer(task.timer);
        if task.is_leader {
            if let Some(replica) = self.replicas.get(partition) {
                let start = replica.log.local_log_start_offset();
                self.move_log_start(ctx, partition, start);
            }
            self.delete_remote_partition(ctx, partition, task.owner);
        }
    }

    /// The broker has the replica no longer. If its topic was deleted, the leader deletes what is in the remote tier.
    pub(super) fn tier_dropped(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        is_deleted: bool,
    ) {
        if !self.process.tiered.tasks.contains_key(partition) {
            return;
        }
        let Some(task) = self.process.tiered.tasks.remove(partition) else { return };
        ctx.cancel_timer(task.timer);
        if is_deleted && task.is_leader {
            self.delete_remote_partition(ctx, partition, task.owner);
        }
    }

    /// The task of a partition that this broker leads in that epoch still.
    fn leading_task(
        &mut self,
        partition: &TopicPartition,
        epoch: LeaderEpoch,
    ) -> Option<&mut Task> {
        let leads = self
            .replicas
            .get(partition)
            .is_some_and(|replica| replica.leader().is_some() && replica.leader_epoch == epoch);
        let task = self.process.tiered.tasks.get_mut(partition)?;
        (leads && task.is_leader && task.leader_epoch == epoch).then_some(task)
    }

    /// What is known of the remote tier of a partition that this broker has a replica of.
    fn remote_cache(&self, partition: &TopicPartition) -> Option<&RemoteCache> {
        let replica = self.replicas.get(partition)?;
        let owner = owner_of(replica, partition);
        self.knows_remote_log(owner).then(|| self.process.tiered.metadata.cache(owner))
    }

    fn tell_remote(ctx: &mut Ctx<'_>, event: RemoteEvent) {
        ctx.emit(EventKind::Remote(Arc::new(event)));
    }
}

/// By what the remote tier knows a partition: a topic that is made again under the same name is another one.
fn owner_of(replica: &Replica, partition: &TopicPartition) -> TopicIdPartition {
    TopicIdPartition { topic: replica.topic_id, partition: partition.partition }
}
