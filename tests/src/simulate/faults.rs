//! The faults that can be drawn: a table. A fault is a line that begins it, and one that ends it.

use super::plan::Line;
use super::random::Random;

/// A kind of fault. In its lines `{b}` is a broker, `{o}` another, `{c}` a controller.
pub(super) struct Fault {
    /// What begins it.
    begin: &'static str,
    /// What ends it.
    end: &'static str,
    /// Whether the broker is down meanwhile.
    is_down: bool,
    /// It concerns two brokers.
    needs_two: bool,
}

/// All kinds. A seed picks which of them it draws.
pub(super) const FAULTS: &[Fault] = &[
    down("broker stop {b}", "broker start {b}"),
    down("broker kill {b}", "broker start {b}"),
    Fault { needs_two: true, ..link("network cut {b} {o}", "network heal {b} {o}") },
    link("network cut {b} {c}", "network heal {b} {c}"),
];

const fn down(begin: &'static str, end: &'static str) -> Fault {
    Fault { begin, end, is_down: true, needs_two: false }
}

const fn link(begin: &'static str, end: &'static str) -> Fault {
    Fault { begin, end, is_down: false, needs_two: false }
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
    /// The lines of all faults. Each fault ends within the time of faults, or is left to be healed.
    pub(super) fn draw(&self, random: &mut Random) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut down: Vec<(u64, u64)> = Vec::new();
        let mut at_ms = self.from_ms;
        while at_ms < self.until_ms && !self.kinds.is_empty() {
            let fault = *random.pick(&self.kinds);
            let broker = random.between(1, self.brokers);
            let ends_ms = at_ms + random.between(50, self.lasts_ms);
            down.retain(|(_, until)| *until > at_ms);
            let is_possible = !(fault.needs_two && self.brokers < 2)
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
                lines.push(Line::new(at_ms, "t2", fill(fault.begin)));
                if ends_ms < self.until_ms {
                    lines.push(Line::new(ends_ms, "t2", fill(fault.end)));
                }
            }
            at_ms += random.between(20, self.pause_ms);
        }
        lines
    }
}

/// What ends every fault that may still be there: its own end, said at once for all that were begun.
pub(super) fn ends(lines: &[Line], brokers: u64, at_ms: u64) -> Vec<Line> {
    let mut ends: Vec<String> = Vec::new();
    for line in lines {
        if let Some(link) = line.text.strip_prefix("network cut ") {
            let end = format!("network heal {link}");
            if !ends.contains(&end) {
                ends.push(end);
            }
        }
    }
    // One that was started while it was still shutting down is down as well; one that runs says so.
    ends.extend((1..=brokers).map(|id| format!("broker start {id}")));
    ends.into_iter().map(|text| Line::new(at_ms, "t2", text)).collect()
}
