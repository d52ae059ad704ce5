//! What the texts claim beyond what is proven of all content, played.

use highwater_cluster::ids::TopicName;
use highwater_cluster::time::Time;
use highwater_exercises::{Exercise, content, questions};
use highwater_scenario::session::Session;

fn keep_writing() -> &'static Exercise {
    content().exercises.iter().find(|exercise| exercise.id == "keep-writing").expect("it is there")
}

fn scenario(id: &str) -> &'static str {
    let question = questions().iter().find(|question| question.id == id).expect("it is there");
    &question.run.as_ref().expect("it has a run").scenario
}

fn played(script: &str, seconds: u64) -> Session {
    let mut session =
        Session::parse(script).unwrap_or_else(|errors| panic!("{errors:?}\n{script}"));
    session.advance(Time(seconds * 1_000_000), u32::MAX);
    session
}

fn acknowledged(session: &Session) -> u64 {
    session.progress().topics[&TopicName::from("orders")].acknowledged
}

fn waiting(session: &Session) -> u64 {
    let producers = session.view().producers;
    producers.iter().map(|producer| producer.records_waiting + producer.records_in_flight).sum()
}

/// No line of the solution can be left out.
#[test]
fn the_solution_needs_each_of_its_lines() {
    let exercise = keep_writing();
    let lines: Vec<&str> = exercise.solution.lines().collect();
    let commands = lines.iter().enumerate().filter(|(_, line)| line.contains("> "));
    assert_eq!(commands.clone().count(), 4);
    for (left_out, line) in commands {
        let kept = lines.iter().enumerate().filter(|(index, _)| *index != left_out);
        let script: Vec<&str> = kept.map(|(_, line)| *line).collect();
        let session = played(&(script.join("\n") + "\n"), 60);
        assert!(!exercise.is_solved(&session), "solved without {line}");
    }
}

/// Values that look alike do not solve it, wherever they stand.
#[test]
fn the_solution_needs_its_values() {
    let exercise = keep_writing();
    let changes = [
        ("--replication-factor 3", "--replication-factor 2"),
        ("--replication-factor 3", "--replication-factor 1"),
        ("min.insync.replicas=2", "min.insync.replicas=1"),
        ("min.insync.replicas=2", "min.insync.replicas=3"),
        ("--topic orders --rate", "--topic order --rate"),
        ("--acks all", "--acks 1"),
        ("--acks all", "--acks 0"),
        ("--rate 5", "--rate 1"),
        ("broker stop 2", "broker stop 4"),
        ("broker start 2", "broker start 3"),
    ];
    for (from, to) in changes {
        assert!(exercise.solution.contains(from), "{from}");
        let session = played(&exercise.solution.replace(from, to), 60);
        assert!(!exercise.is_solved(&session), "solved with {to}");
    }
}

/// Who began wrongly can mend it without beginning again, as the hints say.
#[test]
fn a_wrong_topic_and_a_wrong_producer_can_be_replaced() {
    let exercise = keep_writing();
    let rest = exercise.solution.strip_prefix(&exercise.start).expect("it goes on from the start");
    let servers = "--bootstrap-server broker1:9092";
    let wrong = format!(
        "@0.1s t1> kafka-topics.sh --create --topic orders --partitions 3 {servers}\n\
         @0.6s t1> producer start p0 --topic orders --rate 5 --acks 1\n\
         @1s t1> producer stop p0\n\
         @1.5s t1> kafka-topics.sh --delete --topic orders {servers}\n"
    );
    let script = format!("{}{wrong}{rest}", exercise.start);
    let unmet: Vec<_> =
        exercise.check(&played(&script, 60)).into_iter().filter(|check| !check.met).collect();
    assert!(unmet.is_empty(), "{unmet:?}\n{script}");
}

#[test]
fn after_a_kill_all_that_waited_is_acknowledged_and_nothing_was_refused() {
    let script = scenario("killed-without-a-word").replace("@20s run", "@40s run");
    let (before, after) = (played(&script, 20), played(&script, 40));
    assert!(waiting(&before) > 20, "{} wait", waiting(&before));
    assert!(waiting(&after) <= 5, "{} still wait", waiting(&after));
    assert!(acknowledged(&after) > acknowledged(&before) + 100);
    let topic = &after.progress().topics[&TopicName::from("orders")];
    assert_eq!((topic.failed, after.invariants().acknowledged().lost()), (0, 0));
    let refused = topic.refused.get(&19);
    assert_eq!(refused, None, "NOT_ENOUGH_REPLICAS");
    let topics = after.view().topics;
    let partitions = topics.iter().flat_map(|topic| &topic.partitions);
    assert_eq!(partitions.map(|partition| partition.isr.len()).max(), Some(2));
}

#[test]
fn when_a_second_broker_is_back_what_waited_is_written() {
    let mut session = played(scenario("second-broker-stops"), 60);
    let before = acknowledged(&session);
    assert!(waiting(&session) > 100, "{} wait", waiting(&session));
    session.submit("t1", "broker start 3").expect("the line is right");
    session.advance(Time(75_000_000), u32::MAX);
    assert!(acknowledged(&session) > before + 150, "{} of {before}", acknowledged(&session));
    assert!(waiting(&session) <= 5, "{} still wait", waiting(&session));
}

/// `delivery.timeout.ms` is two minutes: only then does the application hear of it.
#[test]
fn the_producer_gives_up_after_two_minutes() {
    let script = scenario("second-broker-stops").replace("@60s run", "@170s run");
    let topic = TopicName::from("orders");
    assert_eq!(played(&script, 145).progress().topics[&topic].failed, 0);
    assert!(played(&script, 170).progress().topics[&topic].failed > 0);
}

/// Reading goes on while writes are refused.
#[test]
fn a_consumer_reads_on_when_writes_are_refused() {
    let mut session = played(scenario("second-broker-stops"), 60);
    session
        .submit("t2", "consumer start c1 --group g --topic orders --from-beginning")
        .expect("the line is right");
    session.advance(Time(90_000_000), u32::MAX);
    let consumed = session.progress().topics[&TopicName::from("orders")].consumed;
    assert_eq!(consumed, acknowledged(&session));
}
