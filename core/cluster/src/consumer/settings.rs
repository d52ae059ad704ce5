//! A consumer's settings by Kafka's names: setting them from text, with the errors of Kafka's
//! `ConfigDef`, and showing them.

use std::sync::Arc;

use crate::client::security::{jaas, mechanism, protocol};
use crate::client::settings::{Setting, group, int, long, names, set, setting, show, switch, text};
use crate::consumer::group_config::{GroupProtocol, parse_assignors, show_assignors};
use crate::consumer::{AutoOffsetReset, ConsumerConfig, IsolationLevel, duration};

const SETTINGS: &[Setting<ConsumerConfig>] = &[
    setting!("auto.commit.interval.ms", auto_commit_interval_ms = int, 0..=i32::MAX),
    Setting {
        name: "auto.offset.reset",
        set: |config, text| {
            config.auto_offset_reset = auto_offset_reset(text)?;
            Ok(())
        },
        show: |config| config.auto_offset_reset.name(),
    },
    setting!("client.id", client_id = text),
    setting!("client.rack", client_rack = text),
    setting!("default.api.timeout.ms", default_api_timeout_ms = int, 0..=i32::MAX),
    setting!("enable.auto.commit", enable_auto_commit = switch),
    setting!("fetch.max.bytes", fetch_max_bytes = int, 0..=i32::MAX),
    setting!("fetch.max.wait.ms", fetch_max_wait_ms = int, 0..=i32::MAX),
    setting!("fetch.min.bytes", fetch_min_bytes = int, 0..=i32::MAX),
    setting!("group.id", group = group),
    Setting {
        name: "group.instance.id",
        set: |config, given| {
            if given.is_empty() {
                return Err("String must be non-empty".to_owned());
            }
            config.group_instance_id = Some(text(given)?);
            Ok(())
        },
        show: |config| config.group_instance_id.as_deref().unwrap_or("null").to_owned(),
    },
    Setting {
        name: "group.protocol",
        set: |config, text| {
            config.group_protocol = GroupProtocol::parse(text)?;
            Ok(())
        },
        show: |config| config.group_protocol.name().to_owned(),
    },
    Setting {
        name: "group.remote.assignor",
        set: |config, given| {
            config.group_remote_assignor = (!given.is_empty()).then(|| text(given)).transpose()?;
            Ok(())
        },
        show: |config| config.group_remote_assignor.as_deref().unwrap_or("null").to_owned(),
    },
    setting!("heartbeat.interval.ms", heartbeat_interval_ms = int, 1..=i32::MAX),
    Setting {
        name: "isolation.level",
        set: |config, text| {
            config.isolation_level = isolation_level(text)?;
            Ok(())
        },
        show: |config| config.isolation_level.name().to_owned(),
    },
    setting!("max.partition.fetch.bytes", max_partition_fetch_bytes = int, 0..=i32::MAX),
    setting!("max.poll.interval.ms", max_poll_interval_ms = int, 1..=i32::MAX),
    setting!("max.poll.records", max_poll_records = int, 1..=i32::MAX),
    setting!("metadata.max.age.ms", metadata_max_age_ms = long, 0..=i64::MAX),
    Setting {
        name: "partition.assignment.strategy",
        set: |config, text| {
            config.assignors = parse_assignors(text)?;
            Ok(())
        },
        show: |config| show_assignors(&config.assignors),
    },
    setting!("reconnect.backoff.max.ms", reconnect_backoff_max_ms = long, 0..=i64::MAX),
    setting!("reconnect.backoff.ms", reconnect_backoff_ms = long, 0..=i64::MAX),
    setting!("request.timeout.ms", request_timeout_ms = int, 0..=i32::MAX),
    setting!("retry.backoff.max.ms", retry_backoff_max_ms = long, 0..=i64::MAX),
    setting!("retry.backoff.ms", retry_backoff_ms = long, 0..=i64::MAX),
    jaas(),
    mechanism(),
    protocol(),
    setting!("session.timeout.ms", session_timeout_ms = int, 1..=i32::MAX),
];

/// The names of all settings of a consumer that are simulated.
pub const CONSUMER_CONFIGS: &[&str] = &names::<_, { SETTINGS.len() }>(SETTINGS);

impl ConsumerConfig {
    /// Sets a setting from text. The error is what Kafka's `ConfigException` says; a name that Kafka's
    /// consumer has but that is not simulated is refused like one that nobody knows.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Some(set) = set(SETTINGS, self, name, value) else {
            return Err(format!("{name} is not a consumer setting that is simulated"));
        };
        let name = set?;
        if !value.trim().is_empty() {
            self.given.insert(name.into());
        }
        Ok(())
    }

    /// The settings as they are in force, by Kafka's names.
    pub fn configs(&self) -> Vec<(Arc<str>, Arc<str>)> {
        show(SETTINGS, self)
    }
}

fn auto_offset_reset(text: &str) -> Result<AutoOffsetReset, String> {
    match text.to_ascii_lowercase().as_str() {
        "earliest" => Ok(AutoOffsetReset::Earliest),
        "latest" => Ok(AutoOffsetReset::Latest),
        "none" => Ok(AutoOffsetReset::None),
        by if let Some(ms) = by.strip_prefix("by_duration:").and_then(duration::parse) => {
            Ok(AutoOffsetReset::ByDuration(ms))
        }
        _ => Err(
            "Invalid value `{}` for configuration auto.offset.reset. The value must be either 'earliest', \
             'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'."
                .replace("{}", text),
        ),
    }
}

fn isolation_level(text: &str) -> Result<IsolationLevel, String> {
    match text.to_ascii_lowercase().as_str() {
        "read_uncommitted" => Ok(IsolationLevel::ReadUncommitted),
        "read_committed" => Ok(IsolationLevel::ReadCommitted),
        _ => Err("String must be one of: read_committed, read_uncommitted".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::GroupId;

    fn check(name: &str, value: &str, expected: Result<&str, &str>) {
        let mut config = ConsumerConfig::new("c1", &GroupId::from("g"), Vec::new());
        let result = config.set(name, value).map(|()| {
            let shown = config.configs().into_iter().find(|(shown, _)| &**shown == name);
            shown.expect("every setting is shown").1.to_string()
        });
        assert_eq!(result.as_deref().map_err(String::as_str), expected, "{name}={value}");
    }

    #[test]
    fn settings_are_set_and_shown_by_their_names() {
        check("max.poll.records", "10", Ok("10"));
        check("auto.offset.reset", "Earliest", Ok("earliest"));
        check("auto.offset.reset", "by_duration:pt90m", Ok("by_duration:PT1H30M"));
        check("isolation.level", "read_committed", Ok("read_committed"));
        check("enable.auto.commit", "false", Ok("false"));
        check("group.instance.id", "a", Ok("a"));
    }

    #[test]
    fn wrong_values_are_refused_in_kafkas_words() {
        check(
            "max.poll.records",
            "0",
            Err("Invalid value 0 for configuration max.poll.records: Value must be at least 1"),
        );
        check(
            "session.timeout.ms",
            "soon",
            Err(
                "Invalid value soon for configuration session.timeout.ms: Not a number of type INT",
            ),
        );
        check(
            "enable.auto.commit",
            "maybe",
            Err(
                "Invalid value maybe for configuration enable.auto.commit: Expected value to be either true or false",
            ),
        );
        check("acks", "all", Err("acks is not a consumer setting that is simulated"));
    }
}
