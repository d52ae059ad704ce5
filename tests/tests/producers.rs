//! Each setting of a producer shown by trying: what it changes, and what it costs.

use highwater_scenario::cluster::time::Span;
use highwater_scenario::cluster::view::ProducerView;
use highwater_scenario::invariants::Anomaly;
use highwater_tests::{Played, THREE_BROKERS, play};

/// Plays a cluster with a topic of `partitions`, and a producer of these options from second 2 on.
#[track_caller]
fn produce(partitions: u32, options: &str, more: &str, until_seconds: u64) -> Played {
    play(
        &format!(
            "{THREE_BROKERS}@1s t1> kafka-topics.sh --create --topic orders --partitions {partitions} \
             --replication-factor 3 --bootstrap-server broker1:9092\n\
             @2s t1> producer start p1 --topic orders {options}\n{more}"
        ),
        until_seconds,
    )
}

#[track_caller]
fn producer(played: &Played) -> ProducerView {
    played.view().producers.into_iter().next().unwrap_or_else(|| panic!("{}", played.story()))
}

/// The producer of these options after 10 s, on three partitions.
#[track_caller]
fn tried(options: &str) -> ProducerView {
    producer(&produce(3, options, "", 12))
}

/// How many records each partition of the topic got.
fn spread(view: &ProducerView, partitions: usize) -> Vec<u64> {
    let mut spread = vec![0; partitions];
    for (partition, count) in &view.acknowledged_by_partition {
        spread[partition.partition.0 as usize] += count;
    }
    spread
}

#[test]
fn to_linger_makes_fewer_and_larger_batches() {
    let at_once = tried("--rate 200 --config linger.ms=0");
    let lingering = tried("--rate 200 --config linger.ms=100");
    let (few, many) = (lingering.sending.batches_sent, at_once.sending.batches_sent);
    assert!(few * 5 < many, "{few} of {many}");
    assert!(lingering.sending.average_batch_bytes() > at_once.sending.average_batch_bytes());
    assert!(lingering.sending.average_queue_time() > Span::from_millis(50));
    assert!(lingering.sending.queue_time_max >= Span::from_millis(100));
}

#[test]
fn a_smaller_batch_size_makes_more_batches() {
    let options = "--burst 100/1s --value-bytes 500 --config linger.ms=50";
    let small = tried(&format!("{options} --config batch.size=1000"));
    let large = tried(options);
    assert!(small.sending.batches_sent > 3 * large.sending.batches_sent);
    assert!(small.sending.average_batch_bytes() <= 1_200, "{:?}", small.sending);
}

#[test]
fn compression_sends_fewer_bytes_and_a_higher_level_fewer_still() {
    let options = "--rate 200 --keys 9 --config linger.ms=100 \
                   --value '{\"n\":{n},\"by\":\"{key}\",\"amount\":{random 1..1000}}'";
    let bytes = |compression: &str| tried(&format!("{options} {compression}")).sending;
    let plain = bytes("");
    let gzip = bytes("--config compression.type=gzip");
    let quick = bytes("--config compression.type=gzip --config compression.gzip.level=1");
    assert_eq!(plain.bytes_before_compression, plain.bytes_sent);
    assert!(gzip.bytes_sent * 3 < gzip.bytes_before_compression * 2, "{gzip:?}");
    assert!(gzip.bytes_sent < quick.bytes_sent, "{} {}", gzip.bytes_sent, quick.bytes_sent);
}

#[test]
fn when_the_buffer_is_full_send_waits_and_then_throws() {
    let options =
        "--rate 50 --value-bytes 1000 --config buffer.memory=32768 --config max.block.ms=2000";
    let killed = "@4s t2> broker kill 1\n@4s t3> broker kill 2\n@4s t4> broker kill 3\n";
    let view = producer(&produce(1, options, killed, 9));
    assert!(view.is_blocked, "{view:?}");
    assert_eq!(view.sending.buffer_available_bytes, 0);
    assert_eq!(
        view.last_failure.as_deref(),
        Some(
            "BufferExhaustedException: Failed to allocate 16384 bytes within the configured max blocking time 2000 \
             ms. Total memory: 32768 bytes. Available memory: 0 bytes. Poolable size: 16384 bytes"
        )
    );
}

