//! Clients from outside: every API in every version that is served is asked over a connection, and the
//! answer is read as a client of that version would.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::ids::{BrokerId, ClientId, EntryId};
use highwater_cluster::input::Input;
use highwater_cluster::log::{BatchBuilder, BatchOptions, LeaderEpoch, Offset};
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use highwater_cluster::protocol::protocol::{Decodable, Encodable, StrBytes};
use highwater_cluster::time::Time;
use highwater_cluster::wire::{ClientRequest, Frames, SERVED, encode_reply};
use highwater_cluster::world::World;

#[path = "real_clients/acls.rs"]
mod acls;
#[path = "real_clients/admin.rs"]
mod admin;
#[path = "real_clients/hostile.rs"]
mod hostile;
#[path = "real_clients/metadata.rs"]
mod metadata;
#[path = "real_clients/shares.rs"]
mod shares;
#[path = "real_clients/transactions.rs"]
mod transactions;

const BROKER: BrokerId = BrokerId(1);

/// A cluster of one broker, a connection to it, and what has come back over it.
struct Connection {
    world: World,
    client: ClientId,
    came: Frames,
    correlation_id: i32,
    /// Every request that was sent, with its length before it.
    sent: Vec<Bytes>,
}

impl Connection {
    fn open() -> Self {
        Self::with(&[])
    }

    /// To a cluster with these settings.
    fn with(configs: &[(&str, &str)]) -> Self {
        let mut spec = ClusterSpec { brokers: 1, ..ClusterSpec::default() };
        for config in [
            "offsets.topic.replication.factor",
            "transaction.state.log.replication.factor",
            "transaction.state.log.min.isr",
            "share.coordinator.state.topic.replication.factor",
            "share.coordinator.state.topic.min.isr",
            "share.coordinator.state.topic.num.partitions",
        ] {
            spec.configs.insert(config.into(), "1".into());
        }
        for (config, value) in configs {
            spec.configs.insert((*config).into(), (*value).into());
        }
        let mut world = World::new(spec);
        world.run_until(Time(5_000_000));
        let client = world.connect_client(EntryId(0), "c1", BROKER).expect("there is room");
        let mut connection =
            Self { world, client, came: Frames::default(), correlation_id: 0, sent: Vec::new() };
        let topic = kafka::create_topics_request::CreatableTopic::default()
            .with_name(name("orders"))
            .with_num_partitions(1)
            .with_replication_factor(1);
        let create = kafka::CreateTopicsRequest::default().with_topics(vec![topic]);
        connection.ask(&create.with_timeout_ms(5_000), ApiKey::CreateTopics, 7);
        connection
    }

    /// The body of the answer, after a header that is checked.
    fn ask(&mut self, request: &impl Encodable, api: ApiKey, version: i16) -> Bytes {
        self.correlation_id += 1;
        let mut frame = BytesMut::new();
        let header = RequestHeader::default()
            .with_request_api_key(api as i16)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation_id)
            .with_client_id(Some(StrBytes::from_static_str("test")));
        header.encode(&mut frame, api.request_header_version(version)).expect("a header");
        request.encode(&mut frame, version).unwrap_or_else(|error| {
            panic!("the test's {api:?} request does not fit version {version}: {error}")
        });
        let mut bytes = BytesMut::new();
        bytes.put_u32(frame.len() as u32);
        bytes.extend_from_slice(&frame);
        self.sent.push(bytes.clone().freeze());
        // It comes in two pieces, as it may over TCP.
        let rest = bytes.split_off(7);
        for piece in [bytes, rest] {
            self.world.input(EntryId(0), self.client, Input::Bytes(piece.freeze()));
        }
        let mut answer = self.answer().unwrap_or_else(|| panic!("{api:?} {version}: no answer"));
        let header_version = api.response_header_version(version);
        let header = ResponseHeader::decode(&mut answer, header_version).expect("a header");
        assert_eq!(header.correlation_id, self.correlation_id, "{api:?} {version}");
        answer
    }

    fn answer(&mut self) -> Option<Bytes> {
        let until = self.world.now().0 + 60_000_000;
        while self.world.now().0 < until {
            let mut is_closed = false;
            for (_, reply) in self.world.take_replies() {
                let address = |_| Some(("127.0.0.1".into(), 9092));
                let frame =
                    encode_reply(&reply, &address).unwrap_or_else(|error| panic!("{error}"));
                is_closed |= frame.is_none();
                self.came.extend(&frame.unwrap_or_default());
            }
            if let Some(frame) = self.came.next_frame().expect("a frame of ours") {
                return Some(frame);
            }
            assert!(!is_closed, "the connection stays open");
            self.world.run_until(Time(self.world.now().0 + 10_000));
        }
        None
    }
}

