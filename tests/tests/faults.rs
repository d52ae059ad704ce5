//! Faults as a learner can inject them, one scenario or more for each verb: what goes wrong, and what
//! the cluster makes of it.

use highwater_scenario::cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_scenario::cluster::protocol::error::ResponseError;
use highwater_scenario::cluster::time::{Span, Time};
use highwater_scenario::cluster::view::{BrokerState, BrokerView, ReplicaRole};
use highwater_scenario::invariants::{Anomaly, LossCause};
use highwater_tests::{Played, THREE_BROKERS, open, play};

/// A topic of one partition on three brokers, and a producer.
fn writing(topic_config: &str, producer: &str) -> String {
    format!(
        "{THREE_BROKERS}@1s t1> kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3 --config min.insync.replicas=2 {topic_config} --bootstrap-server broker1:9092\n\
         @2s t1> producer start p1 --topic orders --rate 20 {producer}\n"
    )
}

/// The leader of the partition, and its followers.
fn roles(script: &str) -> (i32, [i32; 2]) {
    let leader = play(script, 4).partition("orders", 0).leader.expect("it has a leader").0;
    let mut others = (1..=3).filter(|id| *id != leader);
    (leader, [others.next().unwrap(), others.next().unwrap()])
}

/// Plays a script with lines in which `L`, `F` and `G` stand for the leader and its followers.
#[track_caller]
fn check(script: &str, lines: &str, until_seconds: u64) -> Played {
    let (leader, [f, g]) = roles(script);
    let lines = lines.replace("{L}", &leader.to_string());
    let lines = lines.replace("{F}", &f.to_string()).replace("{G}", &g.to_string());
    play(&format!("{script}{lines}"), until_seconds)
}

#[track_caller]
fn assert_told(played: &Played, sentence: &str) {
    assert!(played.story().contains(sentence), "{sentence:?} was not told\n{}", played.story());
}

fn told(played: &Played, sentence: &str) -> usize {
    played.session.log().iter().filter(|line| line.sentence.contains(sentence)).count()
}

/// Whether a detail is told when the run is played once more, event by event.
fn detail_told(played: &Played, sentence: &str) -> bool {
    let mut again = open(&played.session.script());
    let now = played.session.now();
    let mut lines = std::iter::from_fn(|| again.step_event()).take_while(|line| line.at <= now);
    lines.any(|line| line.sentence.contains(sentence))
}

fn orders() -> TopicName {
    TopicName::from("orders")
}

fn acknowledged(played: &Played) -> u64 {
    played.session.progress().topics[&orders()].acknowledged
}

fn lost(played: &Played) -> u64 {
    played.session.invariants().acknowledged().lost()
}

/// What happened that Kafka lets happen, by name.
fn found(played: &Played) -> Vec<&'static str> {
    played.session.invariants().found().iter().map(|finding| finding.what.id()).collect()
}

fn broker(played: &Played, id: i32) -> BrokerView {
    let found = played.view().brokers.into_iter().find(|broker| broker.id == BrokerId(id));
    found.expect("there is such a broker")
}

fn log_ends(played: &Played) -> Vec<i64> {
    (1..=3).map(|id| played.replica(id, "orders", 0).log_end_offset.0).collect()
}

const ALL_LOSE_POWER: &str = "@10s t1> broker power-loss {L}\n@10s t2> broker power-loss {F}\n@10s t3> broker power-loss {G}\n\
    @12s t1> broker start {L}\n@12s t2> broker start {F}\n@12s t3> broker start {G}\n";

#[test]
fn acks_all_do_not_survive_a_power_loss_of_all_replicas() {
    let played = check(&writing("", "--acks all"), ALL_LOSE_POWER, 60);
    assert!(lost(&played) > 50, "{} were lost\n{}", lost(&played), played.story());
    assert_told(&played, "lost what it had not flushed of orders-0");
    let found = played.session.invariants().found().iter().map(|finding| &finding.what);
    let by_power_loss = found.filter(|what| {
        matches!(what, Anomaly::LostWrite { was_committed: true, why: LossCause::Unflushed, .. })
    });
    assert!(by_power_loss.count() > 0, "committed records were lost, and it is said why");
}

#[test]
fn what_was_flushed_survives_a_power_loss_of_all_replicas() {
    let played = check(&writing("--config flush.messages=1", "--acks all"), ALL_LOSE_POWER, 60);
    assert_eq!(lost(&played), 0, "{}", played.story());
    assert!(acknowledged(&played) > 400, "the producer goes on\n{}", played.story());
}

