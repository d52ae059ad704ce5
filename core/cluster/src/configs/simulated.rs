//! Which settings something here acts on. The others are taken and shown as Kafka does, and it is said
//! that they change nothing.

use super::BROKER_CONFIGS;
use super::definition::{topic_config, topic_configs};

/// The settings of topics that nothing here acts on.
const IGNORED_TOPIC_CONFIGS: &[&str] = &[
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.zstd.level",
    "file.delete.delay.ms",
    "preallocate",
    "remote.copy.lag.bytes",
    "remote.copy.lag.ms",
    "segment.jitter.ms",
];

/// The settings of brokers that are simulated, but are neither numbers nor defaults of topics.
const OTHER_BROKER_CONFIGS: &[&str] = &[
    "allow.everyone.if.no.acl.found",
    "authorizer.class.name",
    "errors.deadletterqueue.auto.create.topics.enable",
    "errors.deadletterqueue.topic.name.prefix",
    "follower.replication.throttled.rate",
    "group.consumer.assignors",
    "group.consumer.migration.policy",
    "leader.replication.throttled.rate",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config",
    "replica.selector.class",
    "super.users",
];

/// The settings of groups that something here acts on.
const GROUP_CONFIGS: &[&str] = &[
    "errors.deadletterqueue.copy.record.enable",
    "errors.deadletterqueue.topic.name",
    "share.auto.offset.reset",
    "share.delivery.count.limit",
    "share.isolation.level",
    "share.partition.max.record.locks",
    "share.record.lock.duration.ms",
];

/// Whether something here acts on a setting of groups.
pub fn is_simulated_group_config(name: &str) -> bool {
    GROUP_CONFIGS.contains(&name)
}

/// Whether something here acts on a setting of topics.
pub fn is_simulated_topic_config(name: &str) -> bool {
    topic_config(name).is_some() && !IGNORED_TOPIC_CONFIGS.contains(&name)
}

/// Whether something here acts on a setting of brokers.
pub fn is_simulated_broker_config(name: &str) -> bool {
    let is_default_of = |topic_config: &str| is_simulated_topic_config(topic_config);
    BROKER_CONFIGS.iter().any(|(known, _)| *known == name)
        || OTHER_BROKER_CONFIGS.contains(&name)
        || topic_configs().any(|config| {
            config.synonyms().any(|(synonym, _)| synonym == name) && is_default_of(config.name)
        })
}
