//! Time taken back: whatever is sought, undone, done again, forked and switched, the run is the one
//! that its script has.

use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::link::Shared;
use highwater_scenario::script::{Action, Name};
use highwater_scenario::session::{LogLine, Session};
use highwater_scenario::timeline::{BranchId, Timeline};
use highwater_tests::THREE_BROKERS;
use proptest::prelude::*;

const SCRIPT: &str = "config * offsets.topic.num.partitions=3
@1s t1> kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 3 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 20 --acks all --keys 5
@30s t1> broker start 3
";

/// The lines that are written in the course of a test.
const LINES: [&str; 9] = [
    "broker stop 2",
    "broker start 2",
    "producer start p2 --topic orders --rate 10",
    "producer stop p2",
    "consumer start c1 --group billing --topic orders --from-beginning",
    "no such command",
    "kafka-console-consumer.sh --topic orders --from-beginning --bootstrap-server broker1:9092",
    "network latency 1 3 --add 200ms",
    "kafka-configs.sh --alter --entity-type topics --entity-name orders --add-config min.insync.replicas=2 --bootstrap-server broker1:9092",
];

#[derive(Clone, Debug)]
enum Step {
    Play(u64),
    Seek(u64),
    Write(usize),
    Undo,
    Redo,
    Switch(u32),
    Event,
    Interrupt,
    Delete(u32),
    LeaveScript,
    Link,
    Reload,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..4_000_u64).prop_map(Step::Play),
        (0..20_000_u64).prop_map(Step::Seek),
        (0..LINES.len()).prop_map(Step::Write),
        Just(Step::Undo),
        Just(Step::Redo),
        (1..5_u32).prop_map(Step::Switch),
        Just(Step::Event),
        Just(Step::Interrupt),
        (1..5_u32).prop_map(Step::Delete),
        Just(Step::LeaveScript),
        Just(Step::Link),
        Just(Step::Reload),
    ]
}

fn begin() -> Timeline {
    let session = Session::parse(&format!("{THREE_BROKERS}{SCRIPT}")).expect("the script is right");
    Timeline::new(session.hashed())
}

fn line(text: &str) -> Action {
    let terminal = Name::new("t1").expect("a name");
    Action::Command { terminal, line: text.to_owned() }
}

fn play_to(timeline: &mut Timeline, at: Time) {
    let advance = timeline.advance(at, u32::MAX);
    assert_eq!(advance.halted, None);
}

fn seek(timeline: &mut Timeline, at: Time) {
    timeline.seek(at);
    play_to(timeline, at);
    assert_eq!(timeline.session().now(), at);
}

fn take(timeline: &mut Timeline, step: &Step) {
    let now = timeline.session().now();
    match step {
        Step::Play(millis) => play_to(timeline, now + Span(millis * 1_000)),
        Step::Seek(millis) => seek(timeline, Time(millis * 1_000)),
        Step::Write(number) => {
            timeline.write(line(LINES[*number])).expect("the line can be written");
        }
        Step::Undo => {
            if let Some(at) = timeline.undo() {
                seek(timeline, at);
            }
        }
        Step::Redo => {
            if let Some(at) = timeline.redo() {
                seek(timeline, at);
            }
        }
        Step::Switch(branch) => {
            if let Some(at) = timeline.switch(BranchId(*branch)) {
                seek(timeline, at);
            }
        }
        Step::Event => {
            timeline.step_event_until(now + Span(1_000_000));
        }
        Step::Interrupt => {
            timeline.interrupt("t1").expect("it can always be pressed");
        }
        Step::Delete(branch) => {
            timeline.delete(BranchId(*branch));
        }
        Step::LeaveScript => timeline.leave_script(),
        Step::Link => {
            let (script, view) = (timeline.session().script(), "panel=log".to_owned());
            let shared = Shared { script, moment: now, view };
            let word = shared.to_word().expect("it is not too long");
            let opened = Shared::from_word(&word).expect("it was just written");
            assert_eq!(opened, shared);
            *timeline = opened_at(&opened.script, opened.moment);
        }
        Step::Reload => *timeline = opened_at(&timeline.session().script(), now),
    }
    let now = timeline.session().now();
    play_to(timeline, now);
}

/// The scenario as somebody finds it who opens it at a moment: without what was undone, and without branches.
fn opened_at(script: &str, moment: Time) -> Timeline {
    let session = Session::parse(script).expect("the script can be read");
    let mut timeline = Timeline::new(session.hashed());
    play_to(&mut timeline, moment);
    timeline
}

/// The run of the script as it stands, played at once from its beginning.
fn run_of_script(timeline: &Timeline) -> Session {
    let script = timeline.session().script();
    let mut session = Session::parse(&script).expect("the script can be read").hashed();
    session.advance(timeline.session().now(), u32::MAX);
    session
}

/// What was told of a run.
fn told(session: &Session) -> Vec<&LogLine> {
    session.log().iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_done_to_time_the_run_is_that_of_the_script(steps in prop::collection::vec(step(), 1..14)) {
        let mut timeline = begin();
        for (number, step) in steps.iter().enumerate() {
            take(&mut timeline, step);
            let at_once = run_of_script(&timeline);
            prop_assert_eq!(
                timeline.session().hash(), at_once.hash(),
                "after {} of {:?}:\n{}", number + 1, steps, timeline.session().script()
            );
            prop_assert_eq!(
                told(timeline.session()), told(&at_once),
                "after {} of {:?}:\n{}", number + 1, steps, timeline.session().script()
            );
        }
    }
}

