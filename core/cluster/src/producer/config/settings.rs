//! A producer's settings by Kafka's names: setting them from text, with the errors of Kafka's
//! `ConfigDef`, and showing them.

use std::sync::Arc;

use highwater_log::Compression;

use crate::client::security::{jaas, mechanism, protocol};
use crate::client::settings::{
    Setting, int, long, names, none_of, set, setting, show, switch, text,
};
use crate::ids::TransactionalId;
use crate::producer::{Acks, Partitioner, ProducerConfig};

const SETTINGS: &[Setting<ProducerConfig>] = &[
    Setting {
        name: "acks",
        set: |config, text| {
            config.acks = acks(text)?;
            Ok(())
        },
        show: |config| config.acks.name().to_owned(),
    },
    setting!("batch.size", batch_size = int, 0..=i32::MAX),
    setting!("buffer.memory", buffer_memory = long, 0..=i64::MAX),
    setting!("client.id", client_id = text),
    setting!("compression.gzip.level", gzip_level = gzip_level),
    Setting {
        name: "compression.type",
        set: |config, text| {
            config.compression = compression(text)?;
            Ok(())
        },
        show: |config| config.compression.name().to_owned(),
    },
    setting!("delivery.timeout.ms", delivery_timeout_ms = int, 0..=i32::MAX),
    setting!("enable.idempotence", enable_idempotence = switch),
    setting!("linger.ms", linger_ms = long, 0..=i64::MAX),
    setting!("max.block.ms", max_block_ms = long, 0..=i64::MAX),
    setting!("max.in.flight.requests.per.connection", max_in_flight = int, 1..=i32::MAX),
    setting!("max.request.size", max_request_size = int, 0..=i32::MAX),
    setting!("metadata.max.age.ms", metadata_max_age_ms = long, 0..=i64::MAX),
    setting!("partitioner.adaptive.partitioning.enable", adaptive_partitioning = switch),
    setting!(
        "partitioner.availability.timeout.ms",
        partitioner_availability_timeout_ms = long,
        0..=i64::MAX
    ),
    Setting {
        name: "partitioner.class",
        set: |config, text| {
            config.partitioner = Partitioner::of_class(text)?;
            Ok(())
        },
        show: |config| config.partitioner.class().to_owned(),
    },
    setting!("partitioner.ignore.keys", ignore_keys = switch),
    setting!("reconnect.backoff.max.ms", reconnect_backoff_max_ms = long, 0..=i64::MAX),
    setting!("reconnect.backoff.ms", reconnect_backoff_ms = long, 0..=i64::MAX),
    setting!("request.timeout.ms", request_timeout_ms = int, 0..=i32::MAX),
    setting!("retries", retries = int, 0..=i32::MAX),
    setting!("retry.backoff.max.ms", retry_backoff_max_ms = long, 0..=i64::MAX),
    setting!("retry.backoff.ms", retry_backoff_ms = long, 0..=i64::MAX),
    jaas(),
    mechanism(),
    protocol(),
    setting!("transaction.timeout.ms", transaction_timeout_ms = int, 0..=i32::MAX),
    Setting {
        name: "transaction.two.phase.commit.enable",
        set: |_, text| match switch(text)? {
            false => Ok(()),
            true => Err("two-phase commit (KIP-939) is not simulated; leave it false".to_owned()),
        },
        show: |_| false.to_string(),
    },
    Setting {
        name: "transactional.id",
        set: |config, text| {
            if text.is_empty() {
                return Err("String must be non-empty".to_owned());
            }
            config.transactional_id = Some(TransactionalId::from(text));
            Ok(())
        },
        show: |config| {
            config.transactional_id.as_ref().map_or("null".to_owned(), ToString::to_string)
        },
    },
];

/// The names of all settings of a producer that are simulated.
pub const PRODUCER_CONFIGS: &[&str] = &names::<_, { SETTINGS.len() }>(SETTINGS);

impl ProducerConfig {
    /// Sets a setting from text. The error is what Kafka's `ConfigException` says; a name that Kafka's
    /// producer has but that is not simulated is refused like one that nobody knows.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Some(set) = set(SETTINGS, self, name, value) else {
            return Err(format!("{name} is not a producer setting that is simulated"));
        };
        self.given.insert(set?);
        Ok(())
    }

    /// The settings as they are in force, by Kafka's names.
    pub fn configs(&self) -> Vec<(Arc<str>, Arc<str>)> {
        let mut shown = show(SETTINGS, self);
        for (name, value) in &mut shown {
            if &**name == "enable.idempotence" {
                *value = self.is_idempotent().to_string().into();
            }
        }
        shown
    }
}

fn acks(text: &str) -> Result<Acks, String> {
    match text {
        "0" => Ok(Acks::None),
        "1" => Ok(Acks::Leader),
        "-1" | "all" => Ok(Acks::All),
        _ => Err(none_of("all, -1, 0, 1")),
    }
}

fn compression(text: &str) -> Result<Compression, String> {
    Compression::from_name(text).ok_or_else(|| none_of("none, gzip, snappy, lz4, zstd"))
}

/// The levels of gzip, and -1 for its own default.
fn gzip_level(text: &str) -> Result<i32, String> {
    match int(text, i32::MIN..=i32::MAX)? {
        -1 => Ok(-1),
        _ => int(text, 1..=9),
    }
}
