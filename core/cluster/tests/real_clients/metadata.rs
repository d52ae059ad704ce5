//! What clients ask of the metadata, and the topics that come to be by that.

use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::protocol::Decodable;
use highwater_cluster::time::Time;

use super::{Connection, check, check_over, name};

#[test]
fn of_a_topic() {
    check(
        ApiKey::Metadata,
        |version| {
            let topic = kafka::metadata_request::MetadataRequestTopic::default();
            kafka::MetadataRequest::default()
                .with_topics(Some(vec![topic.with_name(Some(name("orders")))]))
                .with_allow_auto_topic_creation(version < 4)
        },
        |body: &kafka::MetadataResponse| {
            {
                body.topics[0].partitions[0].leader_id.0 == 1
                    && (&*body.brokers[0].host, body.brokers[0].port) == ("127.0.0.1", 9092)
            }
        },
    );
}

#[test]
fn of_the_cluster() {
    check_over(
        Connection::open,
        ApiKey::DescribeCluster,
        |version| {
            let request = kafka::DescribeClusterRequest::default().with_endpoint_type(1);
            request.with_include_fenced_brokers(version >= 2)
        },
        |version, body: &kafka::DescribeClusterResponse| {
            let broker = &body.brokers[0];
            (body.error_code, body.endpoint_type, body.brokers.len()) == (0, 1, 1)
                && !body.cluster_id.is_empty()
                && (body.controller_id.0, broker.broker_id.0) == (1, 1)
                // Clients from outside are told where they reach it.
                && (&*broker.host, broker.port) == ("127.0.0.1", 9092)
                && (version >= 2 || !broker.is_fenced)
        },
    );
    // Brokers know of brokers only: MISMATCHED_ENDPOINT_TYPE to who asks for controllers (KIP-919).
    let controllers = kafka::DescribeClusterRequest::default().with_endpoint_type(2);
    let mut connection = Connection::open();
    let mut body = connection.ask(&controllers, ApiKey::DescribeCluster, 1);
    let refused = kafka::DescribeClusterResponse::decode(&mut body, 1).expect("it decodes");
    assert_eq!(refused.error_code, 114);
}

#[test]
fn topics_come_to_be_when_asked_for() {
    for version in 0..=13 {
        // UNKNOWN_TOPIC_OR_PARTITION is told before the topic is there.
        assert_eq!(missing_topic("true", "new", version), (3, 0), "{version}");
        assert_eq!(missing_topic("false", "new", version), (3, 3), "{version}");
        // INVALID_TOPIC_EXCEPTION
        assert_eq!(missing_topic("true", "no topic!", version), (17, 17), "{version}");
        assert_eq!(missing_topic("true", "__consumer_offsets", version), (3, 0), "{version}");
    }
}

/// Asks for the metadata of a topic that nobody has created, and asks again a second later.
fn missing_topic(is_enabled: &'static str, topic: &'static str, version: i16) -> (i16, i16) {
    let mut connection = Connection::with(&[("auto.create.topics.enable", is_enabled)]);
    let asked = kafka::metadata_request::MetadataRequestTopic::default();
    let request = kafka::MetadataRequest::default()
        .with_topics(Some(vec![asked.with_name(Some(name(topic)))]))
        .with_allow_auto_topic_creation(true);
    let mut ask = || {
        let mut body = connection.ask(&request, ApiKey::Metadata, version);
        connection.world.run_until(Time(connection.world.now().0 + 1_000_000));
        kafka::MetadataResponse::decode(&mut body, version).expect("it decodes").topics[0]
            .error_code
    };
    (ask(), ask())
}
