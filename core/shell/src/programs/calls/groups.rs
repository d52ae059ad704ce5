//! What the admin client asks the coordinators of groups.

use std::collections::BTreeMap;

use highwater_cluster::client::names;
use highwater_cluster::consumer::decode_assignment;
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::message::{Request, Response};
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::consumer_group_describe_response as consumer_describe;
use highwater_cluster::protocol::messages::list_groups_response::ListedGroup;
use highwater_cluster::protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use highwater_cluster::protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use highwater_cluster::protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use highwater_cluster::protocol::protocol::StrBytes;

use crate::admin::To;
use crate::java::{grown_hash_order, string_hash};
use crate::programs::calls::{ask, brokers, by_topic};
use crate::script::{Failure, Halt, Io};

/// `FindCoordinator`'s type of key for a group.
const GROUP: i8 = 0;

/// Who answers for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Coordinator {
    pub(crate) id: BrokerId,
    pub(crate) host: String,
    pub(crate) port: i32,
}

/// `ConsumerGroupDescription`
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) coordinator: Coordinator,
    pub(crate) state: String,
    /// Empty while there is none.
    pub(crate) assignor: String,
    /// Only groups of the new protocol have epochs.
    pub(crate) epoch: Option<i32>,
    pub(crate) assignment_epoch: Option<i32>,
    pub(crate) members: Vec<Member>,
}

/// `MemberDescription`
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) instance: Option<String>,
    pub(crate) host: String,
    pub(crate) client_id: String,
    pub(crate) epoch: Option<i32>,
    pub(crate) assignment: Vec<TopicPartition>,
    pub(crate) target: Vec<TopicPartition>,
    /// Whether it speaks the new protocol, where that is known.
    pub(crate) is_upgraded: Option<bool>,
}

/// A committed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    pub(crate) offset: Offset,
    pub(crate) leader_epoch: Option<i32>,
}

/// `listGroups`: what each broker coordinates, in the order of the tool's map.
pub(crate) fn list(
    io: &mut Io<'_, '_>,
    states: &[String],
    types: &[String],
) -> Result<Vec<ListedGroup>, Halt> {
    let strings = |names: &[String]| names.iter().cloned().map(StrBytes::from_string).collect();
    let request = kafka::ListGroupsRequest::default()
        .with_states_filter(strings(states))
        .with_types_filter(strings(types));
    let mut groups: Vec<ListedGroup> = Vec::new();
    for broker in brokers(io)? {
        let body = ask!(io, "listGroups", request.clone(), To::Broker(broker) => ListGroups);
        if let Some(error) = ResponseError::try_from_code(body.error_code) {
            return Err(Failure::of(error, None).into());
        }
        let new = body
            .groups
            .iter()
            .filter(|group| groups.iter().all(|it| it.group_id != group.group_id));
        let new: Vec<ListedGroup> = new.cloned().collect();
        groups.extend(new);
    }
    grown_hash_order(&mut groups, |group| string_hash(&group.group_id));
    Ok(groups)
}

/// The groups of consumers among them: `ListGroupsOptions.forConsumerGroups`.
pub(crate) fn list_consumers(
    io: &mut Io<'_, '_>,
    states: &[String],
    types: &[String],
) -> Result<Vec<ListedGroup>, Halt> {
    let mut types = types.to_vec();
    if types.is_empty() {
        types = vec!["Consumer".to_owned(), "Classic".to_owned()];
    }
    let mut groups = list(io, states, &types)?;
    groups.retain(|group| matches!(&*group.protocol_type, "consumer" | ""));
    Ok(groups)
}

