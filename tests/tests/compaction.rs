//! What becomes of old records: compaction, retention, and DeleteRecords, on all replicas.

use std::collections::BTreeMap;

use highwater_scenario::cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_scenario::cluster::log::{DropReason, DroppedRecord, Log, Offset, Record};
use highwater_tests::{Played, THREE_BROKERS, play};

/// What a group has committed for the first partition of its topic.
fn committed(played: &Played, group: &str) -> Option<Offset> {
    let groups = played.view().groups;
    let found = groups.iter().find(|candidate| candidate.id.to_string() == group)?;
    found.committed.first().map(|(_, offset)| *offset)
}

/// Segments that are rolled by every batch after two seconds.
const CREATE: &str = "kafka-topics.sh --create --partitions 1 --replication-factor 3 --bootstrap-server broker1:9092 --config segment.ms=2000";

fn log<'a>(played: &'a Played, broker: i32, topic: &str) -> &'a Log {
    let partition = TopicPartition::new(&TopicName::from(topic), 0);
    played.session.world().log(BrokerId(broker), &partition).expect("the broker has a replica")
}

fn records(log: &Log) -> Vec<Record> {
    log.batches().flat_map(|batch| batch.records().expect("it can be read")).collect()
}

#[test]
fn a_compacted_topic_ends_with_one_value_per_key_on_all_replicas() {
    let script = format!(
        "{THREE_BROKERS}@1s t1> {CREATE} --topic kv --config cleanup.policy=compact --config min.cleanable.dirty.ratio=0.01\n\
         @2s t1> producer start p1 --topic kv --rate 20 --acks all --keys 7 --count 400\n\
         @40s t1> producer start p2 --topic kv --rate 20 --acks all --keys 7 --count 1\n"
    );
    let before = play(&script, 24);
    let written: BTreeMap<_, _> = records(log(&before, 1, "kv"))
        .into_iter()
        .map(|record| (record.key, record.value))
        .collect();
    assert_eq!(written.len(), 7, "{}", before.story());
    let played = play(&script, 80);
    for broker in 1..=3 {
        let log = log(&played, broker, "kv");
        assert_eq!((log.log_start_offset(), log.log_end_offset()), (Offset(0), Offset(401)));
        let active = log.active_segment().base_offset();
        assert_eq!(active, Offset(400), "p2 has begun a segment");
        let closed: Vec<Record> =
            records(log).into_iter().filter(|record| record.offset < active).collect();
        assert_eq!(closed.len(), 7, "on broker {broker}: {closed:?}\n{}", played.story());
        let last: BTreeMap<_, _> =
            closed.into_iter().map(|record| (record.key, record.value)).collect();
        assert_eq!(last.len(), 7, "each key once");
        assert_eq!(log.cleaner_checkpoint(), Some(active));
    }
    let partition = TopicPartition::new(&TopicName::from("kv"), 0);
    let pass = played.session.world().last_cleaning(BrokerId(2), &partition).expect("it cleaned");
    assert_eq!((pass.end_offset, pass.kept()), (Offset(400), 7));
    let superseded = |record: &DroppedRecord| matches!(record.reason, DropReason::Superseded { by } if by > record.offset);
    assert!(pass.batches().flat_map(|batch| &batch.dropped).all(superseded));
    assert!(played.story().contains("compacted kv-0 up to offset 400"), "{}", played.story());
    // Consumers read over the gaps.
    let script = format!(
        "{}@80s t1> consumer start c1 --group g --topic kv --from-beginning\n",
        played.session.script()
    );
    let read = play(&script, 100);
    assert_eq!(committed(&read, "g"), Some(Offset(401)), "{}", read.story());
}