#[test]
fn flushes_by_time_need_the_scheduler() {
    let by_topic = "--config flush.ms=500";
    let without = check(&writing(by_topic, "--acks all"), ALL_LOSE_POWER, 60);
    assert!(lost(&without) > 50, "flush.ms alone does nothing\n{}", without.story());
    let script = writing(by_topic, "--acks all").replace(
        "@1s t1> kafka-topics",
        "config * log.flush.scheduler.interval.ms=500\n@1s t1> kafka-topics",
    );
    let with = check(&script, ALL_LOSE_POWER, 60);
    assert!(lost(&with) < 50, "{} were lost\n{}", lost(&with), with.story());
}

#[test]
fn a_leader_that_loses_power_fetches_again_what_it_lost() {
    let lines = "@10s t1> broker power-loss {L}\n@25s t1> broker start {L}\n";
    let mut played = check(&writing("", "--acks all"), lines, 24);
    assert_told(&played, "lost what it had not flushed of orders-0");
    let was_leader = broker(&played, roles(&writing("", "--acks all")).0);
    assert_eq!(was_leader.state, BrokerState::Stopped);
    let kept = played.replica(was_leader.id.0, "orders", 0);
    assert_eq!(kept.log_end_offset, kept.flushed_offset);
    played.play_to(60);
    let ends = log_ends(&played);
    assert!(ends.iter().max().unwrap() - ends.iter().min().unwrap() <= 3, "{ends:?}");
    assert_eq!((lost(&played), played.partition("orders", 0).isr.len()), (0, 3));
}

#[test]
fn a_torn_batch_is_dropped_when_the_broker_starts() {
    // Whether a batch is torn is drawn from the seed: among a few power losses one is.
    let cycles = (0..4).map(|round| {
        let at = 10 + 20 * round;
        format!("@{at}s t1> broker power-loss {{F}}\n@{}s t1> broker start {{F}}\n", at + 5)
    });
    let played = check(&writing("", "--acks all"), &cycles.collect::<String>(), 100);
    assert_told(&played, "found a torn batch");
    assert_eq!((lost(&played), played.partition("orders", 0).isr.len()), (0, 3));
}

#[test]
fn a_paused_leader_is_fenced_and_cuts_its_log_back_when_it_goes_on() {
    let mut played = check(&writing("", "--acks all"), "@10s t1> broker pause {L} --for 20s\n", 15);
    let (leader, _) = roles(&writing("", "--acks all"));
    assert!(broker(&played, leader).is_paused);
    assert!(broker(&played, leader).waiting_for_resume > 0);
    played.play_to(29);
    assert_told(&played, &format!("The controller fenced broker {leader}"));
    assert_ne!(played.partition("orders", 0).leader, Some(BrokerId(leader)));
    played.play_to(60);
    assert!(!broker(&played, leader).is_paused);
    // What it still appended in its old epoch, nobody else has: the batch is refused, and cut off.
    assert_told(&played, &format!("Broker {leader} cut orders-0 back"));
    let error = played.view().producers[0].last_error.clone();
    assert_eq!(error.as_deref(), Some("NOT_LEADER_OR_FOLLOWER"), "{}", played.story());
    assert_eq!((lost(&played), played.partition("orders", 0).isr.len()), (0, 3));
}

#[test]
fn a_paused_broker_goes_on_when_it_is_told_to() {
    let lines = "@10s t1> broker pause {F}\n@13s t1> broker resume {F}\n";
    let played = check(&writing("", "--acks all"), lines, 30);
    assert_eq!(told(&played, "The controller fenced"), 0, "{}", played.story());
    assert_eq!(lost(&played), 0);
    let whole = check(&writing("", "--acks all"), "", 30);
    assert!(acknowledged(&played).abs_diff(acknowledged(&whole)) < 5, "it has caught up");
}

#[test]
fn a_paused_broker_can_be_killed_but_not_stopped() {
    let lines = "@10s t1> broker pause {F}\n@11s t1> broker stop {F}\n@12s t1> broker kill {F}\n@25s t1> broker start {F}\n";
    let played = check(&writing("", "--acks all"), lines, 60);
    assert!(played.output().iter().any(|line| line.contains("hears no signal")));
    assert_eq!((lost(&played), played.partition("orders", 0).isr.len()), (0, 3));
}

