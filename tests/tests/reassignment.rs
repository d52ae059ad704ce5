//! Partitions get other replicas while producers write: nothing that was acknowledged is lost, and in
//! the end the replicas are those that were asked for, and equal.

use std::collections::BTreeSet;
use std::fmt::Write;

use highwater_scenario::cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_tests::{Played, play};

const FOUR_BROKERS: &str = "highwater 1\nseed 7\ncluster --brokers 4\n";
const AT: &str = "--bootstrap-server broker1:9092";
const TOOL: &str = "kafka-reassign-partitions.sh --bootstrap-server broker1:9092";

/// A script with a topic of one partition on brokers 1 and 2, a producer with acks=all, and a file
/// `move.json` by which its replicas move to `target`.
fn moving(target: &str, more: &str) -> String {
    format!(
        "{FOUR_BROKERS}@1s t1> kafka-topics.sh {AT} --create --topic orders --replica-assignment 1:2\n\
         @2s t1> producer start p1 --topic orders --rate 20 --acks all\n\
         @2s file move.json <<END\n\
         {{\"version\":1,\"partitions\":[{{\"topic\":\"orders\",\"partition\":0,\"replicas\":[{target}]}}]}}\nEND\n{more}"
    )
}

const EXECUTE: &str = "--execute --reassignment-json-file move.json";

/// Where the partition's replicas are, as the controller knows and as they lie on the disks.
#[track_caller]
fn check_replicas(played: &Played, index: usize, expected: &[i32]) {
    let partition = played.partition("orders", index);
    assert_eq!(Played::ids(&partition.replicas), expected, "{}", played.story());
    assert!(partition.adding.is_empty() && partition.removing.is_empty(), "{}", played.story());
    let on_disk: BTreeSet<i32> = played
        .view()
        .brokers
        .iter()
        .filter(|broker| broker.replicas.iter().any(|one| one.partition == partition.partition))
        .map(|broker| broker.id.0)
        .collect();
    assert_eq!(on_disk, expected.iter().copied().collect(), "{}", played.story());
}

/// The replicas of a partition hold the same batches.
#[track_caller]
fn check_same_logs(played: &Played, index: usize, context: &dyn Fn() -> String) {
    let partition = played.partition("orders", index);
    let name = TopicPartition::new(&TopicName::from("orders"), index as i32);
    let bytes = |id: &BrokerId| {
        let log = played.session.world().log(*id, &name).expect("a replica has its log");
        log.batches().flat_map(|batch| batch.bytes().to_vec()).collect::<Vec<u8>>()
    };
    let logs: Vec<Vec<u8>> = partition.replicas.iter().map(bytes).collect();
    assert!(!logs[0].is_empty(), "orders-{index} is empty: {}", context());
    assert!(logs.iter().all(|log| *log == logs[0]), "orders-{index} differs: {}", context());
}

#[test]
fn replicas_move_under_writes_and_the_leader_with_them() {
    let more =
        format!("@10s t2> {TOOL} {EXECUTE}\n@20s t1> producer stop p1\n@25s t2> {TOOL} --list\n");
    let played = play(&moving("3,4", &more), 30);
    check_replicas(&played, 0, &[3, 4]);
    assert_eq!(played.partition("orders", 0).leader, Some(BrokerId(3)), "{}", played.story());
    check_same_logs(&played, 0, &|| played.story());
    let acknowledged = played.session.invariants().acknowledged();
    let orders = TopicName::from("orders");
    assert!(acknowledged.count(&orders) > 150, "{}", played.story());
    assert_eq!(acknowledged.missing(&orders, played.session.world()), 0, "{}", played.story());
    for sentence in [
        "orders-0 is to have its replicas on brokers 3, 4: those that are new copy it first",
        "The replicas of orders-0 are on brokers 3, 4 from here on",
        "The ISR of orders-0 is {3, 4} from here on",
        "Broker 3 leads orders-0 from here on",
    ] {
        assert!(played.story().contains(sentence), "{sentence}\n{}", played.story());
    }
    assert!(!played.story().contains("though it is out of sync"), "{}", played.story());
    assert_eq!(
        played.output().last().map(String::as_str),
        Some("No partition reassignments found.")
    );
}

