//! Whatever is typed, nothing panics, hangs or goes unanswered: each line ends in output, an exit, or
//! a command that still runs.

use highwater_scenario::cluster::time::Time;
use highwater_scenario::invariants::Anomaly;
use highwater_tests::{THREE_BROKERS, open};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};

/// The words of the commands, and values that they may or may not take.
const WORDS: &[&str] = &[
    "kafka-topics.sh",
    "broker",
    "network",
    "remote-store",
    "fail",
    "producer",
    "consumer",
    "help",
    "start",
    "stop",
    "kill",
    "cut",
    "heal",
    "--create",
    "--describe",
    "--list",
    "--topic",
    "orders",
    "--partitions",
    "3",
    "--replication-factor",
    "--bootstrap-server",
    "broker1:9092",
    "--config",
    "linger.ms=5",
    "acks=0",
    "--acks",
    "all",
    "--rate",
    "100",
    "-1",
    "0",
    "99999999999999999999",
    "p1",
    "c1",
    "--group",
    "g",
    "--file",
    "nothing.csv",
    "--key",
    "'",
    "\"",
    "\\",
    "|",
    ">",
    "#",
    "$(x)",
    "1",
    "2",
    "controller",
    "__consumer_offsets",
    "--from-beginning",
    "=",
    "--",
    "é",
    "\u{0}",
    "partition",
    "coordinator",
];

/// The verbs that inject faults.
const FAULTS: &[&str] = &[
    "broker power-loss",
    "broker pause",
    "broker resume",
    "broker slow-disk",
    "broker full-disk",
    "broker free-disk",
    "broker clock",
    "broker fail",
    "broker drop",
    "broker hide",
    "broker show",
    "broker kill",
    "broker start",
    "network cut",
    "network heal",
    "network latency",
    "network loss",
    "network duplicate",
    "network partition",
    "partition elect",
    "coordinator move",
    "help",
];

/// What may follow them, rightly or wrongly.
const FAULT_WORDS: &[&str] = &[
    "1",
    "2",
    "3",
    "1",
    "2",
    "controller",
    "p1",
    "c1",
    "7",
    "-1",
    "0",
    "1,2",
    "3,controller",
    ",",
    "orders-0",
    "orders-1",
    "orders-9",
    "orders",
    "-",
    "g",
    "--for",
    "20s",
    "0s",
    "1h",
    "99999d",
    "--append",
    "50ms",
    "0ms",
    "--skew",
    "-90s",
    "-2h",
    "1e9s",
    "--add",
    "200ms",
    "--percent",
    "10",
    "100",
    "101",
    "--one-way",
    "--leader",
    "--unclean",
    "--to",
    "--api",
    "Produce",
    "Fetch",
    "Metadata",
    "JoinGroup",
    "SyncGroup",
    "Heartbeat",
    "OffsetCommit",
    "OffsetFetch",
    "ListOffsets",
    "FindCoordinator",
    "InitProducerId",
    "LeaveGroup",
    "produce",
    "Prodcue",
    "AlterPartition",
    "--error",
    "NOT_LEADER_OR_FOLLOWER",
    "OFFSET_OUT_OF_RANGE",
    "UNKNOWN_MEMBER_ID",
    "NOT_COORDINATOR",
    "ILLEGAL_GENERATION",
    "UNKNOWN_SERVER_ERROR",
    "TOPIC_AUTHORIZATION_FAILED",
    "OUT_OF_ORDER_SEQUENCE_NUMBER",
    "COORDINATOR_LOAD_IN_PROGRESS",
    "NONE",
    "--times",
    "3",
    "1000000",
    "--delay",
    "100ms",
    "=",
    "--",
    "\u{0}",
    "é",
];

