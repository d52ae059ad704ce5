//! `kafka-leader-election.sh`: `LeaderElectionCommand` of Kafka's tools, with what it prints.

use std::sync::Arc;

use highwater_cluster::client::error_messages::kafka_message;
use highwater_cluster::client::names::to_kafka;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{TopicName, TopicPartition};
use highwater_cluster::input::Input;
use highwater_cluster::message::Response;
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::elect_leaders_request::TopicPartitions;
use serde_json::Value;

use crate::admin::{Admin, Answer, CLIENT_ID, To};
use crate::command::Says;
use crate::java::{grown_hash_order, partition_hash};
use crate::programs::json_file::{self, Exception};
use crate::programs::topics::error_class;
use crate::words::Word;

mod arguments;

pub(crate) use arguments::OPTIONS;
use arguments::{Arguments, ElectionType, Where};

/// `default.api.timeout.ms` of this tool is 30 s; the request may take half of it.
const TIMEOUT_MS: i32 = 15_000;

/// The process for `kafka-leader-election.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => {
            let admin = Admin::new(arguments.servers.clone());
            Box::new(LeaderElection { arguments, admin })
        }
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct LeaderElection {
    arguments: Arguments,
    admin: Admin,
}

/// What became of the election in one partition.
struct Elected {
    partition: TopicPartition,
    /// The error, as Java prints the exception that stands for it.
    error: Option<(ResponseError, String)>,
}

