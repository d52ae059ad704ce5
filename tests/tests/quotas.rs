//! Quotas of clients (KIP-13, KIP-124, KIP-219, KIP-599): who is held back, for how long, and that nothing is lost by it.

use std::collections::{BTreeMap, BTreeSet};

use highwater_scenario::cluster::event::EventKind;
use highwater_scenario::cluster::protocol::messages::ApiKey;
use highwater_scenario::cluster::quota::QuotaKind;
use highwater_scenario::cluster::quota::event::QuotaEvent;
use highwater_tests::{Played, play};

const ONE_BROKER: &str = "highwater 1\nseed 1\ncluster --brokers 1\n\
    config * offsets.topic.replication.factor=1\nconfig * offsets.topic.num.partitions=1\n\
    @0.1s t1> kafka-topics.sh --create --topic orders --partitions 1 --bootstrap-server broker1:9092\n";

const ALTER: &str = "kafka-configs.sh --bootstrap-server broker1:9092 --alter";

/// A cluster in which these lines ran.
fn run(lines: &str, until_seconds: u64) -> Played {
    play(&format!("{ONE_BROKER}{lines}"), until_seconds)
}

/// How often clients were held back for having produced or fetched too much, and for how many seconds in all.
fn held_back(played: &Played, wanted: QuotaKind) -> (usize, u64) {
    let quotas = played.session.causes().all().filter_map(|event| match &event.kind {
        EventKind::Quota(event) => Some(event.clone()),
        _ => None,
    });
    let waits = quotas.filter_map(|event| match &*event {
        QuotaEvent::Throttled { kind, wait, .. } if *kind == wanted => Some(wait.millis()),
        _ => None,
    });
    let waits: Vec<u64> = waits.collect();
    (waits.len(), waits.iter().sum::<u64>() / 1_000)
}

fn bytes_in_log(played: &Played) -> u64 {
    let view = played.view();
    let replicas = view.brokers.iter().flat_map(|broker| &broker.replicas);
    replicas.filter(|it| it.partition.topic.as_str() == "orders").map(|it| it.size_bytes).sum()
}

/// A producer that would send 12 kB a second, under a quota that these options of the tool name. So many
/// bytes a second it is held to, from 4 s on; none if it is not.
#[track_caller]
fn check_produced(quotas: &[(&str, u32)], held_to: Option<u64>) {
    let lines: String = quotas
        .iter()
        .map(|(entity, rate)| {
            format!("@1s t1> {ALTER} {entity} --add-config producer_byte_rate={rate}\n")
        })
        .collect();
    let lines =
        format!("{lines}@4s t1> producer start p1 --topic orders --rate 100 --value-bytes 100\n");
    let played = run(&lines, 64);
    let (times, seconds) = held_back(&played, QuotaKind::Produce);
    let bytes = bytes_in_log(&played);
    match held_to {
        None => assert_eq!((times, bytes > 600_000), (0, true), "{quotas:?}: {bytes} B"),
        Some(rate) => {
            // What may come at once is the quota of the ten seconds before, and what is on the way when the first answer
            // comes that tells to wait: five requests of a batch each. Then it is no more than the quota.
            let most = rate * 71 + 5 * 17_000;
            assert!(
                (rate * 55..=most).contains(&bytes),
                "{quotas:?}: {bytes} B, {most} at the most"
            );
            assert!(times > 5 && seconds > 30, "{quotas:?}: {times} times, {seconds} s");
            let told = format!("more than the {rate} bytes a second");
            assert!(played.story().contains(&told), "{}", played.story());
        }
    }
}

#[test]
fn a_producer_keeps_to_the_most_specific_quota_that_names_it() {
    let (client, others) =
        ("--entity-type clients --entity-name p1", "--entity-type clients --entity-default");
    let (user, users) = ("--user ANONYMOUS", "--user-defaults");
    let both = "--entity-type users --entity-name ANONYMOUS --entity-type clients --entity-name p1";
    check_produced(&[(client, 3_000)], Some(3_000));
    check_produced(&[("--client p2", 3_000)], None);
    check_produced(&[(others, 3_000)], Some(3_000));
    check_produced(&[(others, 3_000), (client, 5_000)], Some(5_000));
    check_produced(&[(users, 4_000), (client, 2_000)], Some(4_000));
    check_produced(&[(user, 2_500), (users, 4_000)], Some(2_500));
    check_produced(&[(both, 3_500), (user, 2_000), (client, 2_000)], Some(3_500));
}

