//! The quorum of controllers as a learner can see it: the active one is killed, cut off, stopped;
//! too few are left; they come back.

use highwater_scenario::cluster::ids::{ControllerId, TopicName};
use highwater_scenario::cluster::view::{ControllerView, QuorumRole};
use highwater_tests::{Played, play};

const CREATE: &str = "kafka-topics.sh --bootstrap-server broker1:9092,broker2:9092,broker3:9092 --create --partitions 3 --replication-factor 3 --topic";

/// A cluster with these options, a topic, and a producer with acks=all that writes to it.
#[track_caller]
fn writing(options: &str) -> Played {
    let script = format!(
        "highwater 1\nseed 42\ncluster --brokers 3 {options}\n\
         @8s t1> {CREATE} orders --config min.insync.replicas=2\n\
         @12s t1> producer start p1 --topic orders --rate 20 --acks all --keys 9\n"
    );
    let played = play(&script, 15);
    assert!(has_topic(&played, "orders"), "{}", played.story());
    played
}

/// The active controller, of which there is one.
#[track_caller]
fn active(played: &Played) -> ControllerView {
    let controllers = played.view().controllers;
    let mut active: Vec<_> = controllers.into_iter().filter(|one| one.is_active).collect();
    assert_eq!(active.len(), 1, "{active:?}\n{}", played.story());
    active.remove(0)
}

fn has_topic(played: &Played, name: &str) -> bool {
    played.view().topics.iter().any(|topic| topic.name.as_str() == name)
}

/// Does something, and plays on for some seconds.
#[track_caller]
fn then(played: &mut Played, line: &str, seconds: u64) {
    played.session.submit("t1", line).expect("the line can be read");
    let now = played.session.now().0 / 1_000_000;
    played.play_to(now + seconds);
}

fn acknowledged(played: &Played) -> u64 {
    played.session.invariants().acknowledged().count(&TopicName::from("orders"))
}

/// Cuts a controller off from the other controllers and the brokers, or puts it back.
#[track_caller]
fn cut_off(played: &mut Played, verb: &str, controller: ControllerId) {
    let view = played.view();
    let others = view.controllers.iter().map(|one| one.id).filter(|id| *id != controller);
    let others = others.map(|id| id.to_string());
    let brokers = view.brokers.iter().map(|broker| broker.id.to_string());
    for other in others.chain(brokers).collect::<Vec<_>>() {
        let line = format!("network {verb} controller{controller} {other}");
        played.session.submit("t1", &line).expect("the line can be read");
        // One command at a time runs on a terminal.
        let soon = highwater_scenario::cluster::time::Time(played.session.now().0 + 1_000);
        played.session.advance(soon, u32::MAX);
    }
}

/// The active controller goes, another comes: topics can be created and the ISR changes as before,
/// and no broker is fenced for it.
#[track_caller]
fn check_failover(options: &str, verb: &str) {
    let mut played = writing(options);
    let before = active(&played);
    then(&mut played, &format!("controller {verb} {}", before.id), 9);
    let after = active(&played);
    assert!(after.id != before.id && after.epoch > before.epoch, "{}", played.story());
    let fenced: Vec<_> =
        played.view().brokers.iter().filter(|one| one.is_fenced).cloned().collect();
    assert!(fenced.len() <= usize::from(options.contains("combined")), "{}", played.story());
    then(&mut played, &format!("{CREATE} payments"), 3);
    assert!(has_topic(&played, "payments"), "{}\n{:?}", played.story(), played.output());
    let others = (1..=3).find(|id| *id != before.id.0).expect("there are three");
    if !options.contains("combined") {
        then(&mut played, &format!("broker kill {others}"), 15);
        assert_eq!(played.partition("orders", 0).isr.len(), 2, "{}", played.story());
        then(&mut played, &format!("broker start {others}"), 10);
        assert_eq!(played.partition("orders", 0).isr.len(), 3, "{}", played.story());
    }
    then(&mut played, &format!("controller start {}", before.id), 12);
    let view = played.view();
    let ends: Vec<_> = view.controllers.iter().map(|one| one.high_watermark).collect();
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}\n{}", played.story());
    assert_eq!(played.partition("orders", 1).isr.len(), 3, "{}", played.story());
}

#[test]
fn another_controller_takes_over_when_the_active_one_is_killed() {
    check_failover("--controllers 3", "kill");
}

#[test]
fn another_controller_takes_over_when_the_active_one_shuts_down() {
    check_failover("--controllers 3", "stop");
}

#[test]
fn one_of_five_controllers_takes_over() {
    check_failover("--controllers 5", "kill");
}

#[test]
fn a_process_that_is_broker_and_controller_dies_as_both() {
    check_failover("--controllers 3 --combined", "kill");
}

