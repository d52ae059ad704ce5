//! The options of `kafka-topics.sh`, and its help.

use crate::options::Opt;

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::flag("--alter", "Alter the number of partitions."),
    Opt::flag("--at-min-isr-partitions", "Only partitions whose ISR is just large enough."),
    Opt::text(
        "--bootstrap-server",
        "String: server to connect to",
        "REQUIRED: The brokers to connect to.",
    ),
    Opt::text("--command-config", "String: config file", "A file of settings of the admin client."),
    Opt::text("--config", "String: name=value", "A setting of the topic that is created.")
        .repeated(),
    Opt::flag("--create", "Create a new topic."),
    Opt::flag("--delete", "Delete a topic."),
    Opt::text("--delete-config", "String: name", "No longer supported since 4.0.").repeated(),
    Opt::flag("--describe", "List details for the given topics."),
    Opt::flag("--exclude-internal", "Leave internal topics out."),
    Opt::flag("--help", "Print this."),
    Opt::flag("--if-exists", "Do nothing if the topic does not exist."),
    Opt::flag("--if-not-exists", "Do nothing if the topic exists."),
    Opt::flag("--list", "List all available topics."),
    Opt::text("--partitions", "Integer: # of partitions", "The number of partitions."),
    Opt::text(
        "--replica-assignment",
        "String: 1:2,2:3",
        "The brokers of each partition's replicas.",
    ),
    Opt::text(
        "--replication-factor",
        "Integer: replication factor",
        "The replicas of each partition.",
    ),
    Opt::text("--topic", "String: topic", "The topic; a regular expression but for --create."),
    Opt::flag("--topics-with-overrides", "Only topics that have settings of their own."),
    Opt::flag("--unavailable-partitions", "Only partitions whose leader is not available."),
    Opt::flag("--under-min-isr-partitions", "Only partitions whose ISR is too small."),
    Opt::flag("--under-replicated-partitions", "Only partitions with replicas out of sync."),
    Opt::flag("--version", "Print Kafka's version."),
];
