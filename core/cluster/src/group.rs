//! The group coordinator of a broker: members, rebalances and committed offsets of the groups whose
//! partition of `__consumer_offsets` the broker leads.

use std::collections::BTreeMap;

use bytes::Bytes;
use highwater_log::Offset;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::{JoinGroupRequest, OffsetFetchRequest, OffsetFetchResponse};

use crate::coordinator_error::write_error;
use crate::ctx::Ctx;
use crate::event::GroupState;
use crate::ids::{BrokerId, GroupId, TimerId, TopicId};
use crate::input::ReplyTo;
use crate::message::{Request, Response};
use crate::metadata::MetadataImage;
use crate::share::ShareKey;
use crate::timer::Timer;
use crate::view::GroupView;

mod admin;
mod answers;
mod classic_group;
mod consumer_group;
mod expiration;
pub(crate) mod identity;
pub(crate) mod java_hash;
mod join;
mod load;
mod member;
mod membership;
mod offsets;
pub(crate) mod reader;
mod rebalance;
mod record_bytes;
pub(crate) mod records;
pub(crate) mod server_assignor;
mod share;
mod share_group;
mod sync;
mod told;
pub(crate) mod topic_pattern;
mod transactional;
mod turn;
mod views;
mod writes;

use answers::heartbeat;
pub(crate) use answers::refusal;
use classic_group::Group;
use records::{GroupMetadata, GroupRecord, fits};
use share_group::ShareGroups;
pub(crate) use transactional::TransactionalProducer;
use turn::Turn;
use writes::{Deferred, Effect, Write, Writes};

/// Where the coordinator writes: the partitions of `__consumer_offsets` on its broker.
pub(crate) trait OffsetsLog {
    /// Appends records to a partition. Once they are replicated, or failed to be, the broker says so
    /// by [`GroupCoordinator::committed`] with the token that this returns.
    fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        records: Vec<(Bytes, Option<Bytes>)>,
    ) -> Result<u64, ResponseError>;

    /// As [`OffsetsLog::append`], as part of a producer's transaction.
    fn append_transactional(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        records: Vec<(Bytes, Option<Bytes>)>,
        producer: TransactionalProducer,
    ) -> Result<u64, ResponseError>;

    /// How many partitions `__consumer_offsets` has; zero while it does not exist.
    fn partition_count(&self) -> i32;

    /// The metadata of the cluster, as far as the broker knows it.
    fn image(&self) -> &MetadataImage;

    /// Whether the broker leads the partition.
    fn is_leader(&self, partition: i32) -> bool;

    /// Has a share coordinator begin with a share partition. The broker says what came of it by
    /// [`GroupCoordinator::share_initialized`].
    fn initialize_share(&mut self, key: ShareKey, state_epoch: i32, start: Offset);
}

/// The group coordinator of a broker.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupCoordinator {
    groups: BTreeMap<GroupId, Group>,
    /// The share groups: no id is in both.
    shares: ShareGroups,
    writes: Writes,
    /// When to look for offsets that are too old; none before the first partition is led.
    expiration: Option<TimerId>,
}

impl GroupCoordinator {
    /// Answers a request about groups, now or later.
    pub(crate) fn handle(
        &mut self,
        ctx: &mut Ctx<'_>,
        reply: ReplyTo,
        request: &Request,
        log: &mut dyn OffsetsLog,
    ) {
        let Self { groups, shares, writes, .. } = self;
        let mut turn = Turn { ctx, log, writes };
        let answered = match share::answer(shares, groups, &mut turn, reply, request) {
            Some(answered) => answered,
            None => answer((groups, shares), &mut turn, reply, request),
        };
        if let Err(error) = answered {
            turn.ctx.respond(reply, refusal(request, error));
        }
    }

