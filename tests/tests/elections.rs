//! Who leads: preferred leaders that come back, asked for or not, and leaders that were out of sync.

use highwater_scenario::invariants::{Anomaly, LossCause};
use highwater_tests::{Played, THREE_BROKERS, play};

/// One partition on brokers 1 to 3, and a producer with acks=all.
fn writing(header: &str, topic: &str, more: &str, until_seconds: u64) -> Played {
    let create = "kafka-topics.sh --bootstrap-server broker1:9092 --create --topic orders";
    let script = format!(
        "{THREE_BROKERS}{header}@1s t1> {create} {topic}\n\
         @2s t1> producer start p1 --topic orders --rate 10 --acks all\n{more}"
    );
    play(&script, until_seconds)
}

const ON_ALL: &str = "--replica-assignment 1:2:3";

fn leader(played: &Played) -> Option<i32> {
    played.partition("orders", 0).leader.map(|id| id.0)
}

#[track_caller]
fn check_leader(played: &mut Played, second: u64, expected: Option<i32>) {
    played.play_to(second);
    assert_eq!(leader(played), expected, "at {second} s\n{}", played.story());
}

#[test]
fn leaders_stay_where_they_are_until_a_preferred_election_is_asked_for() {
    let elect =
        "kafka-leader-election.sh --bootstrap-server broker2:9092 --election-type preferred";
    let more = format!(
        "@10s t2> broker stop 1\n@20s t2> broker start 1\n\
         @60s t2> {elect} --topic orders --partition 0\n@70s t2> {elect} --all-topic-partitions\n"
    );
    let mut played = writing("", ON_ALL, &more, 15);
    check_leader(&mut played, 15, Some(2));
    check_leader(&mut played, 59, Some(2));
    check_leader(&mut played, 62, Some(1));
    played.play_to(80);
    let said = "Successfully completed leader election (PREFERRED) for partitions orders-0";
    assert_eq!(played.output().last().map(String::as_str), Some(said), "{:?}", played.output());
    assert_eq!(played.session.invariants().acknowledged().lost(), 0);
}

#[test]
fn preferred_leaders_come_back_by_themselves_every_interval() {
    let more = "@10s t2> broker stop 1\n@20s t2> broker start 1\n";
    let every_40_s = "config * leader.imbalance.check.interval.seconds=40\n";
    let mut played = writing(every_40_s, ON_ALL, more, 38);
    check_leader(&mut played, 38, Some(2));
    check_leader(&mut played, 42, Some(1));
    let never = format!("{every_40_s}config * auto.leader.rebalance.enable=false\n");
    let mut played = writing(&never, ON_ALL, more, 38);
    check_leader(&mut played, 100, Some(2));
    // The default is 300 s, counted from when the controller became active.
    let mut played = writing("", ON_ALL, more, 38);
    check_leader(&mut played, 299, Some(2));
    check_leader(&mut played, 301, Some(1));
}

/// Broker 2 is left behind; then broker 1 dies, which alone is in sync.
const LEFT_BEHIND: &str =
    "@10s t2> broker kill 2\n@30s t2> broker kill 1\n@50s t2> broker start 2\n";
const ON_TWO: &str = "--replica-assignment 1:2";

#[track_caller]
fn check_unclean(mut played: Played, elected_at: u64) {
    played.play_to(elected_at + 3);
    assert_eq!(leader(&played), Some(2), "{}", played.story());
    let sentence = "Broker 2 was elected leader of orders-0 though it is out of sync";
    assert!(played.story().contains(sentence), "{}", played.story());
    let lost = played.session.invariants().acknowledged().lost();
    assert!(lost > 50, "{lost} were lost\n{}", played.story());
    let found = played.session.invariants().found().iter();
    // Both had a part in it: the leader was left alone in the ISR, and then one from outside was elected.
    let named: Vec<LossCause> = found
        .filter_map(|found| match found.what {
            Anomaly::LostWrite { why, .. } => Some(why),
            _ => None,
        })
        .collect();
    let is_known = |why: &LossCause| *why == LossCause::MinIsrOfOne;
    assert!(!named.is_empty() && named.iter().all(is_known), "{named:?}");
    // The old leader comes back, and cuts off what the new one never had.
    let script = format!("{}@{}s t3> broker start 1\n", played.session.script(), elected_at + 5);
    let back = play(&script, elected_at + 40);
    assert!(back.story().contains("Broker 1 cut orders-0 back"), "{}", back.story());
    assert_eq!(back.partition("orders", 0).isr.len(), 2, "{}", back.story());
    assert_eq!(back.session.invariants().acknowledged().lost(), lost, "{}", back.story());
}

