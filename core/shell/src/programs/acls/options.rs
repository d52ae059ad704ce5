//! The options of `kafka-acls.sh`: `AclCommandOptions`.

use highwater_cluster::acl::Operation;

use crate::options::Opt;

/// What `--resource-pattern-type` takes.
pub(crate) const PATTERN_TYPES: [&str; 4] = ["any", "match", "literal", "prefixed"];

/// What `--operation` takes.
pub(crate) fn operation_names() -> impl Iterator<Item = String> {
    Operation::ALL.iter().filter(|it| **it != Operation::Any).map(|it| it.title())
}

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::flag("--add", "Indicates you are trying to add ACLs."),
    Opt::text("--allow-host", "allow-host", "Where those of --allow-principal have access from.")
        .repeated(),
    Opt::text(
        "--allow-principal",
        "allow-principal",
        "Who is allowed, as principalType:name, such as User:alice; User:* is everybody.",
    )
    .repeated(),
    Opt::text("--bootstrap-controller", "controller to connect to", "Not simulated."),
    Opt::text("--bootstrap-server", "server to connect to", "The brokers to connect to."),
    Opt::flag("--cluster", "Add/Remove cluster ACLs."),
    Opt::text("--command-config", "command-config", "A file of settings of the admin client."),
    Opt::flag(
        "--consumer",
        "What a consumer needs: READ, DESCRIBE on the topic and READ on the group.",
    ),
    Opt::text("--delegation-token", "delegation-token", "A delegation token.").repeated(),
    Opt::text("--deny-host", "deny-host", "Where those of --deny-principal are denied from.")
        .repeated(),
    Opt::text(
        "--deny-principal",
        "deny-principal",
        "Who is denied what others are allowed. DENY RULES TAKE PRECEDENCE OVER ALLOW RULES.",
    )
    .repeated(),
    Opt::flag("--force", "Assume Yes to all queries and do not prompt."),
    Opt::text("--group", "group", "The group; '*' is all groups.").repeated(),
    Opt::flag("--help", "Print usage information."),
    Opt::flag("--idempotent", "With --producer: the producer may be idempotent."),
    Opt::flag("--list", "List ACLs, of a resource if one is named."),
    Opt::text("--operation", "String", "What is allowed or denied (default: All).").repeated(),
    Opt::text("--principal", "principal", "With --list: only entries of this principal.")
        .repeated(),
    Opt::flag("--producer", "What a producer needs: WRITE, DESCRIBE and CREATE on the topic."),
    Opt::flag("--remove", "Indicates you are trying to remove ACLs."),
    Opt::text(
        "--resource-pattern-type",
        "ANY|MATCH|LITERAL|PREFIXED",
        "How the resource's name is meant (default: LITERAL).",
    ),
    Opt::text("--topic", "topic", "The topic; '*' is all topics.").repeated(),
    Opt::text("--transactional-id", "transactional-id", "The transactional.id; '*' is all.")
        .repeated(),
    Opt::text("--user-principal", "user-principal", "A user as a resource.").repeated(),
    Opt::flag("--version", "Display Kafka version."),
];