    /// A timer of a group or a member ran out.
    pub(crate) fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer, log: &mut dyn OffsetsLog) {
        let Self { groups, writes, .. } = self;
        let mut turn = Turn { ctx, log, writes };
        match timer {
            Timer::GroupInitialRebalance(id) => {
                if let Some(group) = groups.get_mut(&id) {
                    group.initial_delay_over(&mut turn);
                }
            }
            Timer::GroupRebalance(id) => {
                if let Some(group) = groups.get_mut(&id) {
                    group.rebalance_timeout_over(&mut turn);
                }
            }
            Timer::GroupSession(id, member) => {
                if let Some(group) = groups.get_mut(&id) {
                    group.session_over(&mut turn, &member);
                }
            }
            Timer::ConsumerGroupSession(ref id, ref member)
            | Timer::ConsumerGroupRebalance(ref id, ref member) => {
                if let Some(group) = groups.get_mut(id) {
                    let member = member.clone();
                    group.consumer_member_over(&mut turn, timer, &member);
                }
            }
            Timer::ShareGroupSession(ref id, ref member) => {
                if let Some(group) = self.shares.get_mut(id) {
                    // If it cannot be written, the next coordinator will.
                    let _ = group.drop_member(&mut turn, member, true);
                }
            }
            Timer::ShareGroupInitialize(ref id) => {
                if let Some(group) = self.shares.get(id) {
                    group.initialize_again(&mut turn);
                }
            }
            Timer::OffsetsExpiration => self.expire_offsets(ctx, log),
            other => unreachable!("a group coordinator sets no {other:?}"),
        }
    }

    /// The broker became leader of a partition: its groups and offsets are what its records, in the
    /// order of the log, tell.
    pub(crate) fn partition_loaded(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        records: impl IntoIterator<Item = (Bytes, Option<Bytes>)>,
    ) {
        let config = turn::config(ctx);
        self.watch_expiration(ctx, &config);
        let records: Vec<(Bytes, Option<Bytes>)> = records.into_iter().collect();
        for mut group in share_group::share_groups(partition, &records) {
            group.begin_sessions(ctx, config.group_share_session_timeout);
            self.shares.insert(group.id.clone(), group);
        }
        for mut group in load::groups(ctx, partition, records) {
            group.begin_sessions(ctx);
            group.begin_consumer_sessions(ctx, config.group_consumer_session_timeout);
            self.groups.insert(group.id.clone(), group);
        }
    }

    /// The broker no longer leads a partition: its groups are dropped, and whoever waits is told.
    pub(crate) fn partition_unloaded(&mut self, ctx: &mut Ctx<'_>, partition: i32) {
        let error = ResponseError::NotCoordinator;
        for write in self.writes.remove_partition(partition) {
            match write.effect {
                Effect::Offsets { reply, request, .. } => {
                    ctx.respond(reply, refusal(&request, error));
                }
                Effect::TransactionalOffsets(offsets) => {
                    ctx.respond(offsets.reply, refusal(&offsets.request, error));
                }
                _ => {}
            }
            for deferred in write.behind {
                ctx.respond(deferred.reply, refusal(&deferred.request, error));
            }
        }
        let is_dropped = |group: &share_group::ShareGroup| group.partition == partition;
        self.shares.values().filter(|group| is_dropped(group)).for_each(|it| it.stop_timers(ctx));
        self.shares.retain(|_, group| !is_dropped(group));
        let (dropped, kept) = std::mem::take(&mut self.groups)
            .into_iter()
            .partition(|(_, group)| group.partition == partition);
        self.groups = kept;
        let dropped: BTreeMap<GroupId, Group> = dropped;
        for mut group in dropped.into_values() {
            group.drop_all(ctx, error);
        }
    }

    /// A write was replicated, or failed: what waited for it goes on.
    pub(crate) fn committed(
        &mut self,
        ctx: &mut Ctx<'_>,
        token: u64,
        error: Option<ResponseError>,
        log: &mut dyn OffsetsLog,
    ) {
        let Self { groups, writes, .. } = self;
        let Some(Write { group, effect, behind, .. }) = writes.take(token) else { return };
        let error = error.map(write_error);
        let mut turn = Turn { ctx, log, writes };
        if let Some(group) = groups.get_mut(&group) {
            group.written(&mut turn, effect, error);
        }
        for Deferred { reply, request, response } in behind {
            let response = match (error, response) {
                (Some(error), _) => refusal(&request, error),
                (None, Some(response)) => response,
                (None, None) => fetch(groups, &request),
            };
            turn.ctx.respond(reply, response);
        }
    }

    /// The groups as a viewer sees them.
    pub(crate) fn views(&self, broker: BrokerId, image: &MetadataImage) -> Vec<GroupView> {
        self.groups.values().map(|group| group.view(broker, image)).collect()
    }
}