/// `describeConsumerGroups`: asked as a group of the new protocol first, then as a classic one.
pub(crate) fn describe(io: &mut Io<'_, '_>, group: &str) -> Result<Group, Halt> {
    let request =
        kafka::ConsumerGroupDescribeRequest::default().with_group_ids(vec![group_id(group)]);
    let api = "describeConsumerGroups";
    let (coordinator, response) =
        coordinated(io, group, api, "CONSUMER_GROUP_DESCRIBE", &request.into())?;
    let Response::ConsumerGroupDescribe(body) = response else {
        unreachable!("nothing else was asked")
    };
    if let Some(described) = body.groups.first().filter(|described| described.error_code == 0) {
        return Ok(consumer_group(group, coordinator, described));
    }
    let request = kafka::DescribeGroupsRequest::default().with_groups(vec![group_id(group)]);
    let (coordinator, response) = coordinated(io, group, api, "DESCRIBE_GROUPS", &request.into())?;
    let Response::DescribeGroups(body) = response else { unreachable!("nothing else was asked") };
    let described = body.groups.first().cloned().unwrap_or_default();
    if let Some(error) = ResponseError::try_from_code(described.error_code) {
        return Err(Failure::of(error, described.error_message.as_deref()).into());
    }
    let mut members: Vec<Member> = described
        .members
        .iter()
        .map(|member| Member {
            id: member.member_id.to_string(),
            instance: member.group_instance_id.as_ref().map(|id| id.to_string()),
            host: member.client_host.to_string(),
            client_id: member.client_id.to_string(),
            epoch: None,
            assignment: decode_assignment(&member.member_assignment).unwrap_or_default(),
            target: Vec::new(),
            is_upgraded: None,
        })
        .collect();
    // A classic group's broker holds the members in a map of Java's.
    grown_hash_order(&mut members, |member| string_hash(&member.id));
    Ok(Group {
        id: group.to_owned(),
        coordinator,
        state: described.group_state.to_string(),
        assignor: described.protocol_data.to_string(),
        epoch: None,
        assignment_epoch: None,
        members,
    })
}

fn consumer_group(
    group: &str,
    coordinator: Coordinator,
    described: &consumer_describe::DescribedGroup,
) -> Group {
    let partitions = |assignment: &consumer_describe::Assignment| -> Vec<TopicPartition> {
        let topics = assignment.topic_partitions.iter();
        let partitions = topics.flat_map(|topic| {
            let name = names::from_kafka(&topic.topic_name);
            topic.partitions.iter().map(move |index| TopicPartition::new(&name, *index))
        });
        partitions.collect()
    };
    let members = described.members.iter().map(|member| Member {
        id: member.member_id.to_string(),
        instance: member.instance_id.as_ref().map(|id| id.to_string()),
        host: member.client_host.to_string(),
        client_id: member.client_id.to_string(),
        epoch: Some(member.member_epoch),
        assignment: partitions(&member.assignment),
        target: partitions(&member.target_assignment),
        is_upgraded: (member.member_type >= 0).then_some(member.member_type == 1),
    });
    Group {
        id: group.to_owned(),
        coordinator,
        state: described.group_state.to_string(),
        assignor: described.assignor_name.to_string(),
        epoch: Some(described.group_epoch),
        assignment_epoch: Some(described.assignment_epoch),
        members: members.collect(),
    }
}

/// `listConsumerGroupOffsets`: where the group has committed to.
pub(crate) fn committed(
    io: &mut Io<'_, '_>,
    group: &str,
) -> Result<BTreeMap<TopicPartition, Committed>, Halt> {
    let asked = OffsetFetchRequestGroup::default().with_group_id(group_id(group)).with_topics(None);
    let request = kafka::OffsetFetchRequest::default().with_groups(vec![asked]);
    let (_, response) = coordinated(io, group, "offsetFetch", "OFFSET_FETCH", &request.into())?;
    let Response::OffsetFetch(body) = response else { unreachable!("nothing else was asked") };
    let mut committed = BTreeMap::new();
    for topic in body.groups.iter().flat_map(|group| &group.topics) {
        let name = names::from_kafka(&topic.name);
        for partition in topic.partitions.iter().filter(|it| it.committed_offset >= 0) {
            let epoch = partition.committed_leader_epoch;
            let offset = Committed {
                offset: Offset(partition.committed_offset),
                leader_epoch: (epoch >= 0).then_some(epoch),
            };
            committed.insert(TopicPartition::new(&name, partition.partition_index), offset);
        }
    }
    Ok(committed)
}

