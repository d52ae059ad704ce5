//! Share groups: members that join, leave, die with or without a word, fail on records, work for longer than their
//! locks last, or are cut off.

use super::{Drawing, Line};

/// The members that a share group has at once, at most.
const MOST_MEMBERS: u64 = 4;

/// A share group that is being drawn.
struct Group {
    /// What all its members have in common, after their names.
    line: String,
    session_ms: u64,
    /// Which of its members run.
    alive: Vec<u64>,
    /// The members that work on a record for longer than its lock may last.
    slow: Vec<u64>,
}

/// For how long slow members work on a record.
const SLOW_MS: u64 = 1_500;

impl Drawing {
    pub(super) fn shares(&mut self) {
        if !self.random.one_in(3) {
            return;
        }
        self.has_shares = true;
        let mut group = self.share_group();
        let pause_ms = *self.random.pick(&[1_000, 2_500, 6_000]);
        let mut at_ms = self.random.between(2_000, 4_000);
        while at_ms < self.until_ms {
            self.share_happens(&mut group, at_ms);
            at_ms += self.random.between(100, pause_ms);
        }
        let at = |at_ms: u64, text: String| Line::new(at_ms, "t4", text);
        self.plan.heal.push(at(self.until_ms, "network heal".to_owned()));
        // Somebody is left to see to it all, and nobody who would come to an end only by the limit of deliveries.
        for member in group.alive.iter().filter(|member| group.slow.contains(member)) {
            let text = format!("share-consumer stop sh{member}");
            self.plan.heal.push(at(self.until_ms + 1, text));
        }
        let last = format!("share-consumer start shlast {}", group.line);
        self.plan.heal.push(at(self.until_ms + 2, last));
    }

    fn share_group(&mut self) -> Group {
        let random = &mut self.random;
        let session_ms = random.between(1_500, 5_000);
        let replicas = self.brokers.min(3);
        let configs = [
            ("share.coordinator.state.topic.num.partitions", random.between(1, 2)),
            ("share.coordinator.state.topic.replication.factor", replicas),
            ("share.coordinator.state.topic.min.isr", replicas.min(2)),
            ("share.coordinator.snapshot.update.records.per.snapshot", random.between(0, 20)),
            ("group.share.session.timeout.ms", session_ms),
            ("group.share.heartbeat.interval.ms", random.between(300, 500)),
            ("group.share.record.lock.duration.ms", random.between(1_000, 4_000)),
            ("group.share.delivery.count.limit", random.between(2, 6)),
            ("group.share.partition.max.record.locks", random.between(10, 200)),
            ("group.share.initialize.retry.interval.ms", random.between(500, 2_000)),
        ];
        let lines = configs.iter().map(|(name, value)| format!("config * {name}={value}"));
        self.plan.header.extend(lines);
        let topics: Vec<String> =
            self.topics.iter().filter(|_| random.one_in(2)).cloned().collect();
        let topics = if topics.is_empty() { self.topics[0].clone() } else { topics.join(",") };
        let mut reset = vec!["share.auto.offset.reset=earliest".to_owned()];
        if random.one_in(3) {
            reset.push("share.isolation.level=read_committed".to_owned());
        }
        self.share_line(
            1_500,
            format!(
                "kafka-configs.sh --alter --entity-type groups --entity-name sharers --add-config {} --bootstrap-server broker1:9092",
                reset.join(",")
            ),
        );
        let random = &mut self.random;
        let mut line = format!("--group sharers --topic {topics}");
        line.push_str(&format!(" --config max.poll.records={}", random.pick(&[1, 5, 50, 500])));
        line.push_str(&format!(" --config request.timeout.ms={}", random.between(1_000, 4_000)));
        Group { line, session_ms, alive: Vec::new(), slow: Vec::new() }
    }

    fn share_happens(&mut self, group: &mut Group, at_ms: u64) {
        let random = &mut self.random;
        let absent: Vec<u64> =
            (0..MOST_MEMBERS).filter(|member| !group.alive.contains(member)).collect();
        if group.alive.is_empty() || (!absent.is_empty() && random.one_in(2)) {
            let member = *random.pick(&absent);
            let text = self.share_start(group, member);
            group.alive.push(member);
            return self.share_line(at_ms, text);
        }
        let place = random.below(group.alive.len() as u64) as usize;
        let member = group.alive[place];
        let end = match random.below(5) {
            0 => "stop",
            1 => "kill",
            2 => "power-loss",
            _ => return self.cut_off(&format!("sh{member}"), group.session_ms, at_ms),
        };
        group.alive.remove(place);
        self.share_line(at_ms, format!("share-consumer {end} sh{member}"));
    }

    fn share_start(&mut self, group: &mut Group, member: u64) -> String {
        let random = &mut self.random;
        let mut text = format!("share-consumer start sh{member} {}", group.line);
        group.slow.retain(|slow| *slow != member);
        if random.one_in(2) {
            // Now and then longer than a lock lasts.
            let process_ms = *random.pick(&[1, 10, 100, SLOW_MS]);
            if process_ms == SLOW_MS {
                group.slow.push(member);
            }
            text.push_str(&format!(" --process-ms {process_ms}"));
        }
        if random.one_in(2) {
            let every = random.between(2, 9);
            let verdict = random.pick(&["release", "reject"]);
            text.push_str(&format!(" --fail-on every={every} --on-fail {verdict}"));
            if random.one_in(3) {
                text.push_str(&format!(" --commit-every {}", random.between(1, 5)));
            }
        }
        text
    }

    fn share_line(&mut self, at_ms: u64, text: String) {
        self.plan.lines.push(Line::new(at_ms, "t4", text));
    }
}