#[test]
fn a_slow_disk_delays_acknowledgements_wherever_it_is() {
    let usual = acknowledged(&check(&writing("", "--acks all"), "", 20));
    for at in ["{L}", "{F}"] {
        let lines = format!("@10s t1> broker slow-disk {at} --append 1s\n");
        let slow = check(&writing("", "--acks all"), &lines, 20);
        let count = acknowledged(&slow);
        assert!(
            count + 15 < usual,
            "{count} of {usual} with a slow disk at {at}\n{}",
            slow.story()
        );
        assert_eq!(lost(&slow), 0);
        let undone = format!("{lines}@20s t1> broker slow-disk {at} --append 0ms\n");
        let undone = check(&writing("", "--acks all"), &undone, 60);
        assert_eq!(undone.session.progress().topics[&orders()].failed, 0, "{}", undone.story());
        assert_eq!(undone.partition("orders", 0).isr.len(), 3, "{}", undone.story());
    }
}

#[test]
fn a_full_disk_halts_the_broker_at_its_next_write() {
    let lines =
        "@10s t1> broker full-disk {L}\n@30s t1> broker free-disk {L}\n@31s t1> broker start {L}\n";
    let script = writing("", "--acks all");
    let mut played = check(&script, lines, 29);
    let (leader, _) = roles(&script);
    assert!(broker(&played, leader).disk.is_full);
    assert_eq!(broker(&played, leader).state, BrokerState::Stopped);
    assert!(played.session.progress().refused(&orders(), ResponseError::KafkaStorageError) > 0);
    assert_told(&played, &format!("The log directory of broker {leader} is offline"));
    assert_ne!(played.partition("orders", 0).leader, Some(BrokerId(leader)));
    played.play_to(60);
    assert_eq!((lost(&played), played.partition("orders", 0).isr.len()), (0, 3));
}

#[test]
fn a_full_disk_halts_an_idle_broker_at_its_next_checkpoint() {
    let lines = "@10s t1> broker full-disk {F}\n@11s t1> producer stop p1\n";
    let played = check(&writing("", "--acks all"), lines, 20);
    assert_told(&played, "is offline");
    // A start in vain: there is still no room.
    let lines = format!("{lines}@20s t1> broker start {{F}}\n");
    let again = check(&writing("", "--acks all"), &lines, 40);
    assert_eq!(told(&again, "is offline"), 2, "{}", again.story());
}

#[test]
fn a_skewed_clock_stamps_what_a_log_appends() {
    let script = writing("--config message.timestamp.type=LogAppendTime", "--acks all");
    let played = check(&script, "@10s t1> broker clock {L} --skew -90s\n", 20);
    let leader = roles(&script).0;
    let partition = TopicPartition::new(&orders(), 0);
    let log = played.session.world().log(BrokerId(leader), &partition).expect("it has a log");
    let stamps: Vec<i64> = log.batches().map(|batch| batch.header().max_timestamp.0).collect();
    let jumps: Vec<i64> = stamps.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(jumps.iter().filter(|jump| **jump < -80_000).count(), 1, "{jumps:?}");
    assert_eq!(broker(&played, leader).clock_skew_ms, -90_000);
}

#[test]
fn a_clock_that_is_hours_slow_refuses_what_comes_from_its_future() {
    let lines = "@10s t1> broker clock {L} --skew -2h\n@15s t1> broker clock {L} --skew 0s\n";
    let played = check(&writing("", "--acks all"), lines, 30);
    let refused = played.session.progress().refused(&orders(), ResponseError::InvalidTimestamp);
    assert!(refused > 0, "{}", played.story());
    assert!(acknowledged(&played) > 300, "it goes on once the clock is right");
}

#[test]
fn latency_delays_acknowledgements_that_wait_for_a_follower() {
    let usual = acknowledged(&check(&writing("", "--acks all"), "", 20));
    let late = check(&writing("", "--acks all"), "@10s t1> network latency {L} {F} --add 1s\n", 20);
    assert!(acknowledged(&late) + 15 < usual, "{} of {usual}", acknowledged(&late));
    let view = late.view();
    assert_eq!(view.link_faults.len(), 2);
    assert!(view.link_faults.iter().all(|link| link.added_latency == Span(1_000_000)));
    assert_eq!((lost(&late), late.partition("orders", 0).isr.len()), (0, 3));
}

