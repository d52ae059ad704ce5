//! The arguments of `kafka-topics.sh`, and what the tool says when they are wrong.

use highwater_cluster::ids::{BrokerId, TopicName};

use crate::options::{Given, Operands, Opt, OptionErrorKind, parse};
use crate::words::Word;

use super::describe::Described;

const OPTIONS: &[Opt] = &[
    Opt::text("--bootstrap-server", "SERVER", "The brokers to connect to."),
    Opt::text("--command-config", "FILE", "Settings of the admin client."),
    Opt::flag("--create", "Create a new topic."),
    Opt::flag("--describe", "List details for the given topics."),
    Opt::flag("--list", "List all available topics."),
    Opt::flag("--alter", "Alter the number of partitions."),
    Opt::flag("--delete", "Delete a topic."),
    Opt::text("--topic", "TOPIC", "The topic."),
    Opt::text("--partitions", "N", "The number of partitions."),
    Opt::text("--replication-factor", "N", "The number of replicas of each partition."),
    Opt::text("--config", "NAME=VALUE", "A setting of the topic.").repeated(),
    Opt::flag("--if-not-exists", "Do nothing if the topic exists."),
    Opt::flag("--if-exists", "Do nothing if the topic does not exist."),
];

/// What is wrong with the arguments that the tool itself refuses.
const ONE_ACTION: &str =
    "Command must include exactly one action: --list, --describe, --create, --alter or --delete";

/// What the tool is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Describe,
    List,
}

/// The arguments, read.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) action: Action,
    pub(super) bootstrap: Vec<BrokerId>,
    pub(super) topic: Option<TopicName>,
    pub(super) partitions: Option<String>,
    pub(super) replication_factor: Option<String>,
    pub(super) configs: Vec<(String, String)>,
    pub(super) if_not_exists: bool,
    pub(super) if_exists: bool,
    /// What a first answer told, until the second completes it.
    pub(super) described: Vec<Described>,
}

impl Arguments {
    /// The arguments, or the lines that the tool prints to standard error.
    pub(super) fn parse(words: &[Word]) -> Result<Self, Vec<String>> {
        let given = parse(OPTIONS, Operands::Refused, words).map_err(|error| option_error(&error))?;
        let action = action(&given)?;
        let Some(servers) = given.text("--bootstrap-server") else {
            return Err(vec![
                "--bootstrap-server must be specified".to_owned(),
                "Highwater: tell the tool where the cluster is, with --bootstrap-server broker1:9092".to_owned(),
            ]);
        };
        let topic = given.text("--topic").map(TopicName::from);
        if action == Action::Create && topic.is_none() {
            return Err(vec!["Missing required argument \"[topic]\"".to_owned()]);
        }
        let config = |text: &str| {
            text.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).ok_or_else(
                || vec![format!("requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\", not {text}")],
            )
        };
        Ok(Self {
            action,
            bootstrap: bootstrap(servers)?,
            topic,
            partitions: given.text("--partitions").map(str::to_owned),
            replication_factor: given.text("--replication-factor").map(str::to_owned),
            configs: given.texts("--config").map(config).collect::<Result<_, _>>()?,
            if_not_exists: given.has("--if-not-exists"),
            if_exists: given.has("--if-exists"),
            described: Vec::new(),
        })
    }
}

fn action(given: &Given) -> Result<Action, Vec<String>> {
    let named: Vec<&str> =
        ["create", "describe", "list", "alter", "delete"].into_iter().filter(|name| given.has(&format!("--{name}"))).collect();
    match named[..] {
        ["create"] => Ok(Action::Create),
        ["describe"] => Ok(Action::Describe),
        ["list"] => Ok(Action::List),
        [other] => Err(vec![format!("Highwater: kafka-topics.sh --{other} is not simulated yet")]),
        _ => Err(vec![ONE_ACTION.to_owned()]),
    }
}

/// The brokers that `broker1:9092,broker2:9092` names; `localhost` is broker 1.
fn bootstrap(servers: &str) -> Result<Vec<BrokerId>, Vec<String>> {
    let broker = |server: &str| {
        let (host, port) = server.trim().split_once(':')?;
        port.parse::<u16>().ok()?;
        let id = if host == "localhost" { "1" } else { host.strip_prefix("broker")? };
        id.parse().ok().map(BrokerId)
    };
    servers
        .split(',')
        .map(|server| {
            broker(server).ok_or_else(|| {
                vec![
                    format!("Invalid url in bootstrap.servers: {server}"),
                    "Highwater: the brokers are broker1:9092, broker2:9092 and so on".to_owned(),
                ]
            })
        })
        .collect()
}

/// As the tool's option parser says it; what was probably meant stands apart.
fn option_error(error: &crate::options::OptionError) -> Vec<String> {
    let name = error.option.trim_start_matches('-');
    let mut lines = vec![match error.kind {
        OptionErrorKind::Unknown => format!("{name} is not a recognized option"),
        OptionErrorKind::NoValue => format!("Option {name} requires an argument"),
        _ => error.to_string(),
    }];
    if let Some(suggestion) = &error.suggestion {
        lines.push(format!("Highwater: did you mean {suggestion}?"));
    }
    lines
}
