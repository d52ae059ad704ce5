//! From a seed to a plan: a cluster with its settings, topics, producers, consumers, and the faults. The
//! seed also picks which of these there are at all, and how wild they are: runs that do little of many
//! things find less than runs that do much of a few.

use super::faults::{self, FAULTS, Fault, Weather};
use super::plan::{Line, Plan};
use super::random::Random;

mod acls;
mod apps;
mod dead_letters;
mod groups;
mod producers;
mod quotas;
mod shares;
mod tiers;

/// When faults begin.
const FAULTS_FROM_MS: u64 = 4_000;

/// What is drawn, as far as later parts depend on it.
struct Drawing {
    random: Random,
    brokers: u64,
    controllers: u64,
    topics: Vec<String>,
    /// Those of them that somebody writes to.
    fed: Vec<String>,
    until_ms: u64,
    /// Whether nothing may be lost: see [`Plan::is_careful`].
    is_careful: bool,
    /// Whether there is a share group.
    has_shares: bool,
    plan: Plan,
}

/// The plan that follows from a seed.
pub fn draw(seed: u64) -> Plan {
    let mut random = Random::new(seed);
    let is_careful = random.one_in(4);
    let brokers = *random.pick(&[1, 2, 3, 3, 3, 3, 4, 5]);
    let brokers = if is_careful { brokers.max(3) } else { brokers };
    let controllers = *random.pick(&[1, 1, 1, 3, 3, 5]);
    let lasts_ms = *random.pick(&[6_000, 10_000, 15_000, 25_000]);
    let until_ms = FAULTS_FROM_MS + lasts_ms;
    let plan = Plan { header: vec![format!("seed {seed}")], is_careful, ..Plan::default() };
    let (topics, fed) = (Vec::new(), Vec::new());
    let has_shares = false;
    let mut drawing = Drawing {
        random,
        brokers,
        controllers,
        topics,
        fed,
        until_ms,
        is_careful,
        has_shares,
        plan,
    };
    drawing.header();
    drawing.topics();
    drawing.producers();
    drawing.groups();
    drawing.apps();
    drawing.faults();
    // Last, so that the rest of a seed is what it was before there were these.
    drawing.shares();
    drawing.quotas();
    drawing.tiers();
    drawing.acls();
    drawing.dead_letters();
    drawing.plan
}

impl Drawing {
    fn header(&mut self) {
        let random = &mut self.random;
        let mut cluster = format!("cluster --brokers {}", self.brokers);
        if self.controllers > 1 {
            cluster.push_str(&format!(" --controllers {}", self.controllers));
        }
        if random.one_in(3) {
            let racks: Vec<&str> = ["a", "b", "c"][..self.brokers.min(3) as usize].to_vec();
            cluster.push_str(&format!(" --racks {}", racks.join(",")));
        }
        if random.one_in(3) {
            cluster.push_str(&format!(" --latency {}ms", random.between(1, 40)));
        }
        let session_ms = random.between(1_500, 6_000);
        let replicas = random.between(1, self.brokers.min(3));
        let replicas = if self.is_careful { 3 } else { replicas };
        let mut configs = vec![
            ("broker.session.timeout.ms", session_ms),
            ("broker.heartbeat.interval.ms", session_ms / 4),
            ("replica.lag.time.max.ms", random.between(1_000, 8_000)),
            ("replica.socket.timeout.ms", random.between(800, 4_000)),
            ("request.timeout.ms", random.between(800, 4_000)),
            ("offsets.topic.num.partitions", random.between(1, 2)),
            ("offsets.topic.replication.factor", replicas),
            ("transaction.state.log.num.partitions", 1),
            ("transaction.state.log.replication.factor", replicas),
            ("transaction.state.log.min.isr", replicas.min(2)),
            ("group.consumer.session.timeout.ms", random.between(1_500, 5_000)),
            ("group.consumer.heartbeat.interval.ms", random.between(300, 500)),
            ("group.initial.rebalance.delay.ms", random.between(0, 1_000)),
            ("group.min.session.timeout.ms", 1_000),
            ("replica.high.watermark.checkpoint.interval.ms", random.between(200, 6_000)),
        ];
        if random.one_in(2) {
            configs.push(("replica.fetch.wait.max.ms", random.between(50, 500)));
            configs.push(("replica.fetch.backoff.ms", random.between(50, 1_000)));
        }
        if random.one_in(4) {
            configs.push(("log.roll.ms", random.between(500, 5_000)));
        }
        if random.one_in(6) {
            configs.push(("replica.fetch.max.bytes", random.between(100, 2_000)));
        }
        self.plan.header.push(cluster);
        let lines = configs.iter().map(|(name, value)| format!("config * {name}={value}"));
        self.plan.header.extend(lines);
    }

    fn topics(&mut self) {
        for index in 0..=self.random.below(3) {
            let random = &mut self.random;
            let replicas =
                random.between(1, self.brokers.min(3)).max(random.between(1, self.brokers.min(3)));
            let min_isr = random.between(1, replicas);
            let (replicas, min_isr) = if self.is_careful { (3, 2) } else { (replicas, min_isr) };
            let mut line = format!(
                "kafka-topics.sh --create --topic topic{index} --partitions {} --replication-factor {replicas} --config min.insync.replicas={min_isr}",
                random.between(1, 3),
            );
            if random.one_in(4) && !self.is_careful {
                line.push_str(" --config unclean.leader.election.enable=true");
            }
            line.push_str(" --bootstrap-server broker1:9092");
            self.topics.push(format!("topic{index}"));
            self.plan.lines.push(Line::new(1_000, "t1", line));
        }
    }

    fn faults(&mut self) {
        let random = &mut self.random;
        let is_borne = |fault: &&Fault| !self.is_careful || fault.is_borne();
        let kinds = FAULTS.iter().filter(|_| random.below(3) > 0).filter(is_borne).collect();
        let weather = Weather {
            kinds,
            brokers: self.brokers,
            controllers: self.controllers,
            from_ms: FAULTS_FROM_MS,
            until_ms: self.until_ms,
            pause_ms: *random.pick(&[500, 2_000, 5_000, 10_000]),
            lasts_ms: *random.pick(&[500, 3_000, 10_000, 20_000]),
            most_down: if self.is_careful { 1 } else { random.between(1, self.brokers) as usize },
        };
        let faults::Drawn { lines, ends } = weather.draw(random);
        self.plan.lines.extend(lines);
        let restarts: Vec<String> = faults::restarts(self.brokers, self.controllers).collect();
        let at = |at_ms: u64, text: String| Line::new(at_ms, "t2", text);
        for text in ends.into_iter().chain(restarts.clone()) {
            self.plan.heal.push(at(self.until_ms, text));
        }
        // One that was still shutting down when it was started is down: again, when it is done. That may
        // take as long as the controllers need to agree on a leader.
        for later_ms in [8_000, 25_000] {
            for text in &restarts {
                self.plan.heal.push(at(self.until_ms + later_ms, text.clone()));
            }
        }
    }
}
