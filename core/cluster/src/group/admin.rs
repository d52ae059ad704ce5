//! What administrators ask of groups: to list, describe and delete them, and to delete offsets.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::consumer_group_describe_response::DescribedGroup as ConsumerDescribed;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};

use crate::client::names;
use crate::consumer::protocol::PROTOCOL_TYPE;
use crate::event::{EventKind, GroupState};
use crate::group::answers::str_bytes;
use crate::group::classic_group::Group;
use crate::group::identity;
use crate::group::member::Member;
use crate::group::records::GroupRecord;
use crate::group::share_group::{self, ShareGroups};
use crate::group::turn::Turn;
use crate::group::writes::Effect;
use crate::group::{Groups, check_coordinator};
use crate::ids::{GroupId, TopicPartition};
use crate::message::{Request, Response};

/// Operations that were not asked for.
const NO_OPERATIONS: i32 = i32::MIN;
/// The type of share groups, and their protocol.
const SHARE: &str = "share";
/// No partition of `__consumer_offsets`: there is nothing to wait for.
const NO_PARTITION: i32 = -1;

/// Answers a request of an administrator; none if it is another. With it comes the partition whose
/// writes the answer is to wait for.
pub(super) fn answer(
    (groups, shares): (&mut Groups, &mut ShareGroups),
    turn: &mut Turn<'_, '_>,
    request: &Request,
) -> Option<(i32, Response)> {
    Some(match request {
        Request::ListGroups(body) => (NO_PARTITION, list(groups, shares, body).into()),
        Request::DescribeGroups(body) => {
            let described = body.groups.iter().map(|id| describe(groups, turn, id)).collect();
            let response = kafka::DescribeGroupsResponse::default().with_groups(described);
            (partition_of(turn, body.groups.first()), response.into())
        }
        Request::ConsumerGroupDescribe(body) => {
            let described = body.group_ids.iter().map(|id| describe_consumer(groups, turn, id));
            let response =
                kafka::ConsumerGroupDescribeResponse::default().with_groups(described.collect());
            (partition_of(turn, body.group_ids.first()), response.into())
        }
        Request::DeleteGroups(body) => {
            let results = body.groups_names.iter().map(|id| {
                let deleted = delete((&mut *groups, &mut *shares), turn, id);
                DeletableGroupResult::default()
                    .with_group_id(id.clone())
                    .with_error_code(deleted.err().map_or(0, |error| error.code()))
            });
            let response = kafka::DeleteGroupsResponse::default().with_results(results.collect());
            (partition_of(turn, body.groups_names.last()), response.into())
        }
        Request::OffsetDelete(body) => {
            let response = delete_offsets(groups, turn, body).unwrap_or_else(|error| {
                kafka::OffsetDeleteResponse::default().with_error_code(error.code())
            });
            (partition_of(turn, Some(&body.group_id)), response.into())
        }
        _ => return None,
    })
}