/// Lines that do something, so that the others meet a cluster in trouble.
const EFFECTIVE: &[&str] = &[
    "broker power-loss 1",
    "broker power-loss 2",
    "broker start 1",
    "broker start 2",
    "broker pause 1 --for 12s",
    "broker pause 2",
    "broker resume 2",
    "broker slow-disk 1 --append 300ms",
    "broker full-disk 3",
    "broker free-disk 3",
    "broker start 3",
    "broker clock 2 --skew -3h",
    "network latency 1 2 --add 3s",
    "network loss 1 3 --percent 70",
    "network loss controller 2 --percent 50",
    "network duplicate p1 1 --percent 60",
    "network duplicate c1 2 --percent 60",
    "network duplicate 2 controller --percent 60",
    "network cut 1 2 --one-way",
    "network partition 1,p1 2,3,controller",
    "network heal",
    "partition elect orders-0 --leader 2 --unclean",
    "partition elect orders-1 --leader 1 --unclean",
    "coordinator move g --to 1",
    "coordinator move g --to 3",
    "broker hide 1",
    "broker show 1",
    "broker drop 1 --api Fetch --times 9",
    "broker drop 2 --api JoinGroup --times 3",
];

#[test]
fn no_line_makes_the_session_stumble() {
    let word = prop_oneof![
        9 => proptest::sample::select(WORDS).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let line = proptest::collection::vec(word, 0..9).prop_map(|words| words.join(" "));
    let lines = proptest::collection::vec(line, 1..8);
    // Seeded by the crate itself, so that a failure repeats; it prints the smallest lines that fail.
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 2_000, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let outcome = runner.run(&lines, |lines| {
        check(&lines);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn no_fault_makes_the_session_stumble() {
    use highwater_scenario::cluster::client::errors::kafka_name;
    use highwater_scenario::cluster::fault::SCRIPTED_APIS;

    let every_error = SCRIPTED_APIS.iter().flat_map(|api| {
        let line = |error| format!("broker fail 1 --api {} --error {error} --times 5", api.name);
        api.errors.iter().map(move |error| line(kafka_name(*error)))
    });
    let words = proptest::collection::vec(proptest::sample::select(FAULT_WORDS), 0..8);
    let random = (proptest::sample::select(FAULTS), words)
        .prop_map(|(verb, words)| format!("{verb} {}", words.join(" ")));
    let line = prop_oneof![
        2 => random,
        2 => proptest::sample::select(EFFECTIVE).prop_map(str::to_owned),
        1 => proptest::sample::select(every_error.collect::<Vec<_>>()),
    ];
    let lines = proptest::collection::vec(line, 1..10);
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 150, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let outcome = runner.run(&lines, |lines| {
        check_busy(&lines);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Types the lines into a cluster that has something to do, one every few seconds. Each is answered,
/// nothing happens that Kafka never lets happen, and the script repeats it.
fn check_busy(lines: &[String]) {
    let mut script = format!(
        "{THREE_BROKERS}config * offsets.topic.num.partitions=2\n\
         @1s t1> kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 3 --bootstrap-server broker1:9092\n\
         @2s t1> producer start p1 --topic orders --rate 20\n@3s t1> producer start p2 --topic orders --rate 5 --acks 1\n\
         @4s t1> consumer start c1 --group g --topic orders\n"
    );
    let is_printable = |line: &&String| !line.contains('\u{0}');
    for (index, line) in lines.iter().filter(is_printable).enumerate() {
        script.push_str(&format!("@{}s t2> {line}\n", 10 + 4 * index));
    }
    let mut session = open(&script);
    let until = Time(80_000_000);
    let halted = session.advance(until, u32::MAX).halted;
    let mut again = open(&script);
    again.advance(until, u32::MAX);
    assert_eq!(session.hash(), again.hash(), "{script}");
    if halted.is_some() {
        return;
    }
    // An unclean election loses what was committed, as it says.
    let mut found = session.invariants().found().iter().map(|finding| &finding.what);
    let wrong =
        found.find(|what| what.is_violation() && !matches!(what, Anomaly::LostWrite { .. }));
    assert!(wrong.is_none(), "{}\n{script}", wrong.unwrap());
}

/// Types the lines one after the other, and plays the whole once more from its script.
fn check(lines: &[String]) {
    let mut session = open(THREE_BROKERS);
    session.advance(Time(1_000_000), 100_000);
    for (index, line) in lines.iter().enumerate() {
        let said_before = session.log().total();
        if session.submit("t1", line).is_err() {
            continue;
        }
        session.advance(Time(1_000_000 + 200_000 * (index as u64 + 1)), 100_000);
        assert!(session.log().total() > said_before, "nothing was said of {line:?}");
    }
    let script = session.script();
    let mut again = open(&script);
    again.advance(session.now(), 10_000_000);
    assert_eq!(session.hash(), again.hash(), "{script}");
}
