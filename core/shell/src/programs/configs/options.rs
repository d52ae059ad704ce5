//! The options of `kafka-configs.sh`.

use crate::options::Opt;

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text(
        "--add-config",
        "String",
        "Settings to give: 'k1=v1,k2=[v1,v2,v2],k3=v3', square brackets around values with commas.",
    ),
    Opt::text("--add-config-file", "String", "A file of settings to give, one a line."),
    Opt::flag("--all", "List all settings, those of the brokers' files and defaults included."),
    Opt::flag("--alter", "Alter the configuration for the entity."),
    Opt::text("--bootstrap-controller", "String: controller to connect to", "Not simulated."),
    Opt::text("--bootstrap-server", "String: server to connect to", "The brokers to connect to."),
    Opt::text("--broker", "String", "The broker's ID."),
    Opt::flag("--broker-defaults", "The config defaults for all brokers."),
    Opt::text("--broker-logger", "String", "The broker's ID for its logger config."),
    Opt::text("--client", "String", "The client's ID."),
    Opt::flag("--client-defaults", "The config defaults for all clients."),
    Opt::text("--client-metrics", "String", "The client metrics config resource name."),
    Opt::text("--command-config", "String: file", "A file of settings of the admin client."),
    Opt::text("--delete-config", "String", "Settings to take away: 'k1,k2'.").repeated(),
    Opt::flag("--describe", "List configs for the given entity."),
    Opt::flag("--entity-default", "The default of the entity type."),
    Opt::text(
        "--entity-name",
        "String",
        "Name of entity (a topic's name, a broker's id, a client.id).",
    )
    .repeated(),
    Opt::text(
        "--entity-type",
        "String",
        "Type of entity (topics, brokers, groups, users, clients or ips).",
    )
    .repeated(),
    Opt::text("--group", "String", "The group's ID."),
    Opt::flag("--help", "Print this."),
    Opt::text("--ip", "String", "The IP address."),
    Opt::flag("--ip-defaults", "The config defaults for all IPs."),
    Opt::text("--topic", "String", "The topic's name."),
    Opt::text("--user", "String", "The user's principal name."),
    Opt::flag("--user-defaults", "The config defaults for all users."),
    Opt::flag("--version", "Display Kafka version."),
];
