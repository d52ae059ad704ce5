//! Access control lists: rarely brokers ask an authorizer, and then topics are closed to those that write, and opened
//! again soon.

use super::{Drawing, Line};

/// Everybody may do everything, whatever entries come later.
const OPEN: &str = "kafka-acls.sh --add --allow-principal 'User:*' --operation All --topic '*' --group '*' --transactional-id '*' \
                    --cluster --bootstrap-server broker1:9092";

impl Drawing {
    pub(super) fn acls(&mut self) {
        if self.is_careful || self.topics.is_empty() || !self.random.one_in(6) {
            return;
        }
        for setting in [
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found=true",
        ] {
            self.plan.header.push(format!("config * {setting}"));
        }
        self.plan.lines.push(Line::new(self.random.between(1_200, 1_400), "t6", OPEN.to_owned()));
        let mut at_ms = self.random.between(2_000, 6_000);
        while at_ms < self.until_ms {
            let topic = self.random.pick(&self.topics).clone();
            let lasts_ms = self.random.between(200, 1_500);
            let closed = closed("--add", &topic);
            let opened = closed.replace("--add", "--remove --force");
            self.plan.lines.push(Line::new(at_ms, "t6", closed));
            self.plan.lines.push(Line::new(at_ms + lasts_ms, "t6", opened.clone()));
            // A broker may come back only after the end of the faults.
            self.plan.heal.push(Line::new(self.until_ms + 4_500, "t6", opened));
            at_ms += lasts_ms + self.random.between(500, 6_000);
        }
    }
}

fn closed(action: &str, topic: &str) -> String {
    format!(
        "kafka-acls.sh {action} --deny-principal 'User:*' --operation Write --topic {topic} --bootstrap-server broker1:9092"
    )
}
