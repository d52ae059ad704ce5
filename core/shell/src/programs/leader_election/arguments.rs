//! The arguments of `kafka-leader-election.sh`, and what the tool says when they are wrong.

use std::fmt;

use highwater_cluster::ids::{TopicName, TopicPartition};

use crate::admin::Server;
use crate::options::{Given, Opt};
use crate::programs::jopt::{self, Refused, refused};
use crate::programs::servers;
use crate::words::Word;

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text("--admin.config", "String: config file", "A file of settings of the admin client."),
    Opt::flag("--all-topic-partitions", "Elect in all partitions that need it."),
    Opt::text("--bootstrap-server", "String: host:port", "REQUIRED: The brokers to connect to."),
    Opt::text("--command-config", "String: config file", "A file of settings of the admin client."),
    Opt::text(
        "--election-type",
        "[PREFERRED,UNCLEAN]: election type",
        "REQUIRED: preferred: the first replica leads again. unclean: where no replica in sync is left, another may lead.",
    ),
    Opt::flag("--help", "Print this."),
    Opt::text("--partition", "Integer: partition id", "The partition; REQUIRED with --topic."),
    Opt::text(
        "--path-to-json-file",
        "String: Path to JSON file",
        "The partitions: {\"partitions\": [{\"topic\": \"foo\", \"partition\": 1}]}.",
    ),
    Opt::text("--topic", "String: topic name", "The topic of the partition."),
    Opt::flag("--version", "Print Kafka's version."),
];

const ABOUT: &str = "This tool attempts to elect a new leader for a set of topic partitions. The type of elections \
                     supported are preferred replicas and unclean replicas.";

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) servers: Vec<Server>,
    pub(super) election_type: ElectionType,
    pub(super) wanted: Where,
}

/// How leaders are elected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElectionType {
    Preferred,
    Unclean,
}

/// In which partitions.
#[derive(Clone, Debug)]
pub(super) enum Where {
    Everywhere,
    Partition(TopicPartition),
    /// Those that the file of this name lists.
    File(String),
}

impl fmt::Display for ElectionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ElectionType::Preferred => "PREFERRED",
            ElectionType::Unclean => "UNCLEAN",
        })
    }
}

/// Reads the arguments, in the order in which the tool looks at them.
pub(super) fn read(words: &[Word]) -> Result<Arguments, Refused> {
    // Whatever goes wrong, the tool prints the message, and then the stack of the exception.
    let given = jopt::read(OPTIONS, words, ABOUT, |_, message| message.to_owned())?;
    check(&given)?;
    let election_type = given.text("--election-type").unwrap_or_default();
    let election_type = match election_type.to_ascii_uppercase().as_str() {
        "PREFERRED" => ElectionType::Preferred,
        "UNCLEAN" => ElectionType::Unclean,
        _ => return Err(cannot_parse(election_type, "election-type")),
    };
    let wanted = wanted(&given)?;
    let servers = given.text("--bootstrap-server").unwrap_or_default();
    let servers = servers::named(servers)?;
    Ok(Arguments { servers, election_type, wanted })
}

fn wanted(given: &Given) -> Result<Where, Refused> {
    if let Some(path) = given.text("--path-to-json-file") {
        return Ok(Where::File(path.to_owned()));
    }
    let Some(topic) = given.text("--topic") else { return Ok(Where::Everywhere) };
    let text = given.text("--partition").unwrap_or_default();
    let index = text.parse().map_err(|_| cannot_parse(text, "partition"))?;
    Ok(Where::Partition(TopicPartition::new(&TopicName::from(topic), index)))
}

fn check(given: &Given) -> Result<(), Refused> {
    let missing: Vec<&str> = ["--bootstrap-server", "--election-type"]
        .into_iter()
        .filter(|option| !given.has(option))
        .map(|option| option.trim_start_matches('-'))
        .collect();
    if !missing.is_empty() {
        return Err(refused(format!("Missing required option(s): {}", missing.join(", "))));
    }
    let scopes = ["--topic", "--all-topic-partitions", "--path-to-json-file"];
    if scopes.into_iter().filter(|option| given.has(option)).count() != 1 {
        return Err(refused(
            "One and only one of the following options is required: topic, all-topic-partitions, path-to-json-file",
        ));
    }
    match (given.has("--topic"), given.has("--partition")) {
        (true, false) => Err(refused("Missing required option(s): partition")),
        (false, true) => Err(refused("Option partition is only allowed if topic is used")),
        _ => Ok(()),
    }
}

fn cannot_parse(text: &str, option: &str) -> Refused {
    refused(format!("Cannot parse argument '{text}' of option {option}"))
}