impl Group {
    /// `classic` or `consumer`, as Kafka's tools print the type.
    fn type_name(&self) -> &'static str {
        if self.consumer.is_some() { "Consumer" } else { "Classic" }
    }

    fn protocol_type_name(&self) -> &str {
        match self.consumer {
            Some(_) => PROTOCOL_TYPE,
            None => self.protocol_type.as_deref().unwrap_or_default(),
        }
    }

    /// Lets a group go that is empty: it is written that nothing of it remains.
    pub(super) fn tombstones(&self) -> Vec<GroupRecord> {
        let mut records: Vec<GroupRecord> =
            self.offsets.keys().map(|partition| self.offset_tombstone(partition)).collect();
        match &self.consumer {
            Some(consumer) => records.extend(
                consumer
                    .tombstones()
                    .into_iter()
                    .map(|record| GroupRecord::Consumer { group: self.id.clone(), record }),
            ),
            None => records.push(GroupRecord::Group { group: self.id.clone(), value: None }),
        }
        records
    }

    pub(super) fn offset_tombstone(&self, partition: &TopicPartition) -> GroupRecord {
        let (group, partition) = (self.id.clone(), partition.clone());
        GroupRecord::Offset { group, partition, value: None }
    }

    /// Writes records of which nothing more follows.
    pub(super) fn write_all(
        &self,
        turn: &mut Turn<'_, '_>,
        records: &[GroupRecord],
    ) -> Result<(), ResponseError> {
        let records = records.iter().map(GroupRecord::encode).collect();
        turn.write(self, records, Effect::Nothing).map_err(|(error, _)| error)
    }

    /// Takes offsets away whose tombstones are written.
    pub(super) fn remove_offsets(
        &mut self,
        turn: &mut Turn<'_, '_>,
        partitions: Vec<TopicPartition>,
        expired: bool,
    ) {
        for partition in &partitions {
            self.offsets.remove(partition);
        }
        if !partitions.is_empty() {
            let group = self.id.clone();
            turn.ctx.emit(EventKind::OffsetsRemoved { group, partitions, expired });
        }
    }

    fn described(&self) -> DescribedGroup {
        let is_stable = self.state == GroupState::Stable;
        let protocol = self.protocol.as_deref().filter(|_| is_stable);
        let member = |member: &Member| {
            let described = DescribedGroupMember::default()
                .with_member_id(str_bytes(member.id.as_str()))
                .with_group_instance_id(member.instance.as_deref().map(str_bytes))
                .with_client_id(str_bytes(&member.client_id))
                .with_client_host(str_bytes(&identity::host_of_node(member.client)));
            match protocol {
                Some(protocol) => described
                    .with_member_metadata(member.subscription(protocol))
                    .with_member_assignment(member.assignment.clone()),
                None => described,
            }
        };
        DescribedGroup::default()
            .with_group_state(str_bytes(self.state.name()))
            .with_protocol_type(str_bytes(self.protocol_type_name()))
            .with_protocol_data(str_bytes(protocol.unwrap_or_default()))
            .with_members(self.members.values().map(member).collect())
    }
}

/// The groups in the states and of the types that are asked for, in whatever letters; of all if none
/// are.
fn list(
    groups: &Groups,
    shares: &ShareGroups,
    body: &kafka::ListGroupsRequest,
) -> kafka::ListGroupsResponse {
    let lower = |names: &[kafka_protocol::protocol::StrBytes]| -> BTreeSet<String> {
        names.iter().map(|name| name.trim().to_lowercase()).collect()
    };
    let (states, types) = (lower(&body.states_filter), lower(&body.types_filter));
    let is_wanted = |wanted: &BTreeSet<String>, name: &str| {
        wanted.is_empty() || wanted.contains(&name.to_lowercase())
    };
    let listed = groups
        .values()
        .filter(|group| is_wanted(&states, group.state.name()))
        .filter(|group| is_wanted(&types, group.type_name()))
        .map(|group| {
            ListedGroup::default()
                .with_group_id(kafka::GroupId(str_bytes(group.id.as_str())))
                .with_protocol_type(str_bytes(group.protocol_type_name()))
                .with_group_state(str_bytes(group.state.name()))
                .with_group_type(str_bytes(&group.type_name().to_lowercase()))
        });
    let listed_shares = shares
        .values()
        .filter(|group| is_wanted(&states, group.state.name()) && is_wanted(&types, SHARE))
        .map(|group| {
            ListedGroup::default()
                .with_group_id(kafka::GroupId(str_bytes(group.id.as_str())))
                .with_protocol_type(str_bytes(SHARE))
                .with_group_state(str_bytes(group.state.name()))
                .with_group_type(str_bytes(SHARE))
        });
    kafka::ListGroupsResponse::default().with_groups(listed.chain(listed_shares).collect())
}

/// A group of the classic protocol. One that is not there is dead.
fn describe(groups: &Groups, turn: &Turn<'_, '_>, id: &kafka::GroupId) -> DescribedGroup {
    let described = match coordinated(turn, id) {
        Err(error) => DescribedGroup::default().with_error_code(error.code()),
        Ok(known) => match groups.get(&known) {
            Some(group) if group.consumer.is_none() => group.described(),
            other => {
                let why = if other.is_some() { "is not a classic group" } else { "not found" };
                DescribedGroup::default()
                    .with_group_state(str_bytes(GroupState::Dead.name()))
                    .with_error_code(ResponseError::GroupIdNotFound.code())
                    .with_error_message(Some(str_bytes(&format!("Group {known} {why}."))))
            }
        },
    };
    described.with_group_id(id.clone()).with_authorized_operations(NO_OPERATIONS)
}