/// Asks one API in each of its versions, over a connection to a cluster with nothing but a topic.
fn check<Q: Encodable, R: Decodable + std::fmt::Debug>(
    api: ApiKey,
    request: impl Fn(i16) -> Q,
    expect: impl Fn(&R) -> bool,
) {
    check_over(Connection::open, api, request, |_, response| expect(response));
}

/// Asks one API in each of its versions, over a connection that `open` makes. The answer must decode to
/// the last byte, and `expect` finds in it what a client of that version would look for.
fn check_over<Q: Encodable, R: Decodable + std::fmt::Debug>(
    open: impl Fn() -> Connection,
    api: ApiKey,
    request: impl Fn(i16) -> Q,
    expect: impl Fn(i16, &R) -> bool,
) {
    let (_, oldest, newest) = SERVED.iter().find(|(key, ..)| *key == api).expect("it is served");
    for version in *oldest..=*newest {
        let mut connection = open();
        let mut body = connection.ask(&request(version), api, version);
        let response = R::decode(&mut body, version)
            .unwrap_or_else(|error| panic!("{api:?} {version}: {error}"));
        assert!(!body.has_remaining(), "{api:?} {version}: more than a response: {body:?}");
        assert!(expect(version, &response), "{api:?} {version}: {response:#?}");
    }
}

fn name(topic: &'static str) -> kafka::TopicName {
    kafka::TopicName(StrBytes::from_static_str(topic))
}

fn group(id: &'static str) -> kafka::GroupId {
    kafka::GroupId(StrBytes::from_static_str(id))
}

#[test]
fn api_versions() {
    check(
        ApiKey::ApiVersions,
        |version| {
            let request = kafka::ApiVersionsRequest::default();
            if version < 3 {
                return request;
            }
            let text = StrBytes::from_static_str("test");
            request.with_client_software_name(text.clone()).with_client_software_version(text)
        },
        |body: &kafka::ApiVersionsResponse| {
            // Versions 0 to 2 of Produce are told, and refused below.
            let produce = body.api_keys.iter().find(|api| api.api_key == ApiKey::Produce as i16);
            body.api_keys.len() == SERVED.len()
                && produce.is_some_and(|api| (api.min_version, api.max_version) == (0, 12))
        },
    );
}

/// What Kafka does with a request that it does not serve: no answer, and the connection is closed.
#[test]
fn what_is_not_served_closes_the_connection() {
    let frame = |api: i16, version: i16| {
        let mut frame = BytesMut::new();
        frame.put_i16(api);
        frame.put_i16(version);
        frame.put_slice(&[0, 0, 0, 1, 255, 255]);
        ClientRequest::decode(frame.freeze()).expect_err("it is not served").to_string()
    };
    assert_eq!(frame(0, 2), "Produce version 2, which is not served");
    assert_eq!(frame(1, 99), "Fetch version 99, which is not served");
    assert_eq!(frame(3, -1), "Metadata version -1, which is not served");
    assert_eq!(frame(38, 0), "a request with API key 38, which is not served");
    assert_eq!(frame(999, 0), "a request with API key 999, which is not served");
}

#[test]
fn a_version_of_the_future_is_told_which_there_are() {
    let mut connection = Connection::open();
    let mut frame = BytesMut::new();
    frame.put_slice(&[0, 18, 0, 99, 0, 0, 0, 7, 255, 255]);
    let mut bytes = BytesMut::new();
    bytes.put_u32(frame.len() as u32);
    bytes.extend_from_slice(&frame);
    connection.world.input(EntryId(0), connection.client, Input::Bytes(bytes.freeze()));
    let mut answer = connection.answer().expect("an answer");
    assert_eq!(answer.get_i32(), 7);
    let body = kafka::ApiVersionsResponse::decode(&mut answer, 0).expect("version 0");
    assert_eq!((body.error_code, body.api_keys.len()), (35, 1));
}

fn one_record() -> kafka::ProduceRequest {
    let mut batch = BatchBuilder::new(BatchOptions::default());
    let now = highwater_cluster::log::TimestampMs(1_767_603_600_000);
    batch.append(now, Some(b"key"), Some(b"value"), &[]);
    let records = batch.build(Offset(0), LeaderEpoch::NONE).bytes().clone();
    let partition = kafka::produce_request::PartitionProduceData::default()
        .with_index(0)
        .with_records(Some(records));
    let topic = kafka::produce_request::TopicProduceData::default()
        .with_name(name("orders"))
        .with_partition_data(vec![partition]);
    kafka::ProduceRequest::default()
        .with_acks(-1)
        .with_timeout_ms(5_000)
        .with_topic_data(vec![topic])
}