/// `alterConsumerGroupOffsets`: commits for a group that nobody is in.
pub(crate) fn commit(
    io: &mut Io<'_, '_>,
    group: &str,
    offsets: &[(TopicPartition, Offset)],
) -> Result<(), Halt> {
    let partitions: Vec<TopicPartition> = offsets.iter().map(|(id, _)| id.clone()).collect();
    let offset_of = |partition: &TopicPartition| {
        offsets.iter().find(|(id, _)| id == partition).map_or(-1, |(_, offset)| offset.0)
    };
    let topics = by_topic(&partitions).into_iter().map(|(topic, indexes)| {
        let partitions = indexes.into_iter().map(|index| {
            let id = TopicPartition { topic: topic.clone(), partition: index };
            OffsetCommitRequestPartition::default()
                .with_partition_index(index.0)
                .with_committed_offset(offset_of(&id))
                .with_committed_leader_epoch(-1)
                .with_committed_metadata(Some(StrBytes::default()))
        });
        OffsetCommitRequestTopic::default()
            .with_name(names::to_kafka(topic))
            .with_partitions(partitions.collect())
    });
    let request = kafka::OffsetCommitRequest::default()
        .with_group_id(group_id(group))
        .with_generation_id_or_member_epoch(-1)
        .with_topics(topics.collect());
    let (_, response) = coordinated(io, group, "offsetCommit", "OFFSET_COMMIT", &request.into())?;
    let Response::OffsetCommit(body) = response else { unreachable!("nothing else was asked") };
    let answers = body.topics.iter().flat_map(|topic| &topic.partitions);
    let refused =
        answers.filter_map(|answer| ResponseError::try_from_code(answer.error_code)).next();
    refused.map_or(Ok(()), |error| Err(Failure::of(error, None).into()))
}

/// `deleteConsumerGroups` of one group.
pub(crate) fn delete(io: &mut Io<'_, '_>, group: &str) -> Result<(), Halt> {
    let request = kafka::DeleteGroupsRequest::default().with_groups_names(vec![group_id(group)]);
    let (_, response) =
        coordinated(io, group, "deleteConsumerGroups", "DELETE_GROUPS", &request.into())?;
    let Response::DeleteGroups(body) = response else { unreachable!("nothing else was asked") };
    let code = body.results.first().map_or(0, |result| result.error_code);
    let refused = ResponseError::try_from_code(code);
    refused.map_or(Ok(()), |error| Err(Failure::of(error, None).into()))
}

/// `deleteConsumerGroupOffsets`: what became of each partition.
pub(crate) fn delete_offsets(
    io: &mut Io<'_, '_>,
    group: &str,
    partitions: &[TopicPartition],
) -> Result<BTreeMap<TopicPartition, Option<ResponseError>>, Halt> {
    let topics = by_topic(partitions).into_iter().map(|(topic, indexes)| {
        let partitions = indexes
            .into_iter()
            .map(|index| OffsetDeleteRequestPartition::default().with_partition_index(index.0));
        OffsetDeleteRequestTopic::default()
            .with_name(names::to_kafka(topic))
            .with_partitions(partitions.collect())
    });
    let request = kafka::OffsetDeleteRequest::default()
        .with_group_id(group_id(group))
        .with_topics(topics.collect());
    let (_, response) = coordinated(io, group, "offsetDelete", "OFFSET_DELETE", &request.into())?;
    let Response::OffsetDelete(body) = response else { unreachable!("nothing else was asked") };
    if let Some(error) = ResponseError::try_from_code(body.error_code) {
        return Err(Failure::of(error, None).into());
    }
    let answers = body.topics.iter().flat_map(|topic| {
        let name = names::from_kafka(&topic.name);
        topic.partitions.iter().map(move |answer| {
            let partition = TopicPartition::new(&name, answer.partition_index);
            (partition, ResponseError::try_from_code(answer.error_code))
        })
    });
    Ok(answers.collect())
}

