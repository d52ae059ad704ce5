use highwater_cluster::time::{Span, Time};

use super::*;
use crate::timeline::Timeline;

/// Three brokers, a topic with three replicas, a producer and a group.
const CLUSTER: &str = "highwater 1
seed 7
cluster --brokers 3 --racks a,b,c
config * offsets.topic.num.partitions=1
config * unclean.leader.election.enable=true
@0s t1> kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 20
@3s t1> consumer start c1 --topic orders --group g1
";

/// Plays a scenario with one breakpoint for so many seconds. Returns each hit, as when and why.
fn hits(more: &str, condition: &Condition, seconds: i64, slice: u32) -> Vec<(Time, String)> {
    let session = Session::parse(&format!("{CLUSTER}{more}")).expect("it is a scenario");
    let mut timeline = Timeline::new(session);
    timeline.set_conditions(vec![condition.clone()]);
    let until = Time::ZERO + Span::from_millis(1_000 * seconds);
    let mut hits = Vec::new();
    loop {
        let played = timeline.play(until, slice);
        if let Some(hit) = played.hit {
            assert_eq!(hit.condition, *condition);
            assert_eq!(hit.at, timeline.session().now(), "it pauses at the instant of the event");
            assert!(!hit.why.is_empty(), "{hit:?}");
            hits.push((hit.at, format!("{}. {}", hit.said, hit.why)));
        } else if !played.advance.behind {
            break;
        }
    }
    assert_eq!(timeline.hits().len(), hits.len(), "each is marked");
    hits
}

/// The first hit says this, and the same is hit however the run is cut into pieces.
#[track_caller]
fn check(more: &str, condition: Condition, seconds: i64, said: &str) {
    let at_once = hits(more, &condition, seconds, u32::MAX);
    assert!(at_once.iter().any(|(_, why)| why.contains(said)), "{condition:?}: {at_once:#?}");
    assert_eq!(at_once, hits(more, &condition, seconds, 3), "in pieces");
}

#[test]
fn each_condition_pauses_right_behind_its_event_and_says_why() {
    check(
        "@5s t1> broker kill 2\n",
        Condition::IsrChanged,
        20,
        "An ISR changed. The ISR of orders-0 shrank to",
    );
    check(
        "@5s t1> broker kill 1\n@6s t1> broker kill 2\n",
        Condition::LeaderElected,
        30,
        "A leader was elected. Broker ",
    );
    check("", Condition::RebalanceBegan, 6, "A rebalance began. Group g1 begins a rebalance");
    check(
        "@5s t1> broker kill 2\n",
        Condition::LineRan("broker kill 2".into()),
        6,
        "The line ran: broker kill 2. You: broker kill 2",
    );
    check("", Condition::ErrorAnswered, 6, "An error was answered. ");
    check(
        "@15s t1> consumer kill c1\n",
        Condition::LagOver(100),
        40,
        "records behind the high watermark of orders-0",
    );
}

#[test]
fn lost_records_pause_the_run() {
    let script = "@4s t1> producer start p2 --topic orders --rate 100 --acks 1
@5s t1> network cut 1 2
@5s t1> network cut 1 3
@7s t1> broker kill 1
@12s t1> broker start 1
";
    let leaders = ["1", "2", "3"].map(|leader| {
        // Which broker leads is up to placement: each is cut off and killed in turn.
        let others: Vec<&str> = ["1", "2", "3"].into_iter().filter(|id| *id != leader).collect();
        script
            .replace("network cut 1 2", &format!("network cut {leader} {}", others[0]))
            .replace("network cut 1 3", &format!("network cut {leader} {}", others[1]))
            .replace("broker kill 1", &format!("broker kill {leader}"))
            .replace("broker start 1", &format!("broker start {leader}"))
    });
    let lost = leaders.iter().flat_map(|more| hits(more, &Condition::RecordLost, 40, u32::MAX));
    let lost: Vec<_> = lost.collect();
    assert!(
        lost.iter().any(|(_, why)| why.starts_with("A record was lost. Acknowledged records")),
        "{lost:#?}"
    );
}

#[test]
fn a_lag_that_stays_is_hit_once() {
    let hits = hits("@15s t1> consumer kill c1\n", &Condition::LagOver(100), 40, 50);
    assert_eq!(hits.len(), 1, "{hits:#?}");
}

#[test]
fn an_aborted_transaction_pauses_the_run() {
    let more =
        "@4s t1> producer start t --topic orders --rate 10 --transactional-id t --abort-every 2\n";
    let hits = hits(more, &Condition::TransactionAborted, 30, u32::MAX);
    assert!(!hits.is_empty());
}

#[test]
fn nothing_is_hit_on_the_way_to_a_moment_and_marks_of_another_past_are_gone() {
    let session = Session::parse(&format!("{CLUSTER}@5s t1> broker kill 2\n")).expect("a scenario");
    let mut timeline = Timeline::new(session);
    timeline.set_conditions(vec![Condition::IsrChanged]);
    let end = Time::ZERO + Span::from_millis(20_000);
    timeline.advance(end, u32::MAX);
    assert_eq!(timeline.hits(), [], "seeking passes breakpoints over");
    timeline.seek(Time::ZERO);
    let hit = timeline.play(end, u32::MAX).hit.expect("playing does not");
    assert_eq!(timeline.hits(), std::slice::from_ref(&hit));
    timeline.seek(Time::ZERO);
    timeline.play(end, u32::MAX);
    assert_eq!(timeline.hits(), [hit], "what is hit again is marked once");
    timeline.seek(Time::ZERO);
    timeline.submit("t1", "broker kill 3").expect("it can be written");
    assert_eq!(timeline.hits(), [], "it lies in what was left");
}