#[test]
fn produce() {
    check(
        ApiKey::Produce,
        |_| one_record(),
        |body: &kafka::ProduceResponse| {
            let partition = &body.responses[0].partition_responses[0];
            (partition.error_code, partition.base_offset) == (0, 0)
        },
    );
}

#[test]
fn fetch() {
    for version in 4..=17 {
        let mut connection = Connection::open();
        let partition = kafka::fetch_request::FetchPartition::default()
            .with_partition(0)
            .with_partition_max_bytes(1_000);
        let topic = kafka::fetch_request::FetchTopic::default().with_partitions(vec![partition]);
        let topic = if version < 13 {
            topic.with_topic(name("orders"))
        } else {
            let id = connection.world.view().topics[0].id;
            topic.with_topic_id(uuid::Uuid::from_u128(id.0))
        };
        let mut request = kafka::FetchRequest::default()
            .with_max_wait_ms(10)
            .with_min_bytes(1)
            .with_topics(vec![topic]);
        if version < 15 {
            request.replica_id = kafka::BrokerId(-1);
        }
        let mut body = connection.ask(&request, ApiKey::Fetch, version);
        let response = kafka::FetchResponse::decode(&mut body, version).expect("it decodes");
        let topic = &response.responses[0];
        assert_eq!(topic.partitions[0].error_code, 0, "{version}: {response:#?}");
        assert_eq!(topic.partitions[0].high_watermark, 0, "{version}");
        assert_eq!(*topic.topic == *name("orders"), version < 13, "{version}");
    }
}

#[test]
fn list_offsets() {
    check(
        ApiKey::ListOffsets,
        |_| {
            let partition = kafka::list_offsets_request::ListOffsetsPartition::default()
                .with_partition_index(0)
                .with_timestamp(-1);
            let topic = kafka::list_offsets_request::ListOffsetsTopic::default()
                .with_name(name("orders"))
                .with_partitions(vec![partition]);
            kafka::ListOffsetsRequest::default()
                .with_replica_id(kafka::BrokerId(-1))
                .with_topics(vec![topic])
        },
        |body: &kafka::ListOffsetsResponse| body.topics[0].partitions[0].offset == 0,
    );
}

/// The record with the greatest timestamp is found (KIP-734), and none where there is no record.
#[test]
fn the_greatest_timestamp() {
    let mut connection = Connection::open();
    for expected in [-1, 0] {
        let partition = kafka::list_offsets_request::ListOffsetsPartition::default();
        let topic = kafka::list_offsets_request::ListOffsetsTopic::default()
            .with_name(name("orders"))
            .with_partitions(vec![partition.with_timestamp(-3)]);
        let request = kafka::ListOffsetsRequest::default()
            .with_replica_id(kafka::BrokerId(-1))
            .with_topics(vec![topic]);
        let mut body = connection.ask(&request, ApiKey::ListOffsets, 7);
        let answer = kafka::ListOffsetsResponse::decode(&mut body, 7).expect("it decodes");
        let partition = &answer.topics[0].partitions[0];
        assert_eq!((partition.error_code, partition.offset), (0, expected));
        connection.ask(&one_record(), ApiKey::Produce, 9);
    }
}

#[test]
fn groups_of_old_clients() {
    for version in 0..=9 {
        let mut connection = Connection::open();
        find_coordinator(&mut connection, version);
        let protocol = kafka::join_group_request::JoinGroupRequestProtocol::default()
            .with_name(StrBytes::from_static_str("range"))
            .with_metadata(Bytes::from_static(b"\0\0\0\0\0\0"));
        let mut request = kafka::JoinGroupRequest::default()
            .with_group_id(group("billing"))
            .with_session_timeout_ms(10_000)
            .with_protocol_type(StrBytes::from_static_str("consumer"))
            .with_protocols(vec![protocol]);
        if version > 0 {
            request.rebalance_timeout_ms = 10_000;
        }
        let mut joined = join(&mut connection, &request, version);
        if version >= 4 {
            assert_eq!(joined.error_code, 79, "MEMBER_ID_REQUIRED in version {version}");
            request.member_id = joined.member_id.clone();
            joined = join(&mut connection, &request, version);
        }
        assert_eq!(joined.error_code, 0, "{version}");
        assert_eq!(joined.members.len(), 1, "{version}");
        go_on_as_member(&mut connection, &joined);
    }
}