#[test]
fn the_replication_factor_can_grow_and_shrink() {
    let played = play(&moving("2,1,4", &format!("@10s t2> {TOOL} {EXECUTE}\n")), 15);
    check_replicas(&played, 0, &[2, 1, 4]);
    assert_eq!(played.partition("orders", 0).isr.len(), 3, "{}", played.story());
    assert_eq!(played.partition("orders", 0).leader, Some(BrokerId(1)), "it is among them still");
    // To take away what is not needed, nothing has to be waited for.
    let played = play(&moving("2", &format!("@10s t2> {TOOL} {EXECUTE}\n")), 11);
    check_replicas(&played, 0, &[2]);
    assert_eq!(played.partition("orders", 0).leader, Some(BrokerId(2)), "{}", played.story());
    let forbidden = format!("@10s t2> {TOOL} {EXECUTE} --disallow-replication-factor-change\n");
    let played = play(&moving("2,1,4", &forbidden), 15);
    check_replicas(&played, 0, &[1, 2]);
    let said = "orders-0: The replication factor is changed from 2 to 3";
    let last = played.output().pop().unwrap_or_default();
    assert_eq!(last, format!("Error reassigning partition(s):\n{said}"));
}

#[test]
fn a_reassignment_that_cannot_end_is_shown_and_can_be_called_off() {
    let stuck = format!(
        "@5s t2> {TOOL} {EXECUTE}\n@5200ms t2> broker kill 4\n@30s t2> {TOOL} --list\n\
         @35s t2> {TOOL} {EXECUTE}\n@40s t2> {TOOL} --verify --reassignment-json-file move.json\n\
         @45s t2> {TOOL} --cancel --reassignment-json-file move.json\n\
         @50s t4> {TOOL} --cancel --reassignment-json-file move.json\n"
    );
    // The tool at last waits for the dead broker, to lift its throttle: hence the other terminal.
    // Broker 4 hears of nothing before it dies.
    let cut =
        "@4s t3> network cut 4 controller\n@4s t3> network cut 4 1\n@4s t3> network cut 4 2\n";
    let mut played = play(&moving("1,4", &format!("{cut}{stuck}")), 44);
    let partition = played.partition("orders", 0);
    assert_eq!(Played::ids(&partition.replicas), [1, 4, 2], "{}", played.story());
    assert_eq!(
        (Played::ids(&partition.adding), Played::ids(&partition.removing)),
        (vec![4], vec![2])
    );
    let said = played.output();
    let at = |line: &str| said.iter().any(|said| said.starts_with(line));
    assert!(at("orders-0: replicas: 1,4,2. adding: 4. removing: 2."), "{said:#?}");
    assert!(at("Cannot execute because there is an existing partition assignment."), "{said:#?}");
    assert!(at("Reassignment of partition orders-0 is still in progress."), "{said:#?}");
    played.play_to(60);
    check_replicas_known(&played, &[1, 2]);
    let said = played.output();
    let at = |line: &str| said.iter().any(|said| said.starts_with(line));
    assert!(at("Successfully cancelled partition reassignment for: orders-0"), "{said:#?}");
    assert!(at("None of the specified partition reassignments are active."), "{said:#?}");
    assert!(played.story().contains("The reassignment of orders-0 was called off"));
    assert_eq!(played.partition("orders", 0).leader, Some(BrokerId(1)));
}

/// As the controller knows it: a broker that is down has not heard of it.
#[track_caller]
fn check_replicas_known(played: &Played, expected: &[i32]) {
    let partition = played.partition("orders", 0);
    assert_eq!(Played::ids(&partition.replicas), expected, "{}", played.story());
    assert!(partition.adding.is_empty() && partition.removing.is_empty(), "{}", played.story());
}

#[test]
fn a_broker_that_was_away_deletes_what_is_no_longer_its_own() {
    let more = format!(
        "@10s t2> broker stop 2\n@12s t2> {TOOL} {EXECUTE}\n@20s t2> broker start 2\n@40s t1> producer stop p1\n"
    );
    let played = play(&moving("1,3", &more), 45);
    check_replicas(&played, 0, &[1, 3]);
    check_same_logs(&played, 0, &|| played.story());
}

