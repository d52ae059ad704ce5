//! A producer's settings by Kafka's names: setting them from text, with the errors of Kafka's
//! `ConfigDef`, and showing them.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use highwater_log::Compression;

use crate::ids::TransactionalId;
use crate::producer::{Acks, ProducerConfig};

/// One setting: how it is called, set and shown.
struct Setting {
    name: &'static str,
    set: fn(&mut ProducerConfig, &str) -> Result<(), Invalid>,
    show: fn(&ProducerConfig) -> String,
}

/// What is wrong with a value, without the words around it that are always the same.
struct Invalid(String);

/// A setting that is a number, a switch, or one of a few words.
macro_rules! setting {
    ($name:literal, $field:ident: switch) => {
        Setting {
            name: $name,
            set: |config, text| {
                config.$field = switch(text)?;
                Ok(())
            },
            show: |config| config.$field.to_string(),
        }
    };
    ($name:literal, $field:ident: $kind:ident $range:expr) => {
        Setting {
            name: $name,
            set: |config, text| {
                config.$field = $kind(text, $range)?;
                Ok(())
            },
            show: |config| config.$field.to_string(),
        }
    };
}

const SETTINGS: &[Setting] = &[
    Setting {
        name: "acks",
        set: |config, text| {
            config.acks = acks(text)?;
            Ok(())
        },
        show: |config| config.acks.name().to_owned(),
    },
    setting!("batch.size", batch_size: int 0..=i32::MAX),
    setting!("buffer.memory", buffer_memory: long 0..=i64::MAX),
    Setting {
        name: "compression.type",
        set: |config, text| {
            config.compression = compression(text)?;
            Ok(())
        },
        show: |config| config.compression.name().to_owned(),
    },
    setting!("delivery.timeout.ms", delivery_timeout_ms: int 0..=i32::MAX),
    setting!("enable.idempotence", enable_idempotence: switch),
    setting!("linger.ms", linger_ms: long 0..=i64::MAX),
    setting!("max.block.ms", max_block_ms: long 0..=i64::MAX),
    setting!("max.in.flight.requests.per.connection", max_in_flight: int 1..=i32::MAX),
    setting!("max.request.size", max_request_size: int 0..=i32::MAX),
    setting!("metadata.max.age.ms", metadata_max_age_ms: long 0..=i64::MAX),
    setting!("partitioner.adaptive.partitioning.enable", adaptive_partitioning: switch),
    setting!("partitioner.ignore.keys", ignore_keys: switch),
    setting!("reconnect.backoff.max.ms", reconnect_backoff_max_ms: long 0..=i64::MAX),
    setting!("reconnect.backoff.ms", reconnect_backoff_ms: long 0..=i64::MAX),
    setting!("request.timeout.ms", request_timeout_ms: int 0..=i32::MAX),
    setting!("retries", retries: int 0..=i32::MAX),
    setting!("retry.backoff.max.ms", retry_backoff_max_ms: long 0..=i64::MAX),
    setting!("retry.backoff.ms", retry_backoff_ms: long 0..=i64::MAX),
    setting!("transaction.timeout.ms", transaction_timeout_ms: int 0..=i32::MAX),
    Setting {
        name: "transaction.two.phase.commit.enable",
        set: |_, text| match switch(text)? {
            false => Ok(()),
            true => Err(Invalid(
                "two-phase commit (KIP-939) is not simulated; leave it false".to_owned(),
            )),
        },
        show: |_| false.to_string(),
    },
    Setting {
        name: "transactional.id",
        set: |config, text| {
            if text.is_empty() {
                return Err(Invalid("String must be non-empty".to_owned()));
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
pub const PRODUCER_CONFIGS: &[&str] = &{
    let mut names = [""; SETTINGS.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = SETTINGS[place].name;
        place += 1;
    }
    names
};

impl ProducerConfig {
    /// Sets a setting from text. The error is what Kafka's `ConfigException` says; a name that Kafka's
    /// producer has but that is not simulated is refused like one that nobody knows.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            return Err(format!("{name} is not a producer setting that is simulated"));
        };
        let value = value.trim();
        (setting.set)(self, value).map_err(|Invalid(reason)| {
            format!("Invalid value {value} for configuration {name}: {reason}")
        })?;
        self.given.insert(setting.name);
        Ok(())
    }

    /// The settings as they are in force, by Kafka's names.
    pub fn configs(&self) -> Vec<(Arc<str>, Arc<str>)> {
        let shown = SETTINGS.iter().map(|setting| {
            let value = match setting.name {
                "enable.idempotence" => self.is_idempotent().to_string(),
                _ => (setting.show)(self),
            };
            (Arc::from(setting.name), Arc::from(value))
        });
        shown.collect()
    }
}

fn int(text: &str, range: RangeInclusive<i32>) -> Result<i32, Invalid> {
    number(text, range, "INT")
}

fn long(text: &str, range: RangeInclusive<i64>) -> Result<i64, Invalid> {
    number(text, range, "LONG")
}

fn number<N: FromStr + PartialOrd + Display>(
    text: &str,
    range: RangeInclusive<N>,
    kind: &str,
) -> Result<N, Invalid> {
    let number: N = text.parse().map_err(|_| Invalid(format!("Not a number of type {kind}")))?;
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(Invalid(format!("Value must be at least {}", range.start())))
    }
}

fn switch(text: &str) -> Result<bool, Invalid> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Invalid("Expected value to be either true or false".to_owned())),
    }
}

fn acks(text: &str) -> Result<Acks, Invalid> {
    match text {
        "0" => Ok(Acks::None),
        "1" => Ok(Acks::Leader),
        "-1" | "all" => Ok(Acks::All),
        _ => Err(Invalid("String must be one of: all, -1, 0, 1".to_owned())),
    }
}

fn compression(text: &str) -> Result<Compression, Invalid> {
    Compression::from_name(text)
        .ok_or_else(|| Invalid("String must be one of: none, gzip, snappy, lz4, zstd".to_owned()))
}