#[test]
fn two_producers_of_one_client_id_share_a_quota_and_a_quota_of_all_is_each_ones_own() {
    let start = "@4s t1> producer start p1 --topic orders --rate 100 --value-bytes 100\n\
        @4s t1> producer start p2 --topic orders --rate 100 --value-bytes 100";
    for (entity, second, most) in [
        ("--client-defaults", "", 2 * (3_000 * 71 + 85_000)),
        ("--client-defaults", " --config client.id=p1", 3_000 * 71 + 2 * 85_000),
        ("--user-defaults", "", 3_000 * 71 + 2 * 85_000),
    ] {
        let lines = format!(
            "@1s t1> {ALTER} {entity} --add-config producer_byte_rate=3000\n{start}{second}\n"
        );
        let played = run(&lines, 64);
        let bytes = bytes_in_log(&played);
        assert!((most / 2..=most).contains(&bytes), "{entity}{second}: {bytes} of {most}");
    }
}

#[test]
fn a_consumer_beyond_its_quota_gets_nothing_and_then_all() {
    let lines = format!(
        "@1s t1> {ALTER} --client c1 --add-config consumer_byte_rate=4000\n\
         @2s t1> producer start p1 --topic orders --rate 100 --value-bytes 100 --count 3000\n\
         @4s t1> consumer start c1 --group g --topic orders --from-beginning\n\
         @5s t1> consumer start c2 --group h --topic orders --from-beginning\n\
         @60s t1> {ALTER} --client c1 --delete-config consumer_byte_rate\n"
    );
    let mut played = run(&lines, 59);
    let read = |played: &Played| -> Vec<u64> {
        played.view().consumers.iter().map(|consumer| consumer.records_consumed).collect()
    };
    let (held, free) = (read(&played)[0], read(&played)[1]);
    assert!((500..2_900).contains(&held) && free == 3_000, "{held} and {free}");
    // Its heartbeats go over another connection: it stays a member.
    let generations: Vec<i32> =
        played.view().groups.iter().map(|group| group.generation.0).collect();
    assert_eq!(generations, [1, 1], "{}", played.story());
    let (times, seconds) = held_back(&played, QuotaKind::Fetch);
    assert!(times > 5 && seconds > 5, "{times} times, {seconds} s");
    assert_eq!(played.view().quotas.len(), 1);
    played.play_to(75);
    assert_eq!(read(&played), [3_000, 3_000], "{}", played.story());
    assert!(played.view().quotas.is_empty());
}

#[test]
fn quotas_outlive_every_broker_and_controller() {
    let lines = format!(
        "@1s t1> {ALTER} --client-defaults --add-config producer_byte_rate=3000\n\
         @2s t1> broker stop 1\n@4s t1> controller stop\n@6s t1> controller start\n@8s t1> broker start 1\n\
         @20s t1> producer start p1 --topic orders --rate 100 --value-bytes 100\n"
    );
    let played = run(&lines, 60);
    let bytes = bytes_in_log(&played);
    assert!((60_000..160_000).contains(&bytes), "{bytes} B\n{}", played.story());
    assert!(held_back(&played, QuotaKind::Produce).0 > 3);
}

