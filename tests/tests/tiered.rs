//! Tiered storage (KIP-405): what goes to the remote store, what leaves the disks, and that readers see none of it.

use highwater_scenario::cluster::event::EventKind;
use highwater_scenario::cluster::ids::{TopicName, TopicPartition};
use highwater_scenario::cluster::remote::event::RemoteEvent;
use highwater_scenario::cluster::view::RemotePartitionView;
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
         @1s t1> producer start p1 --topic orders --rate 50 --value-bytes 100 --count 1000\n{lines}"
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
