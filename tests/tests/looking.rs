//! What is seen of a run while it is played: messages under way, and steps from sentence to sentence.

use std::collections::BTreeSet;

use highwater_scenario::cluster::protocol::messages::ApiKey;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::session::Session;

const SCRIPT: &str = "highwater 1
seed 1
cluster --brokers 3
config * offsets.topic.num.partitions=3

@1s t1> kafka-topics.sh --bootstrap-server broker1:9092 --create --topic orders --partitions 3 --replication-factor 3
@2s t1> producer start p1 --topic orders --rate 50 --acks all --keys 9
@2s t1> consumer start c1 --group billing --topic orders --from-beginning
";

fn session(script: &str) -> Session {
    Session::parse(script).expect("the script can be read")
}

#[test]
fn produces_and_fetches_say_what_they_are_about() {
    let mut session = session(SCRIPT);
    let mut seen = BTreeSet::new();
    while session.now() < Time(9_000_000) {
        session.advance(session.now() + Span(500), u32::MAX);
        let world = session.world();
        for message in world.messages_under_way().filter_map(|id| world.message_view(id)) {
            for partition in &message.partitions {
                seen.insert((
                    format!("{:?}", message.api),
                    message.is_response,
                    partition.to_string(),
                ));
            }
            let is_about_records = matches!(message.api, ApiKey::Produce | ApiKey::Fetch);
            assert!(message.partitions.is_empty() || is_about_records, "{message:?}");
        }
    }
    for api in ["Produce", "Fetch"] {
        for is_response in [false, true] {
            for partition in ["orders-0", "orders-1", "orders-2"] {
                let wanted = (api.to_owned(), is_response, partition.to_owned());
                assert!(seen.contains(&wanted), "{wanted:?} was never under way: {seen:?}");
            }
        }
    }
}

#[test]
fn a_step_with_a_limit_does_not_pass_it() {
    let mut stepped = session(SCRIPT);
    let mut told = 0;
    for limit in (1..=40).map(|tenths| Time(tenths * 100_000)) {
        while let Some(line) = stepped.step_event_until(limit) {
            assert!(line.at <= limit, "{line:?} is later than {limit:?}");
            told += 1;
        }
        assert_eq!(stepped.now(), limit, "without a sentence the time passes");
    }
    assert!(told > 0);
    let mut played = session(SCRIPT);
    played.advance(Time(4_000_000), u32::MAX);
    assert_eq!(stepped.view(), played.view(), "steps change nothing");
}