/// A timeline in which three lines were written, at 3, 5 and 7 seconds, and that was played to 9.
fn three_lines() -> Timeline {
    let mut timeline = begin();
    for (second, number) in [(3, 2), (5, 0), (7, 4)] {
        play_to(&mut timeline, Time(second * 1_000_000));
        timeline.write(line(LINES[number])).expect("the line can be written");
    }
    play_to(&mut timeline, Time(9_000_000));
    timeline
}

fn lines_of(timeline: &Timeline) -> Vec<String> {
    let own = timeline.session().entries().iter().filter_map(|entry| match &entry.action {
        Action::Command { line, .. } if LINES.contains(&line.as_str()) => Some(line.clone()),
        _ => None,
    });
    own.collect()
}

#[test]
fn undo_takes_back_the_last_line_and_redo_does_it_again() {
    let mut timeline = three_lines();
    let at = timeline.undo().expect("there is a line");
    assert_eq!(at, Time(7_000_000));
    seek(&mut timeline, at);
    assert_eq!(lines_of(&timeline), [LINES[2], LINES[0]]);
    assert!(timeline.session().view().consumers.is_empty());
    let at = timeline.redo().expect("there is a line that was undone");
    seek(&mut timeline, at);
    assert_eq!(lines_of(&timeline), [LINES[2], LINES[0], LINES[4]]);
    assert_eq!(timeline.session().view().consumers.len(), 1);
    assert_eq!(timeline.redo(), None);
}

#[test]
fn acting_in_the_past_leaves_what_was_as_a_branch() {
    let mut timeline = three_lines();
    seek(&mut timeline, Time(4_000_000));
    timeline.write(line(LINES[4])).expect("the line can be written");
    assert_eq!(lines_of(&timeline), [LINES[2], LINES[4]]);
    let branches = timeline.branches();
    assert_eq!(branches.len(), 2);
    assert_eq!(branches[1].parent, Some((branches[0].id, Time(4_000_000))));
    assert!(branches[1].is_current);
    assert_eq!((branches[0].lines, branches[0].reached), (3, Time(9_000_000)));

    // The script's own lines that nobody has seen yet stay.
    assert!(timeline.session().script().contains("broker start 3"));

    let at = timeline.switch(branches[0].id).expect("there is such a branch");
    assert_eq!(at, Time(4_000_000), "it is taken up where it was left");
    seek(&mut timeline, Time(9_000_000));
    assert_eq!(lines_of(&timeline), [LINES[2], LINES[0], LINES[4]]);
    assert!(timeline.rename(branches[1].id, "without the stop"));
    assert!(!timeline.delete(branches[0].id), "the present one cannot be deleted");
    assert!(timeline.delete(branches[1].id));
    assert_eq!(timeline.branches().len(), 1);
}

#[test]
fn acting_where_nothing_lies_ahead_makes_no_branch() {
    let mut timeline = three_lines();
    seek(&mut timeline, Time(8_000_000));
    timeline.write(line(LINES[3])).expect("the line can be written");
    assert_eq!(timeline.branches().len(), 1);
    assert_eq!(timeline.reached(), Time(8_000_000));
}

#[test]
fn what_the_script_has_in_store_can_be_left_out() {
    let mut timeline = three_lines();
    seek(&mut timeline, Time(4_000_000));
    timeline.leave_script();
    assert_eq!(lines_of(&timeline), [LINES[2]], "what lay ahead is gone, what was done stays");
    assert!(!timeline.session().script().contains("broker start 3"));
    play_to(&mut timeline, Time(40_000_000));
    assert_eq!(timeline.session().view().producers.len(), 2, "what runs goes on");
    assert_eq!(timeline.redo(), None);
    let at = timeline.undo().expect("one's own line can still be taken back");
    assert_eq!(at, Time(3_000_000));
}

/// A run with brokers that fail, come back, and lose sight of each other.
const FAILURES: &str = "config * offsets.topic.num.partitions=3
@1s t1> kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 3 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 100 --acks all --keys 5
@4s t1> consumer start c1 --group billing --topic orders --from-beginning
@6s t1> broker kill 2
@14s t1> network cut 1 3
@18s t1> network heal 1 3
@19s t1> broker start 2
@25s run
";

/// All that is told from the present moment on, up to an instant; of small things too.
fn tell(session: &mut Session, until: Time) -> Vec<LogLine> {
    std::iter::from_fn(|| session.step_event_until(until)).collect()
}

/// A checkpoint forgets what led to what, but for what a sentence may yet name.
#[test]
fn after_going_back_the_same_is_told_with_the_same_reasons() {
    const BEFORE: Span = Span(50);
    let script = format!("{THREE_BROKERS}{FAILURES}");
    let mut session = Session::parse(&script).expect("the script is right");
    let end = session.script_end();
    let at_once = tell(&mut session.clone(), end);
    let with_reasons: Vec<&LogLine> =
        at_once.iter().filter(|line| line.because.is_some()).collect();
    for line in &with_reasons {
        let before = Time(line.at.0 - BEFORE.0);
        if before > session.now() {
            session.advance(before, u32::MAX);
        }
        // The beginning of a timeline is a checkpoint.
        let mut timeline = Timeline::new(session.clone());
        play_to(&mut timeline, line.at + BEFORE);
        timeline.seek(session.now());
        let mut again = timeline.session().clone();
        assert_eq!(again.causes().all().count(), 0, "it is gone back to a checkpoint");
        let next = again.causes().next_id();
        let first = at_once.partition_point(|line| line.event < next);
        let told = tell(&mut again, line.at);
        assert_eq!(told[..], at_once[first..][..told.len()], "before {line:?}");
    }
    assert!(with_reasons.len() > 20, "{} lines tell their reason", with_reasons.len());
}
