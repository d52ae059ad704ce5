//! A share consumer's settings by Kafka's names.

use std::sync::Arc;

use crate::client::security::{jaas, mechanism, protocol};
use crate::client::settings::{Setting, group, int, long, names, set, setting, show, text};
use crate::share_consumer::{AcknowledgementMode, ShareConsumerConfig};

const SETTINGS: &[Setting<ShareConsumerConfig>] = &[
    setting!("client.id", client_id = text),
    setting!("client.rack", client_rack = text),
    setting!("fetch.max.bytes", fetch_max_bytes = int, 0..=i32::MAX),
    setting!("fetch.max.wait.ms", fetch_max_wait_ms = int, 0..=i32::MAX),
    setting!("fetch.min.bytes", fetch_min_bytes = int, 0..=i32::MAX),
    setting!("group.id", group = group),
    setting!("max.poll.records", max_poll_records = int, 1..=i32::MAX),
    setting!("metadata.max.age.ms", metadata_max_age_ms = long, 0..=i64::MAX),
    setting!("request.timeout.ms", request_timeout_ms = int, 0..=i32::MAX),
    setting!("retry.backoff.max.ms", retry_backoff_max_ms = long, 0..=i64::MAX),
    setting!("retry.backoff.ms", retry_backoff_ms = long, 0..=i64::MAX),
    jaas(),
    mechanism(),
    protocol(),
    Setting {
        name: "share.acknowledgement.mode",
        set: |config, text| {
            config.acknowledgement_mode = AcknowledgementMode::named(text)
                .ok_or_else(|| "String must be one of: IMPLICIT, EXPLICIT".to_owned())?;
            Ok(())
        },
        show: |config| config.acknowledgement_mode.name().to_owned(),
    },
];

/// The names of all settings of a share consumer that are simulated.
pub const SHARE_CONSUMER_CONFIGS: &[&str] = &names::<_, { SETTINGS.len() }>(SETTINGS);

impl ShareConsumerConfig {
    /// Sets a setting from text.
    ///
    /// # Errors
    /// What Kafka's `ConfigException` says; a name that share consumers do not have, or that is not simulated,
    /// is refused too.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        set(SETTINGS, self, name, value)
            .unwrap_or_else(|| {
                Err(format!("{name} is not a share consumer setting that is simulated"))
            })
            .map(|_| ())
    }

    /// The settings as they are in force, by Kafka's names.
    pub fn configs(&self) -> Vec<(Arc<str>, Arc<str>)> {
        show(SETTINGS, self)
    }
}
