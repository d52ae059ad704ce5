//! The settings that a broker goes by, and what it does when they change: `DynamicBrokerConfig` and
//! `TopicConfigHandler`.

use std::collections::BTreeSet;

use highwater_log::{Compression, LogConfig, Ratio, TimestampType};

use crate::broker::Broker;
use crate::configs::definition::topic_config;
use crate::configs::layers::BrokerLayers;
use crate::configs::{BrokerConfig, boolean};
use crate::ids::TopicName;
use crate::metadata::record::ConfigResourceType;
use crate::metadata::{MetadataRecord, is_kept_by_kafka};

/// What records of the metadata log changed.
#[derive(Debug, Default)]
pub(super) struct Reconfigured {
    brokers: bool,
    topics: BTreeSet<TopicName>,
}

impl Reconfigured {
    /// Anything may have changed.
    pub(super) fn all() -> Self {
        Self { brokers: true, topics: BTreeSet::new() }
    }

    /// Notes what a record changes.
    pub(super) fn note(&mut self, record: &MetadataRecord) {
        let MetadataRecord::Config(config) = record else { return };
        match config.resource_type {
            ConfigResourceType::TOPIC => {
                self.topics.insert(TopicName(config.resource_name.clone()));
            }
            // Looked up where they are needed.
            ConfigResourceType::GROUP => {}
            _ => self.brokers = true,
        }
    }
}

impl Broker {
    /// Settings have changed: what goes by them does so from here on.
    pub(super) fn reconfigure(&mut self, changed: &Reconfigured) {
        if changed.brokers {
            self.reconfigure_from_metadata();
        }
        let concerned: BTreeSet<TopicName> = self
            .replicas
            .keys()
            .map(|partition| &partition.topic)
            .filter(|topic| changed.brokers || changed.topics.contains(*topic))
            .cloned()
            .collect();
        for topic in concerned {
            let config = self.log_config(&topic);
            let replicas = self.replicas.iter_mut();
            for (_, replica) in replicas.filter(|(partition, _)| partition.topic == topic) {
                replica.log.set_config(config.clone());
            }
        }
    }

    /// Goes by the settings that the broker has now.
    pub(super) fn reconfigure_from_metadata(&mut self) {
        let layers = self.layers();
        self.config = BrokerConfig::read(|name| layers.given(name));
    }

    /// The broker's settings by where they come from.
    pub(super) fn layers(&self) -> BrokerLayers<'_> {
        self.process.image.broker_layers(Some(self.id), &self.file)
    }

    /// A setting of a topic as it is in force here: the topic's own, else what the broker has.
    pub(crate) fn topic_setting(&self, topic: &TopicName, name: &str) -> String {
        let own = self.process.image.topic_config(topic, name);
        own.map(|value| value.trim().to_owned()).unwrap_or_else(|| {
            let layers = self.layers();
            topic_config(name).map_or_else(String::new, |config| layers.topic_default(&config))
        })
    }

    /// A setting of a topic that is a number. What is written down was checked, so that it is one;
    /// beyond what the number can hold, it is the greatest.
    pub(super) fn topic_number<N: TryFrom<i64> + Default>(
        &self,
        topic: &TopicName,
        name: &str,
    ) -> N {
        let number = self.topic_setting(topic, name).parse::<i64>().unwrap_or_default();
        N::try_from(number).unwrap_or_default()
    }

    /// The settings of a topic's logs.
    pub(super) fn log_config(&self, topic: &TopicName) -> LogConfig {
        let text = |name: &str| self.topic_setting(topic, name);
        let number = |name: &str| self.topic_number::<i64>(topic, name);
        let size = |name: &str| self.topic_number::<usize>(topic, name);
        let is_true = |name: &str| boolean(&text(name)) == Some(true);
        let policy = text("cleanup.policy");
        let has_policy = |wanted: &str| policy.split(',').any(|word| word.trim() == wanted);
        // Kafka's own tests roll small segments by this name, which has no lower bound (KIP-1030).
        let internal = self.process.image.topic_config(topic, "internal.segment.bytes");
        let internal = internal.and_then(|value| value.trim().parse().ok());
        LogConfig {
            segment_bytes: internal.unwrap_or_else(|| size("segment.bytes")),
            segment_ms: number("segment.ms"),
            segment_index_bytes: size("segment.index.bytes"),
            index_interval_bytes: size("index.interval.bytes"),
            max_message_bytes: size("max.message.bytes"),
            message_timestamp_type: match text("message.timestamp.type").as_str() {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            message_timestamp_before_max_ms: number("message.timestamp.before.max.ms"),
            message_timestamp_after_max_ms: number("message.timestamp.after.max.ms"),
            compression_type: compression(&text("compression.type")),
            compact: has_policy("compact"),
            delete: has_policy("delete"),
            retention_ms: number("retention.ms"),
            retention_bytes: number("retention.bytes"),
            min_cleanable_dirty_ratio: Ratio::parse(&text("min.cleanable.dirty.ratio"))
                .unwrap_or(Ratio::HALF),
            min_compaction_lag_ms: number("min.compaction.lag.ms"),
            max_compaction_lag_ms: number("max.compaction.lag.ms"),
            delete_retention_ms: number("delete.retention.ms"),
            remote_storage: self.config.remote_log_storage_system
                && !has_policy("compact")
                && !is_kept_by_kafka(topic)
                && is_true("remote.storage.enable"),
            remote_copy_disable: is_true("remote.log.copy.disable"),
            local_retention_ms: number("local.retention.ms"),
            local_retention_bytes: number("local.retention.bytes"),
            flush_messages: number("flush.messages"),
            ..LogConfig::default()
        }
    }
}

/// The codec into which the broker compresses what it appends; none if it leaves that to producers.
fn compression(name: &str) -> Option<Compression> {
    match name {
        "uncompressed" => Some(Compression::None),
        "gzip" => Some(Compression::Gzip),
        "snappy" => Some(Compression::Snappy),
        "lz4" => Some(Compression::Lz4),
        "zstd" => Some(Compression::Zstd),
        _ => None,
    }
}
