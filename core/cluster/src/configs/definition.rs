//! What settings Kafka knows: for each its type, default, what it can hold, and when it may change.
//! `ConfigDef`, `LogConfig`, `KafkaConfig` and the clients' of Kafka's, as tables that are read on request.

use super::ConfigKind;
use super::valid::{ConfigType, Valid};

/// The settings of brokers, a line each: name, type, default, what is valid, when it may change. `~`
/// is no default, `_` an empty one; what follows may be left out.
const BROKER_TABLE: &str = include_str!("broker.txt");
/// The settings of topics, as those of brokers; last the broker's settings that are their default.
const TOPIC_TABLE: &str = include_str!("topic.txt");
/// The settings of groups, as those of brokers: `GroupConfig`.
const GROUP_TABLE: &str = include_str!("group.txt");
/// The settings that producers, consumers and admin clients have alike.
const CLIENT_TABLE: &str = include_str!("client.txt");
/// What else producers have: `ProducerConfig`.
const PRODUCER_TABLE: &str = include_str!("producer.txt");
/// What else consumers have: `ConsumerConfig`.
const CONSUMER_TABLE: &str = include_str!("consumer.txt");
/// What else admin clients have: `AdminClientConfig`.
const ADMIN_TABLE: &str = include_str!("admin.txt");

/// A setting that Kafka knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub config_type: ConfigType,
    /// Its default; none if it has none.
    pub default: Option<&'static str>,
    /// What it can hold.
    pub valid: Valid,
    /// When it may change.
    pub update: Update,
    synonyms: &'static str,
}

/// When a setting of brokers may change: Kafka's "update mode".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// Only with the process: it stands in the broker's file.
    ReadOnly,
    /// While the process runs, for one broker.
    PerBroker,
    /// While the process runs, for one listener of one broker.
    PerListener,
    /// While the process runs, for one broker or for all.
    ClusterWide,
    /// As [`Update::ClusterWide`], and it cannot stand in the broker's file (`QuotaConfig`).
    DynamicOnly,
    /// Kafka's tools do not show it.
    Internal,
}

impl Definition {
    /// The names by which brokers set the default of a topic's setting, the one that counts most first,
    /// each with what its number is multiplied by: hours into milliseconds. `ServerTopicConfigSynonyms`.
    pub fn synonyms(&self) -> impl Iterator<Item = (&'static str, i64)> {
        self.synonyms.split(',').filter(|text| !text.is_empty()).map(|text| {
            let (name, factor) = text.split_once('*').unwrap_or((text, "1"));
            (name, factor.parse().expect("the table has numbers there"))
        })
    }

    /// Whether it can hold the value.
    ///
    /// # Errors
    /// What Kafka's `ConfigException` says.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let trimmed = value.trim();
        self.valid.check(self.name, self.config_type, trimmed).map_err(|(wrong, reason)| {
            format!("Invalid value {wrong} for configuration {}: {reason}", self.name)
        })
    }

    /// Whether Kafka's tools show it.
    pub fn is_shown(&self) -> bool {
        !matches!(self.update, Update::Internal | Update::DynamicOnly)
    }

    /// Whether Kafka's documentation speaks of it.
    pub fn is_public(&self) -> bool {
        self.update != Update::Internal
    }

    /// Whether its value is never shown.
    pub fn is_sensitive(&self) -> bool {
        self.config_type == ConfigType::Password
    }

    fn read(line: &'static str) -> Self {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_default();
        Self {
            name: word(),
            config_type: ConfigType::read(word()),
            default: match word() {
                "~" => None,
                "_" => Some(""),
                text => Some(text),
            },
            valid: Valid(word()),
            update: match word() {
                "p" => Update::PerBroker,
                "s" => Update::PerListener,
                "c" => Update::ClusterWide,
                "d" => Update::DynamicOnly,
                "i" => Update::Internal,
                _ => Update::ReadOnly,
            },
            synonyms: word(),
        }
    }
}

/// All settings of brokers, by name.
pub fn broker_configs() -> impl Iterator<Item = Definition> {
    BROKER_TABLE.lines().map(Definition::read)
}

/// All settings of groups, by name.
pub fn group_configs() -> impl Iterator<Item = Definition> {
    GROUP_TABLE.lines().map(Definition::read)
}

/// The setting of groups of that name.
pub fn group_config(name: &str) -> Option<Definition> {
    group_configs().find(|config| config.name == name)
}

/// All settings of topics, by name.
pub fn topic_configs() -> impl Iterator<Item = Definition> {
    TOPIC_TABLE.lines().map(Definition::read)
}

/// A setting of brokers, if Kafka has one of that name.
pub fn broker_config(name: &str) -> Option<Definition> {
    find(BROKER_TABLE, name)
}

/// A setting of topics, if Kafka has one of that name.
pub fn topic_config(name: &str) -> Option<Definition> {
    find(TOPIC_TABLE, name)
}

/// All settings of producers, by name.
pub fn producer_configs() -> Vec<Definition> {
    of_clients(PRODUCER_TABLE)
}

/// All settings of consumers, by name.
pub fn consumer_configs() -> Vec<Definition> {
    of_clients(CONSUMER_TABLE)
}

/// All settings of admin clients, by name.
pub fn admin_configs() -> Vec<Definition> {
    of_clients(ADMIN_TABLE)
}

/// A setting of producers or consumers, if Kafka has one of that name.
pub(super) fn client_config(kind: ConfigKind, name: &str) -> Option<Definition> {
    let own = if kind == ConfigKind::Producer { PRODUCER_TABLE } else { CONSUMER_TABLE };
    find(own, name).or_else(|| find(CLIENT_TABLE, name))
}

fn of_clients(own: &'static str) -> Vec<Definition> {
    let mut configs: Vec<Definition> =
        own.lines().chain(CLIENT_TABLE.lines()).map(Definition::read).collect();
    configs.sort_by_key(|config| config.name);
    configs
}

/// The names under which a broker's setting may also be given, the one that counts most first; itself
/// among them. `DynamicBrokerConfig.brokerConfigSynonyms`.
pub fn broker_synonyms(name: &str) -> Vec<&str> {
    // Only settings that are given in several units have synonyms; the interval of the flushes takes the
    // scheduler's, but not the other way round.
    let takes = |synonyms: &[&str]| match synonyms {
        ["log.flush.interval.ms", _] => name == "log.flush.interval.ms",
        _ => synonyms.contains(&name),
    };
    let lists = topic_configs().map(|config| config.synonyms().map(|(name, _)| name).collect());
    let mut lists = lists.filter(|synonyms: &Vec<&str>| synonyms.len() > 1);
    lists.find(|synonyms| takes(synonyms)).unwrap_or_else(|| vec![name])
}

fn find(table: &'static str, name: &str) -> Option<Definition> {
    let is_it = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
    table.lines().find(is_it).map(Definition::read)
}

#[cfg(test)]
mod tests;
