//! Replication as a learner can see it: acks, the high watermark, the three ways in which the ISR
//! shrinks, elections, and what min.insync.replicas refuses.

use highwater_scenario::cluster::ids::TopicName;
use highwater_scenario::cluster::protocol::error::ResponseError;
use highwater_tests::{Played, THREE_BROKERS, play};

/// A topic of three partitions on three brokers, and a producer with acks=all.
const WRITING: &str = "@1s t1> kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --config min.insync.replicas=2 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 20 --acks all --keys 9
";

fn writing(more: &str, until_seconds: u64) -> Played {
    play(&format!("{THREE_BROKERS}{WRITING}{more}"), until_seconds)
}

fn orders() -> TopicName {
    TopicName::from("orders")
}

#[test]
fn a_new_topic_has_its_replicas_in_sync() {
    let played = writing("", 10);
    for index in 0..3 {
        let partition = played.partition("orders", index);
        assert_eq!(partition.leader, Some(partition.replicas[0]), "the preferred leader leads");
        assert_eq!(Played::ids(&partition.isr).len(), 3, "{}", played.story());
    }
    assert_eq!(played.view().topics[0].min_insync_replicas, 2);
}

#[test]
fn acknowledged_records_are_on_all_replicas_and_below_the_high_watermark() {
    let played = writing("", 10);
    let acknowledged = played.session.invariants().acknowledged().count(&orders());
    assert!(acknowledged > 100, "only {acknowledged} were acknowledged\n{}", played.story());
    let mut below = 0;
    for index in 0..3 {
        let leader = played.partition("orders", index as usize).leader.expect("it has a leader");
        let high_watermark = played.replica(leader.0, "orders", index).high_watermark;
        below += high_watermark.0 as u64;
        for broker in 1..=3 {
            let replica = played.replica(broker, "orders", index);
            assert!(replica.log_end_offset >= high_watermark, "broker {broker} has {replica:?}");
        }
    }
    assert!(
        below >= acknowledged,
        "{below} lie below the high watermarks, {acknowledged} were acknowledged"
    );
}

#[test]
fn a_controlled_shutdown_leaves_the_isr_at_once() {
    let mut played = writing("@10s t2> broker stop 2\n", 11);
    for index in 0..3 {
        let partition = played.partition("orders", index);
        assert!(!Played::ids(&partition.isr).contains(&2), "{}", played.story());
        assert_ne!(partition.leader.map(|id| id.0), Some(2));
    }
    played.play_to(20);
    let topic = &played.session.progress().topics[&orders()];
    assert!(topic.acknowledged_while_down > 100, "{topic:?}\n{}", played.story());
    assert_eq!(topic.failed, 0);
}

#[test]
fn a_killed_broker_stays_in_the_isr_until_its_session_times_out() {
    let mut played = writing("@10s t2> broker kill 2\n", 17);
    let isr = Played::ids(&played.partition("orders", 0).isr);
    assert!(isr.contains(&2), "fenced too early\n{}", played.story());
    played.play_to(22);
    for index in 0..3 {
        let partition = played.partition("orders", index);
        assert!(!Played::ids(&partition.isr).contains(&2), "{}", played.story());
        assert!(partition.leader.is_some_and(|id| id.0 != 2));
    }
    let fenced = played
        .session
        .log()
        .iter()
        .find(|line| line.sentence.starts_with("The controller fenced broker 2"));
    let because = fenced.and_then(|line| line.because.clone()).expect("the log says why");
    assert!(because.contains("no heartbeat came for 9"), "{because}");
}

#[test]
fn a_live_follower_that_lags_is_dropped_by_its_leader() {
    let cut = "@10s t2> network cut 1 2\n";
    let mut played = writing(cut, 30);
    assert_eq!(
        played.partition("orders", 0).isr.len(),
        3,
        "dropped before replica.lag.time.max.ms"
    );
    played.play_to(60);
    let led_by = |played: &Played, broker: i32| {
        (0..3)
            .map(|index| played.partition("orders", index))
            .find(|partition| partition.leader.is_some_and(|leader| leader.0 == broker))
    };
    let by_1 = led_by(&played, 1).expect("broker 1 leads a partition");
    assert!(!Played::ids(&by_1.isr).contains(&2), "{}", played.story());
    let view = played.view();
    assert!(view.brokers.iter().all(|broker| !broker.is_fenced), "nobody was fenced");
    // Healed, the follower catches up and comes back, once its last fetch has timed out.
    let script = format!("{}@60s t2> network heal 1 2\n", played.session.script());
    let healed = play(&script, 90);
    assert_eq!(healed.partition("orders", 0).isr.len(), 3, "{}", healed.story());
}

