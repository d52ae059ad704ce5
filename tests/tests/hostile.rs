//! Whatever is typed, nothing panics, hangs or goes unanswered: each line ends in output, an exit, or
//! a command that still runs.

use highwater_scenario::cluster::time::Time;
use highwater_tests::{THREE_BROKERS, open};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};

/// The words of the commands, and values that they may or may not take.
const WORDS: &[&str] = &[
    "kafka-topics.sh",
    "broker",
    "network",
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

/// Types the lines one after the other, and plays the whole once more from its script.
fn check(lines: &[String]) {
    let mut session = open(THREE_BROKERS);
    session.advance(Time(1_000_000), 100_000);
    for (index, line) in lines.iter().enumerate() {
        let said_before = session.log_total();
        if session.submit("t1", line).is_err() {
            continue;
        }
        session.advance(Time(1_000_000 + 200_000 * (index as u64 + 1)), 100_000);
        assert!(session.log_total() > said_before, "nothing was said of {line:?}");
    }
    let script = session.script();
    let mut again = open(&script);
    again.advance(session.now(), 10_000_000);
    assert_eq!(session.hash(), again.hash(), "{script}");
}