#[test]
fn a_throttle_slows_the_move_down_until_it_is_lifted() {
    let big = "@2s t1> producer start p2 --topic orders --rate 50 --value-bytes 4000 --acks all\n\
               @22s t1> producer stop p2\n@22s t1> producer stop p1\n";
    let at_once = format!("{big}@30s t2> {TOOL} {EXECUTE}\n");
    let played = play(&moving("3,4", &at_once), 34);
    check_replicas(&played, 0, &[3, 4]);
    // Broker 1 sends 4 MB to each of two, at 200 kB a second: that takes 40 seconds.
    let slowly = format!(
        "{big}@30s t2> {TOOL} {EXECUTE} --throttle 200000\n\
         @100s t2> {TOOL} --verify --reassignment-json-file move.json\n"
    );
    let mut played = play(&moving("3,4", &slowly), 50);
    let partition = played.partition("orders", 0);
    assert_eq!(Played::ids(&partition.replicas), [3, 4, 1, 2], "{}", played.story());
    let copied = played.replica(3, "orders", 0).size_bytes;
    assert!((500_000..3_500_000).contains(&copied), "{copied} B after 20 s");
    played.play_to(99);
    check_replicas(&played, 0, &[3, 4]);
    let configs = |played: &Played| played.view().topics[0].configs.clone();
    let names: Vec<String> = configs(&played).iter().map(|(name, _)| name.to_string()).collect();
    assert!(names.contains(&"leader.replication.throttled.replicas".to_owned()), "{names:?}");
    played.play_to(105);
    assert_eq!(configs(&played), [], "{:#?}", played.output());
}

/// Seeds of the test with faults.
const SEEDS: u64 = 40;

#[test]
fn reassignments_with_a_broker_killed_midway_lose_nothing_and_end_with_equal_logs() {
    for seed in 0..SEEDS {
        let script = with_faults(seed);
        let played = play(&script, 240);
        let context = || format!("seed {seed}\n{}\n\n{script}", played.story());
        let acknowledged = played.session.invariants().acknowledged();
        let orders = TopicName::from("orders");
        assert!(acknowledged.count(&orders) > 100, "hardly anything was written: {}", context());
        assert_eq!(acknowledged.lost(), 0, "{}", context());
        assert_eq!(acknowledged.missing(&orders, played.session.world()), 0, "{}", context());
        for index in 0..2 {
            let partition = played.partition("orders", index);
            assert!(partition.adding.is_empty() && partition.removing.is_empty(), "{}", context());
            assert_eq!(partition.isr.len(), partition.replicas.len(), "{}", context());
            check_same_logs(&played, index, &context);
        }
        assert!(played.story().contains("are on brokers"), "nothing moved: {}", context());
    }
}

/// Four brokers; now and then the replicas of both partitions are to move, one broker is killed and
/// comes back, a reassignment is called off.
fn with_faults(seed: u64) -> String {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1);
    let mut script = format!("highwater 1\nseed {seed}\ncluster --brokers 4\n");
    let mut add =
        |line: String| writeln!(script, "{line}").expect("a string takes what is written");
    add(format!(
        "@1s t1> kafka-topics.sh {AT} --create --topic orders --partitions 2 --replication-factor 3 \
         --config min.insync.replicas=2"
    ));
    let rate = 5 + random.below(30);
    add(format!(
        "@2s t1> producer start p1 --topic orders --rate {rate} --keys 9 --value-bytes 200"
    ));
    let mut at_ms = 8_000;
    let mut down = None;
    for step in 0..6 {
        let mut target = || {
            let mut ids = vec![1, 2, 3, 4];
            let count = 2 + random.below(2) as usize;
            while ids.len() > count {
                ids.remove(random.below(ids.len() as u64) as usize);
            }
            let first = random.below(count as u64) as usize;
            ids.rotate_left(first);
            ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        };
        let parts = [target(), target()].map(|ids| format!("\"replicas\":[{ids}]"));
        let parts = [0, 1].map(|index| {
            format!("{{\"topic\":\"orders\",\"partition\":{index},{}}}", parts[index])
        });
        add(format!(
            "@{at_ms}ms file m{step}.json <<END\n{{\"partitions\":[{}]}}\nEND",
            parts.join(",")
        ));
        add(format!(
            "@{at_ms}ms t2> {TOOL} --execute --additional --reassignment-json-file m{step}.json"
        ));
        // What the tool asks takes some 30 ms: the broker dies before, during or after the copying.
        let mut fault_at = at_ms + 10 + random.below(120);
        match down.take() {
            Some(broker) => add(format!("@{fault_at}ms t3> broker start {broker}")),
            None => {
                let broker = 1 + random.below(4);
                add(format!("@{fault_at}ms t3> broker kill {broker}"));
                down = Some(broker);
            }
        }
        if random.below(3) == 0 {
            fault_at += random.below(3_000);
            add(format!("@{fault_at}ms t2> {TOOL} --cancel --reassignment-json-file m{step}.json"));
        }
        at_ms += 3_000 + random.below(17_000);
    }
    if let Some(broker) = down {
        add(format!("@140s t3> broker start {broker}"));
    }
    add("@190s t1> producer stop p1".to_owned());
    script
}

/// A small generator of the test's own: the engine's is not for others.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}