#[test]
fn a_broker_that_returns_catches_up_and_leads_nothing_yet() {
    let played = writing("@10s t2> broker kill 2\n@30s t2> broker start 2\n", 45);
    for index in 0..3 {
        let partition = played.partition("orders", index);
        assert!(Played::ids(&partition.isr).contains(&2), "{}", played.story());
        assert_ne!(partition.leader.map(|id| id.0), Some(2), "leaders stay where they are");
    }
    assert_eq!(
        played.session.invariants().acknowledged().missing(&orders(), played.session.world()),
        0
    );
}

#[test]
fn writes_are_refused_below_min_insync_replicas_and_go_on_after() {
    let mut played =
        writing("@10s t2> broker stop 2\n@12s t2> broker stop 3\n@40s t2> broker start 2\n", 35);
    let refused = played.session.progress().refused(&orders(), ResponseError::NotEnoughReplicas);
    assert!(refused > 0, "{}", played.story());
    let before = played.session.progress().topics[&orders()].acknowledged;
    played.play_to(60);
    let after = played.session.progress().topics[&orders()].acknowledged;
    assert!(after > before + 100, "{before} before, {after} after\n{}", played.story());
    assert_eq!(played.session.invariants().acknowledged().lost(), 0);
}

#[test]
fn more_in_sync_than_there_are_replicas_cannot_be_asked_for() {
    let mut played = play(
        &format!(
            "{THREE_BROKERS}@1s t1> kafka-topics.sh --create --topic orders --replica-assignment 1:2 --config min.insync.replicas=3 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 20 --acks all
@20s t2> broker stop 2
"
        ),
        19,
    );
    let before = played.session.progress().topics[&orders()].acknowledged;
    assert!(before > 200, "both replicas are in sync, but only {before} were acknowledged");
    played.play_to(40);
    let refused = played.session.progress().refused(&orders(), ResponseError::NotEnoughReplicas);
    assert!(refused > 0, "one of two is fewer than can be asked for\n{}", played.story());
}

#[test]
fn acks_1_loses_what_only_the_dead_leader_had() {
    let (script, _, _) = cut_off_and_killed();
    let played = play(&script, 40);
    let lost = played.session.invariants().acknowledged().lost();
    assert!(lost > 0, "nothing was lost\n{}", played.story());
    let said = played.session.invariants().found().iter().map(|found| found.what.to_string());
    assert!(
        said.clone().any(|text| text.starts_with("Acknowledged records were lost: orders-0@")),
        "{:?}",
        said.collect::<Vec<_>>()
    );
}

#[test]
fn the_leader_who_comes_back_cuts_off_what_nobody_else_has() {
    let (script, leader, others) = cut_off_and_killed();
    let back = format!(
        "@30s t2> network heal {leader} {0}\n@30s t2> network heal {leader} {1}\n@31s t2> broker start {leader}\n",
        others[0], others[1]
    );
    let played = play(&format!("{script}{back}"), 60);
    assert!(played.story().contains("cut orders-0 back"), "{}", played.story());
    let ends: Vec<i64> =
        (1..=3).map(|broker| played.replica(broker, "orders", 0).log_end_offset.0).collect();
    let spread = ends.iter().max().unwrap_or(&0) - ends.iter().min().unwrap_or(&0);
    assert!(
        spread <= 3,
        "the replicas agree but for what is under way: {ends:?}\n{}",
        played.story()
    );
    assert_eq!(played.partition("orders", 0).isr.len(), 3);
}

/// A leader under acks=1 that is cut off from its followers, goes on acknowledging, and is killed:
/// the script, the leader, and the others.
fn cut_off_and_killed() -> (String, i32, Vec<i32>) {
    let script = format!(
        "{THREE_BROKERS}@1s t1> kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3 --bootstrap-server broker1:9092\n\
         @2s t1> producer start p1 --topic orders --rate 20 --acks 1\n"
    );
    let leader = play(&script, 4).partition("orders", 0).leader.expect("it has a leader").0;
    let others: Vec<i32> = (1..=3).filter(|id| *id != leader).collect();
    let cut = format!(
        "@10s t2> network cut {leader} {}\n@10s t2> network cut {leader} {}\n@14s t2> broker kill {leader}\n",
        others[0], others[1]
    );
    (format!("{script}{cut}"), leader, others)
}