#[test]
fn loss_is_delay_since_tcp_sends_again() {
    let lines = "@10s t1> network loss {L} {F} --percent 50\n";
    let script = writing("", "--acks all");
    let mut played = check(&script, lines, 20);
    assert!(detail_told(&played, "TCP sent a message"), "{}", played.story());
    let usual = acknowledged(&check(&script, "", 20));
    assert!(acknowledged(&played) < usual, "{}", played.story());
    played.play_to(60);
    assert_eq!(lost(&played), 0, "{}", played.story());
    assert_eq!(told(&played, "does not get through: the link is cut"), 0);
}

#[test]
fn a_link_that_loses_everything_is_as_good_as_cut() {
    let lines = "@10s t1> network loss {L} {F} --percent 100\n@60s t1> network heal\n";
    let mut played = check(&writing("", "--acks all"), lines, 59);
    assert_eq!(played.partition("orders", 0).isr.len(), 2, "{}", played.story());
    played.play_to(100);
    assert_eq!(played.partition("orders", 0).isr.len(), 3, "{}", played.story());
}

#[test]
fn what_was_lost_arrives_with_the_next_attempt_once_the_link_is_healed() {
    let script = writing("", "--acks all");
    let usual = acknowledged(&check(&script, "", 20));
    for heal in ["network heal", "network heal {F} {L}", "network loss {L} {F} --percent 0"] {
        let lines = format!("@10s t1> network loss {{L}} {{F}} --percent 100\n@14s t1> {heal}\n");
        let mut played = check(&script, &lines, 14);
        let meanwhile = acknowledged(&played);
        assert!(meanwhile + 60 < usual, "{meanwhile} of {usual}");
        // TCP's fifth attempt comes 6.2 s after the first: the request timeout is far away.
        played.play_to(20);
        assert!(acknowledged(&played) + 20 > usual, "{} of {usual}", acknowledged(&played));
        assert!(played.view().link_faults.is_empty());
    }
}

/// TCP sends again what a cut held back: nobody waits until a request times out.
#[test]
fn a_follower_goes_on_soon_after_a_short_cut() {
    let lines = "@10s t1> network cut {L} {F}\n@13s t1> network heal {L} {F}\n";
    let played = check(&writing("", "--acks all"), lines, 18);
    let ends = log_ends(&played);
    let apart = ends.iter().max().unwrap() - ends.iter().min().unwrap();
    assert!(ends[0] > 250 && apart < 5, "{ends:?}\n{}", played.story());
}

#[test]
fn what_a_short_cut_holds_back_is_written_once_and_in_order() {
    let written = |lines: &str| {
        let stop = "@25s t1> producer stop p1\n";
        let played = check(&writing("", "--acks 0"), &format!("{lines}{stop}"), 40);
        assert_eq!(found(&played), Vec::<&str>::new(), "{}", played.story());
        log_ends(&played)
    };
    let cut = "@10s t1> network cut p1 {L}\n@14s t1> network heal p1 {L}\n";
    assert_eq!(written(cut), written(""));
}

#[test]
fn what_a_long_cut_holds_back_is_given_up() {
    let cut =
        "@10s t1> network cut p1 {L}\n@60s t1> network heal p1 {L}\n@61s t1> producer stop p1\n";
    let played = check(&writing("", "--acks 0"), cut, 70);
    assert!(found(&played).contains(&"found.never-written"), "{}", played.story());
}

#[test]
fn a_lost_answer_makes_duplicates_unless_the_producer_is_idempotent() {
    let lines = "@5s t1> network duplicate p1 {L} --percent 50\n@20s t1> network heal\n@25s t1> producer stop p1\n";
    let records = |producer: &str| {
        let played = check(&writing("", producer), lines, 60);
        let leader = played.partition("orders", 0).leader.expect("it has a leader").0;
        let end = played.replica(leader, "orders", 0).log_end_offset.0 as u64;
        assert_told(&played, "are lost with their connection");
        (end, acknowledged(&played))
    };
    let (end, acknowledged) = records("--acks all --config enable.idempotence=false");
    assert!(end > acknowledged + 10, "{end} in the log, {acknowledged} acknowledged");
    let (end, acknowledged) = records("--acks all");
    assert_eq!(end, acknowledged, "each record is written once");
}

