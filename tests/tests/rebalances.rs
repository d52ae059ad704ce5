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
