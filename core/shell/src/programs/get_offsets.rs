//! `kafka-get-offsets.sh`: `GetOffsetShell` of Kafka's tools, with what it prints.

use std::collections::BTreeMap;

use highwater_cluster::ids::TopicPartition;
use highwater_cluster::program::Program;

use crate::admin::{Admin, Server};
use crate::command::Says;
use crate::options::{Given, Opt};
use crate::programs::jopt::{self, Refused, refused, refused_with_usage};
use crate::programs::topics::filter::matches;
use crate::programs::{calls, servers};
use crate::script::{Failure, Halt, Io, Script, caught, process};
use crate::words::Word;

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text(
        "--bootstrap-server",
        "String: HOST1:PORT1,...,HOST3:PORT3",
        "REQUIRED. The brokers to connect to.",
    ),
    Opt::text("--command-config", "String: config file", "A file of settings of the admin client."),
    Opt::flag("--exclude-internal-topics", "Leave out __consumer_offsets and __transaction_state."),
    Opt::flag("--help", "Print this."),
    Opt::text("--partitions", "String: partition ids", "Only these partitions: 0,2."),
    Opt::text(
        "--time",
        "String: <timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / ...",
        "Which offset: latest (the end, the default), earliest (the first), max-timestamp (of the latest record), or that of the first record since a time in milliseconds.",
    ),
    Opt::text(
        "--topic",
        "String: topic",
        "The topic, or a pattern of names. All topics if it is left out.",
    ),
    Opt::text(
        "--topic-partitions",
        "String: topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3",
        "Topics with partitions: orders:1, orders:0-3 (3 not included), orders:2-.",
    ),
    Opt::flag("--version", "Print Kafka's version."),
];

const ABOUT: &str = "An interactive shell for getting topic-partition offsets.";
/// No such offset.
const UNKNOWN_OFFSET: i64 = -1;

/// The process for `kafka-get-offsets.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        Ok((servers, command)) => process(command, Admin::new(servers)),
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct GetOffsets {
    time: i64,
    exclude_internal: bool,
    rules: Vec<Rule>,
}

/// Partitions by a pattern of topic names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    topic: String,
    partitions: Wanted,
}

/// Which of a topic's partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// These; all if there are none.
    Listed(Vec<i32>),
    /// From the first up to the second, which is not included.
    Range(i32, i32),
}

impl Script for GetOffsets {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        match caught(self.offsets(io))? {
            Ok(()) => Ok(0),
            Err(failure) => {
                io.print_error(&format!("Error occurred: {}", failure.message));
                Ok(1)
            }
        }
    }
}

impl GetOffsets {
    fn offsets(&self, io: &mut Io<'_, '_>) -> Result<(), Halt> {
        let topics = caught(calls::topics(io))?.map_err(Failure::in_future)?;
        let is_wanted = |name: &str, is_internal: bool| {
            !(is_internal && self.exclude_internal)
                && self.rules.iter().any(|rule| matches(&rule.topic, name))
        };
        let topics: Vec<_> = topics
            .into_iter()
            .filter(|(name, is_internal)| is_wanted(name.as_str(), *is_internal))
            .map(|(name, _)| name)
            .collect();
        let described = caught(calls::describe_all(io, &topics))?.map_err(Failure::in_future)?;
        let partitions: Vec<TopicPartition> = described
            .into_iter()
            .map(|partition| partition.id)
            .filter(|id| self.rules.iter().any(|rule| rule.allows(id)))
            .collect();
        if partitions.is_empty() {
            let message = "Could not match any topic-partitions with the specified filters";
            return Err(Failure::new("", message).into());
        }
        let mut lines = BTreeMap::new();
        for (partition, found) in calls::list_offsets(io, &partitions, self.time)? {
            match found {
                Ok(UNKNOWN_OFFSET) => {}
                // They stand in the order of what they are called: orders-10 before orders-2.
                Ok(offset) => {
                    let TopicPartition { topic, partition: index } = &partition;
                    lines.insert(partition.to_string(), format!("{topic}:{index}:{offset}"));
                }
                Err(failure) => io.print_error(&format!(
                    "Skip getting offsets for topic-partition {partition} due to error: {failure}"
                )),
            }
        }
        lines.values().for_each(|line| io.print(line));
        Ok(())
    }
}

