//! What clients ask of the metadata, and the topics that come to be by that.

use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::protocol::Decodable;
use highwater_cluster::time::Time;

use super::{Connection, check, name};

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
