//! One replica: its log, and what its broker knows as the partition's leader or follower.

use highwater_log::{LeaderEpoch, Log, LogConfig, Offset};

use crate::broker::durability::Durability;
use crate::ids::{BrokerId, PartitionEpoch, TopicId};
use crate::metadata::PartitionRegistration;
use crate::shared::Shared;
use crate::time::{Span, Time};

/// One replica.
#[derive(Clone, Debug)]
pub(super) struct Replica {
    pub(super) topic_id: TopicId,
    pub(super) log: Shared<Log>,
    /// The high watermark as it was last written down (`replication-offset-checkpoint`).
    checkpoint: Offset,
    pub(super) role: Role,
    pub(super) leader_epoch: LeaderEpoch,
    pub(super) partition_epoch: PartitionEpoch,
    pub(super) durability: Durability,
}

/// What the broker is to the partition.
#[derive(Clone, Debug)]
pub(super) enum Role {
    /// It does not know yet, or there is no leader.
    None,
    Leader(LeaderState),
    Follower(FollowerState),
}

/// What a leader knows.
#[derive(Clone, Debug)]
pub(super) struct LeaderState {
    pub(super) isr: Vec<BrokerId>,
    /// A change of the ISR that the controller was asked for.
    pub(super) pending: Option<PendingIsr>,
    pub(super) epoch_start: Offset,
    /// The other replicas, few enough to be looked through.
    pub(super) followers: Vec<(BrokerId, FollowerProgress)>,
}

/// A change of the ISR that the controller was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PendingIsr {
    pub(super) isr: Vec<BrokerId>,
}

/// How far a follower has come, as far as its fetches tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct FollowerProgress {
    pub(super) log_end_offset: Offset,
    /// Where its log starts.
    pub(super) log_start_offset: Offset,
    /// The last instant at which it had all that the leader had; none before the first.
    pub(super) last_caught_up: Option<Time>,
    last_fetch: Time,
    leader_end_at_last_fetch: Offset,
}

/// What a follower knows.
#[derive(Clone, Debug)]
pub(super) struct FollowerState {
    pub(super) leader: BrokerId,
    /// It does not fetch before this instant: the last fetch was refused.
    pub(super) delayed_until: Time,
    /// How many committed records it lacks; none before its first fetch.
    pub(super) lag: Option<i64>,
}

impl Replica {
    pub(super) fn new(topic_id: TopicId, config: LogConfig) -> Self {
        Self {
            topic_id,
            log: Log::new(config).into(),
            checkpoint: Offset(0),
            role: Role::None,
            leader_epoch: LeaderEpoch(-1),
            partition_epoch: PartitionEpoch(-1),
            durability: Durability::default(),
        }
    }

    pub(super) fn leader(&self) -> Option<&LeaderState> {
        if let Role::Leader(leader) = &self.role { Some(leader) } else { None }
    }

    pub(super) fn leader_mut(&mut self) -> Option<&mut LeaderState> {
        if let Role::Leader(leader) = &mut self.role { Some(leader) } else { None }
    }

    /// Whether this broker, as the leader, knows `id` as one of the partition's followers.
    pub(super) fn is_assigned(&self, id: BrokerId) -> bool {
        self.leader().is_some_and(|leader| leader.progress(id).is_some())
    }

    pub(super) fn follower(&self) -> Option<&FollowerState> {
        if let Role::Follower(follower) = &self.role { Some(follower) } else { None }
    }

    pub(super) fn follower_mut(&mut self) -> Option<&mut FollowerState> {
        if let Role::Follower(follower) = &mut self.role { Some(follower) } else { None }
    }

    /// The process has ended: the log stays, and the high watermark as it was written down.
    pub(super) fn process_ended(&mut self) {
        self.role = Role::None;
        self.leader_epoch = LeaderEpoch(-1);
        self.partition_epoch = PartitionEpoch(-1);
        // A checkpoint is never beyond what the log still has.
        let known = self.checkpoint.min(self.log.log_end_offset());
        let start = self.log.log_start_offset();
        self.log.set_high_watermark(known.max(start));
        if self.log.config().remote_storage {
            self.log.forget_remote();
        }
    }

    /// Whether the high watermark as it was last written down is still the one.
    pub(super) fn high_watermark_is_written(&self) -> bool {
        self.checkpoint == self.log.high_watermark()
    }

    pub(super) fn checkpoint_high_watermark(&mut self) {
        self.checkpoint = self.log.high_watermark();
    }

    /// The broker leads from here on. Returns where its epoch starts.
    pub(super) fn become_leader(
        &mut self,
        me: BrokerId,
        registration: &PartitionRegistration,
        now: Time,
    ) -> Offset {
        let epoch_start = self.log.log_end_offset();
        self.log.assign_epoch_start(registration.leader_epoch, epoch_start);
        let others = registration.replicas.iter().filter(|id| **id != me);
        let followers = others
            .map(|id| {
                // A member of the ISR counts as caught up until it proves otherwise.
                let in_sync = registration.isr.contains(id);
                (*id, FollowerProgress::unknown(in_sync.then_some(now)))
            })
            .collect();
        self.role = Role::Leader(LeaderState {
            isr: registration.isr.clone(),
            pending: None,
            epoch_start,
            followers,
        });
        self.adopt_epochs(registration);
        epoch_start
    }