#[test]
fn a_cut_one_way_is_enough_to_lose_a_follower() {
    let lines = "@10s t1> network cut {L} {F} --one-way\n@60s t1> network heal {L} {F}\n";
    let mut played = check(&writing("", "--acks all"), lines, 59);
    assert_eq!(played.partition("orders", 0).isr.len(), 2, "{}", played.story());
    let view = played.view();
    assert_eq!((view.cut_links.len(), view.link_faults.len()), (0, 1));
    assert!(view.link_faults[0].is_cut);
    played.play_to(100);
    assert_eq!(played.partition("orders", 0).isr.len(), 3, "{}", played.story());
}

#[test]
fn the_side_without_the_controller_cannot_commit() {
    let script = writing("", "--acks all");
    let (leader, _) = roles(&script);
    let lines = "@10s t1> network partition {L},p1 {F},{G},controller\n@50s t1> network heal\n";
    let mut played = check(&script, lines, 49);
    let acknowledged_apart = acknowledged(&played);
    assert_ne!(played.partition("orders", 0).leader, Some(BrokerId(leader)), "{}", played.story());
    // It still takes itself for the leader, and for one with its whole ISR: nothing commits.
    let usual = acknowledged(&check(&script, "", 11));
    assert!(acknowledged_apart <= usual, "{acknowledged_apart} against {usual}");
    played.play_to(120);
    assert_told(&played, &format!("Broker {leader} cut orders-0 back"));
    assert!(acknowledged(&played) > acknowledged_apart + 100, "{}", played.story());
    assert_eq!((lost(&played), played.partition("orders", 0).isr.len()), (0, 3));
}

#[test]
fn the_minority_with_the_controller_refuses_writes() {
    let lines = "@10s t1> network partition {L},p1,controller {F},{G}\n";
    let played = check(&writing("", "--acks all"), lines, 60);
    let refused = played.session.progress().refused(&orders(), ResponseError::NotEnoughReplicas);
    assert!(refused > 0, "{}", played.story());
    assert_eq!(lost(&played), 0);
}

#[test]
fn a_scripted_error_is_retried() {
    let lines = "@10s t1> broker fail {L} --api Produce --error NOT_LEADER_OR_FOLLOWER --times 3\n";
    let played = check(&writing("", "--acks all"), lines, 30);
    assert_eq!(told(&played, "answered a Produce request of p1 with NOT_LEADER_OR_FOLLOWER"), 3);
    let because = played.session.log().iter().filter_map(|line| line.because.as_ref());
    assert!(because.clone().any(|why| why.contains("NOT_LEADER_OR_FOLLOWER")));
    assert_eq!((lost(&played), played.session.progress().topics[&orders()].failed), (0, 0));
    assert!(broker(&played, roles(&writing("", "--acks all")).0).scripted.is_empty());
}

#[test]
fn a_scripted_error_that_no_retry_mends_reaches_the_application() {
    let lines =
        "@10s t1> broker fail {L} --api produce --error topic_authorization_failed --delay 500ms\n";
    let played = check(&writing("", "--acks all"), lines, 30);
    assert!(played.session.progress().topics[&orders()].failed > 0, "{}", played.story());
    let told_at = |sentence: &str| {
        let mut log = played.session.log().iter();
        log.find(|line| line.sentence.contains(sentence)).expect("it was told").at
    };
    let waited = told_at("gave up").since(told_at("as it was told to"));
    assert!(waited >= Span(500_000), "the answer was held back for {waited}");
}

#[test]
fn a_dropped_connection_makes_the_producer_send_again() {
    let lines = "@10s t1> broker drop {L} --api Produce --times 2\n@20s t1> producer stop p1\n";
    let played = check(&writing("", "--acks all"), lines, 30);
    assert_eq!(told(&played, "closed the connection with p1"), 2, "{}", played.story());
    let leader = roles(&writing("", "--acks all")).0;
    let end = played.replica(leader, "orders", 0).log_end_offset.0 as u64;
    assert_eq!(end, acknowledged(&played), "what was dropped was not appended");
}

#[test]
fn a_hidden_leader_is_not_found_until_it_is_shown() {
    let lines = "@10s t1> broker hide {L}\n@11s t1> producer start p2 --topic orders --rate 5\n@30s t1> broker show {L}\n";
    let mut played = check(&writing("", "--acks all"), lines, 29);
    let sent = |played: &Played| {
        let view = played.view();
        let p2 = view.producers.iter().find(|producer| &*producer.name == "p2");
        p2.expect("p2 runs").records_acknowledged
    };
    assert_eq!(sent(&played), 0, "{}", played.story());
    played.play_to(60);
    assert!(sent(&played) > 100, "{} sent\n{}", sent(&played), played.story());
}

