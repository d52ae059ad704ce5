//! The answers to requests that are not allowed, with the error where the answers of that kind have it.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::alter_partition_reassignments_response as reassigned;
use kafka_protocol::messages::alter_replica_log_dirs_response as moved;
use kafka_protocol::messages::delete_records_response as deleted;
use kafka_protocol::messages::describe_producers_response as producers;
use kafka_protocol::messages::elect_leaders_response as elected;
use kafka_protocol::messages::offset_delete_response as forgotten;
use kafka_protocol::messages::offset_fetch_response as offsets;
use kafka_protocol::messages::share_acknowledge_response as acknowledged;
use kafka_protocol::messages::share_fetch_response as shared;
use kafka_protocol::messages::share_group_describe_response as described;
use kafka_protocol::messages::write_txn_markers_response as marked;
use kafka_protocol::protocol::StrBytes;

use crate::broker::Broker;
use crate::client::error_messages::kafka_message;
use crate::client::names;
use crate::controller;
use crate::ctx::Ctx;
use crate::group;
use crate::ids::TopicPartition;
use crate::message::{Request, Response};
use crate::transaction;

mod share_offsets;

impl Broker {
    /// The answer to a request of which nothing is allowed.
    pub(super) fn denial(
        &self,
        ctx: &Ctx<'_>,
        request: &Request,
        error: ResponseError,
    ) -> Response {
        match request {
            Request::OffsetFetch(body) if error == ResponseError::TopicAuthorizationFailed => {
                offsets_not_told(body, error.code()).into()
            }
            Request::OffsetDelete(body) if error == ResponseError::TopicAuthorizationFailed => {
                offsets_not_deleted(body, error.code()).into()
            }
            Request::TxnOffsetCommit(_)
            | Request::ConsumerGroupHeartbeat(_)
            | Request::ShareGroupHeartbeat(_)
            | Request::DescribeGroups(_)
            | Request::ConsumerGroupDescribe(_)
            | Request::DeleteGroups(_)
            | Request::OffsetDelete(_) => group::refusal(request, error),
            Request::AddPartitionsToTxn(_)
            | Request::AddOffsetsToTxn(_)
            | Request::EndTxn(_)
            | Request::DescribeTransactions(_) => transaction::refusal(request, error),
            Request::CreateTopics(body) => {
                let refused = controller::create_refused(body, error.code());
                with_words(refused, "Authorization failed.").into()
            }
            _ => self
                .refusal(ctx, request, error)
                .or_else(|| of_cluster(request, error))
                .unwrap_or_else(|| of_shares_and_records(request, error.code())),
        }
    }
}

/// What is refused for want of a right on the cluster, and settings.
fn of_cluster(request: &Request, error: ResponseError) -> Option<Response> {
    let code = error.code();
    let words = kafka_message(error);
    let text = || Some(StrBytes::from_string(words.to_string()));
    Some(match request {
        Request::CreatePartitions(body) => controller::partitions_refused(body, code).into(),
        Request::IncrementalAlterConfigs(body) => controller::configs_refused(body, code).into(),
        Request::AlterClientQuotas(body) => controller::quotas_refused(body, code).into(),
        Request::CreateAcls(body) => {
            controller::acls::create_refused(body, code, Some(&words)).into()
        }
        Request::DeleteAcls(body) => {
            controller::acls::delete_refused(body, code, Some(&words)).into()
        }
        Request::DescribeAcls(_) => kafka::DescribeAclsResponse::default()
            .with_error_code(code)
            .with_error_message(text())
            .into(),
        Request::DescribeClientQuotas(_) => kafka::DescribeClientQuotasResponse::default()
            .with_error_code(code)
            .with_error_message(text())
            .with_entries(None)
            .into(),
        Request::ElectLeaders(body) => not_elected(body, code, &words).into(),
        Request::AlterPartitionReassignments(body) => not_reassigned(body, code, &words).into(),
        Request::ListPartitionReassignments(_) => {
            kafka::ListPartitionReassignmentsResponse::default()
                .with_error_code(code)
                .with_error_message(text())
                .into()
        }
        Request::DescribeLogDirs(_) => {
            kafka::DescribeLogDirsResponse::default().with_error_code(code).into()
        }
        Request::DescribeQuorum(_) => kafka::DescribeQuorumResponse::default()
            .with_error_code(code)
            .with_error_message(text())
            .into(),
        _ => return None,
    })
}

