//! The faults that can be drawn: a table. A fault is a line that begins it, and one that ends it.

use super::plan::Line;
use super::random::Random;

/// A kind of fault. In its lines `{b}` is a broker, `{o}` another, `{c}` a controller.
pub(super) struct Fault {
    /// What begins it.
    begin: &'static str,
    /// What ends it; nothing where it ends by itself.
    end: &'static str,
    /// Whether the broker is down meanwhile.
    is_down: bool,
}

/// All kinds. A seed picks which of them it draws.
pub(super) const FAULTS: &[Fault] = &[
    down("broker stop {b}", "broker start {b}"),
    down("broker kill {b}", "broker start {b}"),
    down("broker power-loss {b}", "broker start {b}"),
    down("broker full-disk {b}", "broker free-disk {b}"),
    down("broker pause {b}", "broker resume {b}"),
    fault("broker pause {b} --for 2s", ""),
    fault("broker slow-disk {b} --append 60ms", "broker slow-disk {b} --append 0ms"),
    fault("broker clock {b} --skew -20s", "broker clock {b} --skew 0s"),
    fault("broker hide {b}", "broker show {b}"),
    fault("broker fail {b} --api Produce --error NOT_LEADER_OR_FOLLOWER --times 3", ""),
    fault("broker fail {b} --api Fetch --error UNKNOWN_SERVER_ERROR --times 3 --delay 200ms", ""),
    fault("broker fail {b} --api OffsetCommit --error COORDINATOR_LOAD_IN_PROGRESS --times 2", ""),
    fault("broker drop {b} --api Produce --times 2", ""),
    fault("broker drop {b} --api Heartbeat --times 2", ""),
    fault("network cut {b} {o}", "network heal {b} {o}"),
    fault("network cut {b} {o} --one-way", "network heal {b} {o}"),
    fault("network latency {b} {o} --add 400ms", "network heal {b} {o}"),
    fault("network loss {b} {o} --percent 20", "network heal {b} {o}"),
    fault("network duplicate {b} {o} --percent 10", "network heal {b} {o}"),
    fault("network cut {b} {c}", "network heal {b} {c}"),
    fault("controller kill {c}", "controller start {c}"),
    fault("controller stop {c}", "controller start {c}"),
    fault(
        "kafka-leader-election.sh --bootstrap-server broker{b}:9092 --election-type preferred --all-topic-partitions",
        "",
    ),
];

const fn down(begin: &'static str, end: &'static str) -> Fault {
    Fault { begin, end, is_down: true }
}

const fn fault(begin: &'static str, end: &'static str) -> Fault {
    Fault { begin, end, is_down: false }
}

impl Fault {
    /// Whether three replicas of which two are to be in sync lose nothing by it. What a replica has not
    /// flushed is gone when its power is, though it was acknowledged.
    pub(super) fn is_borne(&self) -> bool {
        !self.begin.contains("power-loss")
    }
}

/// The lines of all faults.
#[derive(Default)]
pub(super) struct Drawn {
    /// In order; each fault ends within the time of faults, or is left to be healed.
    pub(super) lines: Vec<Line>,
    /// What ends each that was begun.
    pub(super) ends: Vec<String>,
}

/// How faults are drawn in one run.
pub(super) struct Weather {
    /// The kinds that there are.
    pub(super) kinds: Vec<&'static Fault>,
    pub(super) brokers: u64,
    pub(super) controllers: u64,
    /// From when until when, in milliseconds.
    pub(super) from_ms: u64,
    pub(super) until_ms: u64,
    /// The time from one to the next, at most.
    pub(super) pause_ms: u64,
    /// How long one lasts, at most.
    pub(super) lasts_ms: u64,
    /// How many brokers may be down at once.
    pub(super) most_down: usize,
}

impl Weather {
    /// Draws faults until their time is over.
    pub(super) fn draw(&self, random: &mut Random) -> Drawn {
        let mut drawn = Drawn::default();
        let mut down: Vec<(u64, u64)> = Vec::new();
        let mut at_ms = self.from_ms;
        while at_ms < self.until_ms && !self.kinds.is_empty() {
            let fault = *random.pick(&self.kinds);
            let broker = random.between(1, self.brokers);
            let ends_ms = at_ms + random.between(50, self.lasts_ms);
            down.retain(|(_, until)| *until > at_ms);
            let is_possible = !(fault.begin.contains("{o}") && self.brokers < 2)
                && (!fault.is_down
                    || (down.len() < self.most_down && down.iter().all(|(id, _)| *id != broker)));
            if is_possible {
                if fault.is_down {
                    down.push((broker, ends_ms));
                }
                let other =
                    1 + (broker - 1 + random.between(1, self.brokers.max(2) - 1)) % self.brokers;
                let controller = 100 + random.between(1, self.controllers);
                let fill = |text: &str| {
                    text.replace("{b}", &broker.to_string())
                        .replace("{o}", &other.to_string())
                        .replace("{c}", &controller.to_string())
                };
                // Commands take their time: each has a terminal of its own.
                let terminal = if fault.begin.starts_with("kafka-") { "t4" } else { "t2" };
                drawn.lines.push(Line::new(at_ms, terminal, fill(fault.begin)));
                let end = fill(fault.end);
                if !end.is_empty() && ends_ms < self.until_ms {
                    drawn.lines.push(Line::new(ends_ms, "t2", end.clone()));
                }
                if !end.is_empty() && !drawn.ends.contains(&end) {
                    drawn.ends.push(end);
                }
            }
            at_ms += random.between(20, self.pause_ms);
        }
        drawn
    }
}

/// What lets every node run again. One that runs says so.
pub(super) fn restarts(brokers: u64, controllers: u64) -> impl Iterator<Item = String> {
    let brokers = (1..=brokers).map(|id| format!("broker start {id}"));
    brokers.chain((1..=controllers).map(|id| format!("controller start {}", 100 + id)))
}