fn describe_consumer(
    groups: &Groups,
    turn: &Turn<'_, '_>,
    id: &kafka::GroupId,
) -> ConsumerDescribed {
    let refused = |error: ResponseError| {
        ConsumerDescribed::default().with_group_id(id.clone()).with_error_code(error.code())
    };
    let known = match coordinated(turn, id) {
        Err(error) => return refused(error),
        Ok(known) => known,
    };
    let group = groups.get(&known);
    let default = turn.default_assignor();
    let described = group.and_then(|group| group.consumer_described(turn.log.image(), default));
    described.unwrap_or_else(|| {
        let why = if group.is_some() { "is not a consumer group" } else { "not found" };
        refused(ResponseError::GroupIdNotFound)
            .with_error_message(Some(str_bytes(&format!("Group {known} {why}."))))
    })
}

fn delete(
    (groups, shares): (&mut Groups, &mut ShareGroups),
    turn: &mut Turn<'_, '_>,
    id: &kafka::GroupId,
) -> Result<(), ResponseError> {
    let id = coordinated(turn, id)?;
    if shares.contains_key(&id) {
        return share_group::delete(shares, turn, &id);
    }
    let group = groups.get(&id).ok_or(ResponseError::GroupIdNotFound)?;
    if group.state != GroupState::Empty {
        return Err(ResponseError::NonEmptyGroup);
    }
    forget(groups, turn, &id, false)
}

/// Removes a group that is empty, with its offsets.
pub(super) fn forget(
    groups: &mut Groups,
    turn: &mut Turn<'_, '_>,
    id: &GroupId,
    expired: bool,
) -> Result<(), ResponseError> {
    let Some(group) = groups.get_mut(id) else { return Ok(()) };
    let tombstones = group.tombstones();
    group.write_all(turn, &tombstones)?;
    let partitions = group.offsets.keys().cloned().collect();
    group.remove_offsets(turn, partitions, expired);
    group.stop_pending_timers(turn.ctx);
    group.transition(turn, GroupState::Dead);
    groups.remove(id);
    Ok(())
}

fn delete_offsets(
    groups: &mut Groups,
    turn: &mut Turn<'_, '_>,
    body: &kafka::OffsetDeleteRequest,
) -> Result<kafka::OffsetDeleteResponse, ResponseError> {
    let id = coordinated(turn, &body.group_id)?;
    let group = groups.get_mut(&id).ok_or(ResponseError::GroupIdNotFound)?;
    let is_foreign = group.consumer.is_none() && group.protocol_type_name() != PROTOCOL_TYPE;
    if is_foreign && group.state != GroupState::Empty {
        return Err(ResponseError::NonEmptyGroup);
    }
    let mut deleted = Vec::new();
    let topics = body.topics.iter().map(|topic| {
        let name = names::from_kafka(&topic.name);
        let error = if !turn.log.image().topics.contains_key(&name) {
            ResponseError::UnknownTopicOrPartition.code()
        } else if group.is_subscribed(&name, turn.log.image()) {
            ResponseError::GroupSubscribedToTopic.code()
        } else {
            0
        };
        let partitions = topic.partitions.iter().map(|partition| {
            let partition = TopicPartition::new(&name, partition.partition_index);
            let index = partition.partition.0;
            if error == 0 && group.offsets.contains_key(&partition) {
                deleted.push(partition);
            }
            OffsetDeleteResponsePartition::default()
                .with_partition_index(index)
                .with_error_code(error)
        });
        OffsetDeleteResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    let topics = topics.collect();
    if !deleted.is_empty() {
        let tombstones: Vec<GroupRecord> =
            deleted.iter().map(|partition| group.offset_tombstone(partition)).collect();
        group.write_all(turn, &tombstones)?;
        group.remove_offsets(turn, deleted, false);
    }
    Ok(kafka::OffsetDeleteResponse::default().with_topics(topics))
}

/// The group of that id, if this is its coordinator.
fn coordinated(turn: &Turn<'_, '_>, id: &kafka::GroupId) -> Result<GroupId, ResponseError> {
    let id = GroupId::from(id.as_str());
    check_coordinator(turn, &id).map(|_| id)
}

fn partition_of(turn: &Turn<'_, '_>, id: Option<&kafka::GroupId>) -> i32 {
    let partition = id.map(|id| check_coordinator(turn, &GroupId::from(id.as_str())));
    partition.and_then(Result::ok).unwrap_or(NO_PARTITION)
}