#[test]
fn a_topic_may_prefer_a_leader_that_is_out_of_sync_to_none() {
    let topic = format!("{ON_TWO} --config unclean.leader.election.enable=true");
    check_unclean(writing("", &topic, LEFT_BEHIND, 49), 53);
}

#[test]
fn so_may_all_brokers_but_a_topic_can_have_it_otherwise() {
    let header = "config * unclean.leader.election.enable=true\n";
    check_unclean(writing(header, ON_TWO, LEFT_BEHIND, 49), 53);
    let topic = format!("{ON_TWO} --config unclean.leader.election.enable=false");
    let mut played = writing(header, &topic, LEFT_BEHIND, 49);
    check_leader(&mut played, 100, None);
}

#[test]
fn an_unclean_election_can_be_asked_for_where_it_is_not_allowed() {
    let elect = "kafka-leader-election.sh --bootstrap-server broker3:9092 --election-type";
    let asked = format!(
        "{LEFT_BEHIND}@60s t2> {elect} preferred --topic orders --partition 0\n\
         @70s t2> {elect} unclean --topic orders --partition 0\n"
    );
    let mut played = writing("", ON_TWO, &asked, 49);
    check_leader(&mut played, 65, None);
    let refused = "Error completing leader election (PREFERRED) for partition: orders-0: \
         org.apache.kafka.common.errors.PreferredLeaderNotAvailableException: The preferred leader was not available.";
    assert!(played.output().iter().any(|line| line == refused), "{:#?}", played.output());
    check_unclean(played, 70);
}

#[test]
fn elections_that_make_no_sense_are_refused_with_a_way_out() {
    let tool = "kafka-leader-election.sh";
    let at = "--bootstrap-server broker1:9092";
    let file = "@3s file twice.json <<END\n\
                {\"partitions\":[{\"topic\":\"orders\",\"partition\":0},{\"topic\":\"orders\",\"partition\":0}]}\nEND\n";
    for (line, error) in [
        (
            tool.to_owned(),
            "This tool attempts to elect a new leader for a set of topic partitions.",
        ),
        (format!("{tool} {at}"), "Missing required option(s): election-type"),
        (
            format!("{tool} {at} --election-type preferred"),
            "One and only one of the following options is required: topic, all-topic-partitions, path-to-json-file",
        ),
        (
            format!("{tool} {at} --election-type preferred --topic orders"),
            "Missing required option(s): partition",
        ),
        (
            format!("{tool} {at} --election-type preferred --partition 0 --all-topic-partitions"),
            "Option partition is only allowed if topic is used",
        ),
        (
            format!("{tool} {at} --election-type best --all-topic-partitions"),
            "Cannot parse argument 'best' of option election-type",
        ),
        (
            format!("{tool} {at} --election-type preferred --path-to-json-file none.json"),
            "none.json",
        ),
        (
            format!("{tool} {at} --election-type preferred --path-to-json-file twice.json"),
            "Replica election data contains duplicate partitions: [orders-0]",
        ),
    ] {
        let played = writing("", ON_ALL, &format!("{file}@5s t2> {line}\n"), 8);
        let said = played.output();
        assert!(said.iter().any(|said| said.starts_with(error)), "{line}\n{said:#?}");
    }
}
