//! Consumer groups as a learner can see them: joining, sharing out, leaving, dying, resuming.

use highwater_scenario::cluster::event::GroupState;
use highwater_scenario::cluster::view::{ConsumerView, GroupView};
use highwater_tests::{Played, THREE_BROKERS, play};

const READING: &str = "config * offsets.topic.num.partitions=3
@1s t1> kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 --bootstrap-server broker1:9092
@2s t1> producer start p1 --topic orders --rate 20 --acks all --keys 9
@3s t1> consumer start c1 --group billing --topic orders --from-beginning
";

fn reading(more: &str, until_seconds: u64) -> Played {
    play(&format!("{THREE_BROKERS}{READING}{more}"), until_seconds)
}

#[track_caller]
fn group(played: &Played) -> GroupView {
    let groups = played.view().groups;
    groups
        .into_iter()
        .find(|group| group.id.as_str() == "billing")
        .unwrap_or_else(|| panic!("{}", played.story()))
}

#[track_caller]
fn consumer(played: &Played, name: &str) -> ConsumerView {
    let consumers = played.view().consumers;
    consumers.into_iter().find(|consumer| &*consumer.name == name).expect("it was started")
}

#[test]
fn one_member_owns_everything_and_reads_from_the_beginning() {
    let played = reading("", 15);
    let group = group(&played);
    assert_eq!(group.state, GroupState::Stable, "{}", played.story());
    assert_eq!(group.members.len(), 1);
    let consumer = consumer(&played, "c1");
    assert_eq!(consumer.assignment.len(), 3);
    let acknowledged = played.view().producers[0].records_acknowledged;
    assert!(
        consumer.records_consumed + 20 >= acknowledged,
        "{} of {acknowledged}",
        consumer.records_consumed
    );
}

#[test]
fn a_second_member_gets_its_share_by_range() {
    let played = reading("@15s t1> consumer start c2 --group billing --topic orders\n", 30);
    let mut shares: Vec<usize> =
        ["c1", "c2"].iter().map(|name| consumer(&played, name).assignment.len()).collect();
    shares.sort_unstable();
    assert_eq!(shares, [1, 2], "{}", played.story());
    assert_eq!(group(&played).assignor.as_deref(), Some("range"));
}

#[test]
fn who_leaves_gives_its_partitions_to_the_rest_at_once() {
    let more =
        "@15s t1> consumer start c2 --group billing --topic orders\n@30s t1> consumer stop c2\n";
    let played = reading(more, 36);
    assert_eq!(consumer(&played, "c1").assignment.len(), 3, "{}", played.story());
    assert_eq!(group(&played).members.len(), 1);
}

#[test]
fn who_dies_is_missed_only_when_its_session_runs_out() {
    let more =
        "@15s t1> consumer start c2 --group billing --topic orders\n@30s t1> consumer kill c2\n";
    let mut played = reading(more, 60);
    assert_eq!(group(&played).members.len(), 2, "session.timeout.ms is 45 s\n{}", played.story());
    played.play_to(85);
    assert_eq!(consumer(&played, "c1").assignment.len(), 3, "{}", played.story());
}

#[test]
fn a_group_goes_on_where_it_committed() {
    let more =
        "@15s t1> consumer stop c1\n@25s t1> consumer start c2 --group billing --topic orders\n";
    let played = reading(more, 45);
    let (first, second) = (consumer(&played, "c1"), consumer(&played, "c2"));
    let produced = played.view().producers[0].records_acknowledged;
    let read = first.records_consumed + second.records_consumed;
    assert!(read <= produced, "nothing is read twice: {read} of {produced}\n{}", played.story());
    assert!(read + 30 >= produced, "nothing is left out: {read} of {produced}\n{}", played.story());
}

#[test]
fn the_group_survives_its_coordinator() {
    let coordinator = group(&reading("", 15)).coordinator.0;
    let played = reading(&format!("@15s t2> broker kill {coordinator}\n"), 60);
    let after = group(&played);
    assert_ne!(after.coordinator.0, coordinator);
    assert_eq!(after.state, GroupState::Stable, "{}", played.story());
    assert!(!after.committed.is_empty(), "the committed offsets were rebuilt");
    assert_eq!(consumer(&played, "c1").assignment.len(), 3);
}
