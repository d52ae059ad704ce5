//! The levels below the cluster: what is told of a partition, log, segment, batch, record and its bytes
//! is what the logs hold.

use std::collections::BTreeSet;

use highwater_scenario::cluster::anatomy::{CellKind, OffsetWindow, WaitsFor, WhyHere, readers};
use highwater_scenario::cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_scenario::cluster::log::Offset;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::session::Session;

const CREATE: &str = "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic orders --partitions 3 --replication-factor 3";

/// Plays entries on three brokers for some virtual seconds.
#[track_caller]
fn play(entries: &str, seconds: u64) -> Session {
    let script = format!(
        "highwater 1\nseed 7\ncluster --brokers 3\nconfig * offsets.topic.num.partitions=3\n\
         config * transaction.state.log.num.partitions=3\n\n@1s t1> {CREATE}\n{entries}"
    );
    let mut session = Session::parse(&script).expect("the script can be read");
    session.advance(Time(seconds * 1_000_000), u32::MAX);
    session
}

fn orders(partition: i32) -> TopicPartition {
    TopicPartition::new(&TopicName::from("orders"), partition)
}

fn window(cells: u32) -> OffsetWindow {
    OffsetWindow { from: None, cells }
}

/// Every log of every broker, walked through all levels: each level agrees with the log, and with the
/// level above it.
#[track_caller]
fn check_all_levels(session: &Session) -> BTreeSet<String> {
    let world = session.world();
    let mut topics = BTreeSet::new();
    for (broker, partition, log) in world.logs() {
        let opened = world.log_anatomy(broker, partition).expect("the log is there");
        let sizes: usize = opened.segments.iter().map(|files| files.log_bytes).sum();
        assert_eq!(sizes, log.size_in_bytes(), "{partition}");
        let strips = world.partition_anatomy(partition, window(50)).expect("it is there");
        let strip = strips.replicas.iter().find(|strip| strip.broker == broker).expect("it is one");
        let (from, end) = (strips.from.max(log.log_start_offset()), log.log_end_offset());
        let told: Vec<i64> = strip.cells.iter().map(|cell| cell.offset.0).collect();
        let to = end.0.min(strips.from.0 + 50);
        assert_eq!(told, (from.0..to.max(from.0)).collect::<Vec<_>>(), "{partition}");
        for cell in strip.cells.iter().filter(|cell| cell.kind != CellKind::Gone) {
            check_record(session, broker, partition, cell.offset);
            topics.insert(partition.topic.to_string());
        }
    }
    topics
}

#[track_caller]
fn check_record(session: &Session, broker: BrokerId, partition: &TopicPartition, offset: Offset) {
    let world = session.world();
    let place = format!("{partition} on broker {broker}, offset {offset}");
    let record = world.record_anatomy(broker, partition, offset).expect(&place);
    let batch = world.batch_anatomy(broker, partition, offset).expect(&place);
    assert_eq!(batch.header.base_offset, record.batch, "{place}");
    assert_eq!(batch.records[record.index].record, record.record, "{place}");
    let segment = world.segment_anatomy(broker, partition, batch.segment, None, usize::MAX);
    let segment = segment.expect(&place);
    let line = segment.batches.iter().find(|line| line.header == batch.header).expect(&place);
    assert_eq!(line.position, batch.position, "{place}");
    let bytes = world.bytes_anatomy(broker, partition, offset, true, &(0..usize::MAX));
    let bytes = bytes.expect(&place);
    let key = bytes.fields.iter().filter(|field| field.name == "key");
    let keys: Vec<_> = key.map(|field| bytes.bytes.slice(field.range())).collect();
    let key = record.record.key.clone().unwrap_or_default();
    assert!(key.is_empty() || keys.contains(&key), "{place}: its key is among the bytes");
    let is_internal = partition.topic.as_str().starts_with("__");
    let is_marker = matches!(record.kind, CellKind::Marker(_));
    assert_eq!(record.decoded.is_some(), is_internal && !is_marker, "{place}");
    if let WhyHere::Coordinator { partition: reached, .. } = record.why {
        assert_eq!(reached, partition.partition.0, "{place}: the hash leads here");
    }
}

