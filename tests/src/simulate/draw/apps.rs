//! Applications that read a topic and write to another, under one of the guarantees: killed, closed, and
//! cut off until others do their work; and coordinators that move.

use highwater_scenario::cluster::application::Guarantee;

use super::{Drawing, Line};

/// The instances of an application, at most.
const MOST_INSTANCES: u64 = 3;

/// An application that is being drawn.
struct App {
    /// What its instances have in common, after their names.
    line: String,
    session_ms: u64,
    /// Which of its instances run.
    alive: Vec<u64>,
}

impl Drawing {
    pub(super) fn apps(&mut self) {
        if self.random.one_in(3) || !(self.is_careful || self.random.one_in(3)) {
            return;
        }
        let mut app = self.app();
        let pause_ms = *self.random.pick(&[1_500, 4_000, 9_000]);
        let mut at_ms = self.random.between(2_000, 5_000);
        while at_ms < self.until_ms {
            self.app_happens(&mut app, at_ms);
            at_ms += self.random.between(100, pause_ms);
        }
        let at = |at_ms: u64, text: String| Line::new(at_ms, "t5", text);
        self.plan.heal.push(at(self.until_ms, "network heal".to_owned()));
        // One that has failed stays so: somebody has to be left.
        self.plan.heal.push(at(self.until_ms + 3_000, format!("app start last {}", app.line)));
    }

    fn app(&mut self) -> App {
        let random = &mut self.random;
        let replicas = if self.is_careful { 3 } else { random.between(1, self.brokers.min(3)) };
        let min_isr = if self.is_careful { 2 } else { 1 };
        let partitions = random.between(1, 2);
        self.plan.lines.push(Line::new(1_000, "t1", format!(
            "kafka-topics.sh --create --topic made --partitions {partitions} --replication-factor {replicas} --config min.insync.replicas={min_isr} --bootstrap-server broker1:9092",
        )));
        let guarantee = random.pick(&Guarantee::ALL).name();
        let from = random.pick(&self.fed);
        let session_ms = random.between(2_000, 6_000);
        let line = format!(
            "--group app --from {from} --to made --guarantee {guarantee} --process-ms {} --commit-interval-ms {} \
             --consumer-config session.timeout.ms={session_ms} --consumer-config heartbeat.interval.ms={} \
             --consumer-config max.poll.records={} --consumer-config max.poll.interval.ms=10000 \
             --producer-config transaction.timeout.ms={}",
            random.between(0, 20),
            random.between(0, 15) * 100,
            session_ms / 4,
            random.pick(&[1, 20, 100]),
            random.between(5_000, 10_000),
        );
        App { line, session_ms, alive: Vec::new() }
    }

    /// One of the things that happen to an application.
    fn app_happens(&mut self, app: &mut App, at_ms: u64) {
        let random = &mut self.random;
        let absent: Vec<u64> =
            (0..MOST_INSTANCES).filter(|instance| !app.alive.contains(instance)).collect();
        if app.alive.is_empty() || (!absent.is_empty() && random.one_in(2)) {
            let instance = *random.pick(&absent);
            app.alive.push(instance);
            return self.app_line(at_ms, format!("app start a{instance} {}", app.line));
        }
        let place = random.below(app.alive.len() as u64) as usize;
        let name = format!("a{}", app.alive[place]);
        match random.below(6) {
            0 => {
                app.alive.remove(place);
                self.app_line(at_ms, format!("app close {name}"));
            }
            1 | 2 => {
                app.alive.remove(place);
                self.app_line(at_ms, format!("app kill {name}"));
            }
            3 => self.cut_off(&name, app.session_ms, at_ms),
            4 => {
                let broker = random.between(1, self.brokers);
                self.app_line(at_ms, format!("coordinator move app --to {broker}"));
            }
            _ => {
                let broker = random.between(1, self.brokers);
                let text = format!("partition elect __transaction_state-0 --leader {broker}");
                self.app_line(at_ms, text);
            }
        }
    }

    fn app_line(&mut self, at_ms: u64, text: String) {
        self.plan.lines.push(Line::new(at_ms, "t5", text));
    }
}
