//! A group that changes its protocol while it reads, member by member, as in a rolling restart.

use highwater_scenario::cluster::event::GroupState;
use highwater_scenario::cluster::view::GroupView;
use highwater_tests::{Played, THREE_BROKERS, play};

const TOPIC: &str = "config * offsets.topic.num.partitions=3
@1s t1> kafka-topics.sh --create --topic orders --partitions 6 --replication-factor 3 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 100 --acks all --keys 60
";

/// What an application may see of records that are passed over.
const LOST: [&str; 2] = ["found.skipped-committed", "found.skipped-reset"];

/// The settings with which members of the consumer protocol are started.
const CONSUMER: &str = "--protocol consumer";
const COOPERATIVE: &str = "--assignor cooperative-sticky";

fn start(at: u64, name: &str, settings: &str) -> String {
    format!(
        "@{at}s t1> consumer start {name} --group billing --topic orders --from-beginning {settings}\n"
    )
}

/// Three members with these settings; one by one each is stopped, and started again with others. More
/// lines take their places by their times.
fn rolling_restart(before: &str, after: &str, more: &str) -> String {
    let names = ["c1", "c2", "c3"];
    let first = names.map(|name| start(3, name, before)).concat();
    let restarts = names.iter().zip([20, 30, 40]).map(|(name, at)| {
        format!("@{at}s t1> consumer stop {name}\n{}", start(at + 2, name, after))
    });
    let all = first + &restarts.collect::<String>() + "@56s t1> producer stop p1\n" + more;
    let mut lines: Vec<&str> = all.lines().collect();
    lines.sort_by_key(|line| line[1..].split('s').next().and_then(|at| at.parse::<u64>().ok()));
    lines.join("\n") + "\n"
}

#[track_caller]
fn group(played: &Played) -> GroupView {
    let groups = played.view().groups;
    groups
        .into_iter()
        .find(|group| group.id.as_str() == "billing")
        .unwrap_or_else(|| panic!("{}", played.story()))
}

/// How many members the group has of the classic protocol, and how many of the other.
fn protocols(group: &GroupView) -> (usize, usize) {
    let is_classic = |member: &&highwater_scenario::cluster::view::MemberView| {
        member.reconciliation.as_ref().is_none_or(|way| way.is_classic)
    };
    let classic = group.members.iter().filter(is_classic).count();
    (classic, group.members.len() - classic)
}

/// No record was passed over; how many were read more than once.
#[track_caller]
fn check_nothing_lost(played: &Played, script: &str) -> u64 {
    let view = played.view();
    let read: u64 = view.consumers.iter().map(|consumer| consumer.records_consumed).sum();
    let written = view.producers[0].records_acknowledged;
    assert!(written > 5_000, "{written}");
    assert!(read >= written, "{read} of {written}: {script}\n{}", played.story());
    let found = played.session.invariants().found().iter();
    let lost: Vec<_> = found.filter(|finding| LOST.contains(&finding.what.id())).collect();
    assert!(lost.is_empty(), "{lost:#?}\n{script}\n{}", played.story());
    read - written
}

/// Restarts three members one by one: how many of each protocol there are after each. Returns how many
/// records were read more than once.
#[track_caller]
fn check(before: &str, after: &str, expected: [(usize, usize); 4]) -> (Played, u64) {
    let script = format!("{THREE_BROKERS}{TOPIC}{}", rolling_restart(before, after, ""));
    let mut played = play(&script, 19);
    for (expected, until) in expected.into_iter().zip([19, 29, 39, 55]) {
        played.play_to(until);
        let group = group(&played);
        let settled = (protocols(&group), group.state);
        assert_eq!(settled, (expected, GroupState::Stable), "{script}\n{}", played.story());
    }
    played.play_to(80);
    let repeated = check_nothing_lost(&played, &script);
    (played, repeated)
}

const OVER: [(usize, usize); 4] = [(3, 0), (2, 1), (1, 2), (0, 3)];
const BACK: [(usize, usize); 4] = [(0, 3), (1, 2), (2, 1), (3, 0)];

#[test]
fn a_rolling_restart_takes_a_group_over_to_the_consumer_protocol() {
    for assignor in ["range", "roundrobin", "sticky"] {
        let (played, repeated) = check(&format!("--assignor {assignor}"), CONSUMER, OVER);
        assert!(group(&played).assignment_epoch.is_some());
        let told = "Group billing goes over to the consumer protocol with epoch";
        assert_eq!(played.story().matches(told).count(), 1, "{}", played.story());
        assert_eq!(repeated, 0, "{assignor}\n{}", played.story());
    }
}