#[test]
fn a_batch_larger_than_the_buffer_fails_at_each_send() {
    let view = tried("--rate 5 --config batch.size=20000 --config buffer.memory=10000");
    assert!(view.records_failed > 40 && view.records_acknowledged == 0);
    assert_eq!(
        view.last_failure.as_deref(),
        Some(
            "IllegalArgumentException: Attempt to allocate 20000 bytes, but there is a hard limit of 10000 on memory \
             allocations."
        )
    );
}

#[test]
fn what_is_not_delivered_in_time_expires() {
    let options = "--rate 5 --config delivery.timeout.ms=3000 --config request.timeout.ms=1000";
    let killed = "@4s t2> broker kill 1\n@4s t3> broker kill 2\n@4s t4> broker kill 3\n";
    let view = producer(&produce(1, options, killed, 12));
    assert!(view.records_failed > 10, "{view:?}");
    let told = view.last_failure.expect("something was given up");
    assert!(told.starts_with("TimeoutException: Expiring "), "{told}");
    let last = view.sending.deliveries.last().expect("deliveries are remembered");
    assert_eq!((last.offset, last.exception.as_deref()), (None, Some(&*told)));
}

#[test]
fn settled_records_tell_where_they_are() {
    let view = tried("--rate 10 --partition 1 --count 30");
    let offsets: Vec<i64> = view
        .sending
        .deliveries
        .iter()
        .map(|delivery| {
            assert_eq!(&*delivery.partition.to_string(), "orders-1");
            delivery.offset.expect("it was acknowledged").0
        })
        .collect();
    assert_eq!(offsets, (10..30).collect::<Vec<_>>());
    assert_eq!(spread(&view, 3), [0, 30, 0]);
}

#[test]
fn a_partition_that_does_not_exist_is_waited_for_in_vain() {
    let options = "--rate 1 --partition 7 --config max.block.ms=1500";
    let view = tried(options);
    assert_eq!(
        view.last_failure.as_deref(),
        Some(
            "TimeoutException: Partition 7 of topic orders with partition count 3 is not present in metadata after \
             1500 ms."
        )
    );
    // Once there is one the application goes on.
    let more = "@6s t2> kafka-topics.sh --alter --topic orders --partitions 8 --bootstrap-server broker1:9092\n";
    let view = producer(&produce(3, options, more, 12));
    assert!(spread(&view, 8)[7] > 0, "{view:?}");
}

#[test]
fn a_partitioner_that_names_no_partition_of_the_topic_makes_records_expire() {
    let options = "--rate 5 --partition-rule else:9 --config delivery.timeout.ms=2000 --config request.timeout.ms=1000";
    let view = tried(options);
    let told = view.last_failure.expect("nothing can be sent there");
    assert!(told.contains("record(s) for orders-9:"), "{told}");
}

#[test]
fn partitioners_spread_records_as_they_say() {
    let round_robin =
        "--config partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner";
    let even = spread(&tried(&format!("--rate 30 --count 90 --keys 1 {round_robin}")), 3);
    assert_eq!(even, [30, 30, 30]);
    let one = spread(&tried("--rate 30 --count 90 --keys 1"), 3);
    assert_eq!(one.iter().filter(|count| **count > 0).count(), 1, "{one:?}");
    let random = spread(&tried("--rate 30 --count 90 --keys 1 --partition-rule else:random"), 3);
    assert!(random.iter().all(|count| *count > 10), "{random:?}");
    let rule =
        "--keys 9 --key-distribution hot:50 --hot-key vip --partition-rule 'key=vip:0;else:1..2'";
    let apart = spread(&tried(&format!("--rate 100 --count 900 {rule}")), 3);
    assert!((400..500).contains(&apart[0]), "{apart:?}");
    assert!(apart[1] > 100 && apart[2] > 100, "{apart:?}");
}