#[test]
fn all_levels_agree_with_the_logs_those_of_internal_topics_too() {
    let session = play(
        "@2s t1> producer start p1 --topic orders --rate 40 --acks all --keys 9 --config compression.type=lz4
@2s t1> consumer start c1 --group billing --topic orders --from-beginning
@2s t1> consumer start c2 --group fraud --topic orders --from-beginning --protocol consumer
",
        12,
    );
    let topics = check_all_levels(&session);
    assert!(topics.contains("orders") && topics.contains("__consumer_offsets"), "{topics:?}");
    let marks = readers(&session.view(), &orders(0));
    let groups: Vec<_> = marks.iter().map(|mark| mark.group.to_string()).collect();
    assert_eq!(groups, ["billing", "fraud"]);
    assert!(
        marks.iter().all(|mark| mark.committed.is_some() && mark.position.is_some()),
        "{marks:?}"
    );
}

#[test]
fn a_key_tells_why_its_record_is_here() {
    let session = play("@2s t1> producer start p1 --topic orders --rate 40 --keys 9\n", 6);
    for partition in 0..3 {
        let opened = session.world().partition_anatomy(&orders(partition), window(60));
        let opened = opened.expect("it is there");
        for cell in &opened.replicas[0].cells {
            let record = session.world().record_anatomy(
                opened.replicas[0].broker,
                &orders(partition),
                cell.offset,
            );
            let why = record.expect("it is there").why;
            assert!(matches!(why, WhyHere::Key(_)), "{why:?}");
        }
    }
    let session = play("@2s t1> producer start p1 --topic orders --rate 40\n", 6);
    let opened = session.world().partition_anatomy(&orders(0), window(60)).expect("it is there");
    let cell = opened.replicas[0].cells.first().expect("there are records");
    let broker = opened.replicas[0].broker;
    let record = session.world().record_anatomy(broker, &orders(0), cell.offset);
    let why = record.expect("it is there").why;
    assert!(matches!(why, WhyHere::Sticky { together } if together > 0), "{why:?}");
}

#[test]
fn what_waits_for_the_isr_says_how_far_that_is() {
    let mut session = play(
        "@2s t1> producer start p1 --topic orders --rate 200 --acks all --keys 9
@5s t1> broker pause 2
",
        5,
    );
    let mut seen = BTreeSet::new();
    while session.now() < Time(8_000_000) {
        session.advance(session.now() + Span(20_000), u32::MAX);
        for broker in [1, 2, 3] {
            for request in session.world().waiting_requests(BrokerId(broker)).expect("it is there")
            {
                seen.insert(request.waits_for);
                let is_short = |part: &highwater_scenario::cluster::anatomy::WaitingPart| {
                    part.required.is_some_and(|required| part.reached < required)
                };
                let is_isr = request.waits_for == WaitsFor::Isr;
                assert!(!is_isr || request.partitions.iter().any(is_short), "{request:?}");
            }
        }
    }
    assert!(seen.contains(&WaitsFor::Isr) && seen.contains(&WaitsFor::Records), "{seen:?}");
}

#[test]
fn records_tell_what_became_of_their_transaction() {
    let session = play(
        "@3s t1> producer start p1 --topic orders --rate 0 --transactional-id tx1
@4s t1> producer init p1
@5s t1> producer begin p1
@5s t1> producer send p1 a b
@8s t1> producer commit p1
@10s t1> producer begin p1
@10s t1> producer send p1 c
@12s t1> producer abort p1
@14s t1> producer begin p1
@14s t1> producer send p1 d
",
        16,
    );
    let topics = check_all_levels(&session);
    assert!(topics.contains("__transaction_state"), "{topics:?}");
    let mut told = BTreeSet::new();
    for (broker, partition, _) in
        session.world().logs().filter(|it| it.1.topic.as_str() == "orders")
    {
        let opened = session.world().partition_anatomy(partition, window(50)).expect("it is there");
        for cell in opened.replicas.iter().flat_map(|strip| &strip.cells) {
            let record = session.world().record_anatomy(broker, partition, cell.offset);
            let record = record.expect("every replica has it");
            assert_eq!((record.kind, record.transaction), (cell.kind, cell.transaction));
            let value = record.record.value.unwrap_or_default();
            told.insert(match cell.kind {
                CellKind::Marker(control) => control.name().to_owned(),
                _ => format!("{} {:?}", String::from_utf8_lossy(&value), cell.transaction),
            });
        }
    }
    let expected = ["ABORT", "COMMIT", "a Committed", "b Committed", "c Aborted", "d Open"];
    assert_eq!(told.into_iter().collect::<Vec<_>>(), expected);
}