fn find_coordinator(connection: &mut Connection, version: i16) {
    let version = version.min(6);
    let key = StrBytes::from_static_str("billing");
    let request = kafka::FindCoordinatorRequest::default();
    let request =
        if version <= 3 { request.with_key(key) } else { request.with_coordinator_keys(vec![key]) };
    // The first asking creates the topic of offsets.
    for _ in 0..50 {
        let mut body = connection.ask(&request, ApiKey::FindCoordinator, version);
        let found = kafka::FindCoordinatorResponse::decode(&mut body, version).expect("it decodes");
        let (error, host) = match found.coordinators.first() {
            Some(one) => (one.error_code, one.host.clone()),
            None => (found.error_code, found.host.clone()),
        };
        if error == 0 {
            return assert_eq!(&*host, "127.0.0.1");
        }
        connection.world.run_until(Time(connection.world.now().0 + 500_000));
    }
    panic!("no coordinator was found in version {version}");
}

fn join(
    connection: &mut Connection,
    request: &kafka::JoinGroupRequest,
    version: i16,
) -> kafka::JoinGroupResponse {
    for _ in 0..50 {
        let mut body = connection.ask(request, ApiKey::JoinGroup, version);
        let joined = kafka::JoinGroupResponse::decode(&mut body, version).expect("it decodes");
        // The coordinator may still be reading what it knows.
        if !matches!(joined.error_code, 14..=16) {
            return joined;
        }
        connection.world.run_until(Time(connection.world.now().0 + 500_000));
    }
    panic!("the coordinator does not come up");
}

fn join_request() -> kafka::JoinGroupRequest {
    let protocol = kafka::join_group_request::JoinGroupRequestProtocol::default()
        .with_name(StrBytes::from_static_str("range"));
    kafka::JoinGroupRequest::default()
        .with_group_id(group("billing"))
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(10_000)
        .with_protocol_type(StrBytes::from_static_str("consumer"))
        .with_protocols(vec![protocol])
}

/// Sync, heartbeat, commit, fetch of offsets and leave, each in all its versions but the last.
fn go_on_as_member(connection: &mut Connection, joined: &kafka::JoinGroupResponse) {
    let (member, generation) = (joined.member_id.clone(), joined.generation_id);
    for version in 0..=5 {
        let assignment = kafka::sync_group_request::SyncGroupRequestAssignment::default()
            .with_member_id(member.clone())
            .with_assignment(Bytes::from_static(b"assignment"));
        let request = kafka::SyncGroupRequest::default()
            .with_group_id(group("billing"))
            .with_generation_id(generation)
            .with_member_id(member.clone())
            .with_assignments(vec![assignment]);
        let mut body = connection.ask(&request, ApiKey::SyncGroup, version);
        let synced = kafka::SyncGroupResponse::decode(&mut body, version).expect("it decodes");
        assert_eq!((synced.error_code, &*synced.assignment), (0, &b"assignment"[..]), "{version}");
    }
    for version in 0..=4 {
        let request = kafka::HeartbeatRequest::default()
            .with_group_id(group("billing"))
            .with_generation_id(generation)
            .with_member_id(member.clone());
        let mut body = connection.ask(&request, ApiKey::Heartbeat, version);
        let beat = kafka::HeartbeatResponse::decode(&mut body, version).expect("it decodes");
        assert_eq!(beat.error_code, 0, "{version}");
    }
    commit_and_fetch(connection, &member, generation);
    let request =
        kafka::LeaveGroupRequest::default().with_group_id(group("billing")).with_member_id(member);
    let mut body = connection.ask(&request, ApiKey::LeaveGroup, 2);
    let left = kafka::LeaveGroupResponse::decode(&mut body, 2).expect("it decodes");
    assert_eq!(left.error_code, 0);
}