#[test]
fn a_process_that_is_broker_and_controller_shuts_down_as_both() {
    check_failover("--controllers 3 --combined", "stop");
}

#[test]
fn without_a_majority_nothing_changes_and_producers_go_on() {
    let mut played = writing("--controllers 3");
    let leader = active(&played).id;
    let all: Vec<_> = played.view().controllers.iter().map(|one| one.id).collect();
    let others: Vec<_> = all.into_iter().filter(|id| *id != leader).collect();
    then(&mut played, &format!("controller kill {}", others[0]), 1);
    then(&mut played, &format!("controller kill {}", others[1]), 5);
    let count = acknowledged(&played);
    let view = played.view();
    let left = view.controllers.iter().find(|one| one.id == leader).expect("it runs");
    assert!(!left.is_active && left.role != QuorumRole::Leader, "{left:?}\n{}", played.story());
    then(&mut played, &format!("{CREATE} payments"), 10);
    assert!(!has_topic(&played, "payments"), "{}", played.story());
    assert!(acknowledged(&played) > count + 100, "producers do not need the controllers");
    played.session.submit("t2", &format!("controller start {}", others[0])).expect("it reads");
    let now = played.session.now().0 / 1_000_000;
    played.play_to(now + 10);
    active(&played);
    assert!(has_topic(&played, "payments"), "what waited is done: {}", played.story());
}

#[test]
fn an_active_controller_that_is_cut_off_resigns_and_takes_its_decisions_back() {
    let mut played = writing("--controllers 3");
    let old = active(&played);
    cut_off(&mut played, "cut", old.id);
    let now = played.session.now().0 / 1_000_000;
    // It hears of no broker any more. Within its last three seconds, it fences none.
    played.play_to(now + 10);
    let new = active(&played);
    assert!(new.id != old.id && new.epoch > old.epoch, "{}", played.story());
    then(&mut played, &format!("{CREATE} payments"), 3);
    assert!(has_topic(&played, "payments"), "{}", played.story());
    cut_off(&mut played, "heal", old.id);
    let now = played.session.now().0 / 1_000_000;
    played.play_to(now + 5);
    assert_eq!(active(&played).id, new.id, "who comes back unseats nobody: {}", played.story());
    let view = played.view();
    let back = view.controllers.iter().find(|one| one.id == old.id).expect("it is there");
    assert_eq!(
        (back.role, back.high_watermark),
        (QuorumRole::Follower, active(&played).high_watermark)
    );
}

#[test]
fn what_only_the_old_leader_had_vanishes() {
    let mut played = writing("--controllers 3");
    let old = active(&played);
    let all: Vec<_> = played.view().controllers.iter().map(|one| one.id).collect();
    // Its followers cannot reach it, but brokers can: it decides, and nothing is committed.
    for other in all.into_iter().filter(|id| *id != old.id) {
        let line = format!("network cut controller{} controller{other}", old.id);
        played.session.submit("t2", &line).expect("it reads");
        let soon = highwater_scenario::cluster::time::Time(played.session.now().0 + 1_000);
        played.session.advance(soon, u32::MAX);
    }
    played.session.submit("t1", &format!("{CREATE} doubtful")).expect("it reads");
    let now = played.session.now().0 / 1_000_000;
    played.play_to(now + 20);
    let told = played.story();
    assert!(told.contains("takes back what it decided"), "{told}");
    // The client's request was passed on again, to the new controller: the topic is there once.
    assert!(has_topic(&played, "doubtful"), "{told}");
    assert!(active(&played).id != old.id, "{told}");
}

#[test]
fn snapshots_take_the_place_of_the_log_for_those_who_come_back() {
    let script = format!(
        "highwater 1\nseed 42\ncluster --brokers 3 --controllers 3\n\
         config * metadata.log.max.record.bytes.between.snapshots=600\n\
         config * metadata.max.retention.bytes=2000\n\
         @8s t1> {CREATE} orders\n"
    );
    let mut played = play(&script, 12);
    let follower = played.view().controllers.into_iter().find(|one| !one.is_active);
    let follower = follower.expect("one follows").id;
    then(&mut played, &format!("controller kill {follower}"), 1);
    then(&mut played, "broker kill 2", 1);
    for number in 0..6 {
        then(&mut played, &format!("{CREATE} more{number}"), 2);
    }
    let leader = active(&played);
    assert!(leader.log_start_offset.0 > 0, "the log was not cut: {leader:?}");
    then(&mut played, &format!("controller start {follower}"), 1);
    then(&mut played, "broker start 2", 10);
    let told = played.details();
    assert!(told.contains(&format!("is loaded by controller {follower}")), "{told}");
    assert!(told.contains("is loaded by broker 2"), "{told}");
    let view = played.view();
    let back = view.controllers.iter().find(|one| one.id == follower).expect("it is there");
    assert_eq!(back.high_watermark, active(&played).high_watermark, "{told}");
    for number in 0..6 {
        let isr = played.partition(&format!("more{number}"), 0).isr;
        assert_eq!(isr.len(), 3, "more{number}: {isr:?}\n{told}");
    }
    // It has all of it, and can lead.
    then(&mut played, &format!("controller kill {}", leader.id), 9);
    then(&mut played, &format!("{CREATE} last"), 3);
    assert!(has_topic(&played, "last") && has_topic(&played, "more5"), "{}", played.story());
}