fn not_elected(
    body: &kafka::ElectLeadersRequest,
    code: i16,
    words: &str,
) -> kafka::ElectLeadersResponse {
    let topics = body.topic_partitions.iter().flatten().map(|topic| {
        let partitions = topic.partitions.iter().map(|index| {
            elected::PartitionResult::default()
                .with_partition_id(*index)
                .with_error_code(code)
                .with_error_message(Some(StrBytes::from_string(words.to_owned())))
        });
        elected::ReplicaElectionResult::default()
            .with_topic(topic.topic.clone())
            .with_partition_result(partitions.collect())
    });
    kafka::ElectLeadersResponse::default()
        .with_error_code(code)
        .with_replica_election_results(topics.collect())
}

fn not_reassigned(
    body: &kafka::AlterPartitionReassignmentsRequest,
    code: i16,
    words: &str,
) -> kafka::AlterPartitionReassignmentsResponse {
    let text = || Some(StrBytes::from_string(words.to_owned()));
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            reassigned::ReassignablePartitionResponse::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code)
                .with_error_message(text())
        });
        reassigned::ReassignableTopicResponse::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    kafka::AlterPartitionReassignmentsResponse::default()
        .with_error_code(code)
        .with_error_message(text())
        .with_responses(topics.collect())
}

fn of_shares_and_records(request: &Request, code: i16) -> Response {
    match request {
        Request::DeleteRecords(body) => {
            let topics = body.topics.iter().map(|topic| {
                let partitions = topic.partitions.iter().map(|part| {
                    deleted::DeleteRecordsPartitionResult::default()
                        .with_partition_index(part.partition_index)
                        .with_low_watermark(-1)
                        .with_error_code(code)
                });
                deleted::DeleteRecordsTopicResult::default()
                    .with_name(topic.name.clone())
                    .with_partitions(partitions.collect())
            });
            kafka::DeleteRecordsResponse::default().with_topics(topics.collect()).into()
        }
        Request::DescribeProducers(body) => {
            let topics = body.topics.iter().map(|topic| {
                let partitions = topic.partition_indexes.iter().map(|index| {
                    producers::PartitionResponse::default()
                        .with_partition_index(*index)
                        .with_error_code(code)
                });
                producers::TopicResponse::default()
                    .with_name(topic.name.clone())
                    .with_partitions(partitions.collect())
            });
            kafka::DescribeProducersResponse::default().with_topics(topics.collect()).into()
        }
        Request::AlterReplicaLogDirs(body) => {
            let topics = body.dirs.iter().flat_map(|dir| &dir.topics).map(|topic| {
                let partitions = topic.partitions.iter().map(|index| {
                    moved::AlterReplicaLogDirPartitionResult::default()
                        .with_partition_index(*index)
                        .with_error_code(code)
                });
                moved::AlterReplicaLogDirTopicResult::default()
                    .with_topic_name(topic.name.clone())
                    .with_partitions(partitions.collect())
            });
            kafka::AlterReplicaLogDirsResponse::default().with_results(topics.collect()).into()
        }
        Request::WriteTxnMarkers(body) => markers_not_written(body, code).into(),
        Request::ShareGroupDescribe(body) => {
            let groups = body.group_ids.iter().map(|id| {
                described::DescribedGroup::default()
                    .with_group_id(id.clone())
                    .with_error_code(code)
                    .with_error_message(None)
            });
            kafka::ShareGroupDescribeResponse::default().with_groups(groups.collect()).into()
        }
        Request::DescribeShareGroupOffsets(body) => share_offsets::not_told(body, code).into(),
        Request::AlterShareGroupOffsets(body) => share_offsets::not_altered(body, code).into(),
        Request::DeleteShareGroupOffsets(body) => share_offsets::not_deleted(body, code).into(),
        Request::ShareFetch(body) => share_not_fetched(body, code).into(),
        Request::ShareAcknowledge(body) => share_not_acknowledged(body, code).into(),
        other => unreachable!("{:?} is for brokers, or allowed to all", other.api_key()),
    }
}

