//! Tiered storage (KIP-405): what goes to the remote store, what leaves the disks, and that readers see none of it.

use highwater_scenario::cluster::event::EventKind;
use highwater_scenario::cluster::ids::{TopicName, TopicPartition};
use highwater_scenario::cluster::remote::event::RemoteEvent;
use highwater_scenario::cluster::view::RemotePartitionView;
use highwater_scenario::metrics::{Chart, Value};
use highwater_tests::{Played, play};

/// Three brokers that copy every second, and delete from their disks every second.
const TIERED: &str = "highwater 1\nseed 1\ncluster --brokers 3\n\
    config * remote.log.storage.system.enable=true\n\
    config * rlmm.config.remote.log.metadata.topic.num.partitions=1\n\
    config * remote.log.manager.task.interval.ms=1000\n\
    config * log.retention.check.interval.ms=1000\n\
    config * offsets.topic.num.partitions=1\n";

const TOPIC: &str = "kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3 \
    --bootstrap-server broker1:9092 --config internal.segment.bytes=2000";

/// A cluster with a tiered topic, of which a second's worth stays on the disks, and these lines.
fn run(more: &str, lines: &str, until_seconds: u64) -> Played {
    let script = format!(
        "{TIERED}@0.1s t1> {TOPIC} --config remote.storage.enable=true {more}\n\
         @1s t1> producer start p1 --topic orders --rate 50 --value-bytes 100 --count 1000 --config batch.size=500\n{lines}"
    );
    play(&script, until_seconds)
}

const ONE_SECOND: &str = "--config local.retention.ms=1000";

fn remote(played: &Played) -> RemotePartitionView {
    let view = played.view();
    let partition = TopicPartition::new(&TopicName::from("orders"), 0);
    let found = view.remote.partition(&partition).cloned();
    found.unwrap_or_else(|| panic!("orders-0 is not tiered\n{}", played.story()))
}

fn count(played: &Played, is_it: impl Fn(&RemoteEvent) -> bool) -> usize {
    let events = played.session.causes().all();
    let of_tier = events.filter(|event| match &event.kind {
        EventKind::Remote(event) => is_it(event),
        _ => false,
    });
    of_tier.count()
}

fn consumed(played: &Played) -> Vec<u64> {
    played.view().consumers.iter().map(|consumer| consumer.records_consumed).collect()
}

#[test]
fn closed_segments_are_copied_in_order_and_leave_the_disks_of_all_replicas() {
    let played = run(ONE_SECOND, "", 40);
    let remote = remote(&played);
    let copied: Vec<_> = remote.copied().collect();
    assert!(copied.len() > 10, "{}", played.story());
    assert_eq!(copied[0].start_offset.0, 0);
    for pair in copied.windows(2) {
        assert_eq!(pair[0].end_offset.next(), pair[1].start_offset, "no gap");
    }
    for broker in 1..=3 {
        let replica = played.replica(broker, "orders", 0);
        assert_eq!(replica.log_start_offset.0, 0);
        assert!(replica.local_log_start_offset.0 > 500, "{replica:?}\n{}", played.story());
        assert!(replica.size_bytes < 10_000, "{replica:?}");
    }
    assert_eq!(played.view().remote.objects as usize, copied.len());
}

#[test]
fn a_consumer_reads_across_the_border_and_gets_every_record() {
    let lines = "@36s t1> consumer start c1 --group g --topic orders --from-beginning\n";
    let played = run(ONE_SECOND, lines, 60);
    assert_eq!(consumed(&played), [1_000], "{}", played.details());
    assert!(count(&played, |event| matches!(event, RemoteEvent::Read { .. })) > 5);
}

/// What a console consumer prints that reads a topic from its beginning at 50 s: offset, key and value of each record.
fn printed(more: &str, lines: &str) -> Vec<String> {
    let script = format!(
        "{TIERED}@0.1s t1> {TOPIC} {more}\n\
         @1s t1> producer start p1 --topic orders --rate 50 --value-bytes 100 --keys 9 --count 1000 --config batch.size=500\n\
         {lines}\
         @50s t2> kafka-console-consumer.sh --bootstrap-server broker1:9092 --topic orders --from-beginning \
         --timeout-ms 10000 --formatter-property print.offset=true --formatter-property print.key=true\n"
    );
    let played = play(&script, 90);
    let printed = played.output().into_iter().filter(|line| line.starts_with("Offset:"));
    let printed: Vec<String> = printed.collect();
    assert!(!printed.is_empty(), "{}", played.story());
    if more.contains("local.retention") {
        let read = count(&played, |event| matches!(event, RemoteEvent::Read { .. }));
        assert!(read > 3, "read {read} times from remote\n{}", played.story());
    }
    printed
}

