//! What the program around a consumer makes of Kafka's guarantees: what it loses, what it does twice,
//! and on what it stands still.

use std::collections::BTreeMap;

use highwater_scenario::cluster::consumer::ApplicationEvent;
use highwater_scenario::cluster::event::EventKind;
use highwater_scenario::cluster::view::ConsumerView;
use highwater_tests::{Played, THREE_BROKERS, play};

/// Forty records in one partition, from the second second on.
const ORDERS: &str = "config * offsets.topic.num.partitions=1
@1s t1> kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 20 --acks all --keys 4 --count 40
";
/// What every consumer here has.
const CONSUMER: &str = "--group billing --topic orders --from-beginning --config session.timeout.ms=6000 --config heartbeat.interval.ms=1000";

/// What became of the forty records.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// Those that nobody's handler was done with.
    lost: Vec<i64>,
    /// Those that a handler was done with more than once.
    twice: Vec<i64>,
    /// Kinds of findings, each once.
    found: Vec<&'static str>,
}

/// Plays the lines, in which CONSUMER stands for what all consumers have, and looks at what became of
/// the records.
#[track_caller]
fn check(lines: &str, until_seconds: u64, expected: &Outcome) -> Played {
    let script = format!("{THREE_BROKERS}{ORDERS}{}", lines.replace("CONSUMER", CONSUMER));
    let played = play(&script, until_seconds);
    let times = handled(&played);
    let found = played.session.invariants().found().iter().map(|finding| finding.what.id());
    let mut found: Vec<&'static str> = found.collect();
    found.sort_unstable();
    found.dedup();
    let outcome = Outcome {
        lost: (0..40).filter(|offset| !times.contains_key(offset)).collect(),
        twice: times.iter().filter(|(_, times)| **times > 1).map(|(offset, _)| *offset).collect(),
        found,
    };
    assert_eq!(outcome, *expected, "{script}\n{}", played.story());
    played
}

/// How often a handler was done with each offset.
fn handled(played: &Played) -> BTreeMap<i64, u32> {
    let mut times = BTreeMap::new();
    for event in played.session.causes().all() {
        if let EventKind::RecordsConsumed { first, last, .. } = &event.kind {
            (first.0..=last.0).for_each(|offset| *times.entry(offset).or_insert(0) += 1);
        }
    }
    times
}

fn events(played: &Played, is_it: impl Fn(&ApplicationEvent) -> bool) -> usize {
    let all = played.session.causes().all();
    all.filter(|event| matches!(&event.kind, EventKind::Application(event) if is_it(event))).count()
}

#[track_caller]
fn consumer(played: &Played, name: &str) -> ConsumerView {
    let consumers = played.view().consumers;
    consumers.into_iter().rev().find(|consumer| &*consumer.name == name).expect("it was started")
}

