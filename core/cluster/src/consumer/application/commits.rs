//! The commits that the application makes itself: `commitSync`, which waits and tries again what can be
//! tried again, and `commitAsync`, which does neither.

use kafka_protocol::ResponseError;

use crate::client::errors::kafka_name;
use crate::consumer::application::config::{CommitMode, CommitWhen};
use crate::consumer::application::event::ApplicationEvent;
use crate::consumer::commit::{CommitReason, Offsets};
use crate::consumer::membership::MemberState;
use crate::consumer::{Consumer, Phase};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::time::Time;

/// Kafka's message when the group has gone on without the consumer.
const COMMIT_FAILED: &str = "CommitFailedException: Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group.";
/// Kafka's message when the coordinator no longer knows the generation.
const COMMIT_REFUSED: &str = "CommitFailedException: Commit cannot be completed since the group has already rebalanced and assigned the partitions to another member. This means that the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time message processing. You can address this either by increasing max.poll.interval.ms or by reducing the maximum size of batches returned in poll() with max.poll.records.";
/// Kafka's message while the group rebalances.
const REBALANCE_IN_PROGRESS: &str = "RebalanceInProgressException: Offset commit cannot be completed since the consumer is undergoing a rebalance for auto partition assignment. You can try completing the rebalance by calling poll() and then retry the operation.";
/// Kafka's message for a commit that `commitAsync` will not repeat.
const RETRIABLE: &str = "RetriableCommitFailedException: Offset commit failed with a retriable exception. You should retry committing the latest consumed offsets.";

/// What the application has committed, and what not.
#[derive(Clone, Debug, Default)]
pub(in crate::consumer) struct AppCommits {
    /// Records that were settled since the last commit was begun.
    pub(in crate::consumer) settled_since: u32,
    /// Whether poll brought anything since then.
    pub(in crate::consumer) has_polled_since: bool,
    /// Whether what poll brought is to be worked on only if the `commitSync` before it returns.
    work_waits: bool,
    /// The `commitSync` in which the application waits.
    sync: Option<SyncCommit>,
    /// What `commitAsync` sends as soon as there is a coordinator.
    held: Vec<Offsets>,
}

/// A `commitSync` under way.
#[derive(Clone, Debug)]
struct SyncCommit {
    offsets: Offsets,
    /// `default.api.timeout.ms` after it began.
    deadline: Time,
    is_sent: bool,
    /// Until when it is not tried again.
    not_before: Time,
}

impl Consumer {
    /// Whether the application commits itself.
    pub(super) fn has_own_commits(&self) -> bool {
        matches!(self.config.application.commit, CommitMode::Sync | CommitMode::Async)
    }

    /// Whether the application waits in `commitSync`. Begins the commit that is due after so many
    /// records.
    pub(super) fn waits_for_own_commit(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let is_counted = self.config.application.commit_every.is_some();
        if is_counted && self.config.application.workers == 0 && self.has_something_to_commit() {
            self.begin_own_commit(ctx);
        }
        self.is_in_commit_sync()
    }

    pub(in crate::consumer) fn is_in_commit_sync(&self) -> bool {
        self.application.commits.sync.is_some()
    }

    /// Whether a commit of the application is due.
    pub(super) fn has_something_to_commit(&self) -> bool {
        let config = &self.config.application;
        let commits = &self.application.commits;
        if !self.has_own_commits() || commits.sync.is_some() {
            return false;
        }
        match config.commit_when {
            CommitWhen::Before => false,
            CommitWhen::Naive => commits.has_polled_since,
            CommitWhen::After if self.application.is_stopping => commits.settled_since > 0,
            CommitWhen::After => commits.settled_since >= config.commit_every.unwrap_or(1).max(1),
        }
    }

    /// Commits what is due before the next poll. True if the application waits for that.
    pub(super) fn commit_before_poll(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if self.has_something_to_commit() {
            self.begin_own_commit(ctx);
        }
        self.is_in_commit_sync()
    }

    /// Poll brought records: who commits first and works then commits now.
    pub(in crate::consumer) fn commit_before_work(&mut self, ctx: &mut Ctx<'_>) {
        self.application.commits.has_polled_since = true;
        if self.has_own_commits() && self.config.application.commit_when == CommitWhen::Before {
            let config = &self.config.application;
            self.application.commits.work_waits =
                config.commit == CommitMode::Sync && config.workers == 0;
            self.begin_own_commit(ctx);
        }
    }

    /// Where a commit of the application would take the group, by what it counts as done.
    pub(in crate::consumer) fn done_offsets(&self) -> Offsets {
        let mut offsets = self.assignment.consumed();
        if self.config.application.commit_when == CommitWhen::After {
            for (partition, offset) in &mut offsets {
                if let Some(unfinished) = self.application.first_unfinished(partition) {
                    *offset = unfinished.min(*offset);
                }
            }
        }
        offsets
    }

    /// What is committed before partitions are given back: what the application is done with, if it
    /// commits itself, as a careful rebalance listener does.
    pub(in crate::consumer) fn offsets_to_give_back(&self) -> Option<Offsets> {
        if self.config.enable_auto_commit {
            return Some(self.assignment.consumed());
        }
        let is_careful =
            self.has_own_commits() && self.config.application.commit_when != CommitWhen::Before;
        is_careful.then(|| self.done_offsets())
    }

    /// Commits offsets as the application does, or a person in its place.
    pub(in crate::consumer) fn begin_commit(
        &mut self,
        ctx: &mut Ctx<'_>,
        mode: CommitMode,
        offsets: Offsets,
    ) {
        if offsets.is_empty() {
            return;
        }
        if mode == CommitMode::Sync {
            let deadline = ctx.now() + self.config.default_api_timeout();
            let not_before = ctx.now();
            self.application.commits.sync =
                Some(SyncCommit { offsets, deadline, is_sent: false, not_before });
        } else {
            self.application.commits.held.push(offsets);
        }
        self.go_on_with_commits(ctx);
    }

