//! Fetching from the closest replica (KIP-392): who tells a consumer of it, and when it goes back.

use highwater_scenario::cluster::view::{ClusterView, PositionView};
use highwater_tests::{Played, THREE_BROKERS, play};

const RACK_AWARE: &str =
    "config * replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector\n";

/// Three partitions, led by brokers 1, 2 and 3 in racks a, b and c; a producer, and a consumer with more
/// settings.
fn reading(header: &str, consumer: &str, more: &str, until_seconds: u64) -> Played {
    let script = format!(
        "{THREE_BROKERS}config * offsets.topic.num.partitions=1\n{header}\
         @1s t1> kafka-topics.sh --create --topic orders --replica-assignment 1:2:3,2:3:1,3:1:2 \
         --bootstrap-server broker1:9092\n\
         @2s t1> producer start p1 --topic orders --rate 30 --keys 20\n\
         @3s t1> consumer start c1 --group g --topic orders --from-beginning {consumer}\n{more}"
    );
    play(&script, until_seconds)
}

/// From which replica the consumer fetches each partition, if not from the leader.
fn replicas(view: &ClusterView) -> Vec<Option<i32>> {
    let replica = |position: &PositionView| position.preferred_read_replica.map(|id| id.0);
    view.consumers[0].assignment.iter().map(replica).collect()
}

#[track_caller]
fn check_replicas(played: &Played, expected: &[Option<i32>]) {
    assert_eq!(replicas(&played.view()), expected, "{}", played.story());
}

/// How many records the consumer gets in the next seconds.
fn consumed_until(played: &mut Played, until_seconds: u64) -> u64 {
    let before = played.view().consumers[0].records_consumed;
    played.play_to(until_seconds);
    played.view().consumers[0].records_consumed - before
}

#[test]
fn a_consumer_reads_from_the_replica_in_its_rack() {
    let mut played = reading(RACK_AWARE, "--config client.rack=b", "", 12);
    // The leader in its rack is its own choice: nobody is named in its place.
    check_replicas(&played, &[Some(2), None, Some(2)]);
    let got = consumed_until(&mut played, 22);
    assert!((250..=350).contains(&got), "{got} of about 300\n{}", played.story());
    let story = played.story();
    assert!(story.contains("Consumer c1 reads orders-0 from broker 2 from here on"), "{story}");
}

#[test]
fn nobody_is_named_without_a_selector_a_rack_or_a_replica_there() {
    for (header, consumer) in [
        ("", "--config client.rack=b"),
        (RACK_AWARE, ""),
        (RACK_AWARE, "--config client.rack=elsewhere"),
    ] {
        let played = reading(header, consumer, "", 12);
        check_replicas(&played, &[None; 3]);
        assert!(played.view().consumers[0].records_consumed > 100, "{}", played.story());
    }
}

#[test]
fn a_consumer_goes_back_to_the_leader_when_its_replica_dies() {
    let more = "@12s t2> broker kill 2\n";
    let mut played = reading(RACK_AWARE, "--config client.rack=b", more, 11);
    check_replicas(&played, &[Some(2), None, Some(2)]);
    played.play_to(30);
    check_replicas(&played, &[None; 3]);
    let got = consumed_until(&mut played, 40);
    assert!(got > 250, "{got} of about 300\n{}", played.story());
    // Where it got to is neither skipped nor read twice.
    let acknowledged: u64 =
        played.session.progress().topics.values().map(|topic| topic.acknowledged).sum();
    let consumed = played.view().consumers[0].records_consumed;
    assert!(
        acknowledged.abs_diff(consumed) < 60,
        "{acknowledged} and {consumed}\n{}",
        played.story()
    );
}

#[test]
fn a_replica_that_falls_out_of_the_isr_is_named_no_more() {
    // The consumer asks the leader again every five seconds; the follower gets nothing from it.
    let consumer = "--config client.rack=b --config metadata.max.age.ms=5000";
    let header = format!("{RACK_AWARE}config * replica.lag.time.max.ms=8000\n");
    let more = "@12s t2> network cut 1 2\n";
    let mut played = reading(&header, consumer, more, 11);
    assert_eq!(replicas(&played.view())[0], Some(2), "{}", played.story());
    played.play_to(40);
    assert_eq!(Played::ids(&played.partition("orders", 0).isr), [1, 3], "{}", played.story());
    assert_eq!(replicas(&played.view())[0], None, "{}", played.story());
}

#[test]
fn the_choice_is_made_anew_when_it_is_old() {
    let consumer = "--config client.rack=b --config metadata.max.age.ms=4000";
    let played = reading(RACK_AWARE, consumer, "", 20);
    let story = played.story();
    let back = story.matches("Consumer c1 reads orders-0 from its leader again").count();
    let chosen = story.matches("Consumer c1 reads orders-0 from broker 2 from here on").count();
    assert!((3..=5).contains(&chosen), "chosen {chosen} times\n{story}");
    assert!(back + 1 >= chosen && back <= chosen, "{back} times back, {chosen} chosen\n{story}");
}