/// All of a group if it is the group that is refused, else its topics.
fn share_not_fetched(body: &kafka::ShareFetchRequest, code: i16) -> kafka::ShareFetchResponse {
    if code == ResponseError::GroupAuthorizationFailed.code() {
        return kafka::ShareFetchResponse::default().with_error_code(code);
    }
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            shared::PartitionData::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code)
                .with_current_leader(
                    shared::LeaderIdAndEpoch::default().with_leader_id(-1).with_leader_epoch(-1),
                )
        });
        shared::ShareFetchableTopicResponse::default()
            .with_topic_id(topic.topic_id)
            .with_partitions(partitions.collect())
    });
    kafka::ShareFetchResponse::default().with_responses(topics.collect())
}

fn share_not_acknowledged(
    body: &kafka::ShareAcknowledgeRequest,
    code: i16,
) -> kafka::ShareAcknowledgeResponse {
    if code == ResponseError::GroupAuthorizationFailed.code() {
        return kafka::ShareAcknowledgeResponse::default().with_error_code(code);
    }
    let nobody =
        || acknowledged::LeaderIdAndEpoch::default().with_leader_id(-1).with_leader_epoch(-1);
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            acknowledged::PartitionData::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code)
                .with_current_leader(nobody())
        });
        acknowledged::ShareAcknowledgeTopicResponse::default()
            .with_topic_id(topic.topic_id)
            .with_partitions(partitions.collect())
    });
    kafka::ShareAcknowledgeResponse::default().with_responses(topics.collect())
}

fn offsets_not_told(body: &kafka::OffsetFetchRequest, code: i16) -> kafka::OffsetFetchResponse {
    let groups = body.groups.iter().map(|group| {
        let topics = group.topics.iter().flatten().map(|topic| {
            let partitions = topic.partition_indexes.iter().map(|index| {
                offsets::OffsetFetchResponsePartitions::default()
                    .with_partition_index(*index)
                    .with_committed_offset(-1)
                    .with_committed_leader_epoch(-1)
                    .with_metadata(Some(StrBytes::default()))
                    .with_error_code(code)
            });
            offsets::OffsetFetchResponseTopics::default()
                .with_name(topic.name.clone())
                .with_topic_id(topic.topic_id)
                .with_partitions(partitions.collect())
        });
        offsets::OffsetFetchResponseGroup::default()
            .with_group_id(group.group_id.clone())
            .with_topics(topics.collect())
    });
    kafka::OffsetFetchResponse::default().with_groups(groups.collect())
}

fn offsets_not_deleted(
    body: &kafka::OffsetDeleteRequest,
    code: i16,
) -> kafka::OffsetDeleteResponse {
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            forgotten::OffsetDeleteResponsePartition::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code)
        });
        forgotten::OffsetDeleteResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    kafka::OffsetDeleteResponse::default().with_topics(topics.collect())
}

fn markers_not_written(
    body: &kafka::WriteTxnMarkersRequest,
    code: i16,
) -> kafka::WriteTxnMarkersResponse {
    let markers = body.markers.iter().map(|marker| {
        let topics = marker.topics.iter().map(|topic| {
            let partitions = topic.partition_indexes.iter().map(|index| {
                marked::WritableTxnMarkerPartitionResult::default()
                    .with_partition_index(*index)
                    .with_error_code(code)
            });
            marked::WritableTxnMarkerTopicResult::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions.collect())
        });
        marked::WritableTxnMarkerResult::default()
            .with_producer_id(marker.producer_id)
            .with_topics(topics.collect())
    });
    kafka::WriteTxnMarkersResponse::default().with_markers(markers.collect())
}

fn with_words(
    mut response: kafka::CreateTopicsResponse,
    words: &'static str,
) -> kafka::CreateTopicsResponse {
    for topic in &mut response.topics {
        topic.error_message = Some(StrBytes::from_static_str(words));
    }
    response
}

/// Partitions that are not added to a transaction since some of their topics are refused: the others were not tried.
pub(super) fn not_added(
    body: &kafka::AddPartitionsToTxnRequest,
    denied: &[kafka::TopicName],
) -> kafka::AddPartitionsToTxnResponse {
    let error = |partition: &TopicPartition| {
        let is_denied = denied.contains(&names::to_kafka(&partition.topic));
        Some(match is_denied {
            true => ResponseError::TopicAuthorizationFailed,
            false => ResponseError::OperationNotAttempted,
        })
    };
    let results = body.transactions.iter().map(|asked| transaction::added(asked, error));
    kafka::AddPartitionsToTxnResponse::default().with_results_by_transaction(results.collect())
}
