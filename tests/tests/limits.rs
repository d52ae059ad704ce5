//! No script freezes whoever plays it: a bound pauses the run and names the line that led there.

use highwater_scenario::cluster::time::Time;
use highwater_scenario::session::{HaltInfo, Session};
use highwater_tests::{THREE_BROKERS, open};

const TOPIC: &str = "@1s t1> kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092\n";

/// Plays lines after the header until the run stands still, and checks which line is named.
#[track_caller]
fn check(header: &str, lines: &str, named: &str, sentence_has: &str) -> Session {
    let script = format!("{header}{lines}");
    let mut session = open(&script);
    let halt = play_until_halted(&mut session);
    let (number, line) = halt.line.expect("the line is named");
    assert!(line.starts_with(named), "named was {line}");
    assert_eq!(
        script.lines().nth(number as usize - 1).map(|text| text.ends_with(&line)),
        Some(true)
    );
    assert!(halt.sentence.contains(sentence_has), "{}", halt.sentence);
    session
}

/// Plays in small slices, as the page does, for at most a minute of virtual time.
#[track_caller]
fn play_until_halted(session: &mut Session) -> HaltInfo {
    const MOST_SLICES: u32 = 5_000;
    for _ in 0..MOST_SLICES {
        let advance = session.advance(Time(60_000_000), 1_000);
        if let Some(halt) = advance.halted {
            return halt;
        }
        assert!(advance.behind, "the minute passed and nothing stopped the run");
    }
    panic!("after {MOST_SLICES} slices the run was at {}", session.now());
}

#[test]
fn a_rate_beyond_all_bounds_is_stopped_at_its_line() {
    let lines = format!("{TOPIC}@2s t1> producer start p1 --topic orders --rate 1000000000\n");
    check(THREE_BROKERS, &lines, "producer start p1", "due within one second");
}

#[test]
fn more_partitions_than_allowed_are_stopped_at_their_line() {
    let lines = "@1s t1> kafka-topics.sh --create --topic wide --partitions 3000 --replication-factor 1 --bootstrap-server broker1:9092\n";
    check(THREE_BROKERS, lines, "kafka-topics.sh --create --topic wide", "partitions");
}

#[test]
fn a_loop_without_delay_is_stopped_at_its_line() {
    // Nothing takes time in this network, and the producer asks again at once for a topic that
    // does not exist: virtual time never moves on.
    let header = "highwater 1\nseed 1\ncluster --brokers 3 --latency 0s\n\
                  config * auto.create.topics.enable=false\n";
    let lines = "@1s t1> producer start p1 --topic nowhere --rate 10 --config retry.backoff.ms=0 --config retry.backoff.max.ms=0\n";
    check(header, lines, "producer start p1", "loop without delay");
}

#[test]
fn more_clients_than_allowed_are_stopped_at_a_line_of_theirs() {
    let mut lines = TOPIC.to_owned();
    for number in 0..600 {
        lines.push_str(&format!("@2s t1> producer start p{number} --topic orders --rate 1\n"));
    }
    check(THREE_BROKERS, &lines, "producer start p", "clients");
}

#[test]
fn a_run_that_stood_still_can_be_looked_at_and_stands_still_again() {
    let lines = format!("{TOPIC}@2s t1> producer start p1 --topic orders --rate 1000000000\n");
    let mut session = check(THREE_BROKERS, &lines, "producer start p1", "second");
    assert_eq!(session.view().brokers.len(), 3);
    let stood_at = session.now();
    assert_eq!(session.advance(Time(60_000_000), 1_000).reached, stood_at);
    session.resume();
    assert!(play_until_halted(&mut session).sentence.contains("second"));
}

#[test]
fn nothing_is_lost_where_the_run_stood_still() {
    let lines = "@1s t1> seq 1 200000 | grep -v x | grep -v x | grep -v x | wc -l\n";
    let mut session = check(THREE_BROKERS, lines, "seq 1 200000", "due within one second");
    let mut stops = 1;
    loop {
        session.resume();
        let advance = session.advance(Time(60_000_000), 10_000_000);
        if advance.halted.is_none() {
            break;
        }
        stops += 1;
        assert!(stops < 100, "it comes to an end");
    }
    let screen = session.screens().get("t1").expect("there is a terminal");
    let shown: Vec<&str> = screen.since(0).map(|line| &*line.text).collect();
    assert!(shown.ends_with(&["200000"]), "after {stops} stops: {shown:?}");
}
