//! Responses are brought from the newest form to that of the client's version.

use std::sync::Arc;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponsePartition, OffsetFetchResponseTopic,
};
use kafka_protocol::protocol::StrBytes;

use crate::message::Response;

/// The response as a client of `version` can read it.
pub(super) fn for_version(response: Response, version: i16) -> Response {
    match response {
        Response::FindCoordinator(body) if version <= 3 => find_coordinator(&body).into(),
        Response::OffsetFetch(body) if version <= 7 => offset_fetch(&body, version).into(),
        Response::LeaveGroup(body) if version <= 2 => leave_group(&body).into(),
        Response::JoinGroup(mut body) if version <= 6 => {
            let body_mut = Arc::make_mut(&mut body);
            body_mut.protocol_type = None;
            body_mut.protocol_name.get_or_insert_default();
            if version <= 4 {
                for member in &mut body_mut.members {
                    member.group_instance_id = None;
                }
            }
            Response::JoinGroup(body)
        }
        Response::SyncGroup(mut body) if version <= 4 => {
            let body_mut = Arc::make_mut(&mut body);
            (body_mut.protocol_type, body_mut.protocol_name) = (None, None);
            Response::SyncGroup(body)
        }
        Response::ListOffsets(mut body) if version <= 3 => {
            let topics = Arc::make_mut(&mut body).topics.iter_mut();
            for partition in topics.flat_map(|topic| &mut topic.partitions) {
                partition.leader_epoch = -1;
            }
            Response::ListOffsets(body)
        }
        Response::Produce(mut body) => {
            produce(Arc::make_mut(&mut body), version);
            Response::Produce(body)
        }
        Response::Fetch(mut body) => {
            fetch(Arc::make_mut(&mut body), version);
            Response::Fetch(body)
        }
        Response::CreateTopics(mut body) if version <= 6 => {
            for topic in &mut Arc::make_mut(&mut body).topics {
                topic.topic_id = uuid::Uuid::nil();
                if version <= 4 {
                    topic.topic_config_error_code = 0;
                    (topic.num_partitions, topic.replication_factor) = (-1, -1);
                    topic.configs = Some(Vec::new());
                }
            }
            Response::CreateTopics(body)
        }
        Response::DeleteTopics(mut body) if version <= 5 => {
            for topic in &mut Arc::make_mut(&mut body).responses {
                topic.topic_id = uuid::Uuid::nil();
                if version <= 4 {
                    topic.error_message = None;
                }
            }
            Response::DeleteTopics(body)
        }
        Response::InitProducerId(mut body) if version <= 3 => {
            known_by_then(&mut Arc::make_mut(&mut body).error_code);
            Response::InitProducerId(body)
        }
        Response::AddPartitionsToTxn(body) if version <= 3 => add_partitions(&body, version).into(),
        Response::AddOffsetsToTxn(mut body) if version <= 1 => {
            known_by_then(&mut Arc::make_mut(&mut body).error_code);
            Response::AddOffsetsToTxn(body)
        }
        Response::EndTxn(mut body) if version <= 4 => {
            let body_mut = Arc::make_mut(&mut body);
            (body_mut.producer_id, body_mut.producer_epoch) = (kafka::ProducerId(-1), -1);
            if version <= 1 {
                known_by_then(&mut body_mut.error_code);
            }
            Response::EndTxn(body)
        }
        Response::DescribeGroups(mut body) if version <= 5 => {
            describe_groups(Arc::make_mut(&mut body), version);
            Response::DescribeGroups(body)
        }
        Response::ElectLeaders(mut body) if version == 0 => {
            Arc::make_mut(&mut body).error_code = 0;
            Response::ElectLeaders(body)
        }
        Response::DescribeQuorum(mut body) if version <= 1 => {
            describe_quorum(Arc::make_mut(&mut body));
            Response::DescribeQuorum(body)
        }
        other => other,
    }
}

/// Older clients know of one error for all producers that were fenced (KIP-588).
fn known_by_then(error_code: &mut i16) {
    if *error_code == ResponseError::ProducerFenced.code() {
        *error_code = ResponseError::InvalidProducerEpoch.code();
    }
}

/// Up to version 3, an answer was about one transaction.
fn add_partitions(
    body: &kafka::AddPartitionsToTxnResponse,
    version: i16,
) -> kafka::AddPartitionsToTxnResponse {
    let mut topics = body
        .results_by_transaction
        .first()
        .map(|result| result.topic_results.clone())
        .unwrap_or_default();
    if version <= 1 {
        for result in topics.iter_mut().flat_map(|topic| &mut topic.results_by_partition) {
            known_by_then(&mut result.partition_error_code);
        }
    }
    kafka::AddPartitionsToTxnResponse::default()
        .with_throttle_time_ms(body.throttle_time_ms)
        .with_results_by_topic_v3_and_below(topics)
}

