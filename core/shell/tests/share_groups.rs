//! Share groups (KIP-932) in a whole cluster: consumers, tools, failures.

mod common;

use common::{Printed, Terminal};
use highwater_cluster::cluster_spec::ClusterSpec;
use highwater_cluster::share::RecordState;
use highwater_cluster::view::{ShareConsumerView, ShareGroupView, SharePartitionView};

const SERVER: &str = "--bootstrap-server broker1:9092";

/// A cluster with a topic of one partition, and a share group that begins with the first record.
fn cluster() -> Terminal {
    let mut spec = ClusterSpec::default();
    for (name, value) in [
        ("offsets.topic.num.partitions", "1"),
        ("share.coordinator.state.topic.num.partitions", "1"),
        ("group.share.heartbeat.interval.ms", "1000"),
    ] {
        spec.configs.insert(name.into(), value.into());
    }
    let mut terminal = Terminal::of(spec);
    let create = "kafka-topics.sh --create --topic jobs --partitions 1 --replication-factor 3";
    assert_eq!(run(&mut terminal, &format!("{create} {SERVER}")).code, Some(0));
    let reset = "kafka-configs.sh --alter --entity-type groups --entity-name workers \
                 --add-config share.auto.offset.reset=earliest";
    let printed = run(&mut terminal, &format!("{reset} {SERVER}"));
    assert_eq!(printed.output, "Completed updating config for group workers.\n", "{printed:?}");
    terminal
}

fn run(terminal: &mut Terminal, line: &str) -> Printed {
    terminal.run(line)
}

fn produce(terminal: &mut Terminal, records: u32) {
    let line = format!("seq 1 {records} | kafka-console-producer.sh --topic jobs {SERVER}");
    assert_eq!(run(terminal, &line).code, Some(0));
}

fn start(terminal: &mut Terminal, rest: &str) {
    let printed =
        run(terminal, &format!("share-consumer start {rest} --group workers --topic jobs"));
    assert_eq!(printed.code, Some(0), "{printed:?}");
}

fn group(terminal: &Terminal) -> ShareGroupView {
    let view = terminal.world.view();
    view.share_groups.into_iter().find(|group| group.id.as_str() == "workers").expect("it is there")
}

fn partition(terminal: &Terminal) -> SharePartitionView {
    group(terminal).partitions.first().expect("somebody has fetched").clone()
}

fn consumer(terminal: &Terminal, name: &str) -> ShareConsumerView {
    let view = terminal.world.view();
    let found = view.share_consumers.iter().find(|consumer| &*consumer.name == name);
    found.expect("it was started").clone()
}

#[test]
fn several_members_share_the_records_of_one_partition() {
    let mut terminal = cluster();
    for name in ["s1", "s2", "s3"] {
        start(&mut terminal, &format!("{name} --process-ms 100 --config max.poll.records=1"));
    }
    terminal.wait_seconds(10);
    for _ in 0..10 {
        produce(&mut terminal, 1);
    }
    for _ in 0..20 {
        produce(&mut terminal, 3);
    }
    terminal.wait_seconds(30);
    let accepted: Vec<u64> =
        ["s1", "s2", "s3"].map(|name| consumer(&terminal, name).accepted).into();
    assert_eq!(accepted.iter().sum::<u64>(), 70, "{accepted:?}");
    assert!(accepted.iter().all(|own| *own > 0), "{accepted:?}");
    let partition = partition(&terminal);
    assert_eq!((partition.start.0, partition.end.0), (70, 70));
    let group = group(&terminal);
    assert_eq!(group.members.len(), 3);
    assert!(group.members.iter().all(|member| member.assignment.len() == 1));
}

#[test]
fn poison_is_given_back_until_its_deliveries_are_used_up() {
    let mut terminal = cluster();
    produce(&mut terminal, 10);
    start(&mut terminal, "s1 --fail-on value~7");
    terminal.wait_seconds(20);
    let partition = partition(&terminal);
    assert_eq!((partition.start.0, partition.end.0), (10, 10), "{partition:?}");
    let consumer = consumer(&terminal, "s1");
    assert_eq!((consumer.accepted, consumer.released), (9, 5), "five deliveries are the default");
}

#[test]
fn a_rejected_record_is_not_handed_out_again() {
    let mut terminal = cluster();
    produce(&mut terminal, 10);
    start(&mut terminal, "s1 --fail-on value~7 --on-fail reject");
    terminal.wait_seconds(20);
    assert_eq!(partition(&terminal).start.0, 10);
    let consumer = consumer(&terminal, "s1");
    assert_eq!((consumer.accepted, consumer.rejected), (9, 1));
}

#[test]
fn what_a_lost_machine_had_comes_back_once_its_lock_has_run_out() {
    let mut terminal = cluster();
    start(&mut terminal, "s1 --process-ms 60000");
    terminal.wait_seconds(5);
    produce(&mut terminal, 5);
    terminal.wait_seconds(2);
    let held = partition(&terminal);
    assert_eq!(held.in_flight[0].state, RecordState::Acquired);
    assert_eq!(run(&mut terminal, "share-consumer power-loss s1").code, Some(0));
    start(&mut terminal, "s2");
    terminal.wait_seconds(15);
    assert_eq!(partition(&terminal).in_flight, held.in_flight, "nobody knows that s1 is gone");
    terminal.wait_seconds(30);
    let consumer = consumer(&terminal, "s2");
    assert_eq!((consumer.accepted, partition(&terminal).start.0), (5, 5));
}

#[test]
fn what_a_killed_process_had_comes_back_at_once() {
    let mut terminal = cluster();
    start(&mut terminal, "s1 --process-ms 60000");
    terminal.wait_seconds(5);
    produce(&mut terminal, 5);
    start(&mut terminal, "s2 --process-ms 1");
    assert_eq!(run(&mut terminal, "share-consumer kill s1").code, Some(0));
    terminal.wait_seconds(5);
    assert_eq!(consumer(&terminal, "s2").accepted, 5);
}