/// Reading across the border of the tiers gives the very records that are read without tiers.
#[track_caller]
fn check_same(local: &str, lines: &str) {
    let tiered = format!("--config remote.storage.enable=true {local}");
    let (with, without) = (printed(&tiered, lines), printed("", lines));
    assert_eq!(with.len(), without.len(), "{local}\n{lines}");
    for (with, without) in with.iter().zip(&without) {
        assert_eq!(with, without, "{local}\n{lines}");
    }
}

#[test]
fn reading_across_the_border_equals_reading_without_tiers() {
    for local in [
        "--config local.retention.ms=1",
        "--config local.retention.ms=10000",
        "--config local.retention.bytes=4000",
        "--config local.retention.ms=1 --config internal.segment.bytes=700",
    ] {
        for lines in [
            "",
            "@10s t1> broker stop 2\n@20s t1> broker start 2\n",
            "@10s t1> broker stop 1\n@14s t1> broker start 1\n@24s t1> broker stop 3\n",
        ] {
            check_same(local, lines);
        }
    }
}

#[test]
fn a_store_that_fails_holds_up_copying_and_reading_of_what_is_remote_only() {
    let lines = "@5s t1> remote-store fail\n@33s t1> remote-store mend\n\
        @46s t1> remote-store fail\n\
        @47s t1> consumer start c1 --group g --topic orders --from-beginning\n\
        @47s t1> consumer start c2 --group h --topic orders\n\
        @60s t1> producer start p2 --topic orders --rate 10 --count 50\n\
        @80s t1> remote-store mend\n";
    let mut played = run(ONE_SECOND, lines, 32);
    assert!(count(&played, |event| matches!(event, RemoteEvent::CopyFailed { .. })) > 5);
    let lagging = remote(&played).copy_lag_bytes;
    assert!(lagging > 50_000, "{lagging} B\n{}", played.story());
    assert!(played.replica(1, "orders", 0).size_bytes > 100_000, "nothing leaves the disks");
    played.play_to(45);
    assert_eq!(remote(&played).copy_lag_segments, 0, "{}", played.story());
    assert!(played.replica(1, "orders", 0).size_bytes < 10_000);
    played.play_to(78);
    assert_eq!(consumed(&played), [0, 50], "{}", played.details());
    assert!(count(&played, |event| matches!(event, RemoteEvent::ReadFailed { .. })) > 3);
    played.play_to(95);
    assert_eq!(consumed(&played), [1_050, 50], "{}", played.details());
}

#[test]
fn a_fetch_that_the_store_is_too_slow_for_is_answered_without_it() {
    let slow = TIERED.replace("--brokers 3", "--brokers 3 --store-latency 400ms");
    for (wait_ms, read) in [(500, 0), (1_000, 1_000)] {
        let script = format!(
            "{slow}config * remote.fetch.max.wait.ms={wait_ms}\n\
             @0.1s t1> {TOPIC} --config remote.storage.enable=true {ONE_SECOND}\n\
             @1s t1> producer start p1 --topic orders --rate 50 --value-bytes 100 --count 1000\n\
             @70s t1> consumer start c1 --group g --topic orders --from-beginning\n"
        );
        let played = play(&script, 200);
        assert_eq!(consumed(&played), [read], "{wait_ms} ms\n{}", played.details());
        let expired = count(&played, |event| matches!(event, RemoteEvent::ReadExpired { .. }));
        assert_eq!(expired > 0, read == 0, "{wait_ms} ms: {expired}");
    }
}

#[test]
fn a_new_leader_goes_on_where_the_old_one_stopped() {
    let lines = "@8s t1> broker kill 1\n@14s t1> broker kill 2\n@20s t1> broker start 1\n@22s t1> broker start 2\n";
    let mut played = run(ONE_SECOND, lines, 60);
    let tier = remote(&played);
    let copied: Vec<_> = tier.copied().collect();
    let mut next = 0;
    for segment in &copied {
        assert!(segment.start_offset.0 <= next, "a gap before {segment:?}\n{}", played.story());
        next = next.max(segment.end_offset.0 + 1);
    }
    assert!(next > 800, "{}", played.story());
    played.play_to(61);
    assert_eq!(tier.copy_lag_segments, 0);
}