/// Up to version 5, a group that is not there was dead, and that was no error (KIP-1043).
fn describe_groups(body: &mut kafka::DescribeGroupsResponse, version: i16) {
    for group in &mut body.groups {
        if group.error_code == ResponseError::GroupIdNotFound.code() {
            group.error_code = 0;
        }
        group.error_message = None;
        if version < 3 {
            group.authorized_operations = i32::MIN;
        }
        if version < 4 {
            for member in &mut group.members {
                member.group_instance_id = None;
            }
        }
    }
}

/// Directories, and where the voters are reached, came with voters that change (KIP-853).
fn describe_quorum(body: &mut kafka::DescribeQuorumResponse) {
    body.nodes.clear();
    body.error_message = None;
    for partition in body.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
        partition.error_message = None;
        for replica in partition.current_voters.iter_mut().chain(&mut partition.observers) {
            replica.replica_directory_id = uuid::Uuid::nil();
        }
    }
}

fn find_coordinator(body: &kafka::FindCoordinatorResponse) -> kafka::FindCoordinatorResponse {
    let one = body.coordinators.first().cloned().unwrap_or_default();
    kafka::FindCoordinatorResponse::default()
        .with_throttle_time_ms(body.throttle_time_ms)
        .with_error_code(one.error_code)
        .with_error_message(one.error_message)
        .with_node_id(one.node_id)
        .with_host(one.host)
        .with_port(one.port)
}

fn offset_fetch(body: &kafka::OffsetFetchResponse, version: i16) -> kafka::OffsetFetchResponse {
    let group = body.groups.first().cloned().unwrap_or_default();
    let error = group.error_code;
    let topics = group.topics.into_iter().map(|topic| {
        let partition = |part: kafka::offset_fetch_response::OffsetFetchResponsePartitions| {
            let answer = OffsetFetchResponsePartition::default()
                .with_partition_index(part.partition_index)
                .with_committed_offset(part.committed_offset)
                .with_metadata(part.metadata)
                .with_error_code(part.error_code);
            if version >= 5 {
                answer.with_committed_leader_epoch(part.committed_leader_epoch)
            } else {
                answer
            }
        };
        OffsetFetchResponseTopic::default()
            .with_name(topic.name)
            .with_partitions(topic.partitions.into_iter().map(partition).collect())
    });
    let answer = kafka::OffsetFetchResponse::default()
        .with_throttle_time_ms(body.throttle_time_ms)
        .with_topics(topics.collect());
    if version >= 2 { answer.with_error_code(error) } else { answer }
}

fn leave_group(body: &kafka::LeaveGroupResponse) -> kafka::LeaveGroupResponse {
    let own = body.members.first().map_or(0, |member| member.error_code);
    let error = if body.error_code == 0 { own } else { body.error_code };
    kafka::LeaveGroupResponse::default()
        .with_throttle_time_ms(body.throttle_time_ms)
        .with_error_code(error)
}

/// Where the leader is now, and what was wrong with which record, came later.
fn produce(body: &mut kafka::ProduceResponse, version: i16) {
    if version < 10 {
        body.node_endpoints.clear();
    }
    for partition in body.responses.iter_mut().flat_map(|topic| &mut topic.partition_responses) {
        if version < 11 && partition.error_code == ResponseError::TransactionAbortable.code() {
            partition.error_code = ResponseError::InvalidTxnState.code();
        }
        if version < 10 {
            partition.current_leader = Default::default();
        }
        if version < 8 {
            partition.record_errors.clear();
            partition.error_message = None;
        }
        if version < 5 {
            partition.log_start_offset = -1;
        }
    }
}

/// Sessions, diverging epochs, followers to read from and leaders that moved came later.
fn fetch(body: &mut kafka::FetchResponse, version: i16) {
    if version < 16 {
        body.node_endpoints.clear();
    }
    if version < 7 {
        (body.error_code, body.session_id) = (0, 0);
    }
    for topic in &mut body.responses {
        if version >= 13 {
            topic.topic = kafka::TopicName(StrBytes::default());
        } else {
            topic.topic_id = uuid::Uuid::nil();
        }
        for partition in &mut topic.partitions {
            if version < 12 {
                partition.diverging_epoch = Default::default();
                partition.current_leader = Default::default();
                partition.snapshot_id = Default::default();
            }
            if version < 11 {
                partition.preferred_read_replica = kafka::BrokerId(-1);
            }
            if version < 5 {
                partition.log_start_offset = -1;
            }
            // Older clients take no bytes at all for a broken response.
            partition.records.get_or_insert_default();
        }
    }
}