    pub(super) fn become_follower(&mut self, registration: &PartitionRegistration) {
        self.role = match registration.leader {
            Some(leader) => {
                Role::Follower(FollowerState { leader, delayed_until: Time::ZERO, lag: None })
            }
            None => Role::None,
        };
        self.adopt_epochs(registration);
    }

    /// The leader stays, but the ISR or the replicas have changed.
    pub(super) fn update_leader(&mut self, me: BrokerId, registration: &PartitionRegistration) {
        // The answer to AlterPartition is often here before the metadata that tells the same: then what
        // the leader has asked for since is still open, and whoever is to join still counts.
        if registration.partition_epoch < self.partition_epoch {
            return;
        }
        let is_news = registration.partition_epoch > self.partition_epoch;
        self.partition_epoch = registration.partition_epoch;
        let Some(leader) = self.leader_mut() else { return };
        if is_news {
            leader.isr.clone_from(&registration.isr);
            leader.pending = None;
        }
        leader.followers.retain(|(id, _)| registration.replicas.contains(id));
        for id in registration.replicas.iter().filter(|id| **id != me) {
            if leader.progress(*id).is_none() {
                leader.followers.push((*id, FollowerProgress::unknown(None)));
            }
        }
    }

    /// The highest high watermark that the followers' progress allows; none if it may not move.
    pub(super) fn possible_high_watermark(
        &self,
        min_insync_replicas: usize,
        lag_time_max: Span,
        now: Time,
        is_eligible: &dyn Fn(BrokerId) -> bool,
    ) -> Option<Offset> {
        let leader = self.leader()?;
        if leader.isr.len() < min_insync_replicas {
            return None;
        }
        let log_end = self.log.log_end_offset();
        let counted = leader.followers.iter().filter(|(id, progress)| {
            // One about to join the ISR counts already: it must not join below the high watermark.
            let caught_up = !progress.was_behind_for_longer_than(lag_time_max, now);
            leader.maximal_isr().contains(id)
                || (caught_up && progress.has_fetched() && is_eligible(*id))
        });
        Some(counted.map(|(_, progress)| progress.log_end_offset).fold(log_end, Offset::min))
    }

    fn adopt_epochs(&mut self, registration: &PartitionRegistration) {
        self.leader_epoch = registration.leader_epoch;
        self.partition_epoch = registration.partition_epoch;
    }
}

impl LeaderState {
    /// How far a follower has come; none if it is not one of the partition's.
    pub(super) fn progress(&self, id: BrokerId) -> Option<&FollowerProgress> {
        self.followers.iter().find(|(follower, _)| *follower == id).map(|(_, progress)| progress)
    }

    pub(super) fn progress_mut(&mut self, id: BrokerId) -> Option<&mut FollowerProgress> {
        let found = self.followers.iter_mut().find(|(follower, _)| *follower == id);
        found.map(|(_, progress)| progress)
    }

    /// The ISR together with those about to join it.
    pub(super) fn maximal_isr(&self) -> Vec<BrokerId> {
        let mut all = self.isr.clone();
        if let Some(pending) = &self.pending {
            all.extend(pending.isr.iter().filter(|id| !self.isr.contains(id)));
        }
        all
    }
}

impl FollowerProgress {
    fn unknown(last_caught_up: Option<Time>) -> Self {
        Self {
            log_end_offset: Offset(-1),
            log_start_offset: Offset(-1),
            last_caught_up,
            last_fetch: Time::ZERO,
            leader_end_at_last_fetch: Offset(-1),
        }
    }

    fn has_fetched(&self) -> bool {
        self.log_end_offset >= Offset(0)
    }

    /// A fetch came: the follower has all below `fetch_offset`.
    pub(super) fn fetched(&mut self, fetch_offset: Offset, leader_end: Offset, now: Time) {
        if fetch_offset >= leader_end {
            self.last_caught_up = Some(now);
        } else if self.has_fetched() && fetch_offset >= self.leader_end_at_last_fetch {
            // It has all that the leader had when it fetched the last time.
            self.last_caught_up = self.last_caught_up.max(Some(self.last_fetch));
        }
        self.log_end_offset = fetch_offset;
        self.leader_end_at_last_fetch = leader_end;
        self.last_fetch = now;
    }

    /// Whether the follower lags: it was not caught up for `replica.lag.time.max.ms`.
    pub(super) fn lags(&self, leader_end: Offset, lag_time_max: Span, now: Time) -> bool {
        self.log_end_offset < leader_end && self.was_behind_for_longer_than(lag_time_max, now)
    }

    fn was_behind_for_longer_than(&self, span: Span, now: Time) -> bool {
        self.last_caught_up.is_none_or(|at| now.since(at) > span)
    }
}
