//! Requests of older versions are brought to the newest form, which the engine speaks.

use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTransaction;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use kafka_protocol::protocol::Decodable;

use super::decode::{Asked, decode_guarded};
use crate::message::Request;
use crate::transaction::mark_older_client;

/// The body of a request, in its newest form; none if it makes no sense.
pub(super) fn decode(api: ApiKey, version: i16, body: Bytes) -> Option<Asked> {
    let request = match api {
        ApiKey::Fetch => {
            let mut request: kafka::FetchRequest = read(body, version)?;
            // Who a follower is, is said elsewhere today; clients from outside are none.
            request.replica_id = kafka::BrokerId(-1);
            if version < 13 {
                return Some(Asked::FetchByName(Arc::new(request)));
            }
            Request::from(request)
        }
        ApiKey::Produce => Request::from(produce(read(body, version)?, version)),
        ApiKey::Metadata => Request::from(metadata(read(body, version)?, version)),
        ApiKey::OffsetCommit => Request::from(offset_commit(read(body, version)?)),
        ApiKey::OffsetFetch => Request::from(offset_fetch(read(body, version)?, version)),
        ApiKey::FindCoordinator => Request::from(find_coordinator(read(body, version)?, version)),
        ApiKey::JoinGroup => Request::from(join_group(read(body, version)?, version)),
        ApiKey::LeaveGroup => Request::from(leave_group(read(body, version)?, version)),
        ApiKey::DeleteTopics => Request::from(delete_topics(read(body, version)?, version)),
        ApiKey::AddPartitionsToTxn => Request::from(add_partitions(read(body, version)?, version)),
        ApiKey::AddOffsetsToTxn => Request::from(add_offsets(read(body, version)?, version)),
        ApiKey::EndTxn => Request::from(end_txn(read(body, version)?, version)),
        ApiKey::TxnOffsetCommit => Request::from(txn_offset_commit(read(body, version)?, version)),
        ApiKey::ConsumerGroupHeartbeat => {
            let request: kafka::ConsumerGroupHeartbeatRequest = read(body, version)?;
            if version == 0 && request.member_id.is_empty() {
                return Some(Asked::JoinWithoutMemberId(Arc::new(request)));
            }
            Request::from(request)
        }
        _ => plain(api, body, version)?,
    };
    // A field that only older versions know, and that means something, is none of ours.
    request.fits_its_version().then_some(Asked::Request(request))
}

/// The requests that say in every version what they say in the newest.
macro_rules! plain_requests {
    ($($api:ident: $request:ident,)*) => {
        fn plain(api: ApiKey, body: Bytes, version: i16) -> Option<Request> {
            match api {
                $(ApiKey::$api => read::<kafka::$request>(body, version).map(Request::from),)*
                _ => None,
            }
        }
    };
}

plain_requests! {
    ListOffsets: ListOffsetsRequest,
    Heartbeat: HeartbeatRequest,
    SyncGroup: SyncGroupRequest,
    CreateTopics: CreateTopicsRequest,
    InitProducerId: InitProducerIdRequest,
    DescribeProducers: DescribeProducersRequest,
    DescribeTransactions: DescribeTransactionsRequest,
    ListTransactions: ListTransactionsRequest,
    OffsetForLeaderEpoch: OffsetForLeaderEpochRequest,
    DescribeConfigs: DescribeConfigsRequest,
    DescribeTopicPartitions: DescribeTopicPartitionsRequest,
    DeleteRecords: DeleteRecordsRequest,
    DescribeGroups: DescribeGroupsRequest,
    ListGroups: ListGroupsRequest,
    DeleteGroups: DeleteGroupsRequest,
    OffsetDelete: OffsetDeleteRequest,
    ConsumerGroupDescribe: ConsumerGroupDescribeRequest,
    IncrementalAlterConfigs: IncrementalAlterConfigsRequest,
    CreatePartitions: CreatePartitionsRequest,
    DescribeLogDirs: DescribeLogDirsRequest,
    AlterReplicaLogDirs: AlterReplicaLogDirsRequest,
    ElectLeaders: ElectLeadersRequest,
    AlterPartitionReassignments: AlterPartitionReassignmentsRequest,
    ListPartitionReassignments: ListPartitionReassignmentsRequest,
    DescribeCluster: DescribeClusterRequest,
    DescribeClientQuotas: DescribeClientQuotasRequest,
    AlterClientQuotas: AlterClientQuotasRequest,
    DescribeAcls: DescribeAclsRequest,
    CreateAcls: CreateAclsRequest,
    DeleteAcls: DeleteAclsRequest,
    DescribeQuorum: DescribeQuorumRequest,
    ShareGroupHeartbeat: ShareGroupHeartbeatRequest,
    ShareGroupDescribe: ShareGroupDescribeRequest,
    ShareFetch: ShareFetchRequest,
    ShareAcknowledge: ShareAcknowledgeRequest,
    DescribeShareGroupOffsets: DescribeShareGroupOffsetsRequest,
    AlterShareGroupOffsets: AlterShareGroupOffsetsRequest,
    DeleteShareGroupOffsets: DeleteShareGroupOffsetsRequest,
}