fn commit_and_fetch(connection: &mut Connection, member: &StrBytes, generation: i32) {
    for version in 2..=9 {
        let partition = kafka::offset_commit_request::OffsetCommitRequestPartition::default()
            .with_partition_index(0)
            .with_committed_offset(40 + i64::from(version));
        let topic = kafka::offset_commit_request::OffsetCommitRequestTopic::default()
            .with_name(name("orders"))
            .with_partitions(vec![partition]);
        let request = kafka::OffsetCommitRequest::default()
            .with_group_id(group("billing"))
            .with_generation_id_or_member_epoch(generation)
            .with_member_id(member.clone())
            .with_topics(vec![topic]);
        let mut body = connection.ask(&request, ApiKey::OffsetCommit, version);
        let done = kafka::OffsetCommitResponse::decode(&mut body, version).expect("it decodes");
        assert_eq!(done.topics[0].partitions[0].error_code, 0, "{version}");
    }
    for version in 1..=9 {
        let mut request = kafka::OffsetFetchRequest::default();
        if version <= 7 {
            let topic = kafka::offset_fetch_request::OffsetFetchRequestTopic::default()
                .with_name(name("orders"))
                .with_partition_indexes(vec![0]);
            request = request.with_group_id(group("billing")).with_topics(Some(vec![topic]));
        } else {
            let topic = kafka::offset_fetch_request::OffsetFetchRequestTopics::default()
                .with_name(name("orders"))
                .with_partition_indexes(vec![0]);
            let of = kafka::offset_fetch_request::OffsetFetchRequestGroup::default()
                .with_group_id(group("billing"))
                .with_topics(Some(vec![topic]));
            request = request.with_groups(vec![of]);
        }
        let mut body = connection.ask(&request, ApiKey::OffsetFetch, version);
        let found = kafka::OffsetFetchResponse::decode(&mut body, version).expect("it decodes");
        let offset = match found.groups.first() {
            Some(of) => of.topics[0].partitions[0].committed_offset,
            None => found.topics[0].partitions[0].committed_offset,
        };
        assert_eq!(offset, 49, "{version}");
    }
}

#[test]
fn topics_come_and_go() {
    check(
        ApiKey::CreateTopics,
        |_| {
            let topic = kafka::create_topics_request::CreatableTopic::default()
                .with_name(name("payments"))
                .with_num_partitions(2)
                .with_replication_factor(1);
            kafka::CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(5_000)
        },
        |body: &kafka::CreateTopicsResponse| body.topics[0].error_code == 0,
    );
    check(
        ApiKey::DeleteTopics,
        |version| {
            let request = kafka::DeleteTopicsRequest::default().with_timeout_ms(5_000);
            if version <= 5 {
                return request.with_topic_names(vec![name("orders")]);
            }
            let topic = kafka::delete_topics_request::DeleteTopicState::default();
            request.with_topics(vec![topic.with_name(Some(name("orders")))])
        },
        |body: &kafka::DeleteTopicsResponse| body.responses[0].error_code == 0,
    );
}

#[test]
fn producer_ids_epochs_and_settings() {
    check(
        ApiKey::InitProducerId,
        |_| {
            kafka::InitProducerIdRequest::default()
                .with_transactional_id(None)
                .with_transaction_timeout_ms(1_000)
        },
        |body: &kafka::InitProducerIdResponse| body.error_code == 0 && body.producer_id.0 >= 0,
    );
    check(
        ApiKey::OffsetForLeaderEpoch,
        |version| {
            let partition =
                kafka::offset_for_leader_epoch_request::OffsetForLeaderPartition::default();
            let topic = kafka::offset_for_leader_epoch_request::OffsetForLeaderTopic::default()
                .with_topic(name("orders"))
                .with_partitions(vec![partition.with_leader_epoch(0)]);
            let request = kafka::OffsetForLeaderEpochRequest::default().with_topics(vec![topic]);
            if version < 3 { request } else { request.with_replica_id(kafka::BrokerId(-1)) }
        },
        |body: &kafka::OffsetForLeaderEpochResponse| body.topics[0].partitions[0].error_code == 0,
    );
    check(
        ApiKey::DescribeConfigs,
        |_| {
            let resource = kafka::describe_configs_request::DescribeConfigsResource::default()
                .with_resource_type(2)
                .with_resource_name(StrBytes::from_static_str("orders"));
            kafka::DescribeConfigsRequest::default().with_resources(vec![resource])
        },
        |body: &kafka::DescribeConfigsResponse| {
            body.results[0].error_code == 0 && !body.results[0].configs.is_empty()
        },
    );
    check(
        ApiKey::DescribeTopicPartitions,
        |_| {
            let topic = kafka::describe_topic_partitions_request::TopicRequest::default();
            kafka::DescribeTopicPartitionsRequest::default()
                .with_topics(vec![topic.with_name(name("orders"))])
                .with_response_partition_limit(10)
        },
        |body: &kafka::DescribeTopicPartitionsResponse| body.topics[0].partitions.len() == 1,
    );
}