impl Program for LeaderElection {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => match self.request(ctx) {
                Ok(request) => self.admin.call(ctx, "electLeaders", request, To::Controller),
                Err(exception) => fail(ctx, &exception, &[]),
            },
            Input::Interrupt => ctx.exit(130),
            input => match self.admin.handle(ctx, &input) {
                Answer::Pending => {}
                Answer::Response(Response::ElectLeaders(body)) => self.finish(ctx, &body),
                Answer::Response(other) => {
                    unreachable!("nothing was asked that {:?} answers", other.api_key())
                }
                Answer::TimedOut(_) => {
                    ctx.print("Timeout waiting for election results");
                    fail(ctx, &Exception::failed("Timeout waiting for election results"), &[]);
                }
            },
        }
    }

    fn client_id(&self) -> Option<Arc<str>> {
        Some(CLIENT_ID.into())
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl LeaderElection {
    fn request(&self, ctx: &Ctx<'_>) -> Result<kafka::ElectLeadersRequest, Exception> {
        let partitions = match &self.arguments.wanted {
            Where::Everywhere => None,
            Where::Partition(partition) => Some(vec![partition.clone()]),
            Where::File(path) => Some(partitions_in(&json_file::read(ctx, path)?)?),
        };
        let mut topics: Vec<TopicPartitions> = Vec::new();
        for partition in partitions.iter().flatten() {
            let name = to_kafka(&partition.topic);
            match topics.iter_mut().find(|topic| topic.topic == name) {
                Some(topic) => topic.partitions.push(partition.partition.0),
                None => topics.push(
                    TopicPartitions::default()
                        .with_topic(name)
                        .with_partitions(vec![partition.partition.0]),
                ),
            }
        }
        Ok(kafka::ElectLeadersRequest::default()
            .with_election_type(self.arguments.election_type.number())
            .with_topic_partitions(partitions.map(|_| topics))
            .with_timeout_ms(TIMEOUT_MS))
    }

    fn finish(&self, ctx: &mut Ctx<'_>, body: &kafka::ElectLeadersResponse) {
        if let Some(error) = ResponseError::try_from_code(body.error_code) {
            let exception = match error {
                ResponseError::ClusterAuthorizationFailed => {
                    let message = "Not authorized to perform leader election";
                    ctx.print(message);
                    Exception::failed(message)
                }
                error => Exception::in_future(error, None),
            };
            return fail(ctx, &exception, &[]);
        }
        let election_type = self.arguments.election_type;
        let mut elected = outcomes(body);
        grown_hash_order(&mut elected, |elected| partition_hash(&elected.partition));
        let is_noop = |elected: &&Elected| {
            matches!(elected.error, Some((ResponseError::ElectionNotNeeded, _)))
        };
        let names = |some: Vec<&Elected>| {
            let names: Vec<String> = some.iter().map(|one| one.partition.to_string()).collect();
            names.join(", ")
        };
        let succeeded: Vec<&Elected> = elected.iter().filter(|one| one.error.is_none()).collect();
        if !succeeded.is_empty() {
            ctx.print(&format!(
                "Successfully completed leader election ({election_type}) for partitions {}",
                names(succeeded)
            ));
        }
        let noop: Vec<&Elected> = elected.iter().filter(is_noop).collect();
        if !noop.is_empty() {
            ctx.print(&format!("Valid replica already elected for partitions {}", names(noop)));
        }
        let mut causes = Vec::new();
        for one in elected.iter().filter(|one| !is_noop(one)) {
            let Some((_, error)) = &one.error else { continue };
            ctx.print(&format!(
                "Error completing leader election ({election_type}) for partition: {}: {error}",
                one.partition
            ));
            causes.push(error.clone());
        }
        if causes.is_empty() {
            return ctx.exit(0);
        }
        let message = format!("{} replica(s) could not be elected", causes.len());
        fail(ctx, &Exception::failed(message), &causes);
    }
}

fn outcomes(body: &kafka::ElectLeadersResponse) -> Vec<Elected> {
    let topics = body.replica_election_results.iter();
    let results =
        topics.flat_map(|topic| topic.partition_result.iter().map(move |one| (topic, one)));
    results
        .map(|(topic, result)| {
            let error = ResponseError::try_from_code(result.error_code).map(|error| {
                let message = result.error_message.as_deref();
                let message = message.map_or_else(|| kafka_message(error), str::to_owned);
                (error, format!("{}: {message}", error_class(error)))
            });
            let name = TopicName::from(topic.topic.as_str());
            Elected { partition: TopicPartition::new(&name, result.partition_id), error }
        })
        .collect()
}

/// The partitions that a file names: `{"partitions": [{"topic": "foo", "partition": 1}]}`.
fn partitions_in(text: &str) -> Result<Vec<TopicPartition>, Exception> {
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    let json = parsed.ok_or_else(|| Exception::operation("Replica election data is empty"))?;
    let missing = "Replica election data is missing \"partitions\" field";
    let listed = json.get("partitions").ok_or_else(|| Exception::operation(missing))?;
    let mut partitions = Vec::new();
    let mut twice: Vec<TopicPartition> = Vec::new();
    for entry in json_file::list(listed)? {
        let topic = TopicName::from(json_file::text(json_file::required(entry, "topic")?)?);
        let index = json_file::integer(json_file::required(entry, "partition")?)?;
        let partition = TopicPartition::new(&topic, index);
        if partitions.contains(&partition) && !twice.contains(&partition) {
            twice.push(partition.clone());
        }
        partitions.push(partition);
    }
    if twice.is_empty() {
        return Ok(partitions);
    }
    grown_hash_order(&mut twice, partition_hash);
    let names: Vec<String> = twice.iter().map(ToString::to_string).collect();
    Err(Exception::operation(format!(
        "Replica election data contains duplicate partitions: [{}]",
        names.join(", ")
    )))
}

/// As the tool says it: the message, then the exception with what was suppressed.
fn fail(ctx: &mut Ctx<'_>, Exception { class, message, hint }: &Exception, suppressed: &[String]) {
    ctx.print_error(message);
    ctx.print_error(&format!("{class}: {message}"));
    for error in suppressed {
        ctx.print_error(&format!("\tSuppressed: {error}"));
    }
    if let Some(hint) = hint {
        ctx.print_error(&format!("Highwater: {hint}"));
    }
    ctx.exit(1);
}

impl ElectionType {
    /// As the request names it.
    fn number(self) -> i8 {
        match self {
            ElectionType::Preferred => 0,
            ElectionType::Unclean => 1,
        }
    }
}