/// Asks the coordinator of a group, and whoever it is by then while the error is one that passes.
pub(crate) fn coordinated(
    io: &mut Io<'_, '_>,
    group: &str,
    api: &str,
    key: &str,
    request: &Request,
) -> Result<(Coordinator, Response), Halt> {
    coordinated_by(io, GROUP, group, (api, key), request)
}

/// As for groups, for any type of key.
pub(crate) fn coordinated_by(
    io: &mut Io<'_, '_>,
    key_type: i8,
    key: &str,
    (api, api_key): (&str, &str),
    request: &Request,
) -> Result<(Coordinator, Response), Halt> {
    let deadline = io.deadline()?;
    for tries in 0.. {
        let find = kafka::FindCoordinatorRequest::default()
            .with_key_type(key_type)
            .with_coordinator_keys(vec![StrBytes::from_string(key.to_owned())]);
        let name = format!("{api}(api=FIND_COORDINATOR)");
        let body = ask!(io, name.clone(), find, To::Any => FindCoordinator);
        let found = body.coordinators.first().cloned().unwrap_or_default();
        let error = match ResponseError::try_from_code(found.error_code) {
            Some(error) => Some(error),
            None => {
                let id = BrokerId(found.node_id.0);
                let name = format!("{api}(api={api_key})");
                let response = io.ask(name, request.clone(), To::Broker(id))?;
                match error_of(&response).filter(|error| passes(*error)) {
                    Some(error) => Some(error),
                    None => {
                        let (host, port) = (found.host.to_string(), found.port);
                        return Ok((Coordinator { id, host, port }, response));
                    }
                }
            }
        };
        if let Some(error) = error.filter(|error| !passes(*error)) {
            return Err(Failure::of(error, found.error_message.as_deref()).into());
        }
        let (now, _) = io.now()?;
        if now >= deadline {
            let message = format!("Timed out waiting for a node assignment. Call: {name}");
            return Err(Failure::timeout(message).into());
        }
        io.back_off(tries)?;
    }
    unreachable!("the deadline comes")
}

/// Whether a coordinator will be found, or be ready, if it is asked again.
fn passes(error: ResponseError) -> bool {
    matches!(
        error,
        ResponseError::CoordinatorNotAvailable
            | ResponseError::NotCoordinator
            | ResponseError::CoordinatorLoadInProgress
    )
}

/// The first error of a coordinator's answer.
fn error_of(response: &Response) -> Option<ResponseError> {
    let code = match response {
        Response::ConsumerGroupDescribe(body) => body.groups.first()?.error_code,
        Response::DescribeGroups(body) => body.groups.first()?.error_code,
        Response::OffsetFetch(body) => body.groups.first()?.error_code,
        Response::OffsetCommit(body) => body.topics.first()?.partitions.first()?.error_code,
        Response::DeleteGroups(body) => body.results.first()?.error_code,
        Response::OffsetDelete(body) => body.error_code,
        Response::ShareGroupDescribe(body) => body.groups.first()?.error_code,
        Response::DescribeShareGroupOffsets(body) => body.groups.first()?.error_code,
        Response::AlterShareGroupOffsets(body) => body.error_code,
        Response::DeleteShareGroupOffsets(body) => body.error_code,
        Response::DescribeTransactions(body) => body.transaction_states.first()?.error_code,
        _ => 0,
    };
    ResponseError::try_from_code(code)
}

pub(crate) fn group_id(group: &str) -> kafka::GroupId {
    kafka::GroupId(StrBytes::from_string(group.to_owned()))
}
