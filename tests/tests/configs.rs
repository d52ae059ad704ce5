//! Settings that change while the cluster runs, as a learner can see it: what they make brokers,
//! the controller and producers do; and topics that get more partitions.

use highwater_scenario::cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_scenario::cluster::log::{Compression, Log, TimestampType};
use highwater_scenario::cluster::protocol::error::ResponseError;
use highwater_tests::{Played, THREE_BROKERS, play};

/// The tool for settings, at a broker.
const CONFIGS: &str = "kafka-configs.sh --bootstrap-server broker1:9092";

/// A topic of one partition, and a producer, which has keys if nothing else is said.
fn writing(create: &str, producer: &str, more: &str, until_seconds: u64) -> Played {
    let keys = if producer.contains("--keys") { "" } else { "--keys 50" };
    let script = format!(
        "{THREE_BROKERS}config * offsets.topic.num.partitions=1\n\
         @1s t1> kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3 {create} \
         --bootstrap-server broker1:9092\n\
         @2s t1> producer start p1 --topic orders --rate 20 {keys} {producer}\n{more}"
    );
    play(&script, until_seconds)
}

fn orders() -> TopicName {
    TopicName::from("orders")
}

/// The log of a broker's replica of the topic.
fn log(played: &Played, broker: i32) -> &Log {
    let partition = TopicPartition::new(&orders(), 0);
    played.session.world().log(BrokerId(broker), &partition).expect("the broker has a replica")
}

/// Changes a setting of the topic while it is written to. It was written to before; afterwards it is
/// refused with this error.
fn check_refused_after(add: &str, producer: &str, error: ResponseError) {
    let change = format!("@8s t2> {CONFIGS} --alter --topic orders --add-config {add}\n");
    let mut played = writing("", producer, &change, 7);
    let before = played.session.progress().topics[&orders()].acknowledged;
    assert!(before > 50, "{before} were acknowledged before {add}\n{}", played.story());
    assert_eq!(played.session.progress().refused(&orders(), error), 0, "{add}");
    played.play_to(14);
    let refused = played.session.progress().refused(&orders(), error);
    assert!(refused > 0, "nothing was refused after {add}\n{}", played.story());
}

#[test]
fn brokers_go_by_a_topics_new_settings_at_once() {
    check_refused_after("max.message.bytes=60", "", ResponseError::MessageTooLarge);
    check_refused_after("cleanup.policy=compact", "--keys 0", ResponseError::InvalidRecord);
    // No record is that young: they lie a moment in a producer's batch.
    let before = "message.timestamp.before.max.ms=0";
    check_refused_after(before, "--config linger.ms=200", ResponseError::InvalidTimestamp);
}

#[test]
fn min_insync_replicas_refuses_from_the_moment_it_is_raised_until_it_is_taken_back() {
    let more = format!(
        "@6s t2> broker stop 2\n@10s t2> {CONFIGS} --alter --topic orders --add-config min.insync.replicas=3\n\
         @20s t2> {CONFIGS} --alter --topic orders --delete-config min.insync.replicas\n"
    );
    let mut played = writing("", "--acks all", &more, 9);
    let error = ResponseError::NotEnoughReplicas;
    assert_eq!(played.session.progress().refused(&orders(), error), 0, "{}", played.story());
    played.play_to(19);
    assert!(played.session.progress().refused(&orders(), error) > 0, "{}", played.story());
    assert_eq!(played.view().topics[0].min_insync_replicas, 3);
    let before = played.session.progress().topics[&orders()].acknowledged;
    played.play_to(30);
    let after = played.session.progress().topics[&orders()].acknowledged;
    assert!(after > before + 100, "{before} before, {after} after\n{}", played.story());
    assert_eq!(played.view().topics[0].min_insync_replicas, 1);
}

#[test]
fn all_brokers_are_given_a_default_and_topics_have_their_own() {
    let more = format!(
        "@6s t2> {CONFIGS} --alter --broker-defaults --add-config message.max.bytes=60\n\
         @12s t2> {CONFIGS} --alter --topic orders --add-config max.message.bytes=100000\n"
    );
    let mut played = writing("", "--config retries=0", &more, 11);
    let error = ResponseError::MessageTooLarge;
    assert!(played.session.progress().refused(&orders(), error) > 0, "{}", played.story());
    played.play_to(13);
    let refused = played.session.progress().refused(&orders(), error);
    played.play_to(20);
    assert_eq!(played.session.progress().refused(&orders(), error), refused, "{}", played.story());
}

