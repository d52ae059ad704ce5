//! What Kafka lets happen is let happen, and named, with where and why; and the safe setting shows
//! nothing of the kind.

use highwater_scenario::invariants::Finding;
use highwater_tests::{Played, THREE_BROKERS, play};

/// Plays lines under the header until a second; with the risky setting the anomaly is named, with the
/// safe one it is not. Returns the first finding of the kind.
#[track_caller]
fn check(lines: &str, (risky, safe): (&str, &str), until_seconds: u64, kind: &str) -> Finding {
    let played = |setting: &str| {
        let script = format!("{THREE_BROKERS}{}", lines.replace("SETTING", setting));
        play(&script, until_seconds)
    };
    let danger = played(risky);
    let named = of_kind(&danger, kind);
    let said: Vec<String> = found(&danger).iter().map(|finding| finding.what.to_string()).collect();
    let first = named
        .first()
        .unwrap_or_else(|| panic!("{kind} is not named\n{said:#?}\n{}", danger.story()));
    assert!(!first.evidence.is_empty(), "{first:?} names no event that led there");
    assert!(first.evidence.iter().all(|event| *event <= first.event), "{first:?}");
    assert!(!first.what.is_violation());
    let other = played(safe);
    let family = kind.split("-write").next().unwrap_or(kind);
    let still: Vec<&Finding> =
        found(&other).iter().filter(|finding| finding.what.id().starts_with(family)).collect();
    assert!(still.is_empty(), "{safe}: {still:#?}\n{}", other.story());
    first.clone()
}

fn found(played: &Played) -> &[Finding] {
    played.session.invariants().found()
}

fn of_kind(played: &Played, kind: &str) -> Vec<Finding> {
    found(played).iter().filter(|finding| finding.what.id() == kind).cloned().collect()
}

/// A topic of one partition whose replicas are brokers 1, 2, 3 in that order.
const TOPIC: &str = "@1s t1> kafka-topics.sh --create --topic orders --replica-assignment 1:2:3 SETTING --bootstrap-server broker1:9092\n";

fn topic(configs: &str) -> String {
    TOPIC.replace("SETTING", configs)
}

#[test]
fn acks_1_and_a_leader_that_dies() {
    let lines = format!(
        "{}@2s t1> producer start p1 --topic orders --rate 20 SETTING\n\
         @5s t2> network cut 1 2\n@5s t2> network cut 1 3\n@7s t2> broker kill 1\n",
        topic("")
    );
    let safe = "--acks all";
    check(&lines, ("--acks 1", safe), 25, "found.lost-write-leader-alone");
}

#[test]
fn an_unclean_election() {
    // Broker 3 is cut off; then both that are in sync die, and only broker 3 is there.
    let lines = format!(
        "config * replica.lag.time.max.ms=2000\n{}\
         @2s t1> producer start p1 --topic orders --rate 20 --acks all\n\
         @4s t2> network cut 1 3\n@4s t2> network cut 2 3\n\
         @12s t2> broker kill 2\n@12s t2> broker kill 1\n",
        topic("--config min.insync.replicas=2 --config unclean.leader.election.enable=SETTING")
    );
    check(&lines, ("true", "false"), 40, "found.lost-write-unclean");
}

#[test]
fn min_insync_replicas_of_one() {
    // Its followers are cut off, and the leader acknowledges alone; then it dies.
    let lines = format!(
        "config * replica.lag.time.max.ms=2000\n{}\
         @2s t1> producer start p1 --topic orders --rate 20 --acks all\n\
         @4s t2> network cut 1 2\n@4s t2> network cut 1 3\n@15s t2> broker kill 1\n",
        topic("--config min.insync.replicas=SETTING --config unclean.leader.election.enable=true")
    );
    check(&lines, ("1", "2"), 40, "found.lost-write-min-isr");
}

#[test]
fn acks_0_never_hears_of_it() {
    let lines = format!(
        "{}@2s t1> producer start p1 --topic orders --rate 20 SETTING\n@5s t2> broker kill 1\n",
        topic("")
    );
    check(&lines, ("--acks 0", "--acks all"), 25, "found.never-written");
}

/// A producer whose requests time out, though the leader has appended what they bring.
fn slow_answers() -> String {
    format!(
        "{}@2s t1> producer start p1 --topic orders --rate 20 --acks all --config request.timeout.ms=1000 \
         --config delivery.timeout.ms=60000 --config max.in.flight.requests.per.connection=5 \
         --config enable.idempotence=SETTING\n\
         @5s t2> network cut 1 2\n@9s t2> network heal 1 2\n",
        topic("")
    )
}

#[test]
fn a_retry_without_idempotence_writes_twice() {
    check(&slow_answers(), ("false", "true"), 60, "found.duplicate");
}

#[test]
fn several_in_flight_without_idempotence_change_the_order() {
    // Both followers go, so the leader refuses; when one is back, what is sent then is taken before what
    // was refused is sent again.
    let lines = format!(
        "{}@2s t1> producer start p1 --topic orders --rate 20 --acks all --config linger.ms=0 \
         --config retry.backoff.ms=900 --config max.in.flight.requests.per.connection=5 \
         --config enable.idempotence=SETTING\n\
         @5s t2> broker stop 2\n@5s t2> broker stop 3\n@12s t2> broker start 2\n",
        topic("--config min.insync.replicas=2")
    );
    check(&lines, ("false", "true"), 30, "found.reordered");
}

#[test]
fn a_crash_between_process_and_commit_processes_twice() {
    let lines = format!(
        "config * offsets.topic.num.partitions=1\n{}@2s t1> producer start p1 --topic orders --rate 20\n\
         @3s t1> consumer start c1 --group billing --topic orders --from-beginning --config session.timeout.ms=6000\n\
         @21s t1> consumer SETTING c1\n\
         @22s t1> consumer start c2 --group billing --topic orders --from-beginning\n",
        topic("")
    );
    check(&lines, ("kill", "stop"), 45, "found.processed-twice");
}

#[test]
fn latest_jumps_over_what_came_while_nobody_read() {
    let lines = format!(
        "config * offsets.topic.num.partitions=1\n{}@2s t1> producer start p1 --topic orders --rate 20\n\
         @3s t1> consumer start c1 --group billing --topic orders --config enable.auto.commit=SETTING\n\
         @15s t1> consumer stop c1\n\
         @20s t1> consumer start c2 --group billing --topic orders\n",
        topic("")
    );
    check(&lines, ("false", "true"), 45, "found.skipped-reset");
}

#[test]
fn what_was_read_may_be_gone_after_an_unclean_election() {
    let lines = format!(
        "config * replica.lag.time.max.ms=2000\nconfig * offsets.topic.num.partitions=1\n{}\
         @2s t1> producer start p1 --topic orders --rate 20 --acks all\n\
         @3s t1> consumer start c1 --group billing --topic orders --from-beginning\n\
         @6s t2> network cut 1 2\n@6s t2> network cut 1 3\n@17s t2> broker kill 1\n",
        topic("--config unclean.leader.election.enable=true --config min.insync.replicas=SETTING")
    );
    check(&lines, ("1", "2"), 60, "found.truncated-after-read");
    check(&lines, ("1", "2"), 60, "found.went-back");
}