#[test]
fn a_hot_key_makes_a_hot_partition() {
    let hot = spread(&tried("--rate 100 --count 900 --keys 30 --key-distribution hot:80"), 3);
    assert!(hot.iter().max() > Some(&700), "{hot:?}");
    let even = spread(&tried("--rate 100 --count 900 --keys 30"), 3);
    assert!(even.iter().max() < Some(&600), "{even:?}");
}

#[test]
fn with_several_requests_in_flight_retries_reorder_unless_idempotent() {
    let refuse = "@4s t2> broker fail 1 --api Produce --error NOT_ENOUGH_REPLICAS --times 1 --delay 50ms\n\
                  @4s t3> broker fail 2 --api Produce --error NOT_ENOUGH_REPLICAS --times 1 --delay 50ms\n\
                  @4s t4> broker fail 3 --api Produce --error NOT_ENOUGH_REPLICAS --times 1 --delay 50ms\n";
    let is_reordered = |options: &str| {
        let options = format!("--rate 200 --count 800 --config linger.ms=0 {options}");
        let played = produce(1, &options, refuse, 12);
        let view = producer(&played);
        assert_eq!((view.retries > 0, view.records_acknowledged), (true, 800), "{options}");
        let found = played.session.invariants().found();
        found.iter().any(|finding| matches!(finding.what, Anomaly::Reordered { .. }))
    };
    assert!(is_reordered("--config enable.idempotence=false"));
    let one = "--config max.in.flight.requests.per.connection=1";
    assert!(!is_reordered(&format!("--config enable.idempotence=false {one}")));
    assert!(!is_reordered(""));
}

#[test]
fn workloads_keep_their_time() {
    let made = |options: &str, seconds: u64| {
        let view = producer(&produce(3, options, "", seconds));
        (view.records_acknowledged + view.records_in_flight + view.records_waiting, view.is_done)
    };
    assert_eq!(made("--burst 100/4s", 3), (100, false));
    assert_eq!(made("--burst 100/4s", 7), (200, false));
    assert_eq!(made("--rate 10 --until 3s", 9), (30, true));
    assert_eq!(made("--rate 10 --pause 2s/3s --until 6s", 12), (20, true));
    let (ramp, _) = made("--ramp 0..100/4s --until 4s", 9);
    assert!((198..=201).contains(&ramp), "{ramp}");
}

#[test]
fn the_same_script_makes_the_same_records() {
    let options = "--rate 50 --keys 30 --key-distribution zipf --value-bytes 10..200 --out-of-order 5s \
                   --header trace={id} --intercept header:by=p1 --tombstone-every 7";
    let (first, second) = (produce(3, options, "", 8), produce(3, options, "", 8));
    assert!(first.session.hash().is_some());
    assert_eq!(first.session.hash(), second.session.hash());
    assert!(producer(&first).records_acknowledged > 250);
}

/// Kafka's producer lets brokers create what it sends to; `auto.create.topics.enable` decides.
#[test]
fn a_topic_that_is_missing_is_created_where_brokers_may() {
    let topics = |config: &str| {
        let line = "@5s t1> producer start p1 --topic nowhere --rate 5 --count 3\n";
        let played = play(&format!("{THREE_BROKERS}{config}{line}"), 20);
        let view = played.view();
        let names: Vec<String> = view.topics.iter().map(|topic| topic.name.to_string()).collect();
        (names, spread(&producer(&played), 1)[0])
    };
    assert_eq!(topics(""), (vec!["nowhere".to_owned()], 3));
    assert_eq!(topics("config * auto.create.topics.enable=false\n"), (Vec::new(), 0));
}
