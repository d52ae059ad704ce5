//! Random faults, drawn from a seed: brokers stop, die and come back, links break and heal, consumers
//! come, go and die, while a producer writes. First with faults, then healed: all must converge, and nothing that was
//! acknowledged under acks=all with min.insync.replicas=2 may be lost.
//!
//! A failure prints the script that repeats it: save it as a `.hw` file and play it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use highwater_scenario::cluster::event::GroupState;
use highwater_scenario::cluster::ids::TopicName;
use highwater_tests::{Played, play};

/// Seeds in each run of the tests.
const SEEDS: u64 = 60;
/// When the faults end, and when all must have converged.
const FAULTS_UNTIL_S: u64 = 120;
const CONVERGED_AT_S: u64 = 260;

#[test]
fn faults_that_min_isr_bears_lose_nothing_and_all_converges() {
    for seed in 0..SEEDS {
        check(seed);
    }
}

#[track_caller]
fn check(seed: u64) {
    let script = script(seed);
    let played = play(&script, CONVERGED_AT_S);
    let orders = TopicName::from("orders");
    let acknowledged = played.session.invariants().acknowledged();
    let context = || format!("seed {seed}\n{}\n\n{script}", played.story());
    assert!(acknowledged.count(&orders) > 100, "hardly anything was written: {}", context());
    assert_eq!(acknowledged.lost(), 0, "acknowledged records were lost: {}", context());
    assert_eq!(acknowledged.missing(&orders, played.session.world()), 0, "{}", context());
    for index in 0..3 {
        let partition = played.partition("orders", index);
        assert_eq!(
            partition.isr.len(),
            3,
            "{} has not converged: {}",
            partition.partition,
            context()
        );
        assert!(partition.leader.is_some(), "{}", context());
        assert_same_logs(&played, index as i32, &context);
    }
    assert_all_was_read(&played, &context);
}

/// The group is stable, its members own every partition, and they have read to the end.
#[track_caller]
fn assert_all_was_read(played: &Played, context: &dyn Fn() -> String) {
    let view = played.view();
    let group = view.groups.iter().find(|group| group.id.as_str() == "billing");
    let state = group.map(|group| group.state);
    assert_eq!(state, Some(GroupState::Stable), "{}", context());
    let positions: BTreeMap<i32, Option<i64>> = view
        .consumers
        .iter()
        .filter(|consumer| !consumer.is_closed)
        .flat_map(|consumer| &consumer.assignment)
        .map(|owned| (owned.partition.partition.0, owned.position.map(|offset| offset.0)))
        .collect();
    let ends: BTreeMap<i32, Option<i64>> = (0..3)
        .map(|index| (index, Some(played.replica(1, "orders", index).log_end_offset.0)))
        .collect();
    assert_eq!(positions, ends, "the members have not read to the end: {}", context());
}

/// The replicas hold the same batches, up to what is under way.
#[track_caller]
fn assert_same_logs(played: &Played, index: i32, context: &dyn Fn() -> String) {
    let replicas: Vec<_> = (1..=3).map(|broker| played.replica(broker, "orders", index)).collect();
    let ends: BTreeSet<i64> = replicas.iter().map(|replica| replica.log_end_offset.0).collect();
    assert_eq!(
        ends.len(),
        1,
        "the producers have closed, and yet the logs of orders-{index} differ: {}",
        context()
    );
    let world = played.session.world();
    let bytes: Vec<Vec<u8>> = (1..=3)
        .map(|broker| {
            let log = world.log(
                highwater_scenario::cluster::ids::BrokerId(broker),
                &highwater_scenario::cluster::ids::TopicPartition::new(
                    &TopicName::from("orders"),
                    index,
                ),
            );
            log.into_iter()
                .flat_map(|log| log.batches())
                .flat_map(|batch| batch.bytes().to_vec())
                .collect()
        })
        .collect();
    assert!(
        bytes[0] == bytes[1] && bytes[1] == bytes[2],
        "the bytes of orders-{index} differ: {}",
        context()
    );
}