/// What stands behind the message is passed over, as Kafka does: librdkafka leaves some bytes there
/// when it asks for the metadata of all topics.
fn read<T: Decodable>(mut body: Bytes, version: i16) -> Option<T> {
    decode_guarded(&mut body, version)
}

/// In version 0, no topics meant all. What one may do with the cluster is asked elsewhere today.
fn metadata(mut request: kafka::MetadataRequest, version: i16) -> kafka::MetadataRequest {
    if version == 0 && request.topics.as_ref().is_some_and(Vec::is_empty) {
        request.topics = None;
    }
    request.include_cluster_authorized_operations = false;
    request
}

/// Once, a commit could say how long it is to be kept; a broker ignores it today (KIP-211).
fn offset_commit(mut request: kafka::OffsetCommitRequest) -> kafka::OffsetCommitRequest {
    request.retention_time_ms = -1;
    request
}

/// Up to version 7, a request was about one group.
fn offset_fetch(mut request: kafka::OffsetFetchRequest, version: i16) -> kafka::OffsetFetchRequest {
    if version > 7 {
        return request;
    }
    let topics = request.topics.replace(Vec::new()).map(|topics| {
        let topic = |topic: kafka::offset_fetch_request::OffsetFetchRequestTopic| {
            OffsetFetchRequestTopics::default()
                .with_name(topic.name)
                .with_partition_indexes(topic.partition_indexes)
        };
        topics.into_iter().map(topic).collect()
    });
    let group = std::mem::take(&mut request.group_id);
    request.groups =
        vec![OffsetFetchRequestGroup::default().with_group_id(group).with_topics(topics)];
    request
}

/// Up to version 3, a request was about one key.
fn find_coordinator(
    mut request: kafka::FindCoordinatorRequest,
    version: i16,
) -> kafka::FindCoordinatorRequest {
    if version <= 3 {
        request.coordinator_keys = vec![std::mem::take(&mut request.key)];
    }
    request
}

/// In version 0, a rebalance could take as long as a session.
fn join_group(mut request: kafka::JoinGroupRequest, version: i16) -> kafka::JoinGroupRequest {
    if version == 0 {
        request.rebalance_timeout_ms = request.session_timeout_ms;
    }
    request
}

/// Up to version 2, one member left at a time.
fn leave_group(mut request: kafka::LeaveGroupRequest, version: i16) -> kafka::LeaveGroupRequest {
    if version <= 2 {
        let member = std::mem::take(&mut request.member_id);
        request.members = vec![MemberIdentity::default().with_member_id(member)];
    }
    request
}

/// Up to version 5, topics were known by name alone.
fn delete_topics(
    mut request: kafka::DeleteTopicsRequest,
    version: i16,
) -> kafka::DeleteTopicsRequest {
    if version <= 5 {
        let names = std::mem::take(&mut request.topic_names).into_iter();
        request.topics =
            names.map(|name| DeleteTopicState::default().with_name(Some(name))).collect();
    }
    request
}

/// From version 12 on, leaders add the partitions to a producer's transaction (KIP-890).
fn produce(mut request: kafka::ProduceRequest, version: i16) -> kafka::ProduceRequest {
    if version < 12 && request.transactional_id.is_some() {
        mark_older_client(&mut request.unknown_tagged_fields);
    }
    request
}

/// Up to version 3, a request was about one transaction. Whoever adds partitions itself does not rely
/// on leaders to do it.
fn add_partitions(
    mut request: kafka::AddPartitionsToTxnRequest,
    version: i16,
) -> kafka::AddPartitionsToTxnRequest {
    if version <= 3 {
        let transaction = AddPartitionsToTxnTransaction::default()
            .with_transactional_id(std::mem::take(&mut request.v3_and_below_transactional_id))
            .with_producer_id(std::mem::take(&mut request.v3_and_below_producer_id))
            .with_producer_epoch(std::mem::take(&mut request.v3_and_below_producer_epoch))
            .with_topics(std::mem::take(&mut request.v3_and_below_topics));
        request.transactions = vec![transaction];
        mark_older_client(&mut request.unknown_tagged_fields);
    }
    request
}

/// Up to version 3, offsets were added by clients that add partitions themselves.
fn add_offsets(
    mut request: kafka::AddOffsetsToTxnRequest,
    version: i16,
) -> kafka::AddOffsetsToTxnRequest {
    if version <= 3 {
        mark_older_client(&mut request.unknown_tagged_fields);
    }
    request
}

/// Up to version 4, a client kept its epoch when its transaction ended (KIP-890).
fn end_txn(mut request: kafka::EndTxnRequest, version: i16) -> kafka::EndTxnRequest {
    if version <= 4 {
        mark_older_client(&mut request.unknown_tagged_fields);
    }
    request
}

/// Up to version 4, the partition of a group had to be added before (KIP-890).
fn txn_offset_commit(
    mut request: kafka::TxnOffsetCommitRequest,
    version: i16,
) -> kafka::TxnOffsetCommitRequest {
    if version <= 4 {
        mark_older_client(&mut request.unknown_tagged_fields);
    }
    request
}