#[test]
fn work_that_takes_longer_than_the_lock_is_done_twice_unless_it_is_renewed() {
    let mut terminal = cluster();
    produce(&mut terminal, 1);
    start(&mut terminal, "s1 --process-ms 40000");
    terminal.wait_seconds(60);
    assert!(consumer(&terminal, "s1").too_late > 0);
    let mut terminal = cluster();
    produce(&mut terminal, 1);
    start(&mut terminal, "s1 --process-ms 40000 --renew-ms 10000");
    terminal.wait_seconds(60);
    let consumer = consumer(&terminal, "s1");
    assert_eq!((consumer.too_late, consumer.accepted, partition(&terminal).start.0), (0, 1, 1));
}

#[test]
fn what_is_settled_outlives_the_leader_and_the_share_coordinator() {
    let mut terminal = cluster();
    produce(&mut terminal, 20);
    start(&mut terminal, "s1 --process-ms 200 --config max.poll.records=5 --commit-every 1");
    terminal.wait_seconds(6);
    for _ in 0..3 {
        let leader = partition(&terminal).leader;
        assert_eq!(run(&mut terminal, &format!("broker kill {leader}")).code, Some(0));
        terminal.wait_seconds(15);
        assert_eq!(run(&mut terminal, &format!("broker start {leader}")).code, Some(0));
        terminal.wait_seconds(25);
        produce(&mut terminal, 20);
    }
    terminal.wait_seconds(60);
    let partition = partition(&terminal);
    assert_eq!((partition.start, partition.end), (partition.end, partition.end), "{partition:?}");
    assert_eq!(partition.end.0, 80);
}

#[test]
fn tools_tell_of_share_groups() {
    let mut terminal = cluster();
    produce(&mut terminal, 4);
    start(&mut terminal, "s1");
    terminal.wait_seconds(10);
    let tool = |terminal: &mut Terminal, words: &str| {
        let printed = run(terminal, &format!("kafka-share-groups.sh {words} {SERVER}"));
        assert_eq!(printed.errors, "", "{words}");
        printed.output
    };
    assert_eq!(tool(&mut terminal, "--list"), "workers\n");
    assert_eq!(
        tool(&mut terminal, "--list --state"),
        "GROUP           STATE\nworkers         Stable\n"
    );
    let described = tool(&mut terminal, "--describe --group workers");
    let row: Vec<&str> = described.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(row, ["workers", "jobs", "0", "4", "0"], "{described}");
    let members = tool(&mut terminal, "--describe --group workers --members");
    assert!(
        members.lines().last().unwrap().ends_with("s1              1            jobs:0"),
        "{members}"
    );
    let state = tool(&mut terminal, "--describe --group workers --state --verbose");
    assert!(state.contains("Stable"), "{state}");
    run(&mut terminal, "share-consumer stop s1");
    terminal.wait_seconds(3);
    let reset = "--reset-offsets --group workers --topic jobs --to-earliest --execute";
    let reset = tool(&mut terminal, reset);
    assert!(reset.lines().last().unwrap().ends_with('0'), "{reset}");
    start(&mut terminal, "s2");
    terminal.wait_seconds(10);
    assert_eq!(consumer(&terminal, "s2").accepted, 4, "all of it once more");
    run(&mut terminal, "share-consumer stop s2");
    terminal.wait_seconds(3);
    let deleted = tool(&mut terminal, "--delete --group workers");
    assert_eq!(deleted, "Deletion of requested share groups ('workers') was successful.\n");
    assert_eq!(tool(&mut terminal, "--list"), "");
}

#[test]
fn the_console_share_consumer_prints_deliveries() {
    let mut terminal = cluster();
    produce(&mut terminal, 3);
    let line = |more: &str| {
        format!(
            "kafka-console-share-consumer.sh --topic jobs --group workers {more} \
             --formatter-property print.delivery=true --timeout-ms 12000 {SERVER}"
        )
    };
    let printed = run(&mut terminal, &line("--release --max-messages 3"));
    assert_eq!(printed.output, "Delivery:1\t1\nDelivery:1\t2\nDelivery:1\t3\n", "{printed:?}");
    assert_eq!(printed.errors, "Processed a total of 3 messages\n");
    let printed = run(&mut terminal, &line("--max-messages 3"));
    assert_eq!(printed.output, "Delivery:2\t1\nDelivery:2\t2\nDelivery:2\t3\n", "{printed:?}");
    let wrong = run(&mut terminal, &line("--reject --release"));
    let first = wrong.errors.lines().next();
    assert_eq!(first, Some("At most one of --reject and --release may be specified."));
}

#[test]
fn a_share_group_is_no_group_of_consumers() {
    let mut terminal = cluster();
    start(&mut terminal, "s1");
    terminal.wait_seconds(5);
    run(&mut terminal, "consumer start c1 --group workers --topic jobs");
    terminal.wait_seconds(10);
    let view = terminal.world.view();
    let error = view.consumers[0].last_error.clone();
    assert_eq!(error.as_deref(), Some("INCONSISTENT_GROUP_PROTOCOL"));
    run(&mut terminal, "consumer start c2 --group readers --topic jobs");
    terminal.wait_seconds(5);
    let line = "share-consumer start s2 --group readers --topic jobs";
    assert_eq!(run(&mut terminal, line).code, Some(0));
    terminal.wait_seconds(5);
    let error = consumer(&terminal, "s2").last_error;
    assert_eq!(error.as_deref(), Some("GROUP_ID_NOT_FOUND: Group readers is not a share group."));
}
