//! Consumer groups: members that join, leave, die, come back, stand in for each other, work too long, or
//! are cut off for longer than their session; and coordinators that die.

use highwater_scenario::cluster::application::Guarantee;

use super::super::promises::group_name;
use super::super::random::Random;
use super::{Drawing, Line};

/// The members that a group has at once, at most.
const MOST_MEMBERS: u64 = 4;

/// A group that is being drawn.
struct Group {
    number: u64,
    /// Its `group.id`.
    id: String,
    /// What all its members have in common, after their names.
    line: String,
    session_ms: u64,
    /// Whether its members have a `group.instance.id`.
    is_static: bool,
    /// Which of its members run.
    alive: Vec<u64>,
    /// Which of them work for longer than they may.
    slow: Vec<u64>,
}

impl Drawing {
    pub(super) fn groups(&mut self) {
        let least = u64::from(self.is_careful);
        for number in 0..self.random.between(least, 3) {
            let mut group = self.group(number);
            let is_wild = self.random.one_in(2);
            let pause_ms = *self.random.pick(&[1_500, 4_000, 9_000]);
            let mut at_ms = self.random.between(2_000, 5_000);
            let mut drawn = 0;
            while at_ms < self.until_ms && (is_wild || drawn < 3) {
                self.happens(&mut group, at_ms);
                drawn += 1;
                at_ms += self.random.between(100, pause_ms);
            }
            self.heal_group(&group);
        }
    }

    fn group(&mut self, number: u64) -> Group {
        let random = &mut self.random;
        let topics: Vec<String> =
            self.topics.iter().filter(|_| random.one_in(2)).cloned().collect();
        let topics = if topics.is_empty() { self.topics[0].clone() } else { topics.join(",") };
        let guarantee = match random.one_in(4) {
            true => Guarantee::AtMostOnce,
            false => Guarantee::AtLeastOnce,
        };
        let id = group_name(guarantee, number);
        let mut line = format!("--group {id} --topic {topics}");
        line.push_str(&application(random, guarantee));
        if self.is_careful || !random.one_in(4) {
            line.push_str(" --from-beginning");
        }
        let session_ms = random.between(1_500, 5_000);
        let mut configs = vec![
            ("auto.commit.interval.ms", random.between(200, 5_000)),
            ("request.timeout.ms", random.between(800, 4_000)),
            ("max.poll.records", *random.pick(&[1, 5, 500, 500])),
            ("metadata.max.age.ms", random.between(1_000, 60_000)),
        ];
        if random.one_in(4) {
            line.push_str(" --protocol consumer");
            line.push_str(*random.pick(&["", " --assignor range"]));
        } else {
            // With the consumer protocol these are the broker's.
            configs.push(("session.timeout.ms", session_ms));
            configs.push(("heartbeat.interval.ms", session_ms / 4));
            let assignors = ["range", "roundrobin", "sticky", "cooperative-sticky"];
            let known = format!(" --assignor {}", random.pick(&assignors));
            line.push_str(if random.one_in(2) { &known } else { "" });
        }
        if random.one_in(5) {
            line.push_str(&format!(" --revoke-ms {}", random.between(1, 2_000)));
        }
        if random.one_in(3) {
            line.push_str(" --config isolation.level=read_committed");
        }
        for (name, value) in configs {
            line.push_str(&format!(" --config {name}={value}"));
        }
        let is_static = random.one_in(3);
        let slow = (0..MOST_MEMBERS).filter(|_| random.one_in(8)).collect();
        Group { number, id, line, session_ms, is_static, alive: Vec::new(), slow }
    }

    /// One of the things that happen to a group.
    fn happens(&mut self, group: &mut Group, at_ms: u64) {
        let random = &mut self.random;
        let absent: Vec<u64> =
            (0..MOST_MEMBERS).filter(|member| !group.alive.contains(member)).collect();
        if group.alive.is_empty() || (!absent.is_empty() && random.one_in(2)) {
            let member = *random.pick(&absent);
            let text = self.start(group, member);
            group.alive.push(member);
            return self.consumer_line(at_ms, text);
        }
        let place = random.below(group.alive.len() as u64) as usize;
        let member = group.alive[place];
        match random.below(8) {
            0 | 1 => {
                group.alive.remove(place);
                self.consumer_line(at_ms, format!("consumer stop {}", group.name(member)));
            }
            2 | 3 => {
                group.alive.remove(place);
                self.consumer_line(at_ms, format!("consumer kill {}", group.name(member)));
            }
            4 => self.restart(group, member, at_ms),
            5 => self.cut_off(&group.name(member), group.session_ms, at_ms),
            6 if group.is_static => self.stand_in(group, member, at_ms),
            _ => self.kill_coordinator(group, at_ms),
        }
    }

