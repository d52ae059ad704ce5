//! Dead-letter queues of share groups: topics that leaders create when they need them, that are there, or that cannot be
//! used.

use super::{Drawing, Line};

impl Drawing {
    pub(super) fn dead_letters(&mut self) {
        if !self.has_shares || !self.random.one_in(2) {
            return;
        }
        let random = &mut self.random;
        let name = *random.pick(&["dlq.a", "dlq.a", "dlq.a", "failed"]);
        let (creates, copies) = (random.one_in(2), random.one_in(2));
        let header = format!("config * errors.deadletterqueue.auto.create.topics.enable={creates}");
        self.plan.header.push(header);
        let alter = format!(
            "kafka-configs.sh --alter --entity-type groups --entity-name sharers --add-config \
             errors.deadletterqueue.topic.name={name},errors.deadletterqueue.copy.record.enable={copies} \
             --bootstrap-server broker1:9092"
        );
        if !creates || self.random.one_in(2) {
            let create = self.queue(name);
            self.plan.lines.push(Line::new(1_400, "t4", create));
        }
        self.plan.lines.push(Line::new(1_600, "t4", alter));
    }

    /// The line that creates the topic.
    fn queue(&mut self, name: &str) -> String {
        let (random, replicas) = (&mut self.random, self.brokers.min(3));
        // With one replica it has no leader now and then, so that the next leader of a source has to go on.
        let replicas = if random.one_in(2) { 1 } else { replicas };
        let is_enabled = !random.one_in(6);
        format!(
            "kafka-topics.sh --create --topic {name} --partitions {} --replication-factor {replicas} \
             --config errors.deadletterqueue.group.enable={is_enabled} --config min.insync.replicas={} \
             --bootstrap-server broker1:9092",
            random.between(1, 3),
            replicas.min(2)
        )
    }
}
