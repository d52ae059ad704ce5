//! Tiered storage: topics whose closed segments go to the remote store and soon leave the disks, and a store that fails now
//! and then.

use super::{Drawing, FAULTS_FROM_MS, Line};

impl Drawing {
    pub(super) fn tiers(&mut self) {
        if !self.random.one_in(4) {
            return;
        }
        let random = &mut self.random;
        let replicas = if self.is_careful { 3 } else { random.between(1, self.brokers.min(3)) };
        let configs = [
            ("remote.log.storage.system.enable", "true".to_owned()),
            ("remote.log.manager.task.interval.ms", random.between(300, 2_000).to_string()),
            ("remote.fetch.max.wait.ms", random.between(1_500, 3_000).to_string()),
            ("log.initial.task.delay.ms", random.between(500, 3_000).to_string()),
            ("log.retention.check.interval.ms", random.between(300, 2_000).to_string()),
            ("rlmm.config.remote.log.metadata.topic.num.partitions", "2".to_owned()),
            ("rlmm.config.remote.log.metadata.topic.replication.factor", replicas.to_string()),
        ];
        let lines = configs.iter().map(|(name, value)| format!("config * {name}={value}"));
        self.plan.header.extend(lines);
        // What is said of segments in the store is worth as much as they are: without it nobody finds them.
        if self.plan.lines.iter().any(|line| line.text.contains("power-loss")) {
            self.plan.header.push("config * log.flush.interval.messages=1".to_owned());
        }
        self.store_speed();
        self.tiered_topics();
        self.store_faults();
    }

    fn store_speed(&mut self) {
        let latency = *self.random.pick(&[1, 20, 50, 300]);
        let bandwidth = *self.random.pick(&[10_000, 1_000_000, 50_000_000]);
        let cluster = self.plan.header.iter_mut().find(|line| line.starts_with("cluster "));
        if let Some(cluster) = cluster {
            cluster
                .push_str(&format!(" --store-latency {latency}ms --store-bandwidth {bandwidth}"));
        }
    }

    fn tiered_topics(&mut self) {
        for topic in self.topics.clone() {
            if self.random.one_in(3) {
                continue;
            }
            let random = &mut self.random;
            let (bytes, local_ms) = (random.between(300, 3_000), random.between(1, 4_000));
            // What is to be read may not be gone, where nothing may be lost.
            let retention = match random.one_in(4) && !self.is_careful {
                true => format!(" --config retention.ms={}", random.between(4_000, 20_000)),
                false => String::new(),
            };
            let given = format!(
                " --config remote.storage.enable=true --config internal.segment.bytes={bytes} \
                 --config local.retention.ms={local_ms}{retention} --bootstrap-server"
            );
            let create = format!("kafka-topics.sh --create --topic {topic} ");
            let lines = self.plan.lines.iter_mut().filter(|line| line.text.starts_with(&create));
            for line in lines {
                line.text = line.text.replace(" --bootstrap-server", &given);
            }
        }
    }

    fn store_faults(&mut self) {
        let mut at_ms = FAULTS_FROM_MS + self.random.below(4_000);
        let mut is_drawn = false;
        while at_ms < self.until_ms && self.random.one_in(2) {
            let ends_ms = at_ms + self.random.between(200, 5_000);
            self.plan.lines.push(Line::new(at_ms, "t6", "remote-store fail".to_owned()));
            if ends_ms < self.until_ms {
                self.plan.lines.push(Line::new(ends_ms, "t6", "remote-store mend".to_owned()));
            }
            at_ms = ends_ms + self.random.between(200, 4_000);
            is_drawn = true;
        }
        if is_drawn {
            self.plan.heal.push(Line::new(self.until_ms, "t6", "remote-store mend".to_owned()));
        }
    }
}
