//! What members of share groups ask (KIP-932).

use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::messages::share_acknowledge_request as acknowledge;
use highwater_cluster::protocol::messages::share_fetch_request as fetch;
use highwater_cluster::protocol::protocol::{Decodable, StrBytes};
use highwater_cluster::time::Time;

use super::{Connection, find_coordinator, group, name, one_record};

fn member() -> StrBytes {
    StrBytes::from_static_str("AAAAAAAAAAAAAAAAAAAAAQ")
}

/// Joins, and waits for a partition: its topic's id.
fn join(connection: &mut Connection) -> Option<uuid::Uuid> {
    let mut request = kafka::ShareGroupHeartbeatRequest::default()
        .with_group_id(group("workers"))
        .with_member_id(member())
        .with_subscribed_topic_names(Some(vec![name("orders")]));
    for _ in 0..50 {
        let mut body = connection.ask(&request, ApiKey::ShareGroupHeartbeat, 1);
        let heard = kafka::ShareGroupHeartbeatResponse::decode(&mut body, 1).expect("it decodes");
        if heard.error_code == 0 {
            request.member_epoch = heard.member_epoch;
            let assigned = heard.assignment.and_then(|it| it.topic_partitions.first().cloned());
            if let Some(assigned) = assigned {
                assert_eq!(assigned.partitions, [0]);
                return Some(assigned.topic_id);
            }
        }
        connection.world.run_until(Time(connection.world.now().0 + 1_000_000));
    }
    None
}

fn fetched(
    connection: &mut Connection,
    topic: uuid::Uuid,
    epoch: i32,
) -> kafka::ShareFetchResponse {
    let partition = fetch::FetchPartition::default().with_partition_max_bytes(1 << 20);
    let topics =
        vec![fetch::FetchTopic::default().with_topic_id(topic).with_partitions(vec![partition])];
    let request = kafka::ShareFetchRequest::default()
        .with_group_id(Some(group("workers")))
        .with_member_id(Some(member()))
        .with_share_session_epoch(epoch)
        .with_max_wait_ms(500)
        .with_max_bytes(1 << 20)
        .with_max_records(10)
        .with_batch_size(10)
        .with_topics(if epoch == 0 { topics } else { Vec::new() });
    let mut body = connection.ask(&request, ApiKey::ShareFetch, 1);
    kafka::ShareFetchResponse::decode(&mut body, 1).expect("it decodes")
}

/// A member's life: joining, fetching a record, accepting it; and what tools ask of the group.
pub fn ask_all(connection: &mut Connection) -> kafka::DescribeShareGroupOffsetsResponse {
    find_coordinator(connection, 4);
    let topic = join(connection).expect("the member gets the partition");
    // A group begins at the end: what is written once it has begun is for it.
    let mut epoch = 0;
    let mut next = |connection: &mut Connection| {
        let answer = fetched(connection, topic, epoch);
        assert_eq!(answer.error_code, 0, "{answer:?}");
        epoch += 1;
        let parts = answer.responses.into_iter().flat_map(|topic| topic.partitions);
        parts.flat_map(|part| part.acquired_records).next()
    };
    for _ in 0..10 {
        assert_eq!(next(connection), None);
        connection.world.run_until(Time(connection.world.now().0 + 500_000));
    }
    connection.ask(&one_record(), ApiKey::Produce, 9);
    let acquired = (0..10).find_map(|_| next(connection)).expect("the record comes");
    assert_eq!((acquired.first_offset, acquired.last_offset, acquired.delivery_count), (0, 0, 1));
    let accepted = acknowledge::AcknowledgementBatch::default().with_acknowledge_types(vec![1]);
    let partition =
        acknowledge::AcknowledgePartition::default().with_acknowledgement_batches(vec![accepted]);
    let topics = vec![
        acknowledge::AcknowledgeTopic::default()
            .with_topic_id(topic)
            .with_partitions(vec![partition]),
    ];
    let request = kafka::ShareAcknowledgeRequest::default()
        .with_group_id(Some(group("workers")))
        .with_member_id(Some(member()))
        .with_share_session_epoch(epoch)
        .with_topics(topics);
    let mut body = connection.ask(&request, ApiKey::ShareAcknowledge, 1);
    let answer = kafka::ShareAcknowledgeResponse::decode(&mut body, 1).expect("it decodes");
    assert_eq!((answer.error_code, answer.responses[0].partitions[0].error_code), (0, 0));

    let request =
        kafka::ShareGroupDescribeRequest::default().with_group_ids(vec![group("workers")]);
    let mut body = connection.ask(&request, ApiKey::ShareGroupDescribe, 1);
    let answer = kafka::ShareGroupDescribeResponse::decode(&mut body, 1).expect("it decodes");
    assert_eq!(answer.groups[0].members.len(), 1, "{answer:?}");

    let asked =
        kafka::describe_share_group_offsets_request::DescribeShareGroupOffsetsRequestGroup::default()
            .with_group_id(group("workers"))
            .with_topics(None);
    let request = kafka::DescribeShareGroupOffsetsRequest::default().with_groups(vec![asked]);
    let mut body = connection.ask(&request, ApiKey::DescribeShareGroupOffsets, 0);
    kafka::DescribeShareGroupOffsetsResponse::decode(&mut body, 0).expect("it decodes")
}

#[test]
fn a_member_of_a_share_group_gets_a_record_and_accepts_it() {
    let mut connection = Connection::open();
    let told = ask_all(&mut connection);
    let partition = &told.groups[0].topics[0].partitions[0];
    assert_eq!((partition.error_code, partition.start_offset), (0, 1), "{told:?}");
    let clients = connection.world.view().real_clients;
    let group = clients[0].group.as_ref().map(ToString::to_string);
    assert_eq!((group.as_deref(), clients[0].records_fetched()), (Some("workers"), 1));
}
