//! What administrators ask, of topics, brokers and groups.

use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::protocol::StrBytes;

use super::{
    BROKER, Connection, check, check_over, find_coordinator, go_on_as_member, group, join,
    join_request, name,
};

/// A connection with a group that has committed offsets, and is empty.
fn with_an_empty_group() -> Connection {
    let mut connection = Connection::open();
    find_coordinator(&mut connection, 6);
    let joined = join(&mut connection, &join_request(), 3);
    go_on_as_member(&mut connection, &joined);
    connection
}

/// A connection whose broker coordinates groups.
fn with_a_coordinator() -> Connection {
    let mut connection = Connection::open();
    find_coordinator(&mut connection, 6);
    // Its answer waits until the coordinator has read what it knows.
    let joined = join(&mut connection, &join_request(), 9);
    assert_eq!(joined.error_code, 79, "MEMBER_ID_REQUIRED");
    connection
}

fn text(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

#[test]
fn groups_are_listed_and_described() {
    check_over(
        with_an_empty_group,
        ApiKey::ListGroups,
        |version| {
            let request = kafka::ListGroupsRequest::default();
            if version < 4 { request } else { request.with_states_filter(vec![text("empty")]) }
        },
        |version, body: &kafka::ListGroupsResponse| {
            let state = if version < 4 { "" } else { "Empty" };
            let kind = if version < 5 { "" } else { "classic" };
            let group = &body.groups[0];
            (&*group.group_id.0, &*group.group_state, &*group.group_type)
                == ("billing", state, kind)
        },
    );
    check_over(
        with_an_empty_group,
        ApiKey::DescribeGroups,
        |_| describe_groups(),
        // Up to version 5, a group that is not there was dead, and that was no error.
        |version, body: &kafka::DescribeGroupsResponse| {
            let known = (body.groups[0].error_code, &*body.groups[0].group_state);
            let unknown = (body.groups[1].error_code, &*body.groups[1].group_state);
            known == (0, "Empty") && unknown == (if version < 6 { 0 } else { 69 }, "Dead")
        },
    );
}

#[test]
fn offsets_and_groups_are_deleted() {
    check_over(
        with_an_empty_group,
        ApiKey::OffsetDelete,
        |_| delete_offsets(),
        |_, body: &kafka::OffsetDeleteResponse| {
            (body.error_code, body.topics[0].partitions[0].error_code) == (0, 0)
        },
    );
    check_over(
        with_an_empty_group,
        ApiKey::DeleteGroups,
        |_| delete_groups(),
        |_, body: &kafka::DeleteGroupsResponse| body.results[0].error_code == 0,
    );
}

fn heartbeat(version: i16) -> kafka::ConsumerGroupHeartbeatRequest {
    let id = if version == 0 { "" } else { "a-member" };
    kafka::ConsumerGroupHeartbeatRequest::default()
        .with_group_id(group("shipping"))
        .with_member_id(text(id))
        .with_rebalance_timeout_ms(10_000)
        .with_subscribed_topic_names(Some(vec![name("orders")]))
        .with_topic_partitions(Some(Vec::new()))
}

#[test]
fn members_of_consumer_groups_are_given_partitions_and_described() {
    check_over(
        with_a_coordinator,
        ApiKey::ConsumerGroupHeartbeat,
        heartbeat,
        // Whoever comes without a member id is given one, where that may be.
        |version, body: &kafka::ConsumerGroupHeartbeatResponse| {
            let id = body.member_id.as_deref().unwrap_or_default();
            let is_right = if version == 0 { id.len() == 36 } else { id == "a-member" };
            body.error_code == 0 && body.member_epoch > 0 && is_right
        },
    );
    check_over(
        || {
            let mut connection = with_a_coordinator();
            connection.ask(&heartbeat(1), ApiKey::ConsumerGroupHeartbeat, 1);
            connection
        },
        ApiKey::ConsumerGroupDescribe,
        |_| describe_consumer_groups(),
        |_, body: &kafka::ConsumerGroupDescribeResponse| {
            let members = &body.groups[0].members;
            (body.groups[0].error_code, body.groups[1].error_code) == (0, 69)
                && (members.len(), &*members[0].client_id) == (1, "test")
        },
    );
}

#[test]
fn topics_grow_and_lose_records() {
    check(
        ApiKey::CreatePartitions,
        |_| create_partitions(),
        |body: &kafka::CreatePartitionsResponse| body.results[0].error_code == 0,
    );
    check(
        ApiKey::DeleteRecords,
        |_| delete_records(),
        |body: &kafka::DeleteRecordsResponse| {
            let partition = &body.topics[0].partitions[0];
            (partition.error_code, partition.low_watermark) == (0, 0)
        },
    );
}

#[test]
fn settings_are_altered() {
    check(
        ApiKey::IncrementalAlterConfigs,
        |_| alter_configs(),
        |body: &kafka::IncrementalAlterConfigsResponse| body.responses[0].error_code == 0,
    );
}

#[test]
fn log_directories_are_described_and_chosen() {
    check(
        ApiKey::DescribeLogDirs,
        |_| describe_log_dirs(),
        |body: &kafka::DescribeLogDirsResponse| {
            let of = |topic: &kafka::describe_log_dirs_response::DescribeLogDirsTopic| {
                *topic.name.0 == *"orders"
            };
            body.results[0].error_code == 0 && body.results[0].topics.iter().any(of)
        },
    );
    check(
        ApiKey::AlterReplicaLogDirs,
        |_| alter_log_dirs(),
        // LOG_DIR_NOT_FOUND
        |body: &kafka::AlterReplicaLogDirsResponse| body.results[0].partitions[0].error_code == 57,
    );
}

#[test]
fn leaders_are_elected_and_replicas_reassigned() {
    check(
        ApiKey::ElectLeaders,
        |_| elect_leaders(),
        // ELECTION_NOT_NEEDED
        |body: &kafka::ElectLeadersResponse| {
            body.replica_election_results[0].partition_result[0].error_code == 84
        },
    );
    check(
        ApiKey::AlterPartitionReassignments,
        |_| reassign(),
        |body: &kafka::AlterPartitionReassignmentsResponse| {
            (body.error_code, body.responses[0].partitions[0].error_code) == (0, 0)
        },
    );
    check(
        ApiKey::ListPartitionReassignments,
        |_| list_reassignments(),
        |body: &kafka::ListPartitionReassignmentsResponse| {
            body.error_code == 0 && body.topics.is_empty()
        },
    );
    check(
        ApiKey::DescribeQuorum,
        |_| describe_quorum(),
        |body: &kafka::DescribeQuorumResponse| {
            let partition = &body.topics[0].partitions[0];
            (body.error_code, partition.error_code) == (0, 0) && partition.leader_id.0 >= 0
        },
    );
}

fn describe_groups() -> kafka::DescribeGroupsRequest {
    kafka::DescribeGroupsRequest::default().with_groups(vec![group("billing"), group("x")])
}

fn delete_offsets() -> kafka::OffsetDeleteRequest {
    let partition = kafka::offset_delete_request::OffsetDeleteRequestPartition::default();
    let topic = kafka::offset_delete_request::OffsetDeleteRequestTopic::default()
        .with_name(name("orders"))
        .with_partitions(vec![partition]);
    let request = kafka::OffsetDeleteRequest::default().with_group_id(group("billing"));
    request.with_topics(vec![topic])
}

fn describe_consumer_groups() -> kafka::ConsumerGroupDescribeRequest {
    let groups = vec![group("shipping"), group("billing")];
    kafka::ConsumerGroupDescribeRequest::default().with_group_ids(groups)
}

fn create_partitions() -> kafka::CreatePartitionsRequest {
    let topic = kafka::create_partitions_request::CreatePartitionsTopic::default()
        .with_name(name("orders"))
        .with_count(3)
        .with_assignments(None);
    let request = kafka::CreatePartitionsRequest::default().with_topics(vec![topic]);
    request.with_timeout_ms(5_000)
}

fn delete_records() -> kafka::DeleteRecordsRequest {
    let partition = kafka::delete_records_request::DeleteRecordsPartition::default();
    let topic = kafka::delete_records_request::DeleteRecordsTopic::default()
        .with_name(name("orders"))
        .with_partitions(vec![partition]);
    let request = kafka::DeleteRecordsRequest::default().with_topics(vec![topic]);
    request.with_timeout_ms(5_000)
}

fn alter_configs() -> kafka::IncrementalAlterConfigsRequest {
    let config = kafka::incremental_alter_configs_request::AlterableConfig::default()
        .with_name(text("retention.ms"))
        .with_value(Some(text("60000")));
    let resource = kafka::incremental_alter_configs_request::AlterConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(text("orders"))
        .with_configs(vec![config]);
    kafka::IncrementalAlterConfigsRequest::default().with_resources(vec![resource])
}

fn describe_log_dirs() -> kafka::DescribeLogDirsRequest {
    kafka::DescribeLogDirsRequest::default().with_topics(None)
}

fn alter_log_dirs() -> kafka::AlterReplicaLogDirsRequest {
    let topic = kafka::alter_replica_log_dirs_request::AlterReplicaLogDirTopic::default()
        .with_name(name("orders"))
        .with_partitions(vec![0]);
    let dir = kafka::alter_replica_log_dirs_request::AlterReplicaLogDir::default()
        .with_path(text("/no/such/directory"))
        .with_topics(vec![topic]);
    kafka::AlterReplicaLogDirsRequest::default().with_dirs(vec![dir])
}

fn elect_leaders() -> kafka::ElectLeadersRequest {
    let topic = kafka::elect_leaders_request::TopicPartitions::default()
        .with_topic(name("orders"))
        .with_partitions(vec![0]);
    let request = kafka::ElectLeadersRequest::default().with_timeout_ms(5_000);
    request.with_topic_partitions(Some(vec![topic]))
}

fn reassign() -> kafka::AlterPartitionReassignmentsRequest {
    let partition = kafka::alter_partition_reassignments_request::ReassignablePartition::default()
        .with_replicas(Some(vec![kafka::BrokerId(BROKER.0)]));
    let topic = kafka::alter_partition_reassignments_request::ReassignableTopic::default()
        .with_name(name("orders"))
        .with_partitions(vec![partition]);
    let request = kafka::AlterPartitionReassignmentsRequest::default();
    request.with_topics(vec![topic]).with_timeout_ms(5_000)
}

fn list_reassignments() -> kafka::ListPartitionReassignmentsRequest {
    let request = kafka::ListPartitionReassignmentsRequest::default().with_topics(None);
    request.with_timeout_ms(5_000)
}

fn describe_quorum() -> kafka::DescribeQuorumRequest {
    let partition = kafka::describe_quorum_request::PartitionData::default();
    let topic = kafka::describe_quorum_request::TopicData::default()
        .with_topic_name(name("__cluster_metadata"))
        .with_partitions(vec![partition]);
    kafka::DescribeQuorumRequest::default().with_topics(vec![topic])
}

fn delete_groups() -> kafka::DeleteGroupsRequest {
    kafka::DeleteGroupsRequest::default().with_groups_names(vec![group("billing")])
}

/// Every request of this file once, each in its newest version.
pub(super) fn ask_all(connection: &mut Connection) {
    connection.ask(&kafka::ListGroupsRequest::default(), ApiKey::ListGroups, 5);
    connection.ask(&heartbeat(1), ApiKey::ConsumerGroupHeartbeat, 1);
    connection.ask(&describe_groups(), ApiKey::DescribeGroups, 6);
    connection.ask(&delete_offsets(), ApiKey::OffsetDelete, 0);
    connection.ask(&describe_consumer_groups(), ApiKey::ConsumerGroupDescribe, 1);
    connection.ask(&create_partitions(), ApiKey::CreatePartitions, 3);
    connection.ask(&delete_records(), ApiKey::DeleteRecords, 2);
    connection.ask(&alter_configs(), ApiKey::IncrementalAlterConfigs, 1);
    connection.ask(&describe_log_dirs(), ApiKey::DescribeLogDirs, 4);
    connection.ask(&alter_log_dirs(), ApiKey::AlterReplicaLogDirs, 2);
    connection.ask(&elect_leaders(), ApiKey::ElectLeaders, 2);
    connection.ask(&reassign(), ApiKey::AlterPartitionReassignments, 1);
    connection.ask(&list_reassignments(), ApiKey::ListPartitionReassignments, 0);
    connection.ask(&describe_quorum(), ApiKey::DescribeQuorum, 2);
    connection.ask(&delete_groups(), ApiKey::DeleteGroups, 2);
}
