//! `kafka-log-dirs.sh`: `LogDirsCommand` of Kafka's tools, with what it prints (KIP-113).

use highwater_cluster::client::names;
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::message::Response;
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult,
};

use crate::admin::{Admin, Server, To};
use crate::command::Says;
use crate::java::{grown_hash_order, partition_hash};
use crate::options::Opt;
use crate::programs::calls::{self, ask};
use crate::programs::jopt::{self, Refused, refused, refused_with_usage};
use crate::programs::servers;
use crate::script::{Failure, Halt, Io, Script, caught, exception_name, process};
use crate::words::Word;

/// All options, in the order in which the help lists them.
pub(crate) const OPTIONS: &[Opt] = &[
    Opt::text(
        "--bootstrap-server",
        "String: The server(s) to use for bootstrapping",
        "REQUIRED: The brokers to connect to.",
    ),
    Opt::text(
        "--broker-list",
        "String: Broker list",
        "Only these brokers: 1,2. All if it is left out.",
    ),
    Opt::text(
        "--command-config",
        "String: Admin client property file",
        "A file of settings of the admin client.",
    ),
    Opt::flag("--describe", "REQUIRED: Tell what lies in the log directories, as JSON."),
    Opt::flag("--help", "Print this."),
    Opt::text(
        "--topic-list",
        "String: Topic list",
        "Only these topics: orders,users. All if it is left out.",
    ),
    Opt::flag("--version", "Print Kafka's version."),
];

const ABOUT: &str = "This tool helps to query log directory usage on the specified brokers.";

/// The process for `kafka-log-dirs.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match read(words) {
        Ok((servers, command)) => process(command, Admin::new(servers)),
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct LogDirs {
    /// All if there are none.
    topics: Vec<String>,
    brokers: Vec<BrokerId>,
}

impl Script for LogDirs {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        match caught(self.describe(io))? {
            Ok(code) => Ok(code),
            Err(failure) => {
                let failure = failure.in_future();
                io.print_error(&failure.message);
                io.print_error(&failure.to_string());
                Ok(1)
            }
        }
    }
}

impl LogDirs {
    fn describe(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        let cluster = calls::cluster(io, false)?;
        let there: Vec<BrokerId> =
            cluster.brokers.iter().map(|broker| BrokerId(broker.broker_id.0)).collect();
        let missing: Vec<BrokerId> =
            self.brokers.iter().copied().filter(|id| !there.contains(id)).collect();
        if !missing.is_empty() {
            io.print_error(&format!(
                "ERROR: The given brokers do not exist from --broker-list: {}. Current existent brokers: {}",
                listed(&missing),
                listed(&there)
            ));
            return Ok(1);
        }
        let asked = if self.brokers.is_empty() { there } else { self.brokers.clone() };
        io.print("Querying brokers for log directories information");
        let mut brokers = Vec::new();
        for broker in &asked {
            let request = kafka::DescribeLogDirsRequest::default().with_topics(None);
            let to = To::Broker(*broker);
            let body = ask!(io, "describeLogDirs", request, to => DescribeLogDirs);
            if let Some(error) = ResponseError::try_from_code(body.error_code) {
                return Err(Failure::of(error, None).into());
            }
            let dirs: Vec<String> = body.results.iter().map(|dir| self.dir(dir)).collect();
            brokers.push(format!("{{\"broker\":{broker},\"logDirs\":[{}]}}", dirs.join(",")));
        }
        io.print(&format!("Received log directory information from brokers {}", listed(&asked)));
        // The tool hands Java's maps to its printer: the fields stand in the order of their hashes.
        io.print(&format!("{{\"brokers\":[{}],\"version\":1}}", brokers.join(",")));
        Ok(0)
    }

    fn dir(&self, dir: &DescribeLogDirsResult) -> String {
        let mut replicas: Vec<(TopicPartition, &DescribeLogDirsPartition)> = Vec::new();
        for topic in &dir.topics {
            let name = names::from_kafka(&topic.name);
            if self.topics.is_empty() || self.topics.iter().any(|wanted| wanted == name.as_str()) {
                replicas.extend(
                    topic.partitions.iter().map(|replica| {
                        (TopicPartition::new(&name, replica.partition_index), replica)
                    }),
                );
            }
        }
        grown_hash_order(&mut replicas, |(partition, _)| partition_hash(partition));
        let replicas: Vec<String> = replicas
            .iter()
            .map(|(partition, replica)| {
                format!(
                    "{{\"partition\":\"{partition}\",\"size\":{},\"offsetLag\":{},\"isFuture\":{}}}",
                    replica.partition_size, replica.offset_lag, replica.is_future_key
                )
            })
            .collect();
        let error = ResponseError::try_from_code(dir.error_code).map_or_else(
            || "null".to_owned(),
            |error| format!("\"org.apache.kafka.common.errors.{}\"", exception_name(error)),
        );
        format!(
            "{{\"partitions\":[{}],\"error\":{error},\"logDir\":\"{}\"}}",
            replicas.join(","),
            &*dir.log_dir
        )
    }
}

fn listed(brokers: &[BrokerId]) -> String {
    brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn read(words: &[Word]) -> Result<(Vec<Server>, LogDirs), Refused> {
    let given = jopt::read(OPTIONS, words, ABOUT, |_, message| message.to_owned())?;
    for required in ["--bootstrap-server", "--describe"] {
        if !given.has(required) {
            let name = &required[2..];
            let missing = format!("Missing required argument \"[{name}]\"");
            return Err(refused_with_usage(OPTIONS, &missing));
        }
    }
    let parts = |option: &str| {
        let text = given.text(option).unwrap_or_default();
        text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut brokers = Vec::new();
    for id in parts("--broker-list") {
        match id.parse() {
            Ok(id) => brokers.push(BrokerId(id)),
            Err(_) => return Err(refused(format!("For input string: \"{id}\""))),
        }
    }
    brokers.sort();
    brokers.dedup();
    let servers = servers::named(given.text("--bootstrap-server").unwrap_or_default())?;
    Ok((servers, LogDirs { topics: parts("--topic-list"), brokers }))
}
