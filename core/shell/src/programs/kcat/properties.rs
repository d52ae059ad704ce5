//! Settings of librdkafka by `-X`, as far as they mean something here.

use highwater_cluster::consumer::ConsumerConfig;
use highwater_cluster::producer::ProducerConfig;

/// Settings that are known and change nothing here.
const IGNORED: &[&str] = &[
    "allow.auto.create.topics",
    "api.version.request",
    "bootstrap.servers",
    "broker.address.family",
    "broker.version.fallback",
    "client.rack",
    "debug",
    "log_level",
    "metadata.broker.list",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "queued.max.messages.kbytes",
    "queued.min.messages",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "security.protocol",
    "statistics.interval.ms",
    "topic.metadata.refresh.interval.ms",
    "enable.partition.eof",
    "enable.auto.offset.store",
    "batch.num.messages",
    "sticky.partitioning.linger.ms",
    "check.crcs",
    "fetch.error.backoff.ms",
    "fetch.wait.max.ms",
    "coordinator.query.interval.ms",
];
/// Names of librdkafka for settings of Kafka's producer.
const PRODUCER: &[(&str, &str)] = &[
    ("acks", "acks"),
    ("request.required.acks", "acks"),
    ("linger.ms", "linger.ms"),
    ("queue.buffering.max.ms", "linger.ms"),
    ("compression.codec", "compression.type"),
    ("compression.type", "compression.type"),
    ("batch.size", "batch.size"),
    ("enable.idempotence", "enable.idempotence"),
    ("message.timeout.ms", "delivery.timeout.ms"),
    ("delivery.timeout.ms", "delivery.timeout.ms"),
    ("retries", "retries"),
    ("message.send.max.retries", "retries"),
    ("retry.backoff.ms", "retry.backoff.ms"),
    ("request.timeout.ms", "request.timeout.ms"),
    ("max.in.flight", "max.in.flight.requests.per.connection"),
    ("max.in.flight.requests.per.connection", "max.in.flight.requests.per.connection"),
    ("transactional.id", "transactional.id"),
    ("transaction.timeout.ms", "transaction.timeout.ms"),
];
const CONSUMER: &[(&str, &str)] = &[
    ("isolation.level", "isolation.level"),
    ("session.timeout.ms", "session.timeout.ms"),
    ("heartbeat.interval.ms", "heartbeat.interval.ms"),
    ("max.poll.interval.ms", "max.poll.interval.ms"),
    ("fetch.min.bytes", "fetch.min.bytes"),
    ("fetch.max.bytes", "fetch.max.bytes"),
    ("max.partition.fetch.bytes", "max.partition.fetch.bytes"),
    ("fetch.message.max.bytes", "max.partition.fetch.bytes"),
    ("enable.auto.commit", "enable.auto.commit"),
    ("auto.commit.interval.ms", "auto.commit.interval.ms"),
    ("group.protocol", "group.protocol"),
    ("group.instance.id", "group.instance.id"),
];
/// Settings that `kcat` itself reads.
const OWN: &[&str] = &[
    "client.id",
    "group.id",
    "auto.offset.reset",
    "partitioner",
    "message.max.bytes",
    "partition.assignment.strategy",
];

/// The settings that were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Properties(Vec<(String, String)>);

impl Properties {
    /// Takes a setting. The error is what librdkafka says.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        // Those of a topic may be marked as such.
        let name = name.strip_prefix("topic.").unwrap_or(name);
        let has = |names: &[(&str, &str)]| names.iter().any(|(known, _)| *known == name);
        let is_known = has(PRODUCER)
            || has(CONSUMER)
            || OWN.contains(&name)
            || IGNORED.contains(&name)
            || ["ssl.", "sasl.", "socket.", "log."].iter().any(|start| name.starts_with(start));
        if !is_known {
            return Err(format!("No such configuration property: \"{name}\""));
        }
        if matches!(name, "acks" | "request.required.acks") && value != "all" {
            let number = value.parse::<i64>().ok();
            if !number.is_some_and(|number| (-1..=1_000).contains(&number)) {
                return Err(format!(
                    "Configuration property \"request.required.acks\" value {value} is outside allowed range -1..1000\n"
                ));
            }
        }
        self.0.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The error is what librdkafka says.
    pub(super) fn apply_to_producer(&self, config: &mut ProducerConfig) -> Result<(), String> {
        self.apply(PRODUCER, |name, value| config.set(name, value))
    }

    /// The error is what librdkafka says.
    pub(super) fn apply_to_consumer(&self, config: &mut ConsumerConfig) -> Result<(), String> {
        self.apply(CONSUMER, |name, value| config.set(name, value))
    }

    fn apply(
        &self,
        names: &[(&str, &str)],
        mut set: impl FnMut(&str, &str) -> Result<(), String>,
    ) -> Result<(), String> {
        for (given, value) in &self.0 {
            let Some((_, name)) = names.iter().find(|(known, _)| known == given) else { continue };
            set(name, value).map_err(|_| {
                format!("Invalid value \"{value}\" for configuration property \"{given}\"")
            })?;
        }
        Ok(())
    }
}