#[test]
fn replicas_agree_though_brokers_fail_while_they_compact() {
    let mut script = format!(
        "{THREE_BROKERS}config * log.cleaner.backoff.ms=700\nconfig * log.retention.check.interval.ms=0\n\
         @1s t1> {CREATE} --topic kv --config cleanup.policy=compact --config min.cleanable.dirty.ratio=0.01 --config min.insync.replicas=2\n\
         @2s t1> producer start p1 --topic kv --rate 20 --acks all --keys 9 --count 3000\n\
         @2s t1> consumer start c1 --group g --topic kv --from-beginning\n"
    );
    for (round, broker) in [1, 2, 3, 1, 2, 3].into_iter().enumerate() {
        let at = 10 + 20 * round;
        script.push_str(&format!(
            "@{at}s t2> broker kill {broker}\n@{}s t2> broker start {broker}\n",
            at + 12
        ));
    }
    let played = play(&script, 240);
    assert_eq!(played.partition("kv", 0).isr.len(), 3, "{}", played.story());
    let latest = |broker: i32| -> BTreeMap<_, _> {
        let all = records(log(&played, broker, "kv")).into_iter();
        all.map(|record| (record.key, (record.offset, record.value))).collect()
    };
    let on_first = latest(1);
    assert_eq!(on_first.len(), 9);
    for broker in 1..=3 {
        let log = log(&played, broker, "kv");
        assert_eq!(latest(broker), on_first, "broker {broker}");
        assert!(log.log_end_offset() >= Offset(3_000), "{}", log.log_end_offset());
        assert!(records(log).len() < 300, "{} are left", records(log).len());
    }
    assert_eq!(played.session.invariants().acknowledged().lost(), 0);
}

#[test]
fn a_group_keeps_its_offsets_while_their_topic_is_compacted() {
    let script = format!(
        "{THREE_BROKERS}config * offsets.topic.num.partitions=1\nconfig * log.roll.ms=10000\n\
         @1s t1> {CREATE} --topic orders\n\
         @2s t1> producer start p1 --topic orders --rate 5 --acks all\n\
         @3s t1> consumer start c1 --group billing --topic orders --from-beginning\n"
    );
    let mut played = play(&script, 100);
    for broker in 1..=3 {
        let log = log(&played, broker, "__consumer_offsets");
        let end = log.log_end_offset();
        let clean = log.cleaner_checkpoint().expect("it was cleaned");
        assert!(clean > Offset(5), "clean up to {clean} of {end}\n{}", played.story());
        let left = records(log).iter().filter(|record| record.offset < clean).count() as i64;
        assert!(left < clean.0, "all {left} records below {clean} are left");
    }
    let known = committed(&played, "billing");
    let coordinator = played.partition("__consumer_offsets", 0).leader.expect("it has one").0;
    // The next coordinator rebuilds the group from the compacted log. Nobody commits any more.
    let script = format!(
        "{}@100s t1> consumer kill c1\n@110s t1> broker stop {coordinator}\n",
        played.session.script()
    );
    played = play(&script, 120);
    let next = played.partition("__consumer_offsets", 0).leader.expect("it has another").0;
    assert_ne!(next, coordinator);
    let later = committed(&played, "billing");
    assert!(known.is_some() && later >= known, "{known:?}, then {later:?}\n{}", played.story());
}

#[test]
fn retention_by_size_deletes_whole_segments() {
    let script = format!(
        "{THREE_BROKERS}config * log.retention.check.interval.ms=5000\n\
         @1s t1> {CREATE} --topic big --config retention.bytes=20000\n\
         @2s t1> producer start p1 --topic big --rate 20 --acks all --value-bytes 200\n"
    );
    let early = play(&script, 29);
    let whole = log(&early, 1, "big");
    assert_eq!(whole.log_start_offset(), Offset(0), "nobody has looked yet");
    let bases: Vec<Offset> = whole.segments().map(|segment| segment.base_offset()).collect();
    let largest = whole.segments().map(|segment| segment.size_in_bytes()).max().unwrap_or(0);
    let played = play(&script, 32);
    for broker in 1..=3 {
        let log = log(&played, broker, "big");
        let size = log.size_in_bytes();
        assert!(size >= 20_000, "deleted too much on broker {broker}: {size} are left");
        assert!(size < 20_000 + 3 * largest, "{size} are left on broker {broker}");
        assert!(bases.contains(&log.log_start_offset()), "a segment went as a whole");
        assert!(log.log_start_offset() > Offset(0), "{}", played.story());
        let kept = records(log);
        assert_eq!(kept[0].offset, log.log_start_offset());
    }
    assert!(played.story().contains("old segments of big-0"), "{}", played.story());
}

