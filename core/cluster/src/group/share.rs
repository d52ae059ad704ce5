//! Share groups within the coordinator of groups: which requests are theirs, and what others are told who take
//! them for groups of consumers.

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::share_group_describe_response::DescribedGroup;

use crate::ctx::Ctx;
use crate::group::answers::str_bytes;
use crate::group::share_group::{self, ShareGroups};
use crate::group::turn::Turn;
use crate::group::writes::Effect;
use crate::group::{
    GroupCoordinator, Groups, OffsetsLog, SharePartitions, answer_in_order, check_coordinator,
};
use crate::ids::{BrokerId, GroupId, TopicId};
use crate::input::ReplyTo;
use crate::message::Request;
use crate::metadata::MetadataImage;
use crate::view::ShareGroupView;

/// Answers a request about a share group, or has it answered later; none if it is about no such group.
pub(super) fn answer(
    shares: &mut ShareGroups,
    groups: &mut Groups,
    turn: &mut Turn<'_, '_>,
    reply: ReplyTo,
    request: &Request,
) -> Option<Result<(), ResponseError>> {
    let is_share = |id: &str| shares.contains_key(&GroupId::from(id));
    let error = match request {
        Request::ShareGroupHeartbeat(body) => {
            return Some(heartbeat(shares, groups, turn, reply, (request, body)));
        }
        Request::ShareGroupDescribe(body) => {
            let described = body.group_ids.iter().map(|id| describe(shares, groups, turn, id));
            let response =
                kafka::ShareGroupDescribeResponse::default().with_groups(described.collect());
            turn.ctx.respond(reply, response);
            return Some(Ok(()));
        }
        Request::JoinGroup(body) if is_share(&body.group_id) => {
            ResponseError::InconsistentGroupProtocol
        }
        Request::SyncGroup(body) if is_share(&body.group_id) => ResponseError::UnknownMemberId,
        Request::Heartbeat(body) if is_share(&body.group_id) => ResponseError::UnknownMemberId,
        Request::LeaveGroup(body) if is_share(&body.group_id) => ResponseError::UnknownMemberId,
        Request::OffsetCommit(body) if is_share(&body.group_id) => ResponseError::GroupIdNotFound,
        Request::TxnOffsetCommit(body) if is_share(&body.group_id) => {
            ResponseError::GroupIdNotFound
        }
        Request::ConsumerGroupHeartbeat(body) if is_share(&body.group_id) => {
            ResponseError::GroupIdNotFound
        }
        Request::OffsetDelete(body) if is_share(&body.group_id) => ResponseError::GroupIdNotFound,
        _ => return None,
    };
    Some(Err(error))
}

fn heartbeat(
    shares: &mut ShareGroups,
    groups: &mut Groups,
    turn: &mut Turn<'_, '_>,
    reply: ReplyTo,
    (request, body): (&Request, &kafka::ShareGroupHeartbeatRequest),
) -> Result<(), ResponseError> {
    let id = GroupId::from(body.group_id.as_str());
    let partition = check_coordinator(turn, &id)?;
    let place = (partition, groups.contains_key(&id));
    let response = share_group::answer(shares, turn, place, reply.node, body)
        .unwrap_or_else(share_group::refused);
    answer_in_order(groups, turn, partition, reply, request, Some(response.into()));
    Ok(())
}

fn describe(
    shares: &ShareGroups,
    groups: &Groups,
    turn: &Turn<'_, '_>,
    id: &kafka::GroupId,
) -> DescribedGroup {
    let refused = |error: ResponseError| {
        DescribedGroup::default().with_group_id(id.clone()).with_error_code(error.code())
    };
    let known = GroupId::from(id.as_str());
    if let Err(error) = check_coordinator(turn, &known) {
        return refused(error);
    }
    match shares.get(&known) {
        Some(group) => group.described(turn.log.image()),
        None => {
            let is_other = groups.contains_key(&known);
            let why = if is_other { "is not a share group" } else { "not found" };
            refused(ResponseError::GroupIdNotFound)
                .with_error_message(Some(str_bytes(&format!("Group {known} {why}."))))
        }
    }
}

impl GroupCoordinator {
    /// A share coordinator has begun with a share partition, or has not.
    pub(crate) fn share_initialized(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &GroupId,
        partition: (TopicId, i32),
        error: Option<ResponseError>,
        log: &mut dyn OffsetsLog,
    ) {
        let Self { shares, writes, .. } = self;
        let Some(group) = shares.get_mut(group) else { return };
        group.initialized(&mut Turn { ctx, log, writes }, partition, error);
    }

    /// The partitions of a share group whose state is written down.
    pub(crate) fn share_partitions(
        &self,
        group: &GroupId,
        must_be_empty: bool,
        log: &dyn OffsetsLog,
    ) -> Result<SharePartitions, ResponseError> {
        let count = log.partition_count();
        if count == 0 {
            return Err(ResponseError::CoordinatorNotAvailable);
        }
        if !log.is_leader(super::partition_for(group.as_str(), count)) {
            return Err(ResponseError::NotCoordinator);
        }
        let group = self.shares.get(group).ok_or(ResponseError::GroupIdNotFound)?;
        if must_be_empty && !group.members.is_empty() {
            return Err(ResponseError::NonEmptyGroup);
        }
        Ok(group.known_partitions())
    }

    /// Whether a group is a share group that this broker coordinates.
    pub(crate) fn has_share_group(&self, group: &str) -> bool {
        self.shares.contains_key(&GroupId::from(group))
    }

    /// A share group begins anew in partitions; with which state epoch, comes back.
    pub(crate) fn begin_share_anew(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &GroupId,
        partitions: &[(TopicId, i32)],
        log: &mut dyn OffsetsLog,
    ) -> Result<i32, ResponseError> {
        let Self { shares, writes, .. } = self;
        let group = shares.get_mut(group).ok_or(ResponseError::GroupIdNotFound)?;
        group.begin_anew(&mut Turn { ctx, log, writes }, partitions)
    }

    /// The state of some partitions of a share group is gone.
    pub(crate) fn share_state_deleted(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &GroupId,
        partitions: &[(TopicId, i32)],
        log: &mut dyn OffsetsLog,
    ) {
        let Self { shares, writes, .. } = self;
        let Some(group) = shares.get_mut(group).filter(|_| !partitions.is_empty()) else { return };
        group.state_deleted(&mut Turn { ctx, log, writes }, partitions);
    }

    /// The share groups as a viewer sees them.
    pub(crate) fn share_views(
        &self,
        broker: BrokerId,
        image: &MetadataImage,
    ) -> Vec<ShareGroupView> {
        self.shares.values().map(|group| group.view(broker, image)).collect()
    }
}

impl Turn<'_, '_> {
    /// Writes records of a group of which nothing more follows.
    pub(super) fn write_of(
        &mut self,
        group: &GroupId,
        partition: i32,
        records: Vec<(Bytes, Option<Bytes>)>,
    ) -> Result<(), ResponseError> {
        let appended = self.log.append(self.ctx, partition, records);
        let token = appended.map_err(crate::coordinator_error::write_error)?;
        self.writes.insert_of(token, partition, group, Effect::Nothing);
        Ok(())
    }
}
