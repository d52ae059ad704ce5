//! A consumer within an application: the application works on the records itself, and says when it
//! polls, commits, goes back, and lets partitions go.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_log::{Offset, Record};
use kafka_protocol::ResponseError;

use crate::consumer::assignment::Position;
use crate::consumer::commit::CommitReason;
use crate::consumer::{CommitMode, Consumer, ConsumerConfig, Phase};
use crate::ctx::Ctx;
use crate::ids::{MemberId, TopicPartition};
use crate::producer::GroupMetadata;
use crate::time::Time;

/// What an application and its consumer owe each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Embedding {
    /// What the last poll brought, until the application takes it.
    polled: Vec<(TopicPartition, Arc<Record>)>,
    commit: Commit,
    /// Whether the application has work to settle before its partitions may go.
    holds_partitions: bool,
}

/// How far a commit is that the application waits for: `commitSync`.
#[derive(Clone, Debug, Default)]
enum Commit {
    #[default]
    None,
    /// It is to be sent, for the first time or again.
    Wanted,
    Sent,
    Over(Result<(), ResponseError>),
}

impl Consumer {
    /// A consumer for an application, which commits by itself.
    pub(crate) fn embedded(mut config: ConsumerConfig) -> Self {
        config.enable_auto_commit = false;
        config.application.commit = CommitMode::Never;
        let mut consumer = Self::new(config);
        consumer.embedding = Some(Box::default());
        consumer
    }

    /// A consumer for a command, which may commit by itself as Kafka's consumer does.
    pub(crate) fn for_program(config: ConsumerConfig) -> Self {
        let mut consumer = Self::new(config);
        consumer.embedding = Some(Box::default());
        consumer
    }

    /// The partitions that it has.
    pub(crate) fn assigned(&self) -> Vec<TopicPartition> {
        self.assignment.partitions.keys().cloned().collect()
    }

    /// What a poll brought, each record once; nothing while it goes on.
    pub(crate) fn take_polled(&mut self) -> Vec<(TopicPartition, Arc<Record>)> {
        self.embedding.as_mut().map(|own| std::mem::take(&mut own.polled)).unwrap_or_default()
    }

    /// The application calls poll.
    pub(crate) fn resume_poll(&mut self, ctx: &mut Ctx<'_>) {
        self.application_polls(ctx);
        self.run(ctx);
    }

    /// Poll returns with nothing, since the application has something else to do.
    pub(crate) fn wake_up(&mut self, now: Time) {
        self.application.end_poll(now);
    }

    /// Commits where the application has got to; [`Consumer::take_committed`] tells what came of it.
    pub(crate) fn commit_sync(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(own) = &mut self.embedding {
            own.commit = Commit::Wanted;
        }
        self.run(ctx);
    }

    /// What came of the commit, once it is known.
    pub(crate) fn take_committed(&mut self) -> Option<Result<(), ResponseError>> {
        let own = self.embedding.as_mut()?;
        match std::mem::take(&mut own.commit) {
            Commit::Over(result) => Some(result),
            other => {
                own.commit = other;
                None
            }
        }
    }

    /// Where the application has got to in each partition.
    pub(crate) fn positions(&self) -> BTreeMap<TopicPartition, Offset> {
        self.assignment.consumed()
    }

    /// Goes back to where the group has got to, in each partition: what was read since is read again.
    pub(crate) fn seek_to_committed(&mut self) {
        self.assignment.id += 1;
        self.fetcher.forget_completed();
        for partition in self.assignment.partitions.values_mut() {
            partition.position = Position::Committed;
            partition.is_asking = false;
        }
    }

    /// Whether the application has work to settle before a rebalance takes its partitions:
    /// `onPartitionsRevoked`.
    pub(crate) fn hold_partitions(&mut self, holds: bool) {
        if let Some(own) = &mut self.embedding {
            own.holds_partitions = holds;
        }
    }

    /// Whether a rebalance waits for the application to let its partitions go.
    pub(crate) fn is_asked_to_let_go(&self) -> bool {
        self.embedding.as_ref().is_some_and(|own| own.holds_partitions)
            && self.membership.needs_rejoin
            && !self.membership.is_join_prepared
    }

    /// Who the consumer is in its group.
    pub(crate) fn group_metadata(&self) -> GroupMetadata {
        let member = self.membership.member.clone();
        GroupMetadata {
            group: self.config.group.clone(),
            generation: self.membership.generation,
            member: member.unwrap_or_else(|| MemberId::from("")),
            instance: self.config.group_instance_id.clone(),
        }
    }

    /// Whether it goes on: it was not closed, and met no error that ends it.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// Whether it has left its group and is at its end.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    /// The error that ended it, by Kafka's name.
    pub(crate) fn last_error(&self) -> Option<Arc<str>> {
        self.last_error.clone()
    }

    /// The application gets records; a consumer with no application only counts them.
    pub(super) fn hand_over(&mut self, partition: &TopicPartition, records: Vec<Arc<Record>>) {
        if let Some(own) = &mut self.embedding {
            own.polled.extend(records.into_iter().map(|record| (partition.clone(), record)));
        }
    }

    /// Whether partitions may not be given back yet.
    pub(super) fn waits_for_application(&mut self) -> bool {
        let holds = self.embedding.as_ref().is_some_and(|own| own.holds_partitions);
        if holds {
            // Meanwhile nothing more is handed out.
            self.assignment.is_pending_revocation = true;
        }
        holds
    }

    /// Sends the commit that the application waits for, as soon as there is somebody to take it.
    pub(super) fn go_on_committing(&mut self, ctx: &mut Ctx<'_>) {
        let is_wanted =
            self.embedding.as_ref().is_some_and(|own| matches!(own.commit, Commit::Wanted));
        if !is_wanted || self.commits.retry_at > ctx.now() {
            return;
        }
        if !self.membership.is_stable() {
            // The group has thrown it out: it may not commit what it was assigned before.
            return self.commit_over(Err(ResponseError::UnknownMemberId));
        }
        let offsets = self.assignment.consumed();
        if offsets.is_empty() {
            return self.commit_over(Ok(()));
        }
        if self.send_commit(ctx, CommitReason::Embedded, offsets)
            && let Some(own) = &mut self.embedding
        {
            own.commit = Commit::Sent;
        }
    }

    /// The commit that the application waits for is done, or cannot be.
    pub(super) fn commit_over(&mut self, result: Result<(), ResponseError>) {
        if let Some(own) = &mut self.embedding {
            own.commit = Commit::Over(result);
        }
    }

    /// The commit that the application waits for is to be sent again.
    pub(super) fn commit_again(&mut self) {
        if let Some(own) = &mut self.embedding {
            own.commit = Commit::Wanted;
        }
    }
}
