//! Committing: where the application has got to, so that another member can go on from there.

use std::collections::BTreeMap;

use highwater_log::Offset;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::{OffsetCommitRequest, OffsetCommitResponse};
use kafka_protocol::protocol::StrBytes;

use crate::client::Alarm;
use crate::client::names;
use crate::consumer::Consumer;
use crate::consumer::membership::MemberState;
use crate::consumer::responses::Sent;
use crate::ctx::Ctx;
use crate::ids::{Generation, NodeId, TopicPartition};
use crate::time::Time;
use crate::timer::Timer;

/// The offsets of a commit.
pub(super) type Offsets = BTreeMap<TopicPartition, Offset>;

/// Why a consumer commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitReason {
    /// `auto.commit.interval.ms` has passed.
    Interval,
    /// It is about to give its partitions back.
    Rebalance,
    /// It is about to leave.
    Close,
    /// The application called `commitSync`.
    Sync,
    /// The application called `commitAsync`.
    Async,
    /// The application that it is embedded in called `commitSync`.
    Embedded,
}

/// What a consumer has under way in the way of commits.
#[derive(Clone, Debug, Default)]
pub(super) struct Commits {
    /// When the next automatic commit is due.
    due: Time,
    before_join: BeforeJoin,
    /// Until when a failed commit is not repeated.
    pub(super) retry_at: Time,
    alarm: Alarm,
}

/// How far the commit before a rebalance is.
#[derive(Clone, Copy, Debug, Default)]
enum BeforeJoin {
    #[default]
    NotBegun,
    /// It is repeated until this instant at most.
    UnderWay {
        is_sent: bool,
        deadline: Time,
    },
    Done,
}

impl Consumer {
    /// A new assignment: the first automatic commit is due an interval from now.
    pub(super) fn begin_auto_commit(&mut self, ctx: &Ctx<'_>) {
        self.commits.due = ctx.now() + self.config.auto_commit_interval();
    }

    /// Commits if it is time to. Only a poll does so: what the last one brought has been worked on by
    /// then.
    pub(super) fn auto_commit(&mut self, ctx: &mut Ctx<'_>) {
        let is_member = self.may_commit() && !self.membership.needs_rejoin;
        let is_joining = !is_member && !self.is_self_assigned();
        if !self.config.enable_auto_commit || is_joining || self.membership.coordinator.is_none() {
            return self.commits.alarm.set(ctx, None, &Timer::AutoCommit);
        }
        if self.commits.due <= ctx.now() {
            self.commits.due = ctx.now() + self.config.auto_commit_interval();
            let offsets = self.assignment.consumed();
            self.send_commit(ctx, CommitReason::Interval, offsets);
        }
        self.commits.alarm.set(ctx, Some(self.commits.due), &Timer::AutoCommit);
    }

    /// Commits before the partitions are given back. False until that is done, or has failed for good.
    pub(super) fn commit_before_join(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let now = ctx.now();
        if self.waits_for_application() {
            return false;
        }
        match self.commits.before_join {
            BeforeJoin::NotBegun if self.offsets_to_give_back().is_some() => {
                let deadline = now + self.config.max_poll_interval();
                self.assignment.is_pending_revocation = self.config.is_eager();
                self.try_commit_before_join(ctx, deadline);
            }
            BeforeJoin::UnderWay { is_sent: false, deadline } if self.commits.retry_at <= now => {
                self.try_commit_before_join(ctx, deadline);
            }
            _ => {}
        }
        if let BeforeJoin::UnderWay { .. } = self.commits.before_join {
            return false;
        }
        self.commits.before_join = BeforeJoin::NotBegun;
        true
    }

    /// Whether the coordinator would take a commit of the consumer, as far as it knows.
    pub(super) fn may_commit(&self) -> bool {
        self.membership.is_stable() || (self.is_self_assigned() && self.has_group())
    }

    /// Sends a commit. False if there is nothing to commit, or nobody who would take it.
    pub(super) fn send_commit(
        &mut self,
        ctx: &mut Ctx<'_>,
        reason: CommitReason,
        offsets: Offsets,
    ) -> bool {
        if self.membership.coordinator.is_none() || !self.may_commit() || offsets.is_empty() {
            return false;
        }
        self.send_offsets(ctx, reason, offsets);
        true
    }

    /// Sends a commit of these offsets to the coordinator, which is known.
    pub(super) fn send_offsets(
        &mut self,
        ctx: &mut Ctx<'_>,
        reason: CommitReason,
        offsets: Offsets,
    ) {
        let Some(coordinator) = self.membership.coordinator else { return };
        let request = OffsetCommitRequest::default()
            .with_group_id(self.group_id())
            .with_generation_id_or_member_epoch(self.membership.generation.0)
            .with_member_id(self.member_id())
            .with_group_instance_id(self.instance_id())
            .with_topics(self.committed_topics(&offsets));
        let sent = Sent::OffsetCommit(reason, self.membership.generation, offsets);
        self.send(ctx, NodeId::Broker(coordinator), request, sent);
    }

