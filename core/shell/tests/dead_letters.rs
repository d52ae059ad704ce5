//! Dead-letter queues of share groups (KIP-1191) in a whole cluster: what is given up, where it goes, and what is told
//! when it cannot.

mod common;

use common::Terminal;
use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::event::EventKind;
use highwater_cluster::share::{RecordState, ShareEvent};
use highwater_cluster::time::Span;
use highwater_cluster::view::SharePartitionView;

const SERVER: &str = "--bootstrap-server broker1:9092";
const QUEUE: &str = "errors.deadletterqueue.topic.name";
/// Settings of a topic that may be a dead-letter queue.
const ENABLED: &str = "--config errors.deadletterqueue.group.enable=true";

/// A cluster whose brokers have these settings, with a topic whose one partition broker 3 does not have.
fn cluster(configs: &[(&'static str, &'static str)]) -> Terminal {
    let mut spec = ClusterSpec::default();
    let own = [
        ("offsets.topic.num.partitions", "1"),
        ("share.coordinator.state.topic.num.partitions", "1"),
        ("group.share.heartbeat.interval.ms", "1000"),
    ];
    for (name, value) in own.iter().chain(configs) {
        spec.configs.insert((*name).into(), (*value).into());
    }
    let mut terminal = Terminal::of(spec);
    run(
        &mut terminal,
        &format!("kafka-topics.sh --create --topic jobs --replica-assignment 1:2 {SERVER}"),
    );
    terminal
}

/// Runs a command that is to go well.
#[track_caller]
fn run(terminal: &mut Terminal, line: &str) -> String {
    let printed = terminal.run(line);
    assert_eq!(printed.code, Some(0), "{line}: {printed:?}");
    printed.output
}

/// Gives the group settings, from the first record on, and two deliveries for each.
fn configure(terminal: &mut Terminal, settings: &str) {
    let all = "share.auto.offset.reset=earliest,share.delivery.count.limit=2";
    let line = "kafka-configs.sh --alter --entity-type groups --entity-name g --add-config";
    run(terminal, &format!("{line} {all},{settings} {SERVER}"));
}

/// Writes jobs, and has them worked on by a member that fails on some.
fn work(terminal: &mut Terminal, jobs: &str, how: &str) {
    run(terminal, &format!("echo {jobs} | kafka-console-producer.sh --topic jobs {SERVER}"));
    run(terminal, &format!("share-consumer start s1 --group g --topic jobs {how}"));
    // Without looking at what happens: that is for the test.
    terminal.world.run_until(terminal.world.now() + Span::from_millis(20_000));
}

fn partition(terminal: &Terminal) -> SharePartitionView {
    let view = terminal.world.view();
    view.share_groups[0].partitions.first().expect("somebody has fetched").clone()
}

/// What stands in a queue: headers, key and value of each record.
fn queue(terminal: &mut Terminal, topic: &str) -> Vec<String> {
    let line = format!(
        "kafka-console-consumer.sh --topic {topic} --from-beginning --timeout-ms 8000 {SERVER} \
         --formatter-property print.headers=true --formatter-property print.key=true"
    );
    terminal.run(&line).output.lines().map(str::to_owned).collect()
}

fn headers(offset: u32, deliveries: u32, message: &str) -> String {
    format!(
        "__dlq.errors.topic:jobs,__dlq.errors.partition:0,__dlq.errors.offset:{offset},__dlq.errors.group:g,\
         __dlq.errors.delivery.count:{deliveries},__dlq.errors.message:{message}"
    )
}

/// Lets one of two jobs fail, and holds what is in the queue then against what is expected.
#[track_caller]
fn check(
    brokers: &[(&'static str, &'static str)],
    create: Option<&str>,
    settings: &str,
    how: &str,
    expected: &str,
) {
    let mut terminal = cluster(brokers);
    if let Some(create) = create {
        run(&mut terminal, &format!("kafka-topics.sh --create --topic dlq.g {create} {SERVER}"));
    }
    configure(&mut terminal, &format!("{QUEUE}=dlq.g{settings}"));
    work(&mut terminal, "bad", &format!("--fail-on value~bad --on-fail {how}"));
    let partition = partition(&terminal);
    assert_eq!((partition.start.0, partition.end.0), (1, 1), "{partition:?}");
    assert_eq!(queue(&mut terminal, "dlq.g"), [expected]);
}

#[test]
fn what_is_given_up_is_in_the_queue_with_where_it_comes_from() {
    let rejected = headers(0, 1, "Offset rejected by client.");
    let limit = headers(0, 2, "Offset delivery count exceeded the threshold.");
    let there = Some("--partitions 1 --config errors.deadletterqueue.group.enable=true");
    check(&[], there, "", "reject", &format!("{rejected}\tnull\tnull"));
    check(&[], there, "", "release", &format!("{limit}\tnull\tnull"));
    let copied = ",errors.deadletterqueue.copy.record.enable=true";
    check(&[], there, copied, "reject", &format!("{rejected}\tnull\tbad"));
    let creates = [("errors.deadletterqueue.auto.create.topics.enable", "true")];
    check(&creates, None, copied, "reject", &format!("{rejected}\tnull\tbad"));
}

#[test]
fn a_topic_that_was_created_for_it_may_be_a_queue() {
    let mut terminal = cluster(&[("errors.deadletterqueue.auto.create.topics.enable", "true")]);
    configure(&mut terminal, &format!("{QUEUE}=dlq.g"));
    work(&mut terminal, "bad", "--fail-on value~bad --on-fail reject");
    let line = format!("kafka-configs.sh --describe --topic dlq.g {SERVER}");
    let described = run(&mut terminal, &line);
    for setting in ["errors.deadletterqueue.group.enable=true", "message.timestamp.type=CreateTime"]
    {
        assert!(described.contains(setting), "{described}");
    }
}