#[test]
fn a_leader_can_be_chosen_from_the_isr() {
    let script = writing("", "--acks all");
    let (leader, [f, _]) = roles(&script);
    let epoch = play(&script, 4).partition("orders", 0).leader_epoch;
    let lines = "@10s t1> partition elect orders-0 --leader {F}\n";
    let played = check(&script, lines, 20);
    let partition = played.partition("orders", 0);
    assert_eq!((partition.leader, partition.isr.len()), (Some(BrokerId(f)), 3));
    assert_eq!(partition.leader_epoch.0, epoch.0 + 1);
    assert_eq!(lost(&played), 0, "{}", played.story());
    assert_eq!(played.replica(leader, "orders", 0).role, ReplicaRole::Follower);
}

#[test]
fn a_leader_outside_the_isr_costs_records() {
    let script = writing("", "--acks all");
    let lines = "@10s t1> broker kill {F}\n@25s t1> network partition {F} {L},{G}\n@26s t1> broker start {F}\n\
        @32s t1> partition elect orders-0 --leader {F}\n";
    let refused = check(&script, lines, 40);
    let said = refused.output().join("\n");
    assert!(said.contains("is not in the ISR") && said.contains("--unclean"), "{said}");
    let lines = lines.replace("--leader {F}", "--leader {F} --unclean");
    let (_, [f, _]) = roles(&script);
    let lines = lines.replace("{F}", &f.to_string());
    let played = unclean(&format!("{script}{lines}"), &script);
    assert_told(&played, "though it is out of sync: records may be lost");
    assert!(lost(&played) > 50, "{}", played.story());
}

/// Plays on without the check for violations: an unclean election loses what was committed.
fn unclean(script: &str, base: &str) -> Played {
    let (leader, [_, g]) = roles(base);
    let script = script.replace("{L}", &leader.to_string()).replace("{G}", &g.to_string());
    let mut played = Played { session: open(&script) };
    played.session.advance(Time(40_000_000), u32::MAX);
    played
}

#[test]
fn a_group_follows_its_coordinator() {
    let script = writing("", "--acks all");
    let consumer = "@5s t1> consumer start c1 --group billing --topic orders --from-beginning\n";
    let before = play(&format!("{script}{consumer}"), 20);
    let coordinator = before.view().groups[0].coordinator.0;
    let to = 1 + coordinator % 3;
    let moved = format!("{script}{consumer}@20s t1> coordinator move billing --to {to}\n");
    let played = play(&moved, 50);
    let group = played.view().groups[0].clone();
    assert_eq!((group.coordinator, group.members.len()), (BrokerId(to), 1), "{}", played.story());
    let consumed = played.session.progress().topics[&orders()].consumed;
    assert!(consumed > 800, "{consumed}\n{}", played.story());
}

#[test]
fn a_run_with_every_fault_is_the_same_in_pieces() {
    let script = format!(
        "{}@5s t1> consumer start c1 --group billing --topic orders --from-beginning\n\
         @10s t1> network loss 1 2 --percent 30\n@11s t1> network latency 2 3 --add 50ms\n\
         @12s t1> network duplicate p1 1 --percent 20\n@13s t1> broker slow-disk 3 --append 20ms\n\
         @14s t1> broker clock 1 --skew 5m\n@15s t1> broker pause 2 --for 12s\n\
         @18s t1> broker fail 1 --api Fetch --error NOT_LEADER_OR_FOLLOWER --times 5 --delay 20ms\n\
         @19s t1> broker drop 3 --api OffsetCommit --times 2\n@20s t1> broker hide 3\n\
         @30s t1> broker power-loss 3\n@40s t1> broker start 3\n@42s t1> network cut 1 3 --one-way\n\
         @45s t1> broker full-disk 2\n@55s t1> broker free-disk 2\n@56s t1> broker start 2\n@58s t1> network heal\n",
        writing("", "--acks all")
    );
    let mut whole = open(&script);
    whole.advance(Time(80_000_000), u32::MAX);
    let mut pieces = open(&script);
    for instant in 0..800 {
        pieces.advance(Time(100_000 * (instant + 1)), u32::MAX);
        pieces.view();
    }
    assert_eq!(whole.hash(), pieces.hash(), "{script}");
    let violations = whole.invariants().found().iter().filter(|found| found.what.is_violation());
    assert_eq!(violations.count(), 0, "{script}");
}
