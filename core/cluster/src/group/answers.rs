//! Answers: refusals of each request that a coordinator gets, and text as messages carry it.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_describe_response::DescribedGroup as ConsumerDescribed;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::describe_groups_response::DescribedGroup;
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::offset_fetch_response::OffsetFetchResponseGroup;
use kafka_protocol::messages::{
    ConsumerGroupDescribeResponse, DeleteGroupsResponse, DescribeGroupsResponse, HeartbeatResponse,
    JoinGroupResponse, LeaveGroupResponse, ListGroupsResponse, OffsetCommitRequest,
    OffsetCommitResponse, OffsetDeleteResponse, OffsetFetchRequest, OffsetFetchResponse,
    SyncGroupResponse,
};
use kafka_protocol::protocol::StrBytes;

use crate::group::consumer_group::Refused;
use crate::group::share_group;
use crate::group::transactional;
use crate::message::{Request, Response};

/// The answer to a request that is refused as a whole.
pub(crate) fn refusal(request: &Request, error: ResponseError) -> Response {
    match request {
        Request::JoinGroup(body) => joined_not(&body.member_id, error).into(),
        Request::SyncGroup(_) => synced_not(error).into(),
        Request::Heartbeat(_) => heartbeat(Err(error)).into(),
        Request::LeaveGroup(_) => {
            LeaveGroupResponse::default().with_error_code(error.code()).into()
        }
        Request::OffsetCommit(body) => committed_not(body, error).into(),
        Request::TxnOffsetCommit(body) => transactional::committed(body, Some(error)).into(),
        Request::OffsetFetch(body) => fetched_not(body, error).into(),
        Request::ConsumerGroupHeartbeat(_) => Refused::from(error).response().into(),
        Request::ShareGroupHeartbeat(_) => share_group::refused((error, error.to_string())).into(),
        Request::DescribeGroups(body) => {
            let refused = body.groups.iter().map(|id| {
                DescribedGroup::default()
                    .with_group_id(id.clone())
                    .with_error_code(error.code())
                    .with_error_message(None)
            });
            DescribeGroupsResponse::default().with_groups(refused.collect()).into()
        }
        Request::ConsumerGroupDescribe(body) => {
            let refused = body.group_ids.iter().map(|id| {
                ConsumerDescribed::default()
                    .with_group_id(id.clone())
                    .with_error_code(error.code())
                    .with_error_message(None)
            });
            ConsumerGroupDescribeResponse::default().with_groups(refused.collect()).into()
        }
        Request::DeleteGroups(body) => {
            let refused = body.groups_names.iter().map(|id| {
                DeletableGroupResult::default()
                    .with_group_id(id.clone())
                    .with_error_code(error.code())
            });
            DeleteGroupsResponse::default().with_results(refused.collect()).into()
        }
        Request::ListGroups(_) => {
            ListGroupsResponse::default().with_error_code(error.code()).into()
        }
        Request::OffsetDelete(_) => {
            OffsetDeleteResponse::default().with_error_code(error.code()).into()
        }
        other => unreachable!("a group coordinator gets no {:?}", other.api_key()),
    }
}

/// A refused JoinGroup.
pub(super) fn joined_not(member: &str, error: ResponseError) -> JoinGroupResponse {
    JoinGroupResponse::default()
        .with_error_code(error.code())
        .with_member_id(str_bytes(member))
        .with_protocol_type(None)
        .with_protocol_name(None)
}

/// A refused SyncGroup.
pub(super) fn synced_not(error: ResponseError) -> SyncGroupResponse {
    SyncGroupResponse::default().with_error_code(error.code())
}

/// The answer to a heartbeat.
pub(super) fn heartbeat(result: Result<(), ResponseError>) -> HeartbeatResponse {
    HeartbeatResponse::default().with_error_code(result.err().map_or(0, |error| error.code()))
}

/// An OffsetCommit of which every partition is answered alike.
pub(super) fn committed(request: &OffsetCommitRequest, error_code: i16) -> OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            OffsetCommitResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(error_code)
        });
        OffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    OffsetCommitResponse::default().with_topics(topics.collect())
}

/// Text as messages carry it.
pub(super) fn str_bytes(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn committed_not(request: &OffsetCommitRequest, error: ResponseError) -> OffsetCommitResponse {
    committed(request, error.code())
}

fn fetched_not(request: &OffsetFetchRequest, error: ResponseError) -> OffsetFetchResponse {
    // Consumers know NOT_COORDINATOR here, but not that none is available.
    let error = match error {
        ResponseError::CoordinatorNotAvailable => ResponseError::NotCoordinator,
        other => other,
    };
    let groups = request.groups.iter().map(|group| {
        OffsetFetchResponseGroup::default()
            .with_group_id(group.group_id.clone())
            .with_error_code(error.code())
    });
    OffsetFetchResponse::default().with_groups(groups.collect())
}
