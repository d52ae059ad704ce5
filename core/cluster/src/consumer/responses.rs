//! What a consumer has sent, and where the answers go.

use std::collections::BTreeMap;

use highwater_log::Offset;

use crate::consumer::Consumer;
use crate::consumer::commit::{CommitReason, Offsets};
use crate::ctx::Ctx;
use crate::ids::{BrokerId, CorrelationId, Generation, TopicPartition};
use crate::input::Failure;
use crate::message::Response;

/// A request that awaits its answer.
#[derive(Clone, Debug)]
pub(super) enum Sent {
    FindCoordinator(BrokerId),
    /// With the generation in which it was sent: an answer about an earlier one changes nothing.
    JoinGroup(Generation),
    SyncGroup(Generation),
    Heartbeat(Generation),
    LeaveGroup,
    /// With the member epoch in which it was sent.
    GroupHeartbeat(Generation),
    /// The heartbeat with which a member leaves.
    GroupLeave,
    OffsetCommit(CommitReason, Generation, Offsets),
    /// With the assignment that it was sent for.
    OffsetFetch(u64),
    ListOffsets(u64, Vec<TopicPartition>),
    Fetch(BrokerId, u64, BTreeMap<TopicPartition, Offset>),
}

impl Consumer {
    pub(super) fn on_response(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CorrelationId,
        response: &Response,
    ) {
        if self.updater.handle_response(ctx, id, response) {
            self.assignment.metadata_updated();
            self.match_pattern();
            self.assign_if_known(ctx);
            self.check_topic_authorization(ctx);
            return self.check_assigned_topics();
        }
        let Some(sent) = self.requests.remove(&id) else { return };
        match (sent, response) {
            (Sent::FindCoordinator(broker), Response::FindCoordinator(body)) => {
                self.updater.metadata.succeeded(broker);
                self.on_coordinator_found(ctx, body);
            }
            (Sent::JoinGroup(sent_in), Response::JoinGroup(body)) => {
                self.on_joined(ctx, sent_in, body)
            }
            (Sent::SyncGroup(sent_in), Response::SyncGroup(body)) => {
                self.on_synced(ctx, sent_in, body)
            }
            (Sent::Heartbeat(sent_in), Response::Heartbeat(body)) => {
                self.on_heartbeat(ctx, sent_in, body)
            }
            (Sent::LeaveGroup, Response::LeaveGroup(_)) => self.left_group(),
            (Sent::GroupHeartbeat(sent_in), Response::ConsumerGroupHeartbeat(body)) => {
                self.on_group_heartbeat(ctx, sent_in, body);
            }
            (Sent::GroupLeave, Response::ConsumerGroupHeartbeat(_)) => self.left_group(),
            (Sent::OffsetCommit(reason, sent_in, offsets), Response::OffsetCommit(body)) => {
                self.on_committed(ctx, reason, sent_in, offsets, body);
            }
            (Sent::OffsetFetch(assignment), Response::OffsetFetch(body)) => {
                self.on_offsets_fetched(ctx, assignment, body);
            }
            (Sent::ListOffsets(assignment, asked), Response::ListOffsets(body)) => {
                self.on_offsets_listed(ctx, assignment, &asked, body);
            }
            (Sent::Fetch(broker, assignment, asked), Response::Fetch(body)) => {
                self.on_fetched(ctx, broker, assignment, &asked, body);
            }
            (sent, response) => unreachable!("{:?} does not answer {sent:?}", response.api_key()),
        }
    }

    /// A request will not be answered: the connection is as good as broken, whichever way it failed.
    pub(super) fn on_failed(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, failure: Failure) {
        if self.updater.handle_failure(ctx, id, failure) {
            return;
        }
        let Some(sent) = self.requests.remove(&id) else { return };
        match sent {
            Sent::FindCoordinator(broker) => {
                self.updater.metadata.failed(broker, ctx.now());
                self.coordinator_not_found(ctx);
            }
            Sent::JoinGroup(_) => self.join_failed(ctx),
            Sent::SyncGroup(sent_in) => {
                if sent_in == self.membership.generation {
                    self.join_failed(ctx);
                }
            }
            Sent::Heartbeat(_) => {
                self.membership.coordinator_unknown();
                self.heartbeat_failed(ctx);
            }
            Sent::LeaveGroup | Sent::GroupLeave => self.left_group(),
            Sent::GroupHeartbeat(_) => self.group_heartbeat_failed(ctx),
            Sent::OffsetCommit(reason, ..) => {
                self.membership.coordinator_unknown();
                match reason {
                    CommitReason::Sync | CommitReason::Async => {
                        self.own_commit_failed(ctx, reason, None);
                    }
                    _ => self.commit_failed(ctx, reason, true),
                }
            }
            Sent::OffsetFetch(assignment) => {
                self.membership.coordinator_unknown();
                self.offset_fetch_failed(ctx, assignment);
            }
            Sent::ListOffsets(assignment, asked) => {
                self.list_offsets_failed(ctx, assignment, &asked)
            }
            Sent::Fetch(broker, ..) => self.fetch_failed(ctx, broker),
        }
    }
}
