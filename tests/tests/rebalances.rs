//! Rebalances as a learner can see them: who stops reading, who goes on, and what a member that comes
//! back finds.

use highwater_scenario::cluster::event::GroupState;
use highwater_scenario::cluster::view::{ConsumerView, GroupView};
use highwater_tests::{Played, THREE_BROKERS, play};

const TOPIC: &str = "config * offsets.topic.num.partitions=3
@1s t1> kafka-topics.sh --create --topic orders --partitions 6 --replication-factor 3 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 100 --acks all --keys 60
";

fn rebalancing(more: &str, until_seconds: u64) -> Played {
    play(&format!("{THREE_BROKERS}{TOPIC}{more}"), until_seconds)
}

#[track_caller]
fn group(played: &Played) -> GroupView {
    let groups = played.view().groups;
    groups
        .into_iter()
        .find(|group| group.id.as_str() == "billing")
        .unwrap_or_else(|| panic!("{}", played.story()))
}

/// The newest consumer of that name.
#[track_caller]
fn consumer(played: &Played, name: &str) -> ConsumerView {
    let consumers = played.view().consumers;
    consumers.into_iter().rev().find(|consumer| &*consumer.name == name).expect("it was started")
}

fn owned(played: &Played, name: &str) -> Vec<i32> {
    let assignment = consumer(played, name).assignment;
    assignment.iter().map(|position| position.partition.partition.0).collect()
}

/// How many records c1 reads in two seconds during which c2 takes four over giving partitions back,
/// since c3 joins.
fn read_while_another_is_slow(assignor: &str) -> (u64, Played) {
    let start = |at: &str, name: &str, more: &str| {
        format!(
            "@{at} t1> consumer start {name} --group billing --topic orders --assignor {assignor} \
             --config heartbeat.interval.ms=500 {more}\n"
        )
    };
    let more =
        start("3s", "c1", "") + &start("3s", "c2", "--revoke-ms 4000") + &start("25s", "c3", "");
    let mut played = rebalancing(&more, 26);
    let before = consumer(&played, "c1").records_consumed;
    assert_eq!(owned(&played, "c3"), [0; 0], "c2 has not let go yet\n{}", played.story());
    played.play_to(28);
    (consumer(&played, "c1").records_consumed - before, played)
}

#[test]
fn under_the_eager_protocol_everybody_stops() {
    let (read, played) = read_while_another_is_slow("range");
    assert_eq!(read, 0, "{}", played.story());
}

#[test]
fn under_the_cooperative_protocol_whoever_keeps_a_partition_reads_on() {
    let (read, mut played) = read_while_another_is_slow("cooperative-sticky");
    assert!(read > 50, "{read}\n{}", played.story());
    played.play_to(60);
    let mut all: Vec<i32> =
        ["c1", "c2", "c3"].iter().flat_map(|name| owned(&played, name)).collect();
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3, 4, 5], "{}", played.story());
}

#[test]
fn a_cooperative_rebalance_takes_two_generations_to_move_a_partition() {
    let more = "@3s t1> consumer start c1 --group billing --topic orders --from-beginning --assignor cooperative-sticky\n\
                @15s t1> consumer start c2 --group billing --topic orders --from-beginning --assignor cooperative-sticky\n";
    let mut played = rebalancing(more, 14);
    assert_eq!(group(&played).generation.0, 1, "{}", played.story());
    assert_eq!(owned(&played, "c1").len(), 6);
    played.play_to(30);
    assert_eq!(group(&played).generation.0, 3, "{}", played.story());
    assert_eq!(group(&played).assignor.as_deref(), Some("cooperative-sticky"));
    let (first, second) = (owned(&played, "c1"), owned(&played, "c2"));
    assert_eq!((first.len(), second.len()), (3, 3), "{}", played.story());
    let story = played.story();
    let got = story.lines().filter(|line| line.contains("c1 got")).count();
    assert_eq!(got, 1, "what it keeps was never taken from it\n{story}");
}

