//! When lines of a checklist are judged, and what is said of those that can no longer be met.

use highwater_cluster::time::Time;
use highwater_exercises::expr::{Scope, Type, parse};
use highwater_exercises::{CheckState, Checklist, Exercise, Judged, content};
use highwater_scenario::session::Session;

const SCENARIO: &str = "highwater 1
seed 1
cluster --brokers 3
@1s t1> kafka-topics.sh --create --topic orders --replica-assignment 1:2:3 --bootstrap-server broker1:9092
@2s t1> producer start p --topic orders --rate 10 --acks all
@10s t1> broker stop 1
@20s t1> broker start 1
@40s run
";

/// An exercise with these lines: what is asked, when it is judged, and from which second on.
fn exercise(lines: &[(&str, Judged, u64)]) -> Exercise {
    let mut exercise = content().exercises[0].clone();
    let line = exercise.checks[0].clone();
    exercise.checks = lines
        .iter()
        .enumerate()
        .map(|(index, (asks, judged, from))| {
            let mut check = line.clone();
            check.id = index.to_string();
            check.when = parse(asks, Type::Truth, &Scope::default()).expect("it is right");
            (check.judged, check.from) = (*judged, from * 1_000_000);
            check.unmet.clear();
            check
        })
        .collect();
    exercise
}

fn played(second: u64) -> Session {
    let mut session = Session::parse(SCENARIO).expect("it is right");
    session.advance(Time(second * 1_000_000), u32::MAX);
    session
}

fn met(states: &[CheckState]) -> Vec<bool> {
    states.iter().map(|state| state.met).collect()
}

#[test]
fn once_met_a_line_stays_met_until_one_goes_back() {
    let down = "broker_state(1) == \"stopped\"";
    let exercise = exercise(&[(down, Judged::Now, 0), (down, Judged::Once, 0)]);
    let mut checklist = Checklist::default();
    let mut look = |second| met(&checklist.look(&exercise, &played(second)));
    assert_eq!(look(5), [false, false]);
    assert_eq!(look(15), [true, true]);
    assert_eq!(look(39), [false, true]);
    assert_eq!(look(5), [false, false], "one went back before it");
}

#[test]
fn a_line_is_judged_at_the_end_or_from_a_moment_on() {
    let exercise = exercise(&[
        ("happened(\"broker_started\") >= 1", Judged::Now, 0),
        ("acknowledged(\"orders\") >= 10", Judged::AtEnd, 0),
        ("acknowledged(\"orders\") >= 10", Judged::Now, 30),
    ]);
    let states = exercise.check(&played(8));
    assert_eq!(met(&states), [false, false, false]);
    let reason = |index: usize| states[index].why_not.as_deref().unwrap_or_default();
    assert_eq!(reason(0), "How often a broker was started again: 0. It takes 1.");
    assert_eq!(reason(1), "This is judged once all the lines above are met.");
    assert_eq!(reason(2), "This is judged at 30 s. It is 8 s.");
    assert_eq!(met(&exercise.check(&played(39))), [true, true, true]);
}

#[test]
fn what_is_broken_for_good_names_its_moment() {
    let exercise = exercise(&[
        ("happened(\"leader_moved\", topic: \"orders\") == 0", Judged::Now, 0),
        ("time() <= 15s", Judged::AtEnd, 0),
        ("brokers() == 2", Judged::Now, 0),
    ]);
    assert!(exercise.check(&played(8)).iter().all(|state| state.broke.is_none()));
    let session = played(39);
    let states = exercise.check(&session);
    assert_eq!(met(&states), [false, false, false]);
    let broke = states[0].broke.expect("the leader moved, and that stays so");
    let at = broke.at.expect("it is remembered").0;
    assert!((10_000_000..11_000_000).contains(&at), "{at}");
    let event = session.causes().event(broke.event).expect("it is remembered");
    assert_eq!(event.at.0, at);
    assert_eq!(
        states[0].why_not.as_deref(),
        Some("How often a partition got another leader, topic orders: 1. It is to be 0.")
    );
    // A state may come back: nothing is broken.
    assert!(states[2].broke.is_none());
}

/// A quiet run is judged as one that is told: proofs run quietly.
#[test]
fn a_run_that_nobody_reads_is_judged_alike() {
    let exercise =
        &content().exercises.iter().find(|one| one.id == "keep-writing").expect("it is there");
    for second in [3, 15, 25, 60] {
        let mut told = Session::parse(&exercise.solution).expect("it is right");
        let mut quiet = told.clone().quiet();
        told.advance(Time(second * 1_000_000), u32::MAX);
        quiet.advance(Time(second * 1_000_000), u32::MAX);
        assert_eq!(exercise.check(&told), exercise.check(&quiet), "{second} s");
    }
}
