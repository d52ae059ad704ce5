//! What has settings, which of them Kafka knows, and how far each is simulated: what every answer about
//! a setting's name comes from, and the table in `docs/configs.md`.

use super::definition::{
    self, Definition, admin_configs, broker_configs, client_config, consumer_configs, group_config,
    group_configs, producer_configs, topic_configs,
};
use super::{is_simulated_broker_config, is_simulated_group_config, is_simulated_topic_config};
use crate::consumer::CONSUMER_CONFIGS;
use crate::producer::PRODUCER_CONFIGS;

/// What has settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigKind {
    /// A broker.
    Broker,
    /// A topic.
    Topic,
    /// A group.
    Group,
    /// A producer.
    Producer,
    /// A consumer.
    Consumer,
    /// An admin client, as Kafka's tools are one.
    Admin,
}

/// How far a setting is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// It acts as in Kafka.
    Fully,
    /// It acts in part; the phrase says in which.
    Partly(&'static str),
    /// It is known and checked, and changes nothing.
    NotAtAll,
}

const PROTOCOLS: &str = "PLAINTEXT and SASL_PLAINTEXT: nothing is encrypted";
const MECHANISM: &str = "PLAIN";
const JAAS: &str = "a username and a password say who the client is";

/// The settings that act in part, each with what is missing or different.
const PARTLY: &[(ConfigKind, &str, &str)] = &[
    (
        ConfigKind::Producer,
        "client.id",
        "quotas go by it, and it is shown; there are no logs that name it",
    ),
    (
        ConfigKind::Producer,
        "partitioner.class",
        "RoundRobinPartitioner; a class of one's own is a line of the script (`--partition-rule`)",
    ),
    (
        ConfigKind::Consumer,
        "client.id",
        "it goes into the member id and requests, and quotas go by it",
    ),
    (
        ConfigKind::Consumer,
        "auto.offset.reset",
        "as far as `consumer start` takes the value: what it does not know it refuses",
    ),
    (ConfigKind::Broker, "node.id", "it follows from the header's `cluster --brokers`"),
    (ConfigKind::Broker, "broker.id", "it follows from the header's `cluster --brokers`"),
    (ConfigKind::Broker, "broker.rack", "it follows from the header's `cluster --racks`"),
    (ConfigKind::Broker, "process.roles", "it follows from the header's `cluster --combined`"),
    (
        ConfigKind::Broker,
        "listeners",
        "one listener, named after the broker, for PLAINTEXT and SASL_PLAINTEXT alike",
    ),
    (
        ConfigKind::Broker,
        "authorizer.class.name",
        "StandardAuthorizer, with `super.users` and `allow.everyone.if.no.acl.found`",
    ),
    (
        ConfigKind::Broker,
        "remote.log.storage.manager.class.name",
        "the store is the scenario's own: `cluster --store-latency`, `--store-bandwidth`",
    ),
    (
        ConfigKind::Broker,
        "remote.log.metadata.manager.class.name",
        "it is always TopicBasedRemoteLogMetadataManager",
    ),
    (ConfigKind::Admin, "bootstrap.servers", "`--bootstrap-server` of each tool"),
    (ConfigKind::Producer, "security.protocol", PROTOCOLS),
    (ConfigKind::Producer, "sasl.mechanism", MECHANISM),
    (ConfigKind::Producer, "sasl.jaas.config", JAAS),
    (ConfigKind::Consumer, "security.protocol", PROTOCOLS),
    (ConfigKind::Consumer, "sasl.mechanism", MECHANISM),
    (ConfigKind::Consumer, "sasl.jaas.config", JAAS),
    (ConfigKind::Admin, "security.protocol", PROTOCOLS),
    (ConfigKind::Admin, "sasl.mechanism", MECHANISM),
    (ConfigKind::Admin, "sasl.jaas.config", JAAS),
];

impl ConfigKind {
    /// All kinds, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Producer, Self::Consumer, Self::Topic, Self::Group, Self::Broker, Self::Admin];

    /// What it is called: `producer`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Topic => "topic",
            Self::Group => "group",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
            Self::Admin => "admin client",
        }
    }

    /// All settings that Kafka knows for it, by name.
    pub fn definitions(self) -> Vec<Definition> {
        match self {
            Self::Broker => broker_configs().collect(),
            Self::Topic => topic_configs().collect(),
            Self::Group => group_configs().collect(),
            Self::Producer => producer_configs(),
            Self::Consumer => consumer_configs(),
            Self::Admin => admin_configs(),
        }
    }

    /// A setting, if Kafka has one of that name for it.
    pub fn definition(self, name: &str) -> Option<Definition> {
        match self {
            Self::Broker => definition::broker_config(name),
            Self::Topic => definition::topic_config(name),
            Self::Group => group_config(name),
            Self::Producer | Self::Consumer => client_config(self, name),
            Self::Admin => self.definitions().into_iter().find(|config| config.name == name),
        }
    }

    /// Whether something here acts on a setting of that name.
    pub fn is_simulated(self, name: &str) -> bool {
        match self {
            Self::Broker => is_simulated_broker_config(name),
            Self::Topic => is_simulated_topic_config(name),
            Self::Group => is_simulated_group_config(name),
            Self::Producer => PRODUCER_CONFIGS.contains(&name),
            Self::Consumer => CONSUMER_CONFIGS.contains(&name),
            Self::Admin => false,
        }
    }

    /// How far a setting of that name is simulated.
    pub fn extent(self, name: &str) -> Extent {
        let mut partly = PARTLY.iter().filter(|(kind, known, _)| (*kind, *known) == (self, name));
        match partly.next() {
            Some((.., phrase)) => Extent::Partly(phrase),
            None if self.is_simulated(name) => Extent::Fully,
            None => Extent::NotAtAll,
        }
    }

    /// What is said of a setting that Kafka knows and that changes nothing here.
    pub fn not_simulated(self, name: &str) -> String {
        format!(
            "{name} is a setting of Kafka's {}s that is not simulated: it changes nothing here",
            self.name()
        )
    }

    /// What is said of a setting that Kafka does not know either. Its clients take such names, since a
    /// serializer or interceptor may read them, and log this.
    pub fn not_used(names: &[&str]) -> String {
        format!("These configurations '[{}]' were supplied but are not used yet.", names.join(", "))
    }
}
