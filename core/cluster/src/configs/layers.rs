//! Where a setting comes from: a topic's own, then those that a broker was given while it runs, those
//! that all were given, the broker's file, and Kafka's default (KIP-226).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::definition::{Definition, broker_config, broker_synonyms};

/// Settings by name, as text.
pub type Configs = BTreeMap<Arc<str>, Arc<str>>;

/// Where a value comes from. `ConfigSource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The topic was given it.
    Topic,
    /// The broker was given it while it runs.
    DynamicBroker,
    /// All brokers were given it while they run.
    DynamicDefaultBroker,
    /// It stands in the broker's file.
    StaticBroker,
    /// The group was given it.
    Group,
    /// Nobody gave it.
    Default,
}

/// One of the values of a setting, of which the first one that there is holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym<'a> {
    /// The name by which it was given.
    pub name: &'a str,
    /// The value.
    pub value: &'a str,
    /// Where it comes from.
    pub source: Source,
}

/// The settings of a broker by where they come from, those that count most first.
#[derive(Clone, Copy, Debug)]
pub struct BrokerLayers<'a> {
    /// What it was given while it runs.
    pub own: Option<&'a Configs>,
    /// What all were given.
    pub shared: Option<&'a Configs>,
    /// Its file.
    pub file: &'a Configs,
}

impl Source {
    /// Its number in DescribeConfigs.
    pub fn id(self) -> i8 {
        match self {
            Self::Topic => 1,
            Self::Group => 8,
            Self::DynamicBroker => 2,
            Self::DynamicDefaultBroker => 3,
            Self::StaticBroker => 4,
            Self::Default => 5,
        }
    }

    /// All, that which counts most first.
    pub const ALL: [Self; 6] = [
        Self::Topic,
        Self::Group,
        Self::DynamicBroker,
        Self::DynamicDefaultBroker,
        Self::StaticBroker,
        Self::Default,
    ];

    /// Reads its number in DescribeConfigs; what it has no number for is a default.
    pub fn from_id(id: i8) -> Self {
        Self::ALL.into_iter().find(|source| source.id() == id).unwrap_or(Self::Default)
    }

    /// What `kafka-configs.sh` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Topic => "DYNAMIC_TOPIC_CONFIG",
            Self::Group => "DYNAMIC_GROUP_CONFIG",
            Self::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
            Self::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
            Self::StaticBroker => "STATIC_BROKER_CONFIG",
            Self::Default => "DEFAULT_CONFIG",
        }
    }

    /// Where that is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Topic => "this topic",
            Self::Group => "this group",
            Self::DynamicBroker => "this broker",
            Self::DynamicDefaultBroker => "all brokers",
            Self::StaticBroker => "broker's file",
            Self::Default => "default",
        }
    }
}

impl<'a> BrokerLayers<'a> {
    /// The value of a broker's setting that was given; none if nobody gave it.
    pub fn given(&self, name: &str) -> Option<&'a str> {
        self.all().find_map(|(configs, _)| configs.get(name)).map(|value| &**value)
    }

    /// The value of a broker's setting as it is in force, without the default of a synonym.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.given(name).or_else(|| broker_config(name)?.default)
    }

    /// All values of a broker's setting, the one that is in force first. `ConfigHelper.configSynonyms`.
    pub fn synonyms<'n: 'a>(&self, name: &'n str) -> Vec<Synonym<'a>> {
        let names = broker_synonyms(name);
        let mut found = Vec::new();
        for (configs, source) in self.all() {
            for name in &names {
                let value = configs.get(*name);
                found.extend(value.map(|value| Synonym { name, value, source }));
            }
        }
        for name in &names {
            let default = broker_config(name).and_then(|config| config.default);
            let source = Source::Default;
            found.extend(default.map(|value| Synonym { name, value, source }));
        }
        // What counts less than the setting under its own name is shown; what counts more under another
        // name is not, as Kafka has it.
        let first = found.iter().position(|synonym| synonym.name == name).unwrap_or(found.len());
        found.split_off(first)
    }

    /// The value of a topic's setting that the topic was not given: what the brokers have in its place.
    pub fn topic_default(&self, config: &Definition) -> String {
        for (configs, _) in self.all() {
            for (name, factor) in config.synonyms() {
                let Some(value) = configs.get(name) else { continue };
                return match value.trim().parse::<i64>() {
                    // Below zero there is no limit, in whatever unit.
                    Ok(number) if factor != 1 => {
                        number.max(-1).saturating_mul(factor).max(-1).to_string()
                    }
                    _ => value.trim().to_owned(),
                };
            }
        }
        config.default.unwrap_or_default().to_owned()
    }

    fn all(&self) -> impl Iterator<Item = (&'a Configs, Source)> + use<'a> {
        let own = self.own.map(|configs| (configs, Source::DynamicBroker));
        let shared = self.shared.map(|configs| (configs, Source::DynamicDefaultBroker));
        own.into_iter().chain(shared).chain([(self.file, Source::StaticBroker)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configs::definition::topic_config;

    fn configs(given: &[(&str, &str)]) -> Configs {
        given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    /// What a broker has for a topic's setting, by what it, all brokers, and its file have.
    fn check(
        name: &str,
        [own, shared, file]: [&[(&str, &str)]; 3],
        value: &str,
        synonyms: &[(&str, Source)],
    ) {
        let (own, shared, file) = (configs(own), configs(shared), configs(file));
        let layers = BrokerLayers { own: Some(&own), shared: Some(&shared), file: &file };
        let config = topic_config(name).unwrap();
        assert_eq!(layers.topic_default(&config), value, "{name}");
        let (first, _) = config.synonyms().next().unwrap();
        let found = layers.synonyms(first);
        let found: Vec<_> = found.iter().map(|found| (found.value, found.source)).collect();
        assert_eq!(found, synonyms, "{name}");
    }

    #[test]
    fn what_is_given_last_and_closest_holds() {
        use Source::{Default, DynamicBroker, DynamicDefaultBroker, StaticBroker};
        let name = "segment.bytes";
        let given: &[_] = &[("log.segment.bytes", "1048577")];
        let shared: &[_] = &[("log.segment.bytes", "1048578")];
        check(name, [&[], &[], &[]], "1073741824", &[("1073741824", Default)]);
        check(
            name,
            [&[], &[], given],
            "1048577",
            &[("1048577", StaticBroker), ("1073741824", Default)],
        );
        check(
            name,
            [given, shared, &[]],
            "1048577",
            &[
                ("1048577", DynamicBroker),
                ("1048578", DynamicDefaultBroker),
                ("1073741824", Default),
            ],
        );
    }

    #[test]
    fn units_are_converted_and_milliseconds_count_most() {
        let hours: &[_] = &[("log.retention.hours", "2")];
        check("retention.ms", [&[], &[], &[]], "604800000", &[]);
        check("retention.ms", [&[], &[], hours], "7200000", &[]);
        check("retention.ms", [&[], &[], &[("log.retention.minutes", "-7")]], "-1", &[]);
        let both: &[_] = &[("log.retention.hours", "2"), ("log.retention.ms", "5")];
        let synonyms =
            [("5", Source::StaticBroker), ("2", Source::StaticBroker), ("168", Source::Default)];
        check("retention.ms", [&[], &[], both], "5", &synonyms);
        // Given later, hours outdo the milliseconds of the file.
        check(
            "retention.ms",
            [&[], hours, &[("log.retention.ms", "5")]],
            "7200000",
            &[("5", Source::StaticBroker), ("168", Source::Default)],
        );
    }
}