#[test]
fn a_follower_that_comes_late_begins_behind_the_remote_tier() {
    let script = format!(
        "{TIERED}@0.1s t1> kafka-topics.sh --create --topic single --replica-assignment 1 \
         --bootstrap-server broker1:9092 --config internal.segment.bytes=2000 \
         --config remote.storage.enable=true {ONE_SECOND}\n\
         @1s t1> producer start p1 --topic single --rate 50 --value-bytes 100 --count 1000\n\
         @59s file plan.json <<E\n\
         {{\"version\":1,\"partitions\":[{{\"topic\":\"single\",\"partition\":0,\"replicas\":[2]}}]}}\nE\n\
         @60s t1> kafka-reassign-partitions.sh --bootstrap-server broker1:9092 --execute \
         --reassignment-json-file plan.json\n\
         @80s t1> consumer start c1 --group g --topic single --from-beginning\n"
    );
    let played = play(&script, 110);
    assert_eq!(count(&played, |it| matches!(it, RemoteEvent::FollowerStarted { .. })), 1);
    let moved = played.replica(2, "single", 0);
    assert_eq!(moved.log_start_offset.0, 0);
    assert!(moved.local_log_start_offset.0 > 800, "{moved:?}");
    assert_eq!(consumed(&played), [1_000], "{}", played.details());
}

#[test]
fn retention_deletes_from_the_remote_tier_and_moves_the_log_start() {
    let played = run(&format!("{ONE_SECOND} --config retention.bytes=40000"), "", 60);
    let tier = remote(&played);
    let bytes: u64 = tier.segments.iter().map(|segment| segment.size_bytes).sum();
    assert!((30_000..=42_000).contains(&bytes), "{bytes} B");
    let start = played.replica(1, "orders", 0).log_start_offset;
    assert_eq!(Some(start), tier.segments.first().map(|segment| segment.start_offset));
    assert_eq!(played.view().remote.log_bytes, bytes);
    let by_time = run(&format!("{ONE_SECOND} --config retention.ms=20000"), "", 70);
    assert!(remote(&by_time).segments.is_empty(), "{}", by_time.story());
    assert_eq!(by_time.view().remote.objects, 0);
}

#[test]
fn what_is_deleted_is_deleted_from_the_remote_tier() {
    let delete = "@41s file plan.json <<E\n\
        {\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"offset\":500}]}\nE\n\
        @42s t1> kafka-delete-records.sh --bootstrap-server broker1:9092 --offset-json-file plan.json\n\
        @60s t1> kafka-topics.sh --bootstrap-server broker1:9092 --delete --topic orders\n";
    let mut played = run(ONE_SECOND, delete, 55);
    let tier = remote(&played);
    let first = tier.segments.first().expect("some are left");
    assert!(first.start_offset.0 <= 500 && first.end_offset.0 >= 500, "{first:?}");
    assert_eq!(played.replica(1, "orders", 0).log_start_offset.0, 500);
    played.play_to(80);
    assert_eq!(played.view().remote.objects, 0, "{}", played.story());
}

#[test]
fn offsets_are_told_across_the_tiers() {
    let ask = |time: &str| {
        format!(
            "@45s t2> kafka-get-offsets.sh --bootstrap-server broker1:9092 --topic orders --time {time}\n"
        )
    };
    // The producer begins at 1 s: the 51st record is made at 2 s.
    let times = ["earliest", "earliest-local", "latest-tiered", "latest", "1767603602000"];
    let lines: String = times.iter().map(|time| ask(time)).collect();
    let played = run(ONE_SECOND, &lines, 60);
    let tier = remote(&played);
    let local = played.replica(1, "orders", 0).local_log_start_offset;
    let highest = tier.highest_offset.expect("something was copied");
    let printed = played.output();
    let offsets: Vec<_> = printed.iter().filter_map(|it| it.strip_prefix("orders:0:")).collect();
    assert_eq!(offsets.len(), 5, "{printed:?}");
    let wanted = ["0", &local.to_string(), &highest.to_string(), "1000"];
    assert_eq!(offsets[..4], wanted);
    let found: i64 = offsets[4].parse().expect("an offset");
    assert!((40..60).contains(&found), "{found}");
}

/// What is said to who gives a topic these settings.
#[track_caller]
fn check_refused(header: &str, before: &str, add: &str, said: &str) {
    let alter =
        "kafka-configs.sh --bootstrap-server broker1:9092 --alter --topic orders --add-config";
    let script = format!("{header}@0.1s t1> {TOPIC} {before}\n@5s t1> {alter} {add}\n");
    let played = play(&script, 10);
    let printed = played.output().join("\n");
    assert!(printed.contains(said), "{add}: {printed}");
}