#[test]
fn the_sticky_assignor_leaves_partitions_where_they_are() {
    let more = "@3s t1> consumer start c1 --group billing --topic orders --assignor sticky\n\
                @3s t1> consumer start c2 --group billing --topic orders --assignor sticky\n\
                @15s t1> consumer start c3 --group billing --topic orders --assignor sticky\n";
    let mut played = rebalancing(more, 14);
    let before = [owned(&played, "c1"), owned(&played, "c2")];
    played.play_to(30);
    for (name, had) in ["c1", "c2"].iter().zip(before) {
        let has = owned(&played, name);
        assert_eq!(has.len(), 2, "{}", played.story());
        assert!(has.iter().all(|partition| had.contains(partition)), "{has:?} of {had:?}");
    }
}

#[test]
fn a_static_member_that_comes_back_in_time_costs_no_rebalance() {
    let member = |at: &str, name: &str, id: &str| {
        format!("@{at} t1> consumer start {name} --group billing --topic orders --instance {id}\n")
    };
    let more = member("3s", "c1", "i1") + &member("3s", "c2", "i2");
    let more = more + "@20s t1> consumer stop c2\n" + &member("25s", "c2", "i2");
    let mut played = rebalancing(&more, 19);
    let before = (group(&played).generation, owned(&played, "c2"));
    played.play_to(24);
    assert_eq!(group(&played).members.len(), 2, "it is missed only later\n{}", played.story());
    played.play_to(32);
    assert_eq!((group(&played).generation, owned(&played, "c2")), before, "{}", played.story());
    assert_eq!(group(&played).state, GroupState::Stable);
}

#[test]
fn of_two_static_members_with_one_id_the_older_is_fenced() {
    let more = "@3s t1> consumer start c1 --group billing --topic orders --instance i1\n\
                @15s t1> consumer start c2 --group billing --topic orders --instance i1\n";
    let played = rebalancing(more, 30);
    let older = consumer(&played, "c1");
    assert_eq!(older.last_error.as_deref(), Some("FENCED_INSTANCE_ID"), "{}", played.story());
    assert_eq!(owned(&played, "c2").len(), 6, "{}", played.story());
}

#[test]
fn a_consumer_may_leave_or_stay_as_it_closes() {
    let after = |options: &str| {
        let more = format!(
            "@3s t1> consumer start c1 --group billing --topic orders {options}\n\
             @15s t1> consumer stop c1\n"
        );
        let played = rebalancing(&more, 20);
        assert!(consumer(&played, "c1").is_closed, "{}", played.story());
        group(&played).members.len()
    };
    assert_eq!(after(""), 0);
    assert_eq!(after("--on-close remain"), 1);
    assert_eq!(after("--instance i1"), 1);
    assert_eq!(after("--instance i1 --on-close leave"), 0);
}

#[test]
fn a_pattern_finds_topics_that_are_created_later() {
    let create = |at: &str, topic: &str| {
        format!(
            "@{at} t1> kafka-topics.sh --create --topic {topic} --partitions 2 --replication-factor 3 --bootstrap-server broker1:9092\n"
        )
    };
    let more = "@3s t1> consumer start c1 --group billing --pattern 'order.*' --config metadata.max.age.ms=5000\n"
        .to_owned()
        + &create("15s", "orders-eu")
        + &create("16s", "payments");
    let mut played = rebalancing(&more, 14);
    let topics = |played: &Played| -> Vec<String> {
        consumer(played, "c1").topics.iter().map(ToString::to_string).collect()
    };
    assert_eq!(topics(&played), ["orders"], "{}", played.story());
    assert_eq!(owned(&played, "c1").len(), 6, "{}", played.story());
    played.play_to(30);
    assert_eq!(topics(&played), ["orders", "orders-eu"], "{}", played.story());
    assert_eq!(owned(&played, "c1").len(), 8, "{}", played.story());
    assert_eq!(consumer(&played, "c1").pattern.as_deref(), Some("order.*"));
}

/// Two members of the consumer protocol, the second of which comes at 15 s.
const COORDINATED: &str = "@3s t1> consumer start c1 --group billing --topic orders --from-beginning --protocol consumer\n\
    @15s t1> consumer start c2 --group billing --topic orders --from-beginning --protocol consumer\n";