#[test]
fn a_broker_that_comes_back_knows_what_it_was_given() {
    let more = format!(
        "@6s t2> {CONFIGS} --alter --topic orders --add-config segment.bytes=2000000\n\
         @8s t2> broker kill 2\n@20s t2> broker start 2\n"
    );
    let played = writing("", "", &more, 30);
    for broker in 1..=3 {
        assert_eq!(log(&played, broker).config().segment_bytes, 2_000_000, "broker {broker}");
    }
}

#[test]
fn a_leader_compresses_what_it_appends_as_the_topic_says() {
    let more =
        format!("@6s t2> {CONFIGS} --alter --topic orders --add-config compression.type=gzip\n");
    let played = writing("", "", &more, 10);
    let codecs: Vec<Compression> =
        log(&played, 3).batches().map(|batch| batch.header().compression).collect();
    assert_eq!(codecs.first(), Some(&Compression::None));
    assert_eq!(codecs.last(), Some(&Compression::Gzip), "{}", played.story());
    assert!(codecs.is_sorted_by_key(|codec| *codec == Compression::Gzip), "{codecs:?}");
}

#[test]
fn records_carry_the_time_of_their_append_if_the_topic_says_so() {
    let played = writing("--config message.timestamp.type=LogAppendTime", "", "", 5);
    let types: Vec<_> =
        log(&played, 1).batches().map(|batch| batch.header().timestamp_type).collect();
    assert!(types.len() > 10, "{}", played.story());
    assert!(types.iter().all(|found| *found == TimestampType::LogAppendTime));
}

#[test]
fn small_segments_are_rolled_by_the_internal_name() {
    let played = writing("--config internal.segment.bytes=1000", "", "", 10);
    assert!(played.replica(1, "orders", 0).segments > 5, "{}", played.story());
}

/// The only replica in sync is killed, so that the others may not lead.
fn without_leader(create: &str, more: &str) -> Played {
    let script = format!(
        "{THREE_BROKERS}@1s t1> kafka-topics.sh --create --topic orders --replica-assignment 1:2 {create} \
         --bootstrap-server broker1:9092\n{more}\
         @4s t1> broker stop 2\n@7s t1> broker kill 1\n@20s t1> broker start 2\n"
    );
    play(&script, 30)
}

#[test]
fn an_unclean_election_is_allowed_by_a_topic_or_by_all_brokers() {
    let defaults = format!(
        "@2s t2> {CONFIGS} --alter --broker-defaults --add-config unclean.leader.election.enable=true\n"
    );
    let leader = |played: &Played| played.partition("orders", 0).leader.map(|id| id.0);
    let held = without_leader("", "");
    assert_eq!(leader(&held), None, "{}", held.story());
    for played in [
        without_leader("--config unclean.leader.election.enable=true", ""),
        without_leader("", &defaults),
    ] {
        assert_eq!(leader(&played), Some(2), "{}", played.story());
    }
}

#[test]
fn changing_min_insync_replicas_forgets_who_was_eligible() {
    let more = format!(
        "@6s t2> broker kill 2\n@7s t2> broker kill 3\n\
         @25s t2> {CONFIGS} --alter --topic orders --add-config min.insync.replicas=1\n"
    );
    let mut played = writing("--config min.insync.replicas=2", "--acks all", &more, 24);
    let before = played.partition("orders", 0);
    assert!(!before.elr.is_empty(), "{before:?}\n{}", played.story());
    played.play_to(27);
    let after = played.partition("orders", 0);
    assert!(after.elr.is_empty(), "{after:?}\n{}", played.story());
    assert!(after.partition_epoch > before.partition_epoch);
}

#[test]
fn the_log_tells_what_changed_and_what_changes_nothing() {
    let more = format!(
        "@6s t2> {CONFIGS} --alter --topic orders --add-config retention.ms=5000,segment.jitter.ms=5\n"
    );
    let story = writing("--config preallocate=true", "", &more, 8).story();
    for sentence in [
        "retention.ms of topic orders is 5000 from here on",
        "segment.jitter.ms of topic orders is kept and shown, but nothing here acts on it",
        "preallocate of topic orders is kept and shown, but nothing here acts on it",
    ] {
        assert!(story.contains(sentence), "{sentence}\n{story}");
    }
    assert!(!story.contains("retention.ms of topic orders is kept"), "{story}");
}

