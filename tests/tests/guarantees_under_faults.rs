//! Random faults, each drawn from a seed, under each guarantee: at most once never does anything twice, at
//! least once never loses anything, exactly once neither; and once all is healed, nothing is left undone.

use highwater_scenario::invariants::PipelineCount;
use highwater_tests::{THREE_BROKERS, play};

/// How many seeds are played for each guarantee.
const SEEDS: u64 = 40;

/// Topics, and a producer that makes 200 records within 10 s.
const INPUT: &str = "config * offsets.topic.num.partitions=1\nconfig * transaction.state.log.num.partitions=1\n\
    @1s t1> kafka-topics.sh --create --topic orders --partitions 2 --replication-factor 3 --config min.insync.replicas=2 --bootstrap-server broker1:9092\n\
    @1s t1> kafka-topics.sh --create --topic invoices --partitions 2 --replication-factor 3 --config min.insync.replicas=2 --bootstrap-server broker1:9092\n\
    @3s t1> producer start p1 --topic orders --rate 20 --count 200 --keys 10\n";

/// Numbers that follow from a seed.
struct Draw(u64);

impl Draw {
    /// A number from `least` to `most`.
    fn number(&mut self, least: u64, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        least + (self.0 >> 33) % (most - least + 1)
    }
}

/// The lines of a run: five times a fault, one at a time, and in the end all is well.
fn script(seed: u64, guarantee: &str) -> String {
    let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let process_ms = draw.number(0, 40);
    let interval_ms = draw.number(0, 15) * 100;
    let start = |name: &str| {
        format!(
            "app start {name} --group g --from orders --to invoices --guarantee {guarantee} --process-ms {process_ms} \
             --commit-interval-ms {interval_ms} --consumer-config session.timeout.ms=6000 --consumer-config max.poll.records=20"
        )
    };
    let mut lines = vec![(5_000, start("a1"))];
    if draw.number(0, 1) == 0 {
        lines.push((draw.number(6_000, 20_000), start("a2")));
    }
    for window in 0..5 {
        let at = 8_000 + window * 8_000 + draw.number(0, 2_000);
        let until = at + draw.number(300, 5_500);
        let (broker, app) = (draw.number(1, 3), draw.number(1, 2));
        let name = format!("a{app}");
        match draw.number(0, 6) {
            0 => lines.extend([(at, format!("app kill {name}")), (until, start(&name))]),
            1 => lines.extend([(at, format!("app close {name}")), (until, start(&name))]),
            2 => lines.extend([
                (at, format!("broker kill {broker}")),
                (until, format!("broker start {broker}")),
            ]),
            3 => lines.extend([
                (at, format!("broker stop {broker}")),
                (until, format!("broker start {broker}")),
            ]),
            4 => lines.extend((1..=3).flat_map(|broker| {
                // For longer than a session, now and then.
                let until = at + (until - at) * 3;
                [
                    (at, format!("network cut {name} {broker}")),
                    (until, format!("network heal {name} {broker}")),
                ]
            })),
            5 => lines.push((at, format!("coordinator move g --to {broker}"))),
            _ => lines.extend([
                (at, format!("broker pause {broker}")),
                (until, format!("broker resume {broker}")),
            ]),
        }
    }
    lines.push((60_000, "network heal".to_owned()));
    lines.push((61_000, start("z")));
    lines.sort();
    let lines: Vec<String> =
        lines.into_iter().map(|(at, line)| format!("@{at}ms t1> {line}\n")).collect();
    let header = THREE_BROKERS.replace("seed 42", &format!("seed {seed}"));
    format!("{header}{INPUT}{}", lines.concat())
}

/// Plays the seeds of a guarantee; each has to come to something that is right by it. Returns how many runs
/// lost records, and how many have some twice.
#[track_caller]
fn check(guarantee: &str, is_right: impl Fn(&PipelineCount) -> bool) -> (u64, u64) {
    let (mut losing, mut repeating) = (0, 0);
    for seed in 0..SEEDS {
        let script = script(seed, guarantee);
        let played = play(&script, 130);
        let counts = played.session.pipelines();
        let [count] = counts.as_slice() else { panic!("{counts:#?}\n{script}") };
        let all = count.right + count.lost + count.duplicated;
        assert!(
            is_right(count) && count.pending == 0 && all == 200,
            "seed {seed}: {count:#?}\n{}\n{script}",
            played.story()
        );
        losing += u64::from(count.lost > 0);
        repeating += u64::from(count.duplicated > 0);
    }
    (losing, repeating)
}

#[test]
fn at_most_once_never_repeats() {
    let (losing, _) = check("at-most-once", |count| count.duplicated == 0);
    assert!(losing > 0, "the faults are to cost something");
}

#[test]
fn at_least_once_never_loses() {
    let (_, repeating) = check("at-least-once", |count| count.lost == 0);
    assert!(repeating > 0, "the faults are to cost something");
}

#[test]
fn exactly_once_does_neither() {
    check("exactly-once", |count| count.lost == 0 && count.duplicated == 0);
}
