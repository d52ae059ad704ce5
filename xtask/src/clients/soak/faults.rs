//! What is broken when, and mended when: a plan that a seed alone decides.

use std::time::Duration;

/// The brokers and controllers of a cluster that is served.
const BROKERS: u64 = 3;
const CONTROLLERS: u64 = 1;

/// How long a fault lasts, and how long it is from the beginning of one to that of the next, in ms.
const LASTS_MS: (u64, u64) = (500, 15_000);
/// How long nobody goes away after somebody has come back, in ms.
const BACK_MS: u64 = 2_000;
const PAUSE_MS: (u64, u64) = (1_000, 12_000);

/// A kind of fault: what begins it, and what ends it. `{b}` is a broker, `{o}` another, `{c}` a controller.
struct Fault {
    begin: &'static str,
    end: &'static str,
    /// Whether a node is away meanwhile. Two brokers of three must be there for a record to be acknowledged, and
    /// one that starts needs a controller.
    is_away: bool,
}

/// Those that three replicas, of which two are to be in sync, bear without losing what was acknowledged. No broker refuses
/// some of the Produce requests that are under way and takes those behind them, as no real one would: to librdkafka that is a
/// gap in the sequence numbers, from which it goes on in another producer epoch, and writes anew what it had no answer for.
const FAULTS: &[Fault] = &[
    away("broker stop {b}", "broker start {b}"),
    away("broker kill {b}", "broker start {b}"),
    away("broker pause {b}", "broker resume {b}"),
    fault("broker slow-disk {b} --append 60ms", "broker slow-disk {b} --append 0ms"),
    fault("broker hide {b}", "broker show {b}"),
    fault("broker fail {b} --api FindCoordinator --error COORDINATOR_NOT_AVAILABLE --times 3", ""),
    fault("broker drop {b} --api Produce --times 2", ""),
    fault("broker drop {b} --api Heartbeat --times 2", ""),
    fault("network cut {b} {o}", "network heal {b} {o}"),
    fault("network cut {b} {o} --one-way", "network heal {b} {o}"),
    fault("network latency {b} {o} --add 200ms", "network heal {b} {o}"),
    fault("network loss {b} {o} --percent 20", "network heal {b} {o}"),
    away("controller kill {c}", "controller start {c}"),
    away("controller stop {c}", "controller start {c}"),
];

const fn away(begin: &'static str, end: &'static str) -> Fault {
    Fault { begin, end, is_away: true }
}

const fn fault(begin: &'static str, end: &'static str) -> Fault {
    Fault { begin, end, is_away: false }
}

/// Lines to type, each at its time, in order.
#[derive(Debug, PartialEq)]
pub struct Plan {
    /// The lines.
    pub lines: Vec<(Duration, String)>,
    /// How many faults they are.
    pub faults: usize,
}

impl Plan {
    /// The plan of a seed, for so long.
    pub fn drawn(seed: u64, time: Duration) -> Self {
        let mut random = Random(seed);
        let mut plan = Self { lines: Vec::new(), faults: 0 };
        let (mut at, mut one_is_away_until) = (Duration::ZERO, Duration::ZERO);
        loop {
            at += random.time(PAUSE_MS);
            if at >= time {
                break;
            }
            let fault = &FAULTS[random.below(FAULTS.len() as u64) as usize];
            let broker = 1 + random.below(BROKERS);
            let other = 1 + (broker + random.below(BROKERS - 1)) % BROKERS;
            let controller = 101 + random.below(CONTROLLERS);
            let end = at + random.time(LASTS_MS);
            if fault.is_away && at < one_is_away_until {
                continue;
            }
            if fault.is_away {
                one_is_away_until = end + Duration::from_millis(BACK_MS);
            }
            let filled = |text: &str| {
                text.replace("{b}", &broker.to_string())
                    .replace("{o}", &other.to_string())
                    .replace("{c}", &controller.to_string())
            };
            plan.faults += 1;
            plan.lines.push((at, filled(fault.begin)));
            if !fault.end.is_empty() {
                plan.lines.push((end.min(time), filled(fault.end)));
            }
        }
        plan.lines.sort_by_key(|(at, _)| *at);
        plan
    }
}

/// What makes everything whole, whatever was broken.
pub fn mending() -> impl Iterator<Item = String> {
    let brokers = (1..=BROKERS).flat_map(|id| {
        ["start {}", "resume {}", "show {}", "slow-disk {} --append 0ms"]
            .map(|rest| format!("broker {}", rest.replace("{}", &id.to_string())))
    });
    let controllers = (1..=CONTROLLERS).map(|id| format!("controller start {}", 100 + id));
    std::iter::once("network heal".to_owned()).chain(controllers).chain(brokers)
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn time(&mut self, (least, most): (u64, u64)) -> Duration {
        Duration::from_millis(least + self.below(most - least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_follows_from_its_seed_and_mends_what_it_breaks() {
        let time = Duration::from_secs(600);
        let plan = Plan::drawn(7, time);
        assert_eq!(plan, Plan::drawn(7, time));
        assert_ne!(plan, Plan::drawn(8, time));
        assert!(plan.faults > 30, "{}", plan.faults);
        let mut away = 0;
        for (at, line) in &plan.lines {
            assert!(*at <= time && !line.contains('{'), "{line}");
            match line.split(' ').nth(1) {
                Some("kill" | "stop" | "pause") => away += 1,
                Some("start" | "resume") => away -= 1,
                _ => {}
            }
            assert!((0..=1).contains(&away), "{line}");
        }
    }
}