fn outcome(
    lost: impl IntoIterator<Item = i64>,
    twice: impl IntoIterator<Item = i64>,
    found: &[&'static str],
) -> Outcome {
    Outcome {
        lost: lost.into_iter().collect(),
        twice: twice.into_iter().collect(),
        found: found.to_vec(),
    }
}

/// A consumer that works so long on each record is killed in the middle of a poll's records, and another
/// goes on, which takes no time.
fn killed_at_work(process_ms: u32, options: &str) -> String {
    format!(
        "@5s t1> consumer start c1 CONSUMER --process-ms {process_ms} --config max.poll.records=10 {options}\n\
         @10550ms t1> consumer kill c1\n\
         @11s t1> consumer start c2 CONSUMER {options}\n"
    )
}

const TWICE: &[&str] = &["found.processed-twice"];
const SKIPPED: &[&str] = &["found.skipped-committed"];

#[test]
fn who_commits_after_the_work_does_some_of_it_twice_after_a_crash() {
    check(&killed_at_work(100, "--commit sync"), 30, &outcome([], 20..24, TWICE));
    check(&killed_at_work(100, "--commit async"), 30, &outcome([], 20..24, TWICE));
    check(&killed_at_work(100, "--commit none"), 30, &outcome([], 0..24, TWICE));
}

#[test]
fn who_commits_before_the_work_loses_some_of_it_in_a_crash() {
    let lines = killed_at_work(100, "--commit sync --commit-when before");
    check(&lines, 30, &outcome(23..30, [], SKIPPED));
}

#[test]
fn who_commits_often_repeats_little() {
    let lines = killed_at_work(100, "--commit sync --commit-every 1");
    check(&lines, 30, &outcome([], [], &[]));
}

#[test]
fn auto_commit_loses_nothing_while_the_thread_that_polls_does_the_work() {
    let every = |ms| killed_at_work(100, &format!("--config auto.commit.interval.ms={ms}"));
    check(&every(5_000), 30, &outcome([], 0..24, TWICE));
    check(&every(1_000), 30, &outcome([], 20..24, TWICE));
}

#[test]
fn a_pool_of_workers_loses_what_it_commits_before_it_is_done() {
    let naive = "--workers 4 --order none --commit sync --commit-when naive";
    check(&killed_at_work(500, naive), 30, &outcome(16..30, [], SKIPPED));
    // Auto commit knows nothing of workers: each poll commits what the one before it brought.
    let auto = "--workers 4 --order none --config auto.commit.interval.ms=500";
    check(&killed_at_work(500, auto), 30, &outcome(16..26, [], SKIPPED));
    let safe = "--workers 4 --order none --commit sync";
    check(&killed_at_work(500, safe), 30, &outcome([], [], &[]));
}

#[test]
fn a_poison_pill_stops_each_instance_until_one_gives_it_up() {
    let start = |at, name, way| {
        format!(
            "@{at}s t1> consumer start {name} CONSUMER --commit sync --commit-every 1 --fail-on offset=12 --on-error {way}\n"
        )
    };
    let stuck = start(5, "c1", "stop") + &start(12, "c2", "stop");
    let played = check(&stuck, 20, &outcome(12..40, [], &[]));
    for name in ["c1", "c2"] {
        let view = consumer(&played, name);
        let error = view.last_error.expect("the exception ended it");
        assert!(error.starts_with("IllegalStateException"), "{error}");
        assert!(view.is_closed);
    }
    let mended = stuck + &start(20, "c3", "skip");
    let played = check(&mended, 30, &outcome([12], [], &[]));
    let failed = |event: &ApplicationEvent| matches!(event, ApplicationEvent::RecordFailed { .. });
    assert_eq!(events(&played, failed), 3);
    assert_eq!(consumer(&played, "c3").application.skipped, 1);
}

#[test]
fn an_exception_under_auto_commit_loses_the_rest_of_the_poll() {
    // close() commits the consumer's position, which is behind all that poll brought.
    let lines = "@5s t1> consumer start c1 CONSUMER --fail-on offset=12 --on-error stop\n\
                 @12s t1> consumer start c2 CONSUMER\n";
    check(lines, 25, &outcome(12..40, [], SKIPPED));
}

#[test]
fn who_cannot_read_a_record_is_stuck_on_it_until_it_seeks() {
    let lines =
        "@5s t1> consumer start c1 CONSUMER --fail-on offset=12,deserialize --on-error retry\n";
    let played = check(lines, 20, &outcome(12..40, [], &[]));
    assert!(!consumer(&played, "c1").is_closed, "{}", played.story());
    let position = consumer(&played, "c1").assignment[0].clone();
    assert_eq!((position.position.map(|at| at.0), position.lag), (Some(12), Some(28)));
    let sought = format!("{lines}@20s t1> consumer seek c1 --partition orders-0 --to 13\n");
    check(&sought, 25, &outcome([12], [], &[]));
}

#[test]
fn who_works_longer_than_max_poll_interval_does_work_that_another_does_too() {
    let lines = "@5s t1> consumer start c1 CONSUMER --commit sync --process-ms 1000 \
                 --config max.poll.interval.ms=5000 --config max.poll.records=10\n\
                 @6s t1> consumer start c2 CONSUMER\n";
    let played = check(lines, 30, &outcome([], 0..10, TWICE));
    let overdue = |event: &ApplicationEvent| matches!(event, ApplicationEvent::PollOverdue { .. });
    assert_eq!(events(&played, overdue), 1, "{}", played.story());
    let application = consumer(&played, "c1").application;
    assert_eq!((application.processed, application.commits_failed), (10, 1), "{}", played.story());
    let exception = application.last_exception.unwrap_or_default();
    assert!(exception.starts_with("CommitFailedException"), "{exception}");
}

#[test]
fn what_a_person_does_to_a_consumer_is_played_again_as_it_was() {
    let lines = "@2s t1> consumer start c1 --assign orders-0 --from-beginning --process-ms 200\n\
                 @4s t1> consumer pause c1\n\
                 @12s t1> consumer resume c1 --partition orders-0\n\
                 @12s t1> consumer process-ms c1 0\n";
    let mut played = check(lines, 11, &outcome(21..40, [], &[]));
    played.play_to(20);
    assert_eq!(handled(&played).len(), 40, "{}", played.story());
    assert!(played.view().groups.is_empty());
    let hash = played.session.hash();
    played.session.restart();
    played.play_to(20);
    assert_eq!(played.session.hash(), hash);
}