#[test]
fn a_rolling_restart_takes_a_group_back_to_the_classic_protocol() {
    let (played, repeated) = check(CONSUMER, "--assignor range", BACK);
    let group = group(&played);
    assert_eq!((group.assignment_epoch, group.assignor.as_deref()), (None, Some("range")));
    let told = "Group billing goes back to the classic protocol with generation";
    assert_eq!(played.story().matches(told).count(), 1, "{}", played.story());
    assert_eq!(repeated, 0, "{}", played.story());
}

/// A cooperative member reads on while it joins, and does not commit again before it gives back what it
/// has lost, as in Kafka: whoever gets that reads a little of it again, in a mixed group as in any.
#[test]
fn under_the_cooperative_protocol_little_is_read_again_and_nothing_lost() {
    for (before, after, expected) in [(COOPERATIVE, CONSUMER, OVER), (CONSUMER, COOPERATIVE, BACK)]
    {
        let (played, repeated) = check(before, after, expected);
        assert!(repeated < 50, "{repeated}\n{}", played.story());
    }
}

#[test]
fn the_coordinator_may_move_while_a_group_goes_over() {
    let script =
        |more: &str| format!("{THREE_BROKERS}{TOPIC}{}", rolling_restart("", CONSUMER, more));
    let coordinator = group(&play(&script(""), 19)).coordinator.0;
    // It dies when the group is mixed, and comes back when the last has been restarted.
    let more = format!("@33s t2> broker kill {coordinator}\n@52s t2> broker start {coordinator}\n");
    let played = play(&script(&more), 95);
    let group = group(&played);
    assert_ne!(group.coordinator.0, coordinator);
    let settled = (protocols(&group), group.state);
    assert_eq!(settled, ((0, 3), GroupState::Stable), "{}", played.story());
    check_nothing_lost(&played, &script(&more));
}

#[test]
fn a_group_that_may_not_go_over_refuses_the_other_protocol() {
    let policy = "config * group.consumer.migration.policy=disabled\n";
    let script = format!("{THREE_BROKERS}{policy}{TOPIC}{}", start(3, "c1", ""));
    let played = play(&format!("{script}{}", start(15, "c2", CONSUMER)), 30);
    let consumers = played.view().consumers;
    let refused =
        consumers.iter().find(|consumer| &*consumer.name == "c2").expect("it was started");
    let error = refused.last_error.as_deref().unwrap_or_default();
    assert!(error.contains("online upgrade is disabled"), "{error}\n{}", played.story());
    assert_eq!(protocols(&group(&played)), (1, 0));
}

/// Members come, go and are killed as chance has it, in either protocol. No partition may have two
/// owners meanwhile, which [`play`] checks, and those that are there in the end share all of them.
#[test]
fn whoever_comes_and_goes_in_which_protocol_ever_all_settle() {
    for seed in 1..=5_u64 {
        let script = format!("{THREE_BROKERS}{TOPIC}{}", come_and_go(seed));
        let played = play(&script, 140);
        let group = group(&played);
        assert_eq!(group.state, GroupState::Stable, "{seed}: {script}\n{}", played.story());
        let mut owned: Vec<i32> = group
            .members
            .iter()
            .flat_map(|member| &member.assignment)
            .map(|partition| partition.partition.0)
            .collect();
        owned.sort_unstable();
        assert_eq!(owned, [0, 1, 2, 3, 4, 5], "{seed}: {script}\n{}", played.story());
        let alive: Vec<Vec<i32>> = played
            .view()
            .consumers
            .iter()
            .filter(|consumer| !consumer.assignment.is_empty() && !consumer.is_closed)
            .map(|consumer| {
                let own = consumer.assignment.iter();
                own.map(|position| position.partition.partition.0).collect()
            })
            .collect();
        let mut used = alive.concat();
        used.sort_unstable();
        assert_eq!(used, owned, "{seed}: {script}\n{}", played.story());
    }
}

/// What four members do in the first minute, by a generator of its own (the constants of Knuth's MMIX).
fn come_and_go(seed: u64) -> String {
    let mut state = seed;
    let mut below = |bound: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut is_there = [false; 4];
    let mut lines = String::new();
    for at in (3..60).step_by(3) {
        let member = below(4) as usize;
        let name = format!("c{member}");
        let how = below(4);
        if is_there[member] {
            let verb = if how == 0 { "kill" } else { "stop" };
            lines += &format!("@{at}s t1> consumer {verb} {name}\n");
        } else {
            let settings = ["", "--assignor cooperative-sticky,range", CONSUMER, CONSUMER];
            lines += &start(at, &name, settings[how as usize]);
        }
        is_there[member] = !is_there[member];
    }
    if is_there == [false; 4] { lines + &start(60, "c4", CONSUMER) } else { lines }
}
