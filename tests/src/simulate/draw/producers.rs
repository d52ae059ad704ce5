//! Producers: idempotent or not, and with transactions or without.

use super::super::random::Random;
use super::{Drawing, Line};

impl Drawing {
    pub(super) fn producers(&mut self) {
        let count = self.random.between(1, 3);
        for index in 0..count {
            let topic = self.random.pick(&self.topics).clone();
            let rate = self.random.between(1, 30 / count);
            let line = format!("producer start p{index} --topic {topic} --rate {rate}");
            let line = line + &self.producer_options(index);
            self.fed.push(topic);
            let at_ms = 2_000 + self.random.below(1_000);
            self.plan.lines.push(Line::new(at_ms, "t3", line));
            self.plan.heal.push(Line::new(
                self.until_ms + 2_000,
                "t3",
                format!("producer stop p{index}"),
            ));
        }
    }

    fn producer_options(&mut self, index: u64) -> String {
        let random = &mut self.random;
        let acks = *random.pick(&["all", "all", "all", "1", "0"]);
        let acks = if self.is_careful { "all" } else { acks };
        let is_transactional = acks == "all" && random.one_in(4);
        let is_idempotent =
            acks == "all" && (self.is_careful || is_transactional || !random.one_in(3));
        let mut line = format!(" --acks {acks}");
        if random.one_in(2) {
            line.push_str(&format!(" --keys {}", random.between(1, 9)));
        }
        if random.one_in(3) {
            line.push_str(&format!(" --value-bytes {}", random.between(1, 300)));
        }
        let request_ms = random.between(500, 4_000);
        let linger_ms = *random.pick(&[0, 5, 5, 50, 400]);
        let mut configs = vec![
            ("request.timeout.ms", request_ms),
            ("linger.ms", linger_ms),
            ("delivery.timeout.ms", request_ms + linger_ms + random.between(500, 10_000)),
            ("retry.backoff.ms", random.between(10, 500)),
            ("max.block.ms", 5_000),
            ("metadata.max.age.ms", random.between(1_000, 60_000)),
        ];
        let most_in_flight = if is_idempotent { 5 } else { 8 };
        let in_flight = random.between(1, most_in_flight);
        configs.push(("max.in.flight.requests.per.connection", in_flight));
        if random.one_in(4) {
            configs.push(("batch.size", random.between(1, 400)));
        }
        if is_transactional {
            configs.push(("transaction.timeout.ms", random.between(3_000, 20_000)));
            line.push_str(&transactions(random, index));
        }
        for (name, value) in configs {
            line.push_str(&format!(" --config {name}={value}"));
        }
        line.push_str(&format!(" --config enable.idempotence={is_idempotent}"));
        line
    }
}

/// The options of a producer whose records are parts of transactions.
fn transactions(random: &mut Random, index: u64) -> String {
    let records = random.between(1, 30);
    let aborts = match random.one_in(2) {
        true => format!(" --abort-every {}", random.between(1, 4)),
        false => String::new(),
    };
    format!(" --transactional-id t{index} --transaction-records {records}{aborts}")
}