#[test]
fn settings_are_refused_in_kafkas_words() {
    let off = TIERED.replace("system.enable=true", "system.enable=false");
    let on = "--config remote.storage.enable=true";
    check_refused(
        &off,
        "",
        "remote.storage.enable=true",
        "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.",
    );
    check_refused(
        TIERED,
        on,
        "cleanup.policy=compact",
        "Remote log storage is unsupported for the compacted topics",
    );
    check_refused(
        TIERED,
        on,
        "local.retention.ms=-1",
        "Invalid value -1 for configuration local.retention.ms: Value must not be -1 as retention.ms value is set as 604800000.",
    );
    check_refused(
        TIERED,
        on,
        "retention.ms=1000,local.retention.ms=2000",
        "Invalid value 2000 for configuration local.retention.ms: Value must not be more than retention.ms property value: 1000",
    );
    check_refused(
        TIERED,
        on,
        "remote.log.copy.disable=true,local.retention.bytes=1000",
        "When `remote.log.copy.disable` is set to true, the `local.retention.bytes` and `retention.bytes` must be set to the identical value",
    );
    check_refused(
        TIERED,
        on,
        "remote.storage.enable=false",
        "It is invalid to disable remote storage without deleting remote data.",
    );
    check_refused(
        TIERED,
        on,
        "remote.storage.enable=false,remote.log.delete.on.disable=true",
        "Completed updating config for topic orders.",
    );
}

#[test]
fn turning_it_off_deletes_what_is_remote_and_moves_the_log_start() {
    let alter = "@42s t1> kafka-configs.sh --bootstrap-server broker1:9092 --alter --topic orders --add-config \
        remote.storage.enable=false,remote.log.delete.on.disable=true\n";
    let played = run(ONE_SECOND, alter, 60);
    assert_eq!(played.view().remote.objects, 0, "{}", played.story());
    for broker in 1..=3 {
        let replica = played.replica(broker, "orders", 0);
        assert!(replica.log_start_offset.0 > 800, "{replica:?}");
    }
}

#[test]
fn metrics_and_the_chart_tell_what_lies_where() {
    let lines = "@36s t1> consumer start c1 --group g --topic orders --from-beginning\n";
    let played = run(ONE_SECOND, lines, 50);
    let counted = |name: &str| -> u64 {
        let mbean = format!("kafka.server:type=BrokerTopicMetrics,name={name},topic=orders");
        let readings = played.session.metrics().read(&played.view());
        let own = readings.into_iter().filter(|reading| reading.mbean() == mbean);
        own.map(|reading| match reading.value {
            Value::Meter { count, .. } => count,
            Value::Number(number) => number.0.unsigned_abs() / 1_000,
            Value::Histogram(_) => 0,
        })
        .sum()
    };
    let bytes = |wanted: fn(&RemoteEvent) -> Option<u64>| -> u64 {
        let events = played.session.causes().all().filter_map(|event| match &event.kind {
            EventKind::Remote(event) => wanted(event),
            _ => None,
        });
        events.sum()
    };
    let copied = bytes(|event| match event {
        RemoteEvent::Copied { size_bytes, .. } => Some(*size_bytes),
        _ => None,
    });
    let read = bytes(|event| match event {
        RemoteEvent::Read { size_bytes, .. } => Some(*size_bytes),
        _ => None,
    });
    assert!(copied > 50_000 && read > 50_000, "{copied} and {read}");
    assert_eq!(counted("RemoteCopyBytesPerSec"), copied);
    assert_eq!(counted("RemoteFetchBytesPerSec"), read);
    assert_eq!(counted("RemoteLogSizeBytes"), copied);
    assert_eq!(counted("RemoteCopyErrorsPerSec"), 0);
    assert_eq!(counted("RemoteCopyLagBytes"), remote(&played).copy_lag_bytes);
    let samples = played.session.metrics().history().samples();
    let lines = Chart::Tiers.lines(samples);
    let last: Vec<_> = lines.iter().map(|line| line.points.last().and_then(|it| it.1)).collect();
    let labels: Vec<_> = lines.iter().map(|line| line.label.as_str()).collect();
    assert_eq!(labels, ["in the remote store", "on all disks", "on disks without it"]);
    let [Some(in_store), Some(on_disks), Some(without)] = last[..] else { panic!("{last:?}") };
    assert!(in_store.0 + on_disks.0 < without.0 / 2, "{last:?}");
}