    pub(super) fn on_committed(
        &mut self,
        ctx: &mut Ctx<'_>,
        reason: CommitReason,
        sent_in: Generation,
        offsets: Offsets,
        response: &OffsetCommitResponse,
    ) {
        let mut answers = response.topics.iter().flat_map(|topic| &topic.partitions);
        let Some(error) =
            answers.find_map(|answer| ResponseError::try_from_code(answer.error_code))
        else {
            for (partition, offset) in offsets {
                if let Some(state) = self.assignment.partitions.get_mut(&partition) {
                    state.committed = Some(offset);
                }
            }
            return self.commit_done(reason);
        };
        match error {
            ResponseError::CoordinatorNotAvailable
            | ResponseError::NotCoordinator
            | ResponseError::RequestTimedOut => self.membership.coordinator_unknown(),
            ResponseError::RebalanceInProgress => self.membership.needs_rejoin = true,
            ResponseError::UnknownMemberId | ResponseError::IllegalGeneration
                if self.config.is_classic() =>
            {
                let is_rebalancing = self.membership.state == MemberState::PreparingRebalance;
                if sent_in == self.membership.generation || !is_rebalancing {
                    self.membership.reset(error == ResponseError::UnknownMemberId);
                }
            }
            _ => {}
        }
        if matches!(reason, CommitReason::Sync | CommitReason::Async) {
            return self.own_commit_failed(ctx, reason, Some(error));
        }
        // Of these, only the rebalance has to be over before a commit can do any good.
        // A newer epoch has come, or comes with the next heartbeat.
        let is_retriable = error == ResponseError::StaleMemberEpoch
            || error.is_retriable() && error != ResponseError::RebalanceInProgress;
        if reason == CommitReason::Embedded && !is_retriable {
            return self.commit_over(Err(error));
        }
        self.commit_failed(ctx, reason, is_retriable);
    }

    /// A commit failed. If another attempt may do better, there will be one.
    pub(super) fn commit_failed(
        &mut self,
        ctx: &Ctx<'_>,
        reason: CommitReason,
        is_retriable: bool,
    ) {
        if !is_retriable {
            return self.commit_done(reason);
        }
        let now = ctx.now();
        self.commits.retry_at = now + self.config.retry_pause();
        match reason {
            CommitReason::Interval => {
                self.commits.due = self.commits.due.min(self.commits.retry_at)
            }
            CommitReason::Close => self.close_commit_failed(),
            CommitReason::Sync | CommitReason::Async => {}
            CommitReason::Embedded => self.commit_again(),
            CommitReason::Rebalance => match self.commits.before_join {
                BeforeJoin::UnderWay { deadline, .. } if deadline > now => {
                    self.commits.before_join = BeforeJoin::UnderWay { is_sent: false, deadline };
                }
                _ => self.commits.before_join = BeforeJoin::Done,
            },
        }
    }

    fn commit_done(&mut self, reason: CommitReason) {
        match reason {
            CommitReason::Interval => {}
            CommitReason::Rebalance => self.commits.before_join = BeforeJoin::Done,
            CommitReason::Close => self.close_commit_done(),
            CommitReason::Sync | CommitReason::Async => self.own_commit_done(reason),
            CommitReason::Embedded => self.commit_over(Ok(())),
        }
    }

    fn try_commit_before_join(&mut self, ctx: &mut Ctx<'_>, deadline: Time) {
        let offsets = self.offsets_to_give_back().unwrap_or_default();
        self.commits.before_join = if self.send_commit(ctx, CommitReason::Rebalance, offsets) {
            BeforeJoin::UnderWay { is_sent: true, deadline }
        } else {
            BeforeJoin::Done
        };
    }

    /// The offsets as the request has them.
    fn committed_topics(&self, offsets: &Offsets) -> Vec<OffsetCommitRequestTopic> {
        let mut topics: Vec<OffsetCommitRequestTopic> = Vec::new();
        for (partition, offset) in offsets {
            let entry = OffsetCommitRequestPartition::default()
                .with_partition_index(partition.partition.0)
                .with_committed_offset(offset.0)
                .with_committed_leader_epoch(self.assignment.epoch_at(partition, *offset).0)
                .with_committed_metadata(Some(StrBytes::default()));
            let name = names::to_kafka(&partition.topic);
            match topics.last_mut().filter(|topic| topic.name == name) {
                Some(topic) => topic.partitions.push(entry),
                None => topics.push(
                    OffsetCommitRequestTopic::default()
                        .with_name(name)
                        .with_partitions(vec![entry]),
                ),
            }
        }
        topics
    }
}