#[test]
fn a_single_controller_goes_on_where_it_stopped() {
    let mut played = writing("--controllers 1");
    then(&mut played, "controller kill 101", 5);
    let before = acknowledged(&played);
    then(&mut played, "controller start 101", 5);
    assert_eq!(active(&played).epoch.0, 2);
    assert!(played.view().brokers.iter().all(|broker| !broker.is_fenced), "{}", played.story());
    then(&mut played, &format!("{CREATE} payments"), 3);
    assert!(has_topic(&played, "payments") && acknowledged(&played) > before);
}

/// Whole clusters whose controllers and brokers die, come back and are cut off from each other, by
/// chance. Afterwards everything works, and nothing was lost or told twice.
#[test]
fn clusters_outlive_faults_of_their_controllers() {
    for seed in 0..16 {
        check_faults(seed);
    }
}

#[track_caller]
fn check_faults(seed: u64) {
    let script = faults(seed);
    let mut played = play(&script, 110);
    let context = |played: &Played| format!("seed {seed}\n{}\n\n{script}", played.story());
    for index in 0..3 {
        let isr = played.partition("orders", index).isr;
        assert_eq!(isr.len(), 3, "{}", context(&played));
    }
    let lost = played.session.invariants().acknowledged().lost();
    assert_eq!(lost, 0, "{}", context(&played));
    assert!(acknowledged(&played) > 100, "{}", context(&played));
    then(&mut played, &format!("{CREATE} after"), 5);
    assert!(has_topic(&played, "after"), "{}", context(&played));
    let controllers = played.view().controllers;
    let active = controllers.iter().filter(|one| one.is_active).count();
    let agree = controllers.iter().all(|one| one.high_watermark == controllers[0].high_watermark);
    assert!(active == 1 && agree, "{controllers:?}\n{}", context(&played));
}

/// Faults from the tenth second to the sixtieth; then all is started and healed.
fn faults(seed: u64) -> String {
    let combined = seed % 4 == 3;
    let options = if combined { "--controllers 3 --combined" } else { "--controllers 3" };
    let mut script = format!(
        "highwater 1\nseed {seed}\ncluster --brokers 3 {options}\nconfig * min.insync.replicas=2\n\
         @5s t1> {CREATE} orders\n@8s t1> producer start p1 --topic orders --rate 20 --keys 9\n"
    );
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5151;
    let mut below = |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    let first = if combined { 1 } else { 101 };
    let mut links = Vec::new();
    let mut at_ms = 10_000;
    while at_ms < 60_000 {
        at_ms += 500 + below(4_000);
        let (controller, broker) = (first + below(3), 1 + below(3));
        let line = match below(7) {
            0 => format!("controller kill {controller}"),
            1 => format!("controller stop {controller}"),
            2 | 3 => format!("controller start {controller}"),
            4 if !combined => format!("network cut controller{controller} {broker}"),
            5 => {
                let other = first + (controller - first + 1) % 3;
                format!("network cut controller{controller} controller{other}")
            }
            _ => "network heal LAST".to_owned(),
        };
        let line = match line.strip_prefix("network cut ") {
            Some(link) => {
                links.push(link.to_owned());
                line
            }
            None if line.ends_with("LAST") => match links.pop() {
                Some(link) => format!("network heal {link}"),
                None => continue,
            },
            None => line,
        };
        script.push_str(&format!("@{at_ms}ms t2> {line}\n"));
    }
    // What runs already, or is not cut, says so.
    for (place, link) in links.iter().enumerate() {
        script.push_str(&format!("@{}ms t2> network heal {link}\n", 65_000 + place));
    }
    for (place, id) in (first..first + 3).enumerate() {
        script.push_str(&format!("@{}ms t2> controller start {id}\n", 66_000 + place));
    }
    for id in 1..=3 {
        script.push_str(&format!("@{}ms t2> broker start {id}\n", 72_000 + id));
    }
    script
}
