//! What the admin client asks the coordinators of share groups (KIP-932).

use std::collections::BTreeMap;

use highwater_cluster::client::names;
use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::message::Response;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::alter_share_group_offsets_request as alter;
use highwater_cluster::protocol::messages::delete_share_group_offsets_request as delete;
use highwater_cluster::protocol::messages::describe_share_group_offsets_request as describe;
use highwater_cluster::protocol::messages::list_groups_response::ListedGroup;
use highwater_cluster::protocol::messages::share_group_describe_response::Assignment;

use super::by_topic;
use super::groups::{self, Group, Member, coordinated, group_id};
use crate::script::{Failure, Halt, Io};

/// Where a share group starts in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// None if the group has not begun there.
    pub(crate) offset: Option<Offset>,
    pub(crate) leader_epoch: Option<i32>,
}

/// `listGroups` of share groups.
pub(crate) fn list(io: &mut Io<'_, '_>, states: &[String]) -> Result<Vec<ListedGroup>, Halt> {
    groups::list(io, states, &["Share".to_owned()])
}

/// `describeShareGroups`
pub(crate) fn describe(io: &mut Io<'_, '_>, group: &str) -> Result<Group, Halt> {
    let request = kafka::ShareGroupDescribeRequest::default().with_group_ids(vec![group_id(group)]);
    let api = ("describeShareGroups", "SHARE_GROUP_DESCRIBE");
    let (coordinator, response) = coordinated(io, group, api.0, api.1, &request.into())?;
    let Response::ShareGroupDescribe(body) = response else {
        unreachable!("nothing else was asked")
    };
    let described = body.groups.first().cloned().unwrap_or_default();
    if let Some(error) = ResponseError::try_from_code(described.error_code) {
        return Err(Failure::of(error, described.error_message.as_deref()).into());
    }
    let members = described.members.iter().map(|member| Member {
        id: member.member_id.to_string(),
        instance: None,
        host: member.client_host.to_string(),
        client_id: member.client_id.to_string(),
        epoch: Some(member.member_epoch),
        assignment: partitions(&member.assignment),
        target: Vec::new(),
        is_upgraded: None,
    });
    Ok(Group {
        id: group.to_owned(),
        coordinator,
        state: described.group_state.to_string(),
        assignor: described.assignor_name.to_string(),
        epoch: Some(described.group_epoch),
        assignment_epoch: Some(described.assignment_epoch),
        members: members.collect(),
    })
}

/// `listShareGroupOffsets`
pub(crate) fn starts(
    io: &mut Io<'_, '_>,
    group: &str,
) -> Result<BTreeMap<TopicPartition, Start>, Halt> {
    let asked = describe::DescribeShareGroupOffsetsRequestGroup::default()
        .with_group_id(group_id(group))
        .with_topics(None);
    let request = kafka::DescribeShareGroupOffsetsRequest::default().with_groups(vec![asked]);
    let api = ("describeShareGroupOffsets", "DESCRIBE_SHARE_GROUP_OFFSETS");
    let (_, response) = coordinated(io, group, api.0, api.1, &request.into())?;
    let Response::DescribeShareGroupOffsets(body) = response else {
        unreachable!("nothing else was asked")
    };
    let mut starts = BTreeMap::new();
    for described in &body.groups {
        if let Some(error) = ResponseError::try_from_code(described.error_code) {
            return Err(Failure::of(error, described.error_message.as_deref()).into());
        }
        for topic in &described.topics {
            let name = names::from_kafka(&topic.topic_name);
            for part in topic.partitions.iter().filter(|part| part.error_code == 0) {
                let start = Start {
                    offset: Some(Offset(part.start_offset)).filter(|offset| offset.0 >= 0),
                    leader_epoch: Some(part.leader_epoch).filter(|epoch| *epoch >= 0),
                };
                starts.insert(TopicPartition::new(&name, part.partition_index), start);
            }
        }
    }
    Ok(starts)
}

/// `alterShareGroupOffsets`
pub(crate) fn alter(
    io: &mut Io<'_, '_>,
    group: &str,
    offsets: &[(TopicPartition, Offset)],
) -> Result<(), Halt> {
    let ids: Vec<TopicPartition> = offsets.iter().map(|(id, _)| id.clone()).collect();
    let topics = by_topic(&ids).into_iter().map(|(topic, indexes)| {
        let parts = indexes.into_iter().map(|index| {
            let own = |id: &TopicPartition| id.topic == *topic && id.partition == index;
            let offset = offsets.iter().find(|(id, _)| own(id)).map_or(-1, |(_, offset)| offset.0);
            alter::AlterShareGroupOffsetsRequestPartition::default()
                .with_partition_index(index.0)
                .with_start_offset(offset)
        });
        alter::AlterShareGroupOffsetsRequestTopic::default()
            .with_topic_name(names::to_kafka(topic))
            .with_partitions(parts.collect())
    });
    let request = kafka::AlterShareGroupOffsetsRequest::default()
        .with_group_id(group_id(group))
        .with_topics(topics.collect());
    let api = ("alterShareGroupOffsets", "ALTER_SHARE_GROUP_OFFSETS");
    let (_, response) = coordinated(io, group, api.0, api.1, &request.into())?;
    let Response::AlterShareGroupOffsets(body) = response else {
        unreachable!("nothing else was asked")
    };
    let parts = body.responses.iter().flat_map(|topic| &topic.partitions);
    let codes = std::iter::once(body.error_code).chain(parts.map(|part| part.error_code));
    let refused = codes.filter_map(ResponseError::try_from_code).next();
    refused.map_or(Ok(()), |error| Err(Failure::of(error, None).into()))
}

/// `deleteShareGroupOffsets`: what became of each topic.
pub(crate) fn delete_offsets(
    io: &mut Io<'_, '_>,
    group: &str,
    topics: &[TopicName],
) -> Result<BTreeMap<TopicName, Option<ResponseError>>, Halt> {
    let asked = topics.iter().map(|topic| {
        delete::DeleteShareGroupOffsetsRequestTopic::default()
            .with_topic_name(names::to_kafka(topic))
    });
    let request = kafka::DeleteShareGroupOffsetsRequest::default()
        .with_group_id(group_id(group))
        .with_topics(asked.collect());
    let api = ("deleteShareGroupOffsets", "DELETE_SHARE_GROUP_OFFSETS");
    let (_, response) = coordinated(io, group, api.0, api.1, &request.into())?;
    let Response::DeleteShareGroupOffsets(body) = response else {
        unreachable!("nothing else was asked")
    };
    if let Some(error) = ResponseError::try_from_code(body.error_code) {
        return Err(Failure::of(error, None).into());
    }
    let answers = body.responses.iter().map(|topic| {
        (names::from_kafka(&topic.topic_name), ResponseError::try_from_code(topic.error_code))
    });
    Ok(answers.collect())
}

fn partitions(assignment: &Assignment) -> Vec<TopicPartition> {
    let topics = assignment.topic_partitions.iter();
    let partitions = topics.flat_map(|topic| {
        let name = names::from_kafka(&topic.topic_name);
        topic.partitions.iter().map(move |index| TopicPartition::new(&name, *index))
    });
    partitions.collect()
}