    fn start(&mut self, group: &Group, member: u64) -> String {
        let mut text = format!("consumer start {} {}", group.name(member), group.line);
        // Even an application that takes no time over its records polls ten times a second only.
        let poll_ms = match group.slow.contains(&member) {
            true => self.random.between(30, 95),
            false => self.random.between(6_000, 10_000),
        };
        text.push_str(&format!(" --config max.poll.interval.ms={poll_ms}"));
        if group.is_static {
            text.push_str(&format!(" --config group.instance.id={}", group.name(member)));
        }
        text
    }

    /// A member dies, and comes back before or after it is missed.
    fn restart(&mut self, group: &Group, member: u64, at_ms: u64) {
        let away_ms = self.random.between(1, 2 * group.session_ms);
        let text = self.start(group, member);
        self.consumer_line(at_ms, format!("consumer kill {}", group.name(member)));
        self.consumer_line((at_ms + away_ms).min(self.until_ms), text);
    }

    /// A member reaches nobody for longer than its session, and then goes on as if nothing had been.
    pub(super) fn cut_off(&mut self, client: &str, session_ms: u64, at_ms: u64) {
        let ends_ms = at_ms + self.random.between(session_ms, 2 * session_ms);
        for broker in 1..=self.brokers {
            let link = format!("{client} {broker}");
            self.consumer_line(at_ms, format!("network cut {link}"));
            self.consumer_line(ends_ms.min(self.until_ms), format!("network heal {link}"));
        }
    }

    /// Another process takes the name of a static member that still runs.
    fn stand_in(&mut self, group: &Group, member: u64, at_ms: u64) {
        let name = group.name(member);
        let other = format!("{name}twin");
        let text = self.start(group, member).replacen(&name, &other, 1);
        self.consumer_line(at_ms, text);
        let ends_ms = (at_ms + self.random.between(500, 10_000)).min(self.until_ms);
        self.consumer_line(ends_ms, format!("consumer stop {other}"));
    }

    /// The broker that coordinates the group dies, perhaps in the midst of taking over.
    fn kill_coordinator(&mut self, group: &Group, at_ms: u64) {
        let broker = self.random.between(1, self.brokers);
        let text = format!("coordinator move {} --to {broker}", group.id);
        self.consumer_line(at_ms, text);
        // More than one broker may be down then: careful runs cannot bear that.
        if self.is_careful {
            return;
        }
        let at_ms = at_ms + self.random.between(1, 2_000);
        let back_ms = (at_ms + self.random.between(100, 8_000)).min(self.until_ms);
        self.consumer_line(at_ms.min(self.until_ms), format!("broker kill {broker}"));
        self.consumer_line(back_ms, format!("broker start {broker}"));
    }

    /// Somebody is left to read it all; and nobody who cannot.
    fn heal_group(&mut self, group: &Group) {
        let at = |at_ms: u64, text: String| Line::new(at_ms, "t3", text);
        for member in &group.slow {
            let text = format!("consumer stop {}", group.name(*member));
            self.plan.heal.push(at(self.until_ms + 1, text));
        }
        self.plan.heal.push(at(self.until_ms, "network heal".to_owned()));
        // A rebalance waits for members that are gone, by default five minutes.
        let (number, line) = (group.number, &group.line);
        let last =
            format!("consumer start g{number}last {line} --config max.poll.interval.ms=10000");
        self.plan.heal.push(at(self.until_ms + 2, last));
    }

    fn consumer_line(&mut self, at_ms: u64, text: String) {
        self.plan.lines.push(Line::new(at_ms, "t3", text));
    }
}

impl Group {
    fn name(&self, member: u64) -> String {
        format!("g{}c{member}", self.number)
    }
}

/// What the program around the members of a group does: how long it works, when it commits, and whether
/// other threads do its work.
fn application(random: &mut Random, guarantee: Guarantee) -> String {
    let process_ms = random.between(1, 10);
    if guarantee == Guarantee::AtMostOnce {
        return format!(" --commit sync --commit-when before --process-ms {process_ms}");
    }
    let mut options = String::new();
    if random.one_in(2) {
        options.push_str(&format!(" --process-ms {process_ms}"));
    }
    if random.one_in(3) {
        options.push_str(&format!(" --commit {}", random.pick(&["sync", "async"])));
        if random.one_in(2) {
            options.push_str(&format!(" --commit-every {}", random.between(1, 9)));
        }
        if random.one_in(2) {
            let order = random.pick(&["partition", "key", "none"]);
            options.push_str(&format!(" --workers {} --order {order}", random.between(1, 4)));
        }
    }
    options
}