#[test]
fn under_the_consumer_protocol_only_what_moves_changes_hands() {
    let mut played = rebalancing(COORDINATED, 14);
    assert_eq!(owned(&played, "c1").len(), 6, "{}", played.story());
    let first = consumer(&played, "c1");
    assert_eq!((first.group_protocol.name(), first.member_state), ("consumer", "STABLE"));
    played.play_to(40);
    let kept = owned(&played, "c1");
    assert_eq!((kept.len(), owned(&played, "c2").len()), (3, 3), "{}", played.story());
    let view = group(&played);
    assert_eq!(view.state, GroupState::Stable, "{}", played.story());
    assert_eq!(consumer(&played, "c2").generation, view.generation);
    let story = played.story();
    let got = story.lines().filter(|line| line.contains("c1 got")).count();
    assert_eq!(got, 1, "what it keeps was never taken from it\n{story}");
}

#[test]
fn a_member_of_the_consumer_protocol_reads_everything_once_while_others_come_and_go() {
    let more = format!("{COORDINATED}@30s t1> consumer stop c1\n@38s t1> producer stop p1\n");
    let played = rebalancing(&more, 60);
    assert!(consumer(&played, "c1").is_closed);
    assert_eq!(owned(&played, "c2").len(), 6, "{}", played.story());
    let read: u64 = ["c1", "c2"].iter().map(|name| consumer(&played, name).records_consumed).sum();
    assert_eq!(read, played.view().producers[0].records_acknowledged, "{}", played.story());
}

#[test]
fn a_killed_member_of_the_consumer_protocol_is_missed_when_its_session_ends() {
    let more = format!("{COORDINATED}@40s t1> consumer kill c2\n");
    let mut played = rebalancing(&more, 60);
    assert_eq!(owned(&played, "c1").len(), 3, "{}", played.story());
    played.play_to(110);
    assert_eq!(owned(&played, "c1").len(), 6, "{}", played.story());
}

#[test]
fn members_of_the_consumer_protocol_outlive_their_coordinator() {
    let coordinator = group(&rebalancing(COORDINATED, 30)).coordinator.0;
    let more = format!("{COORDINATED}@30s t2> broker kill {coordinator}\n");
    let played = rebalancing(&more, 70);
    let view = group(&played);
    assert_ne!(view.coordinator.0, coordinator);
    assert_eq!(view.state, GroupState::Stable, "{}", played.story());
    assert_eq!(owned(&played, "c1").len() + owned(&played, "c2").len(), 6);
}

#[test]
fn a_pattern_of_the_consumer_protocol_is_matched_by_the_coordinator() {
    let more = "@3s t1> consumer start c1 --group billing --pattern 'ord.*' --protocol consumer\n\
                @15s t1> kafka-topics.sh --create --topic orders-eu --partitions 2 --replication-factor 3 --bootstrap-server broker1:9092\n";
    let played = rebalancing(more, 60);
    assert_eq!(owned(&played, "c1").len(), 8, "{}", played.story());
}

#[test]
fn an_assignor_that_the_coordinator_does_not_know_ends_the_consumer() {
    let more = "@3s t1> consumer start c1 --group billing --topic orders --protocol consumer --assignor nope\n";
    let played = rebalancing(more, 15);
    let error = consumer(&played, "c1").last_error.unwrap_or_default();
    assert!(error.contains("ServerAssignor nope is not supported"), "{error}");
}

#[test]
fn a_static_member_of_the_consumer_protocol_keeps_its_place_while_it_is_away() {
    let member = |at: &str, name: &str, id: &str| {
        format!(
            "@{at} t1> consumer start {name} --group billing --topic orders --protocol consumer --instance {id}\n"
        )
    };
    let more = member("3s", "c1", "i1") + &member("3s", "c2", "i2");
    let more = more + "@30s t1> consumer stop c2\n" + &member("35s", "c2", "i2");
    let mut played = rebalancing(&more, 29);
    let before = (group(&played).generation, owned(&played, "c2"));
    played.play_to(34);
    assert_eq!(group(&played).members.len(), 2, "{}", played.story());
    played.play_to(45);
    assert_eq!((group(&played).generation, owned(&played, "c2")), before, "{}", played.story());
}
