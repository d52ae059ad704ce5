//! Tools of Kafka that are not there: each says so, and what to use.

use highwater_cluster::program::Program;

use crate::command::Says;

/// Names of tools, with what is to be said of them.
const ABSENT: &[(&str, &str)] = &[
    (
        "kafka-delegation-tokens",
        "clients here say who they are with a password, and need no tokens",
    ),
    ("kafka-client-metrics", "clients here push no metrics; the page shows what they do"),
    ("kafka-jmx", "the page shows the metrics of brokers and clients"),
    ("kafka-mirror-maker", "there is one cluster; `app start` copies from topic to topic"),
    (
        "kafka-replica-verification",
        "what replicas hold is compared at each step; use kafka-topics.sh --describe and kafka-dump-log.sh",
    ),
    ("kafka-server-start", "`broker start ID` starts a broker"),
    (
        "kafka-server-stop",
        "`broker stop ID` stops a broker in good order, `broker kill ID` at once",
    ),
    (
        "kafka-storage",
        "clusters here come formatted; kafka-features.sh describe tells their features",
    ),
    (
        "kafka-streams-application-reset",
        "there is no Kafka Streams; kafka-consumer-groups.sh --reset-offsets moves a group",
    ),
    (
        "kafka-streams-groups",
        "there is no Kafka Streams; kafka-consumer-groups.sh tells of groups of consumers",
    ),
    ("kafka-metadata-shell", "kafka-dump-log.sh --cluster-metadata-decoder shows the metadata log"),
    ("kafka-e2e-latency", "the page shows how long records take"),
    (
        "connect-distributed",
        "there is no Kafka Connect; `app start` reads topics and writes to another",
    ),
    (
        "connect-standalone",
        "there is no Kafka Connect; `app start` reads topics and writes to another",
    ),
    (
        "zookeeper-server-start",
        "there is no ZooKeeper since Kafka 4.0; kafka-metadata-quorum.sh tells of the controllers",
    ),
    (
        "zookeeper-server-stop",
        "there is no ZooKeeper since Kafka 4.0; kafka-metadata-quorum.sh tells of the controllers",
    ),
    (
        "zookeeper-shell",
        "there is no ZooKeeper since Kafka 4.0; kafka-metadata-quorum.sh tells of the controllers",
    ),
];

/// What to use in place of a tool that is not there.
pub(crate) fn instead(name: &str) -> Option<&'static str> {
    ABSENT.iter().find(|(absent, _)| *absent == name).map(|(_, instead)| *instead)
}

/// The process of a tool that is not there; none of what is no tool of Kafka's.
pub(crate) fn start(name: &str) -> Option<Box<dyn Program>> {
    let instead = instead(name)?;
    Some(Says::errors(1, [format!("Highwater: {name} is not offered here: {instead}")]))
}