/// A script with faults drawn from a seed. The seed also picks which kinds of faults there are.
fn script(seed: u64) -> String {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1);
    let mut script = format!(
        "highwater 1\nseed {seed}\ncluster --brokers 3\nconfig * offsets.topic.num.partitions=2\n\
         config * min.insync.replicas=2\n"
    );
    let orders = "kafka-topics.sh --create --topic orders --partitions 3 --replication-factor 3 \
                  --config min.insync.replicas=2 --bootstrap-server broker1:9092";
    writeln!(script, "@1s t1> {orders}").expect("a string takes whatever is written");
    let rate = 5 + random.below(40);
    let in_flight = 1 + random.below(5);
    let producer = format!(
        "producer start p1 --topic orders --rate {rate} --keys 9 --config max.in.flight.requests.per.connection={in_flight}"
    );
    writeln!(script, "@2s t1> {producer}").expect("a string takes whatever is written");
    let consumer = |name: u64| {
        format!("consumer start c{name} --group billing --topic orders --from-beginning")
    };
    writeln!(script, "@3s t1> {}", consumer(0)).expect("a string takes whatever is written");
    let (mut consumers, mut alive) = (1, BTreeSet::from([0]));
    let kinds: Vec<u64> = (0..4).filter(|_| random.below(3) > 0).collect();
    let mut down: BTreeSet<u64> = BTreeSet::new();
    let mut cut: BTreeSet<(u64, u64)> = BTreeSet::new();
    let mut at_ms = 5_000;
    while at_ms < FAULTS_UNTIL_S * 1_000 && !kinds.is_empty() {
        let kind = kinds[random.below(kinds.len() as u64) as usize];
        let broker = 1 + random.below(3);
        let other = 1 + (broker + random.below(2)) % 3;
        let link = (broker.min(other), broker.max(other));
        let line = match kind {
            0 | 1 if down.remove(&broker) => format!("broker start {broker}"),
            // One broker at a time: what min.insync.replicas=2 of three bears.
            0 if down.is_empty() && down.insert(broker) => format!("broker stop {broker}"),
            1 if down.is_empty() && down.insert(broker) => format!("broker kill {broker}"),
            2 if cut.remove(&link) => format!("network heal {} {}", link.0, link.1),
            3 if alive.len() < 3 && random.below(2) == 0 => {
                alive.insert(consumers);
                consumers += 1;
                consumer(consumers - 1)
            }
            3 => match alive.pop_first() {
                Some(name) if random.below(2) == 0 => format!("consumer stop c{name}"),
                Some(name) => format!("consumer kill c{name}"),
                None => String::new(),
            },
            2 if cut.insert(link) => format!("network cut {} {}", link.0, link.1),
            _ => String::new(),
        };
        if !line.is_empty() {
            writeln!(script, "@{}ms t2> {line}", at_ms)
                .expect("a string takes whatever is written");
        }
        at_ms += 200 + random.below(15_000);
    }
    writeln!(script, "@{FAULTS_UNTIL_S}s t1> {}", consumer(consumers))
        .expect("a string takes whatever is written");
    heal(&mut script, &cut);
    script
}

/// All comes back, and the producer closes in time for the replicas to be equal.
fn heal(script: &mut String, cut: &BTreeSet<(u64, u64)>) {
    let at_s = FAULTS_UNTIL_S + 15;
    for (a, b) in cut {
        writeln!(script, "@{at_s}s t2> network heal {a} {b}")
            .expect("a string takes whatever is written");
    }
    // A broker that was started while it was still shutting down is down as well; one that runs says so.
    for broker in 1..=3 {
        writeln!(script, "@{}s t2> broker start {broker}", at_s + 1)
            .expect("a string takes whatever is written");
    }
    writeln!(script, "@{}s t1> producer stop p1", CONVERGED_AT_S - 60)
        .expect("a string takes whatever is written");
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