    /// Sends the commits that can be sent by now.
    pub(super) fn go_on_with_commits(&mut self, ctx: &mut Ctx<'_>) {
        if self.membership.coordinator.is_some() {
            for offsets in std::mem::take(&mut self.application.commits.held) {
                if let Err(exception) = self.send_own_commit(ctx, CommitReason::Async, offsets) {
                    self.commit_threw(ctx, exception);
                }
            }
        }
        let now = ctx.now();
        let has_coordinator = self.membership.coordinator.is_some();
        let Some(sync) = &mut self.application.commits.sync else { return };
        if sync.is_sent || sync.not_before > now {
            return;
        }
        if sync.deadline <= now {
            let exception = format!(
                "TimeoutException: Timeout of {}ms expired before successfully committing offsets {}",
                self.config.default_api_timeout_ms,
                shown(&sync.offsets)
            );
            self.application.commits.sync = None;
            self.commit_threw(ctx, &exception);
            return self.fail_with(ctx, &exception);
        }
        if !has_coordinator {
            return;
        }
        sync.is_sent = true;
        let offsets = sync.offsets.clone();
        if let Err(exception) = self.send_own_commit(ctx, CommitReason::Sync, offsets) {
            self.application.commits.sync = None;
            self.commit_threw(ctx, exception);
        }
    }

    /// When the `commitSync` under way is to be looked after next.
    pub(super) fn own_commit_alarm(&self) -> Option<Time> {
        let sync = self.application.commits.sync.as_ref().filter(|sync| !sync.is_sent)?;
        let has_coordinator = self.membership.coordinator.is_some();
        Some(if has_coordinator { sync.not_before.min(sync.deadline) } else { sync.deadline })
    }

    /// The coordinator took a commit of the application.
    pub(in crate::consumer) fn own_commit_done(&mut self, reason: CommitReason) {
        if reason == CommitReason::Sync {
            self.application.commits.sync = None;
            self.application.commits.work_waits = false;
        }
    }

    /// A commit of the application failed: with an error, or with none since the connection broke.
    pub(in crate::consumer) fn own_commit_failed(
        &mut self,
        ctx: &mut Ctx<'_>,
        reason: CommitReason,
        error: Option<ResponseError>,
    ) {
        let is_rebalance = error == Some(ResponseError::RebalanceInProgress);
        let is_retriable = !is_rebalance && error.is_none_or(|error| error.is_retriable());
        if is_retriable && reason == CommitReason::Async {
            return self.commit_threw(ctx, RETRIABLE);
        }
        if is_retriable {
            let not_before = ctx.now() + self.config.retry_pause();
            if let Some(sync) = &mut self.application.commits.sync {
                sync.is_sent = false;
                sync.not_before = not_before;
            }
            return;
        }
        if reason == CommitReason::Sync {
            self.application.commits.sync = None;
        }
        match error {
            Some(ResponseError::RebalanceInProgress) => {
                self.commit_threw(ctx, REBALANCE_IN_PROGRESS);
            }
            Some(ResponseError::UnknownMemberId | ResponseError::IllegalGeneration) => {
                self.commit_threw(ctx, COMMIT_REFUSED);
            }
            error => {
                let name = error.map_or_else(String::new, kafka_name);
                self.commit_threw(ctx, &name);
                if reason == CommitReason::Sync {
                    self.fail_with(ctx, &name);
                }
            }
        }
    }

    fn begin_own_commit(&mut self, ctx: &mut Ctx<'_>) {
        self.application.commits.settled_since = 0;
        self.application.commits.has_polled_since = false;
        let offsets = self.done_offsets();
        self.begin_commit(ctx, self.config.application.commit, offsets);
    }

    /// Sends a commit, unless the consumer knows already that it cannot do any good.
    fn send_own_commit(
        &mut self,
        ctx: &mut Ctx<'_>,
        reason: CommitReason,
        offsets: Offsets,
    ) -> Result<(), &'static str> {
        if self.may_commit() {
            self.send_offsets(ctx, reason, offsets);
            return Ok(());
        }
        let is_rebalancing = matches!(
            self.membership.state,
            MemberState::PreparingRebalance | MemberState::CompletingRebalance
        );
        Err(if is_rebalancing { REBALANCE_IN_PROGRESS } else { COMMIT_FAILED })
    }

    /// The application is told that a commit failed. It logs that and goes on: to poll is what mends it.
    fn commit_threw(&mut self, ctx: &mut Ctx<'_>, exception: &str) {
        if !matches!(self.phase, Phase::Open) {
            return;
        }
        self.application.counts.commits_failed += 1;
        self.application.counts.last_exception = Some(exception.into());
        let client = crate::consumer::my_id(ctx);
        let failed = ApplicationEvent::CommitFailed { client, exception: exception.into() };
        ctx.emit(EventKind::Application(failed));
        if std::mem::take(&mut self.application.commits.work_waits) {
            // The exception leads past the work: who did it nevertheless could do what another does too.
            self.drop_queued(ctx, |_, _| false);
        }
    }
}

/// Offsets as Java prints them.
fn shown(offsets: &Offsets) -> String {
    let each: Vec<String> = offsets
        .iter()
        .map(|(partition, offset)| {
            format!(
                "{partition}=OffsetAndMetadata{{offset={offset}, leaderEpoch=null, metadata=''}}"
            )
        })
        .collect();
    format!("{{{}}}", each.join(", "))
}