/// A producer whose batches are as small as they come, a hundred a second, under a quota of time. For how many
/// milliseconds of every second its requests keep the broker's threads busy in the model, from 4 s on.
#[track_caller]
fn check_time(percentage: Option<&str>, most_ms: u64) {
    let quota = percentage.map_or(String::new(), |percentage| {
        format!("@1s t1> {ALTER} --client p1 --add-config request_percentage={percentage}\n")
    });
    let lines = format!(
        "{quota}@4s t1> producer start p1 --topic orders --rate 100 --value-bytes 10 --config batch.size=0 \
         --config max.in.flight.requests.per.connection=1\n"
    );
    let played = run(&lines, 64);
    let requests = played.session.causes().all().filter(|event| {
        matches!(
            event.kind,
            EventKind::MessageDelivered { api: ApiKey::Produce, is_response: false, .. }
        )
    });
    let (requests, (times, seconds)) =
        (requests.count() as u64, held_back(&played, QuotaKind::Request));
    // 0.2 ms each, and hardly any bytes.
    let ms_per_second = requests * 200 / 1_000 / 60;
    assert!(ms_per_second <= most_ms, "{percentage:?}: {requests} requests\n{}", played.story());
    match percentage {
        None => assert_eq!((times, requests > 5_000), (0, true), "{requests} requests"),
        Some(percentage) => {
            assert!(times > 20 && seconds > 10, "{percentage}: {times} times, {seconds} s");
            let told = format!("more than the {percentage}\u{a0}% of one thread's time");
            assert!(played.story().contains(&told), "{}", played.story());
        }
    }
}

#[test]
fn a_producer_of_small_requests_keeps_to_its_quota_of_time() {
    check_time(None, 20);
    check_time(Some("0.5"), 6);
    check_time(Some("1.0"), 12);
}

#[test]
fn any_answer_tells_a_client_that_its_time_is_over() {
    // A consumer whose polls find nothing asks all the same: Metadata, Heartbeat, Fetch.
    let lines = format!(
        "@1s t1> {ALTER} --client c1 --add-config request_percentage=0.1\n\
         @2s t1> producer start p1 --topic orders --rate 20 --value-bytes 10\n\
         @4s t1> consumer start c1 --group g --topic orders --from-beginning\n"
    );
    let played = run(&lines, 90);
    let quotas = played.session.causes().all().filter_map(|event| match &event.kind {
        EventKind::Quota(event) => Some(event.clone()),
        _ => None,
    });
    let mut apis = BTreeSet::new();
    for event in quotas {
        if let QuotaEvent::Throttled { api, kind, wait, .. } = &*event {
            assert_eq!(*kind, QuotaKind::Request);
            assert!(wait.millis() <= 1_000, "never longer than a window: {} ms", wait.millis());
            apis.insert(format!("{api:?}"));
        }
    }
    for api in ["Fetch", "Heartbeat", "OffsetCommit"] {
        assert!(apis.contains(api), "{apis:?}\n{}", played.story());
    }
    // Slow, and a member all the same.
    let generations: Vec<i32> =
        played.view().groups.iter().map(|group| group.generation.0).collect();
    assert_eq!(generations, [1], "{}", played.story());
    assert!(played.view().consumers[0].records_consumed > 100, "{}", played.story());
}

#[test]
fn of_two_quotas_the_longer_wait_counts() {
    let lines = format!(
        "@1s t1> {ALTER} --client p1 --add-config producer_byte_rate=3000,request_percentage=0.01\n\
         @4s t1> producer start p1 --topic orders --rate 100 --value-bytes 100\n"
    );
    let played = run(&lines, 64);
    let (bytes, time) =
        (held_back(&played, QuotaKind::Produce), held_back(&played, QuotaKind::Request));
    assert!(bytes.0 > 3 && time.0 > 3, "{bytes:?} for bytes, {time:?} for time");
}

#[test]
fn what_is_not_answered_costs_no_time() {
    let lines = format!(
        "@1s t1> {ALTER} --client p1 --add-config request_percentage=0.01\n\
         @4s t1> producer start p1 --topic orders --rate 100 --value-bytes 100 --acks 0\n"
    );
    let played = run(&lines, 34);
    let bytes = bytes_in_log(&played);
    assert!(bytes > 300_000, "{bytes} B\n{}", played.story());
}

