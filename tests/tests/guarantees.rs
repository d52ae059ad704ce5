//! At most once, at least once, exactly once: the same faults, and what each of them makes of it, counted
//! by comparing what an application read with what it wrote.

use highwater_scenario::invariants::PipelineCount;
use highwater_tests::{Played, THREE_BROKERS, play};

/// Two topics, and a producer that fills the first with 400 records.
const INPUT: &str = "config * offsets.topic.num.partitions=1\n\
    @1s t1> kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 3 --config min.insync.replicas=2 --bootstrap-server broker1:9092\n\
    @1s t1> kafka-topics.sh --create --topic invoices --partitions 2 --replication-factor 3 --config min.insync.replicas=2 --bootstrap-server broker1:9092\n\
    @3s t1> producer start p1 --topic orders --rate 20 --count 400 --keys 10\n";

/// What is to come of it.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// Nothing is lost, something is there twice.
    Repeats,
    /// Something is lost, nothing is there twice.
    Loses,
    /// Each record counts once.
    Right,
}

/// Plays lines under a guarantee, and holds what came of it against what is expected.
#[track_caller]
fn check(lines: &str, guarantee: &str, expected: Expected) -> Played {
    let app = format!("--group g --from orders --to invoices --guarantee {guarantee}");
    let script = format!("{THREE_BROKERS}{INPUT}{}", lines.replace("APP", &app));
    let played = play(&script, 150);
    let count = count(&played);
    let is_as_expected = match expected {
        Expected::Repeats => count.lost == 0 && count.duplicated > 0,
        Expected::Loses => count.lost > 0 && count.duplicated == 0,
        Expected::Right => count.lost == 0 && count.duplicated == 0,
    };
    let total = count.right + count.lost + count.duplicated;
    assert!(
        is_as_expected && count.pending == 0 && total == 400,
        "{guarantee} is to come to {expected:?}: {count:#?}\n{}",
        played.story()
    );
    let found = played.session.invariants().found();
    let kinds = ["found.made-twice", "found.never-made"];
    let named = kinds.map(|kind| found.iter().find(|finding| finding.what.id() == kind));
    let is_told = match expected {
        Expected::Repeats => named[0].is_some() && named[1].is_none(),
        Expected::Loses => named[0].is_none() && named[1].is_some(),
        Expected::Right => named == [None, None],
    };
    let is_explained = named.iter().flatten().all(|finding| !finding.evidence.is_empty());
    assert!(is_told && is_explained, "{guarantee}: {named:#?}\n{}", played.story());
    played
}

#[track_caller]
fn count(played: &Played) -> PipelineCount {
    let counts = played.session.pipelines();
    let [count] = counts.as_slice() else {
        panic!("there is one way from topic to topic: {counts:#?}\n{}", played.story())
    };
    count.clone()
}

#[test]
fn without_faults_each_record_counts_once() {
    for guarantee in ["at-most-once", "at-least-once", "exactly-once"] {
        check("@5s t1> app start a1 APP\n", guarantee, Expected::Right);
    }
}

/// The application crashes between writing and committing, and is started anew.
const CRASH: &str = "@5s t1> app start a1 APP --commit-interval-ms 1000 --fail-after 60 --consumer-config session.timeout.ms=6000\n\
    @20s t1> app start a1 APP\n";

#[test]
fn a_crash_between_writing_and_committing() {
    check(CRASH, "at-least-once", Expected::Repeats);
    check(CRASH, "at-most-once", Expected::Loses);
    check(CRASH, "exactly-once", Expected::Right);
}

/// The application is killed in the middle of its work, and started anew.
#[test]
fn a_kill_and_a_new_start() {
    let lines = "@5s t1> app start a1 APP --process-ms 20 --commit-interval-ms 1000 --consumer-config session.timeout.ms=6000\n\
        @9500ms t1> app kill a1\n@14s t1> app start a1 APP --process-ms 5\n";
    check(lines, "at-least-once", Expected::Repeats);
    check(lines, "at-most-once", Expected::Loses);
    check(lines, "exactly-once", Expected::Right);
}

/// The leader of what is written dies while the application writes.
#[test]
fn a_leader_that_dies() {
    let lines = "@5s t1> app start a1 APP --process-ms 5 --commit-interval-ms 1000\n\
        @8s t2> broker kill 1\n@11s t2> broker start 1\n@16s t2> broker kill 2\n@20s t2> broker start 2\n";
    for guarantee in ["at-most-once", "at-least-once", "exactly-once"] {
        check(lines, guarantee, Expected::Right);
    }
}

/// The application is cut off for longer than its session; another takes over, then the first comes back
/// and goes on with what it had begun.
#[test]
fn a_zombie() {
    let lines = "@5s t1> app start a1 APP --process-ms 100 --commit-interval-ms 2000 --consumer-config session.timeout.ms=6000\n\
        @11100ms t2> network cut a1 1\n@11100ms t2> network cut a1 2\n@11100ms t2> network cut a1 3\n\
        @14s t1> app start a2 APP\n@32s t2> network heal a1 1\n@32s t2> network heal a1 2\n@32s t2> network heal a1 3\n";
    check(lines, "at-least-once", Expected::Repeats);
    check(lines, "at-most-once", Expected::Right);
    check(lines, "exactly-once", Expected::Right);
}

/// Records that an application fails on are written to another topic by the same process.
#[test]
fn dead_letters_are_produced() {
    let script = format!(
        "{THREE_BROKERS}{INPUT}@5s t1> consumer start c1 --group g --topic orders --from-beginning --fail-on offset=5 --on-error dlq:invoices\n\
         @60s t1> consumer stop c1\n"
    );
    let played = play(&script, 90);
    let written: i64 = (0..2)
        .map(|index| {
            let leader = played.partition("invoices", index).leader.expect("all brokers run");
            played.replica(leader.0, "invoices", index as i32).log_end_offset.0
        })
        .sum();
    // Each of the two partitions of the input has a record at that offset.
    assert_eq!(written, 2, "{}", played.story());
    assert!(played.view().consumers[0].is_closed, "{}", played.story());
}