#[test]
fn more_partitions_take_keys_from_the_old_ones_and_consumers_find_them() {
    let more = "@2.5s t1> consumer start c1 --group g --topic orders --from-beginning --config metadata.max.age.ms=3000\n\
                @10s t2> kafka-topics.sh --bootstrap-server broker1:9092 --alter --topic orders --partitions 4\n";
    let mut played = writing("", "--config metadata.max.age.ms=2000", more, 9);
    assert_eq!(played.view().consumers[0].assignment.len(), 1);
    played.play_to(40);
    let story = played.story();
    assert!(
        story.contains("Topic orders has 4 partitions from here on, where it had 1"),
        "{story}"
    );
    for index in 0..4 {
        let partition = played.partition("orders", index);
        assert_eq!(partition.isr.len(), 3, "{partition:?}");
        let leader = partition.leader.expect("it has a leader").0;
        let end = played.replica(leader, "orders", index as i32).log_end_offset.0;
        assert!(end > 10, "orders-{index} ends at {end}\n{story}");
    }
    assert_eq!(played.view().consumers[0].assignment.len(), 4, "{story}");
}

/// A setting that Kafka takes, given to a topic that is written to and read: whatever it makes of them,
/// the run goes on.
fn check_goes_on(topic: &str, add: &str) {
    let more = format!(
        "@3s t1> consumer start c1 --group g --topic orders --from-beginning\n\
         @8s t2> {CONFIGS} --alter --topic {topic} --add-config {add}\n\
         @10s t2> broker kill 2\n@22s t2> broker start 2\n"
    );
    let played = writing("", "", &more, 45);
    let output = played.output().join("\n");
    let done = format!("Completed updating config for topic {topic}.");
    assert!(output.contains(&done), "{add}\n{output}");
    let ends: Vec<i64> =
        (1..=3).map(|id| played.replica(id, "orders", 0).log_end_offset.0).collect();
    assert!(
        ends.iter().all(|end| end.abs_diff(ends[0]) < 30),
        "{add}: {ends:?}\n{}",
        played.story()
    );
}

#[test]
fn the_extremes_of_settings_stop_nothing() {
    for add in [
        "segment.index.bytes=4,index.interval.bytes=0",
        "segment.ms=1",
        "internal.segment.bytes=0",
        "internal.segment.bytes=-1",
        "internal.segment.bytes=300,max.message.bytes=2147483647",
        "min.insync.replicas=2147483647",
        "max.message.bytes=0",
        "compression.type=zstd,message.timestamp.type=LogAppendTime",
        "message.timestamp.after.max.ms=0,message.timestamp.before.max.ms=9223372036854775807",
        "retention.ms=-1,retention.bytes=-9223372036854775808,segment.ms=9223372036854775807",
        "cleanup.policy=",
    ] {
        check_goes_on("orders", add);
    }
    check_goes_on("__consumer_offsets", "max.message.bytes=0");
    check_goes_on("__consumer_offsets", "min.insync.replicas=3");
}

#[test]
fn wrong_numbers_of_partitions_are_refused() {
    let alter =
        "kafka-topics.sh --bootstrap-server broker1:9092 --alter --topic orders --partitions";
    let more = format!(
        "@5s t2> {alter} 1\n@8s t3> {alter} 0\n@11s t4> {alter} x\n\
         @14s t5> {alter} 3 --replica-assignment 1:2:3,2:3:9,3:1:2\n\
         @17s t6> {alter} 3 --replica-assignment 1:2:3,2:3:1,3:1:2\n"
    );
    let played = writing("", "", &more, 22);
    let output = played.output().join("\n");
    for said in [
        "Topic already has 1 partition(s).",
        "The topic orders currently has 1 partition(s); 0 would not be an increase.",
        "Cannot parse argument 'x' of option partitions",
        "The manual partition assignment includes broker 9, but no such broker is registered.",
    ] {
        assert!(output.contains(said), "{said}\n{output}");
    }
    assert_eq!(Played::ids(&played.partition("orders", 2).replicas), [3, 1, 2], "{output}");
}
