//! The settings of a topic or a broker, as `kafka-configs.sh --describe --all` would tell them.

use crate::broker::Broker;
use crate::configs::definition::Definition;
use crate::configs::layers::Source;
use crate::configs::{ConfigKind, ConfigType, Holds, sentence};
use crate::ids::{BrokerId, TopicName};
use crate::metadata::record::ConfigResourceType;
use crate::world::World;

/// Whose settings are looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigOf {
    /// Those of a topic.
    Topic(TopicName),
    /// Those of a broker.
    Broker(BrokerId),
}

/// A setting.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRow {
    /// Its name.
    pub name: String,
    /// Its value; none if it has none, or if it is secret.
    pub value: Option<String>,
    /// Whether the value is never shown.
    pub is_sensitive: bool,
    /// Where the value comes from.
    pub source: Source,
    /// The values that it would have, the one in force first, each with the name it was given by: its
    /// synonyms, as the tool calls them.
    pub synonyms: Vec<(String, Option<String>, Source)>,
    /// Kafka's default, if it has one.
    pub default: Option<String>,
    /// Its type, where Kafka knows it.
    pub config_type: Option<ConfigType>,
    /// What it can hold beyond its type.
    pub holds: Holds,
    /// Whether it can be changed while the broker runs.
    pub can_change: bool,
    /// Whether something here acts on it.
    pub is_simulated: bool,
    /// What it does, where there is a sentence for it.
    pub sentence: Option<&'static str>,
}

impl ConfigRow {
    /// Whether somebody gave it.
    pub fn is_given(&self) -> bool {
        self.source != Source::Default
    }
}

impl ConfigOf {
    /// What kind of settings these are.
    pub fn kind(&self) -> ConfigKind {
        match self {
            Self::Topic(_) => ConfigKind::Topic,
            Self::Broker(_) => ConfigKind::Broker,
        }
    }
}

impl World {
    /// The settings in order of their names; none if there is no such thing, or no broker runs that could
    /// tell.
    pub fn config_table(&self, of: &ConfigOf) -> Option<Vec<ConfigRow>> {
        let broker = self.who_tells(of)?;
        let settings = match of {
            ConfigOf::Topic(name) => broker.settings_of(ConfigResourceType::TOPIC, name.as_str()),
            ConfigOf::Broker(id) => broker.settings_of(ConfigResourceType::BROKER, &id.to_string()),
        };
        let row = |setting: kafka_protocol::messages::describe_configs_response::DescribeConfigsResourceResult| {
            let definition = of.kind().definition(&setting.name);
            let synonyms = setting.synonyms.iter().map(|synonym| {
                let value = synonym.value.as_ref().map(ToString::to_string);
                (synonym.name.to_string(), value, Source::from_id(synonym.source))
            });
            ConfigRow {
                name: setting.name.to_string(),
                value: setting.value.as_ref().map(ToString::to_string),
                is_sensitive: setting.is_sensitive,
                source: Source::from_id(setting.config_source),
                synonyms: synonyms.collect(),
                default: definition.and_then(|known| known.default).map(str::to_owned),
                config_type: definition.map(|known| known.config_type),
                holds: definition.map(|known| known.valid.holds()).unwrap_or_default(),
                can_change: can_change(of, definition.as_ref(), !setting.read_only),
                is_simulated: of.kind().is_simulated(&setting.name),
                sentence: sentence(&setting.name),
            }
        };
        let mut rows: Vec<_> = settings?.into_iter().map(row).collect();
        rows.sort_by(|a, b| a.name.cmp(&b.name));
        Some(rows)
    }

    /// The value of a topic's setting that is in force; none where [`World::config_table`] is.
    pub(super) fn topic_setting(&self, topic: &TopicName, name: &str) -> Option<String> {
        let broker = self.who_tells(&ConfigOf::Topic(topic.clone()))?;
        Some(broker.topic_setting(topic, name))
    }

    /// A broker tells its own settings; those of a topic any that runs.
    fn who_tells(&self, of: &ConfigOf) -> Option<&Broker> {
        let id = match of {
            ConfigOf::Broker(id) => Some(*id).filter(|id| self.is_running(*id)),
            ConfigOf::Topic(_) => {
                let running = self.broker_ids().into_iter().filter(|id| self.is_running(*id));
                running.max_by_key(|id| {
                    (self.metadata_of(*id).map(|image| image.end_offset), std::cmp::Reverse(*id))
                })
            }
        };
        self.broker(id?)
    }
}

/// A setting of a broker that stands in its file alone cannot be changed while it runs.
fn can_change(of: &ConfigOf, definition: Option<&Definition>, is_dynamic: bool) -> bool {
    match of {
        ConfigOf::Topic(_) => definition.is_some(),
        ConfigOf::Broker(_) => is_dynamic,
    }
}