#[test]
fn a_follower_that_was_away_for_too_long_starts_where_its_leader_does() {
    let script = format!(
        "{THREE_BROKERS}config * log.retention.check.interval.ms=5000\n\
         @1s t1> {CREATE} --topic short --config retention.ms=10000\n\
         @2s t1> producer start p1 --topic short --rate 20 --acks all\n"
    );
    let leader = play(&script, 4).partition("short", 0).leader.expect("it has a leader").0;
    let away = if leader == 3 { 2 } else { 3 };
    let script = format!("{script}@10s t2> broker kill {away}\n@80s t2> broker start {away}\n");
    let gone = play(&script, 79);
    let (end, start) = (
        log(&gone, away, "short").log_end_offset(),
        log(&gone, leader, "short").log_start_offset(),
    );
    assert!(end < start, "the follower ends at {end}, the leader starts at {start}");
    let back = play(&script, 110);
    assert_eq!(back.partition("short", 0).isr.len(), 3, "{}", back.story());
    let (follower, leader) = (log(&back, away, "short"), log(&back, leader, "short"));
    assert_eq!(follower.log_start_offset(), leader.log_start_offset());
    assert!(follower.batches().next().is_some_and(|batch| batch.base_offset() >= start));
}

#[test]
fn delete_records_moves_the_log_start_on_all_replicas() {
    let script = format!(
        "{THREE_BROKERS}@0s file del.json <<END\n{{\"partitions\":[{{\"topic\":\"orders\",\"partition\":0,\"offset\":50}}],\"version\":1}}\nEND\n\
         @1s t1> {CREATE} --topic orders\n\
         @2s t1> producer start p1 --topic orders --rate 20 --acks all --count 100\n\
         @20s t1> kafka-delete-records.sh --bootstrap-server broker1:9092 --offset-json-file del.json\n"
    );
    let played = play(&script, 25);
    for broker in 1..=3 {
        let log = log(&played, broker, "orders");
        assert_eq!((log.log_start_offset(), log.log_end_offset()), (Offset(50), Offset(100)));
        assert!(log.read(Offset(49), 1_000, true, Offset(100)).is_err());
    }
    let output = played.output();
    assert!(output.contains(&"partition: orders-0\tlow_watermark: 50".to_owned()), "{output:?}");
    // The segments below go with the next look at retention.
    let later = play(&script, 40);
    for broker in 1..=3 {
        let first = log(&later, broker, "orders").segments().next().expect("there is one");
        assert!(first.base_offset() > Offset(0) && first.base_offset() <= Offset(50));
    }
}

#[test]
fn delete_records_waits_for_a_follower_only_while_it_is_alive() {
    let script = format!(
        "{THREE_BROKERS}@0s file del.json <<END\n{{\"partitions\":[{{\"topic\":\"orders\",\"partition\":0,\"offset\":-1}}]}}\nEND\n\
         @1s t1> {CREATE} --topic orders\n\
         @2s t1> producer start p1 --topic orders --rate 20 --acks all --count 100\n"
    );
    let leader = play(&script, 4).partition("orders", 0).leader.expect("it has a leader").0;
    let away = if leader == 3 { 2 } else { 3 };
    let script = format!(
        "{script}@20s t1> broker kill {away}\n\
         @21s t1> kafka-delete-records.sh --bootstrap-server broker{leader}:9092 --offset-json-file del.json\n"
    );
    let answered =
        |played: &Played| played.output().iter().any(|line| line.contains("low_watermark: 100"));
    assert!(!answered(&play(&script, 26)), "the dead follower is not fenced yet");
    let later = play(&script, 60);
    assert!(answered(&later), "{:?}", later.output());
    assert_eq!(log(&later, leader, "orders").log_start_offset(), Offset(100));
}
