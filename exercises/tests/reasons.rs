//! What a learner reads while they go wrong, in the words that they read.

use expect_test::{Expect, expect};
use highwater_cluster::time::Time;
use highwater_exercises::{Exercise, content};
use highwater_scenario::session::Session;

/// The first unmet line of the checklist at some moments of a scenario.
fn check(script: &str, seconds: &[u64], expected: Expect) {
    let exercise = keep_writing();
    let mut session = Session::parse(script).expect("the scenario is right");
    let mut shown = String::new();
    for second in seconds {
        session.advance(Time(second * 1_000_000), u32::MAX);
        let checks = exercise.check(&session);
        let line = match checks.iter().find(|check| !check.met) {
            Some(check) => {
                format!("{}: {}", check.id, check.why_not.as_deref().unwrap_or_default())
            }
            None => "solved".to_owned(),
        };
        shown.push_str(&format!("{second:>2} s  {}\n", wrapped(&line)));
    }
    expected.assert_eq(&shown);
}

/// A sentence in lines that a test file bears.
fn wrapped(sentence: &str) -> String {
    let mut width = 0;
    let mut text = String::new();
    for word in sentence.split(' ') {
        width += word.len() + 1;
        match text.is_empty() {
            true => {}
            false if width > 90 => {
                text.push_str("\n      ");
                width = word.len() + 1;
            }
            false => text.push(' '),
        }
        text.push_str(word);
    }
    text
}

fn keep_writing() -> &'static Exercise {
    content().exercises.iter().find(|exercise| exercise.id == "keep-writing").expect("it is there")
}

fn near_miss(file: &str) -> &'static str {
    let mut misses = keep_writing().near_misses.iter();
    &misses.find(|miss| miss.file == file).expect("it is there").script
}

#[test]
fn the_solution_on_its_way() {
    check(
        &keep_writing().solution,
        &[1, 3, 8, 16, 25, 30, 31, 33, 60],
        expect![[r#"
             1 s  three-copies: There is no topic orders yet.
             3 s  acks-all: No producer writes to orders yet.
             8 s  broker-down: No broker that holds a replica of orders has been down yet.
            16 s  writes-go-on: 19 of 50. Broker 2 is down and writes go on: let time run.
            25 s  back-in-sync: Broker 2 is still down.
            30 s  back-in-sync: orders-0 has its replicas on brokers {1, 2, 3}, but its ISR is {1, 3}:
                  broker 2 is not in sync yet.
            31 s  solved
            33 s  solved
            60 s  solved
        "#]],
    );
}

#[test]
fn a_broker_that_is_killed() {
    let script = &keep_writing().alternatives[0].script;
    check(
        script,
        &[11, 15, 20, 24, 34, 36, 60],
        expect![[r#"
            11 s  broker-down: No broker that holds a replica of orders has been down yet.
            15 s  writes-go-on: 0 of 50. Broker 1 was killed and could tell nobody: until the controller
                  has missed its heartbeats for 9 s, it stays in the ISR, and acks=all waits for it.
            20 s  writes-go-on: 40 of 50. Broker 1 is down and writes go on: let time run.
            24 s  back-in-sync: Broker 1 is still down.
            34 s  back-in-sync: Broker 1 is still down.
            36 s  solved
            60 s  solved
        "#]],
    );
}

#[test]
fn one_copy_only() {
    check(
        near_miss("near-miss-one-copy.hw"),
        &[3, 60],
        expect![[r#"
             3 s  three-copies: orders has replication factor 1: each partition lives on one broker only,
                  and is out of reach while that broker is down.
            60 s  three-copies: orders has replication factor 1: each partition lives on one broker only,
                  and is out of reach while that broker is down.
        "#]],
    );
}

#[test]
fn a_leader_alone() {
    check(
        near_miss("near-miss-leader-alone.hw"),
        &[3, 60],
        expect![[r#"
             3 s  two-before-done: orders has min.insync.replicas=1: should the ISR shrink to the leader
                  alone, acks=all is content with that one copy. It takes 2.
            60 s  two-before-done: orders has min.insync.replicas=1: should the ISR shrink to the leader
                  alone, acks=all is content with that one copy. It takes 2.
        "#]],
    );
}

#[test]
fn acks_of_the_leader_only() {
    check(
        near_miss("near-miss-acks-1.hw"),
        &[3, 6, 60],
        expect![[r#"
             3 s  acks-all: No producer writes to orders yet.
             6 s  acks-all: Producer p1 writes to orders with acks=1: it does not wait until a second
                  broker has the record.
            60 s  acks-all: Producer p1 writes to orders with acks=1: it does not wait until a second
                  broker has the record.
        "#]],
    );
}

#[test]
fn all_three_or_nothing() {
    check(
        near_miss("near-miss-all-three.hw"),
        &[11, 20, 40, 60],
        expect![[r#"
            11 s  broker-down: No broker that holds a replica of orders has been down yet.
            20 s  writes-go-on: 0 of 50. The ISR of orders-0 has the size 2, min.insync.replicas is 3:
                  leaders refuse to write. Batches refused with NOT_ENOUGH_REPLICAS so far: 12.
            40 s  writes-go-on: 0 of 50, and no broker is down now. While one was, leaders refused to
                  write; batches refused with NOT_ENOUGH_REPLICAS: 23. min.insync.replicas is 3.
            60 s  writes-go-on: 0 of 50, and no broker is down now. While one was, leaders refused to
                  write; batches refused with NOT_ENOUGH_REPLICAS: 23. min.insync.replicas is 3.
        "#]],
    );
}

#[test]
fn nobody_writes_while_the_broker_is_down() {
    check(
        near_miss("near-miss-nobody-writes.hw"),
        &[15, 20, 60],
        expect![[r#"
            15 s  broker-down: No broker that holds a replica of orders has been down yet.
            20 s  writes-go-on: 0 of 50. Broker 2 is down, but no producer writes to orders.
            60 s  writes-go-on: 0 of 50, and no broker is down now: stop one again, and give the producer
                  more time.
        "#]],
    );
}

#[test]
fn a_broker_left_down() {
    check(
        near_miss("near-miss-left-down.hw"),
        &[60],
        expect![[r#"
        60 s  back-in-sync: Broker 2 is still down.
    "#]],
    );
}