/// Lets a job fail that cannot get into the queue, and holds the reason that is told against what is expected. It is
/// archived all the same.
#[track_caller]
fn check_failure(create: Option<&str>, topic: &str, expected: &str) {
    let mut terminal = cluster(&[]);
    if let Some(create) = create {
        run(&mut terminal, &format!("kafka-topics.sh --create --topic {topic} {create} {SERVER}"));
    }
    configure(&mut terminal, &format!("{QUEUE}={topic}"));
    work(&mut terminal, "bad", "--fail-on value~bad --on-fail reject");
    let told = terminal.world.take_events().into_iter().find_map(|event| match event.kind {
        EventKind::Share(ShareEvent::DeadLetterFailed { failure, .. }) => Some(failure),
        _ => None,
    });
    assert_eq!(told.map(|failure| failure.name()), Some(expected));
    let partition = partition(&terminal);
    assert_eq!((partition.start.0, partition.end.0), (1, 1), "{partition:?}");
}

#[test]
fn what_cannot_get_into_the_queue_is_archived_and_it_is_told_why() {
    check_failure(Some("--partitions 1"), "dlq.g", "not-enabled");
    check_failure(Some(ENABLED), "failed", "wrong-prefix");
    check_failure(None, "dlq.g", "no-topic");
    let compacted = format!("{ENABLED} --config cleanup.policy=compact");
    check_failure(Some(&compacted), "dlq.g", "refused");
    let small = format!("{ENABLED} --config max.message.bytes=100");
    check_failure(Some(&small), "dlq.g", "refused");
}

#[test]
fn a_name_that_kafka_keeps_for_itself_is_refused_at_once() {
    let mut terminal = cluster(&[]);
    let line = format!(
        "kafka-configs.sh --alter --entity-type groups --entity-name g --add-config {QUEUE}=__x {SERVER}"
    );
    let printed = terminal.run(&line);
    let message = "errors.deadletterqueue.topic.name: DLQ topic name must not start with '__'";
    assert!(printed.errors.contains(message), "{printed:?}");
    configure(&mut terminal, &format!("{QUEUE}=dlq.g"));
    let line = format!("kafka-configs.sh --describe --entity-type groups --entity-name g {SERVER}");
    let described = run(&mut terminal, &line);
    assert!(described.contains(&format!("  {QUEUE}=dlq.g sensitive=false")), "{described}");
    assert!(described.contains("synonyms={DYNAMIC_GROUP_CONFIG:"), "{described}");
}

/// The queue has no leader, and then the leader dies that waits for it: the next one goes on.
#[test]
fn a_new_leader_goes_on_with_what_was_on_its_way() {
    let mut terminal = cluster(&[]);
    run(
        &mut terminal,
        &format!(
            "kafka-topics.sh --create --topic dlq.g --replica-assignment 3 {ENABLED} {SERVER}"
        ),
    );
    configure(&mut terminal, &format!("{QUEUE}=dlq.g"));
    run(
        &mut terminal,
        "share-consumer start s1 --group g --topic jobs --fail-on value~bad --on-fail reject",
    );
    terminal.wait_seconds(10);
    run(&mut terminal, "broker stop 3");
    terminal.wait_seconds(3);
    run(&mut terminal, &format!("echo bad | kafka-console-producer.sh --topic jobs {SERVER}"));
    terminal.wait_seconds(2);
    let waits = partition(&terminal);
    assert_eq!((waits.start.0, waits.end.0), (0, 1));
    assert_eq!(waits.in_flight[0].state, RecordState::Archiving);
    run(&mut terminal, "broker start 3");
    run(&mut terminal, &format!("broker kill {}", waits.leader));
    terminal.wait_seconds(40);
    let after = partition(&terminal);
    assert_ne!(after.leader, waits.leader);
    assert_eq!((after.start.0, after.end.0), (1, 1), "{after:?}");
    run(&mut terminal, &format!("broker start {}", waits.leader));
    terminal.wait_seconds(20);
    let found = queue(&mut terminal, "dlq.g");
    let letter = format!("{}\tnull\tnull", headers(0, 1, "Offset rejected by client."));
    assert!(!found.is_empty() && found.iter().all(|line| *line == letter), "{found:?}");
}

#[test]
fn what_does_not_fit_into_one_batch_follows_in_others() {
    let mut terminal = cluster(&[]);
    let small = format!("{ENABLED} --config max.message.bytes=600");
    run(&mut terminal, &format!("kafka-topics.sh --create --topic dlq.g {small} {SERVER}"));
    configure(
        &mut terminal,
        &format!("{QUEUE}=dlq.g,errors.deadletterqueue.copy.record.enable=true"),
    );
    run(&mut terminal, &format!("seq 1 20 | kafka-console-producer.sh --topic jobs {SERVER}"));
    run(
        &mut terminal,
        "share-consumer start s1 --group g --topic jobs --fail-on every=1 --on-fail reject",
    );
    terminal.wait_seconds(20);
    let found = queue(&mut terminal, "dlq.g");
    let values: Vec<&str> = found.iter().filter_map(|line| line.rsplit('\t').next()).collect();
    let written: Vec<String> = (1..=20).map(|job| job.to_string()).collect();
    assert_eq!(values, written);
}