/// The partition of `__consumer_offsets` that a group belongs to: Kafka's
/// `Utils.abs(groupId.hashCode()) % partitions`.
pub(crate) fn partition_for(group: &str, partition_count: i32) -> i32 {
    (java_hash::hash_code(group) & i32::MAX) % partition_count
}

type Groups = BTreeMap<GroupId, Group>;

/// Partitions of share groups, by the ids of their topics.
pub(crate) type SharePartitions = Vec<(TopicId, i32)>;

/// Answers a request, or has it answered later. An error refuses it as a whole.
fn answer(
    (groups, shares): (&mut Groups, &mut ShareGroups),
    turn: &mut Turn<'_, '_>,
    reply: ReplyTo,
    request: &Request,
) -> Result<(), ResponseError> {
    if let Some((partition, response)) = admin::answer((groups, shares), turn, request) {
        answer_in_order(groups, turn, partition, reply, request, Some(response));
        return Ok(());
    }
    let id = group_id(request);
    let partition = check_coordinator(turn, &id)?;
    let needs_name = !matches!(request, Request::OffsetCommit(_) | Request::OffsetFetch(_));
    if (needs_name && id.0.is_empty()) || !fits(&id.0) {
        return Err(ResponseError::InvalidGroupId);
    }
    match request {
        Request::JoinGroup(body) => {
            let Some(group) = groups.get_mut(&id).filter(|group| group.has_consumer_members())
            else {
                return join(groups, turn, reply, partition, body);
            };
            join::check_request(turn, body)?;
            let response = group.join_consumer_group(turn, reply.node, body)?;
            answer_in_order(groups, turn, partition, reply, request, Some(response.into()));
            Ok(())
        }
        Request::ConsumerGroupHeartbeat(body) => {
            let response = consumer_group::answer(groups, turn, partition, reply.node, body)
                .unwrap_or_else(consumer_group::Refused::response);
            answer_in_order(groups, turn, partition, reply, request, Some(response.into()));
            Ok(())
        }
        Request::SyncGroup(body) => {
            let group = member_group(groups, &id)?;
            if group.consumer.is_none() {
                group.sync(turn, reply, body);
                return Ok(());
            }
            let response = group.sync_in_consumer_group(turn, body)?;
            answer_in_order(groups, turn, partition, reply, request, Some(response.into()));
            Ok(())
        }
        Request::Heartbeat(body) => {
            let group = member_group(groups, &id)?;
            let result = match group.consumer {
                Some(_) => group.heartbeat_in_consumer_group(turn, body),
                None => group.heartbeat(turn, body),
            };
            answer_in_order(
                groups,
                turn,
                partition,
                reply,
                request,
                Some(heartbeat(result).into()),
            );
            Ok(())
        }
        Request::LeaveGroup(body) => {
            let group = groups.get_mut(&id).ok_or(ResponseError::UnknownMemberId)?;
            let response = match group.consumer {
                Some(_) => group.leave_classic_from_consumer(turn, body)?,
                None => group.leave(turn, body),
            };
            answer_in_order(groups, turn, partition, reply, request, Some(response.into()));
            Ok(())
        }
        Request::OffsetCommit(body) => {
            let generation = body.generation_id_or_member_epoch;
            let is_new = !groups.contains_key(&id);
            if is_new && generation >= 0 {
                return Err(ResponseError::GroupIdNotFound);
            }
            let now = turn.ctx.timestamp();
            let group =
                groups.entry(id.clone()).or_insert_with(|| Group::new(id.clone(), partition, now));
            let result = group.commit(turn, reply, request, body);
            if is_new && result.is_err() {
                groups.remove(&id);
            }
            result
        }
        Request::TxnOffsetCommit(body) => {
            transactional::commit(groups, turn, reply, (&id, partition), body)
        }
        Request::OffsetFetch(body) => {
            let response = (!body.require_stable).then(|| fetch(groups, request));
            answer_in_order(groups, turn, partition, reply, request, response);
            Ok(())
        }
        other => unreachable!("a group coordinator gets no {:?}", other.api_key()),
    }
}