#[test]
fn whoever_has_used_up_its_quota_of_changes_is_refused_until_it_is_paid_for() {
    let tool = "kafka-topics.sh --bootstrap-server broker1:9092";
    for entity in ["--user ANONYMOUS", "--client adminclient-1"] {
        // Eleven seconds' worth may come at once, and 5.5 is more than nothing: six partitions are let through.
        let played = run(
            &format!(
                "@1s t1> {ALTER} {entity} --add-config controller_mutation_rate=0.5\n\
                 @2s t1> {tool} --create --topic a --partitions 6\n\
                 @2.2s t1> {tool} --create --topic b --partitions 1\n\
                 @9s t1> {tool} --create --topic b --partitions 1\n\
                 @10s t1> {tool} --delete --topic a\n\
                 @10.5s t1> {tool} --alter --topic b --partitions 3\n\
                 @11s t1> {tool} --delete --topic b\n\
                 @19s t1> {tool} --alter --topic b --partitions 3\n"
            ),
            25,
        );
        let refused =
            "Error while executing topic command : The throttling quota has been exceeded.";
        let output = played.output();
        let count = output.iter().filter(|line| line.contains(refused)).count();
        assert_eq!(count, 3, "{entity}\n{output:#?}\n{}", played.story());
        let view = played.view();
        let topics: Vec<(&str, usize)> = view
            .topics
            .iter()
            .map(|topic| (topic.name.as_str(), topic.partitions.len()))
            .filter(|(name, _)| !name.starts_with("__"))
            .collect();
        assert_eq!(topics, [("b", 3), ("orders", 1)], "{entity}\n{}", played.story());
        let (times, seconds) = held_back(&played, QuotaKind::ControllerMutation);
        assert!(times == 3 && seconds > 10, "{times} times, {seconds} s");
        assert!(
            played.story().contains("it may have 0.5 partitions a second"),
            "{}",
            played.story()
        );
    }
}

#[test]
fn topics_that_come_by_themselves_count_as_their_clients() {
    let played = run(
        &format!(
            "@1s t1> {ALTER} --user ANONYMOUS --add-config controller_mutation_rate=0.5\n\
             @2s t1> kafka-topics.sh --bootstrap-server broker1:9092 --create --topic a --partitions 10\n\
             @3s t1> producer start p1 --topic missing --rate 5\n"
        ),
        20,
    );
    // 4.5 partitions are owed at 2 s: there are none for nine seconds.
    let at = played.session.causes().all().find_map(|event| match &event.kind {
        EventKind::TopicCreated { topic, .. } if topic.as_str() == "missing" => Some(event.at),
        _ => None,
    });
    let at = at.expect("it is created at last").0 / 1_000_000;
    assert!((11..13).contains(&at), "at {at} s\n{}", played.story());
}

#[test]
fn a_share_consumer_is_held_to_what_it_may_fetch_and_keeps_silent() {
    let lines = format!(
        "@1s t1> {ALTER} --client s1 --add-config consumer_byte_rate=4000\n\
         @2s t1> share-consumer start s1 --group g --topic orders\n\
         @2s t1> share-consumer start s2 --group h --topic orders\n\
         @8s t1> producer start p1 --topic orders --rate 100 --value-bytes 100 --count 3000\n"
    );
    let shares = "config * share.coordinator.state.topic.num.partitions=1\n\
        config * share.coordinator.state.topic.replication.factor=1\n\
        config * share.coordinator.state.topic.min.isr=1\n";
    let header = ONE_BROKER.replacen("config * offsets", &format!("{shares}config * offsets"), 1);
    let played = play(&format!("{header}{lines}"), 60);
    let delivered: Vec<u64> =
        played.view().share_consumers.iter().map(|it| it.records_delivered).collect();
    assert!((500..2_900).contains(&delivered[0]) && delivered[1] == 3_000, "{delivered:?}");
    let (times, seconds) = held_back(&played, QuotaKind::Fetch);
    assert!(times > 2 && seconds > 5, "{times} times, {seconds} s");
    let mut silent_until = BTreeMap::new();
    for event in played.session.causes().all() {
        match &event.kind {
            EventKind::MessageSent {
                from,
                to,
                api: ApiKey::ShareFetch,
                is_response: false,
                ..
            } => {
                let until = silent_until.get(&(*from, *to)).copied().unwrap_or(event.at);
                assert!(event.at >= until, "{from} asks {to} at {}, not at {until}", event.at);
            }
            EventKind::Quota(quota) => {
                if let QuotaEvent::Throttled { client, by, wait, .. } = &**quota {
                    silent_until.insert((*client, *by), event.at + *wait);
                }
            }
            _ => {}
        }
    }
}