impl Rule {
    fn allows(&self, id: &TopicPartition) -> bool {
        let index = id.partition.0;
        let is_wanted = match &self.partitions {
            Wanted::Listed(wanted) => wanted.is_empty() || wanted.contains(&index),
            Wanted::Range(from, to) => (*from..*to).contains(&index),
        };
        is_wanted && matches(&self.topic, id.topic.as_str())
    }
}

fn read(words: &[Word]) -> Result<(Vec<Server>, GetOffsets), Refused> {
    let given =
        jopt::read(OPTIONS, words, ABOUT, |_, message| format!("Error occurred: {message}"))?;
    let Some(list) = given.text("--bootstrap-server") else {
        let missing = "Missing required argument \"[bootstrap-server]\"";
        return Err(refused_with_usage(OPTIONS, missing));
    };
    let is_address = |server: &str| {
        let port = server.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        port.is_some_and(|port| port.is_ok())
    };
    if !list.split(',').all(is_address) {
        let wrong = "Please provide valid host:port like host1:9091,host2:9092";
        let mut refused = refused_with_usage(OPTIONS, wrong);
        refused.errors.insert(1, String::new());
        return Err(refused);
    }
    let terse = |message: String| refused(format!("Error occurred: {message}"));
    let has_simple = given.has("--topic") || given.has("--partitions");
    if given.has("--topic-partitions") && has_simple {
        return Err(terse(
            "--topic-partitions cannot be used with --topic or --partitions".to_owned(),
        ));
    }
    let time = time(given.text("--time").unwrap_or("latest")).map_err(terse)?;
    let rules = rules(&given).map_err(terse)?;
    let servers = servers::named(list)?;
    Ok((
        servers,
        GetOffsets { time, exclude_internal: given.has("--exclude-internal-topics"), rules },
    ))
}

/// `parseOffsetSpec`
fn time(text: &str) -> Result<i64, String> {
    match text {
        "latest" => Ok(-1),
        "earliest" => Ok(-2),
        "max-timestamp" => Ok(-3),
        "earliest-local" => Ok(-4),
        "latest-tiered" => Ok(-5),
        "earliest-pending-upload" => Ok(-6),
        number => number.parse().map_err(|_| {
            format!(
                "Malformed time argument {number}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / \
                 -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long \
                 format timestamp"
            )
        }),
    }
}

fn rules(given: &Given) -> Result<Vec<Rule>, String> {
    if let Some(list) = given.text("--topic-partitions") {
        return list.split(',').map(rule).collect();
    }
    let topic = given.text("--topic").unwrap_or(".*").to_owned();
    let ids = given.text("--partitions").unwrap_or_default();
    let listed = ids.split(',').filter(|_| !ids.is_empty()).map(str::parse);
    let listed: Result<Vec<i32>, _> = listed.collect();
    match listed {
        Ok(listed) => Ok(vec![Rule { topic, partitions: Wanted::Listed(listed) }]),
        Err(_) => Err(format!(
            "--partitions expects a comma separated list of numeric partition ids, but received: {ids}"
        )),
    }
}

/// `topic`, `topic:1`, `topic:0-3`, `topic:2-`, `topic:-3` or the same without the topic.
fn rule(text: &str) -> Result<Rule, String> {
    let wrong = || format!("Invalid rule specification: {text}");
    let (topic, wanted) = text.split_once(':').unwrap_or((text, ""));
    let topic = if topic.is_empty() { ".*" } else { topic };
    let number = |text: &str, default: i32| match text {
        "" => Ok(default),
        text => text.parse::<i32>().ok().filter(|index| *index >= 0).ok_or_else(wrong),
    };
    let partitions = match wanted.split_once('-') {
        Some((from, to)) => Wanted::Range(number(from, 0)?, number(to, i32::MAX)?),
        None if wanted.is_empty() => Wanted::Listed(Vec::new()),
        None => Wanted::Listed(vec![number(wanted, 0)?]),
    };
    Ok(Rule { topic: topic.to_owned(), partitions })
}
