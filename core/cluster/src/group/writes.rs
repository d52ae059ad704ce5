//! What was written to `__consumer_offsets` and is not on the whole ISR yet, with what will follow
//! once it is.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::OffsetCommitResponse;

use crate::coordinator_error::write_error;
use crate::event::GroupState;
use crate::group::classic_group::Group;
use crate::group::records::CommittedOffset;
use crate::group::transactional::{TransactionalOffsets, TransactionalProducer};
use crate::group::turn::Turn;
use crate::ids::{Generation, GroupId, MemberId, TopicPartition};
use crate::input::ReplyTo;
use crate::message::{Request, Response};

/// The writes under way, by their tokens.
#[derive(Clone, Debug, Default)]
pub(super) struct Writes {
    pending: BTreeMap<u64, Write>,
}

/// A write under way.
#[derive(Clone, Debug)]
pub(super) struct Write {
    partition: i32,
    pub(super) group: GroupId,
    pub(super) effect: Effect,
    /// What is answered once this and all earlier writes are done.
    pub(super) behind: Vec<Deferred>,
}

/// What follows from a write.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// Nothing, as when the last member has left.
    Nothing,
    /// The group exists.
    GroupCreated,
    /// Offsets are committed.
    Offsets {
        reply: ReplyTo,
        request: Request,
        response: OffsetCommitResponse,
        offsets: Vec<(TopicPartition, CommittedOffset)>,
    },
    /// Offsets are part of a transaction.
    TransactionalOffsets(Box<TransactionalOffsets>),
    /// The members get their assignment.
    Assignment { generation: Generation, assignment: BTreeMap<MemberId, Bytes> },
    /// A static member is back under a new id.
    StaticMember { member: MemberId },
}

/// An answer that waits for earlier writes.
#[derive(Clone, Debug)]
pub(super) struct Deferred {
    pub(super) reply: ReplyTo,
    pub(super) request: Request,
    /// None if it is to be found once the writes are done.
    pub(super) response: Option<Response>,
}

impl Writes {
    pub(super) fn insert(&mut self, token: u64, group: &Group, effect: Effect) {
        self.insert_of(token, group.partition, &group.id, effect);
    }

    pub(super) fn insert_of(
        &mut self,
        token: u64,
        partition: i32,
        group: &GroupId,
        effect: Effect,
    ) {
        let write = Write { partition, group: group.clone(), effect, behind: Vec::new() };
        let before = self.pending.insert(token, write);
        assert!(before.is_none(), "a token is given once");
    }

    pub(super) fn take(&mut self, token: u64) -> Option<Write> {
        self.pending.remove(&token)
    }

    /// Lets an answer wait for what was written to the partition. If nothing waits, it is given back.
    pub(super) fn defer(&mut self, partition: i32, deferred: Deferred) -> Option<Deferred> {
        let mut newest_first = self.pending.values_mut().rev();
        let Some(last) = newest_first.find(|write| write.partition == partition) else {
            return Some(deferred);
        };
        last.behind.push(deferred);
        None
    }

    /// Gives up the writes to a partition.
    pub(super) fn remove_partition(&mut self, partition: i32) -> Vec<Write> {
        let tokens: Vec<u64> = self
            .pending
            .iter()
            .filter(|(_, write)| write.partition == partition)
            .map(|(token, _)| *token)
            .collect();
        tokens.into_iter().filter_map(|token| self.pending.remove(&token)).collect()
    }
}

impl Turn<'_, '_> {
    /// Writes records of a group; `effect` follows once they are on the ISR.
    #[allow(clippy::result_large_err, reason = "what cannot be written is handed back whole")]
    pub(super) fn write(
        &mut self,
        group: &Group,
        records: Vec<(Bytes, Option<Bytes>)>,
        effect: Effect,
    ) -> Result<(), (ResponseError, Effect)> {
        match self.log.append(self.ctx, group.partition, records) {
            Ok(token) => {
                self.writes.insert(token, group, effect);
                Ok(())
            }
            Err(error) => Err((write_error(error), effect)),
        }
    }
}

impl Turn<'_, '_> {
    /// As [`Turn::write`], as part of a producer's transaction.
    pub(super) fn write_transactional(
        &mut self,
        group: &Group,
        records: Vec<(Bytes, Option<Bytes>)>,
        producer: TransactionalProducer,
        effect: Effect,
    ) -> Result<(), ResponseError> {
        let appended = self.log.append_transactional(self.ctx, group.partition, records, producer);
        let token = appended.map_err(write_error)?;
        self.writes.insert(token, group, effect);
        Ok(())
    }
}

impl Group {
    /// A write of the group is on the ISR, or failed to get there in time. It stands in the log all
    /// the same: were the log lost, so would be the group.
    pub(super) fn written(
        &mut self,
        turn: &mut Turn<'_, '_>,
        effect: Effect,
        error: Option<ResponseError>,
    ) {
        match effect {
            Effect::Nothing | Effect::GroupCreated => {}
            Effect::Offsets { .. } => self.offsets_written(turn, effect, error),
            Effect::TransactionalOffsets(offsets) => {
                self.transactional_offsets_written(turn, *offsets, error);
            }
            Effect::Assignment { generation, assignment } => {
                if self.state == GroupState::CompletingRebalance && self.generation == generation {
                    self.assignment_written(turn, &assignment, error);
                }
            }
            Effect::StaticMember { member } => self.static_member_written(turn, &member, error),
        }
    }
}