/// A group that has members; nobody can be a member of any other.
fn member_group<'a>(groups: &'a mut Groups, id: &GroupId) -> Result<&'a mut Group, ResponseError> {
    let group = groups.get_mut(id).filter(|group| group.state != GroupState::Empty);
    group.ok_or(ResponseError::UnknownMemberId)
}

/// Lets someone join a group, which comes into being if there is none.
fn join(
    groups: &mut Groups,
    turn: &mut Turn<'_, '_>,
    reply: ReplyTo,
    partition: i32,
    request: &JoinGroupRequest,
) -> Result<(), ResponseError> {
    join::check_request(turn, request)?;
    let id = GroupId::from(request.group_id.as_str());
    if let Some(group) = groups.get_mut(&id) {
        if group.consumer.is_some() {
            group.make_way_for_classic(turn)?;
        }
        group.join(turn, reply, request);
        return Ok(());
    }
    if !request.member_id.is_empty() {
        return Err(ResponseError::UnknownMemberId);
    }
    let mut group = Group::new(id.clone(), partition, turn.ctx.timestamp());
    let record = GroupRecord::Group {
        group: id.clone(),
        value: Some(GroupMetadata::empty(turn.ctx.timestamp())),
    };
    // Kafka answers such a member before it writes; it comes back and finds no group. Here it is told.
    turn.write(&group, vec![record.encode()], Effect::GroupCreated).map_err(|(error, _)| error)?;
    group.join(turn, reply, request);
    groups.insert(id, group);
    Ok(())
}

/// Answers once all that was written before is on the ISR, so that nobody learns of a state that a
/// failover would take back. Without `response`, it is found then.
fn answer_in_order(
    groups: &Groups,
    turn: &mut Turn<'_, '_>,
    partition: i32,
    reply: ReplyTo,
    request: &Request,
    response: Option<Response>,
) {
    let deferred = Deferred { reply, request: request.clone(), response };
    if let Some(Deferred { response, .. }) = turn.writes.defer(partition, deferred) {
        let response = response.unwrap_or_else(|| fetch(groups, request));
        turn.ctx.respond(reply, response);
    }
}

fn fetch(groups: &Groups, request: &Request) -> Response {
    let Request::OffsetFetch(body) = request else {
        unreachable!("only OffsetFetch is found later")
    };
    let OffsetFetchRequest { groups: asked, .. } = &**body;
    let answers = asked.iter().map(|asked| {
        let group = groups.get(&GroupId::from(asked.group_id.as_str()));
        offsets::fetch(group, asked, body.require_stable)
    });
    OffsetFetchResponse::default().with_groups(answers.collect()).into()
}

/// The group that a request is about. OffsetFetch may name several; the coordinator of the first is
/// asked.
fn group_id(request: &Request) -> GroupId {
    let id = match request {
        Request::JoinGroup(body) => Some(&body.group_id),
        Request::SyncGroup(body) => Some(&body.group_id),
        Request::Heartbeat(body) => Some(&body.group_id),
        Request::LeaveGroup(body) => Some(&body.group_id),
        Request::OffsetCommit(body) => Some(&body.group_id),
        Request::TxnOffsetCommit(body) => Some(&body.group_id),
        Request::OffsetFetch(body) => body.groups.first().map(|group| &group.group_id),
        Request::ConsumerGroupHeartbeat(body) => Some(&body.group_id),
        other => unreachable!("a group coordinator gets no {:?}", other.api_key()),
    };
    GroupId::from(id.map_or("", |id| id.as_str()))
}

/// The partition of a group, if the broker leads it.
fn check_coordinator(turn: &Turn<'_, '_>, id: &GroupId) -> Result<i32, ResponseError> {
    let count = turn.log.partition_count();
    if count == 0 {
        return Err(ResponseError::CoordinatorNotAvailable);
    }
    let partition = partition_for(id.as_str(), count);
    if turn.log.is_leader(partition) { Ok(partition) } else { Err(ResponseError::NotCoordinator) }
}

#[cfg(test)]
mod tests;
