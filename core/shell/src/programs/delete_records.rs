//! `kafka-delete-records.sh`: `DeleteRecordsCommand` of Kafka's tools, with what it prints. Each partition's leader is
//! asked, and asked again while the error is one that passes.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_cluster::client::errors::{is_invalid_metadata, kafka_name};
use highwater_cluster::client::{Backoff, ClientMetadata, names};
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{BrokerId, CorrelationId, NodeId, TopicName, TopicPartition};
use highwater_cluster::input::Input;
use highwater_cluster::log::Offset;
use highwater_cluster::message::Response;
use highwater_cluster::program::Program;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsTopic,
};
use highwater_cluster::time::{Span, Time};
use highwater_cluster::timer::Timer;

use crate::admin::{Admin, Answer, CLIENT_ID, To};
use crate::command::Says;
use crate::java::{hash_map_order_by, log_time, string_hash};
use crate::script::Failure;
use crate::words::Word;

mod arguments;

use arguments::Arguments;
pub(crate) use arguments::OPTIONS;

/// `default.api.timeout.ms` of the admin client.
const API_TIMEOUT: Span = Span(60_000_000);
/// `request.timeout.ms` of the admin client.
const REQUEST_TIMEOUT: Span = Span(30_000_000);
/// The command's own timer; the admin client's have greater numbers.
const RETRY: Timer = Timer::Program(0);

/// The process for `kafka-delete-records.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    match arguments::read(words) {
        Ok(arguments) => {
            let admin = Admin::new(arguments.servers.clone());
            Box::new(DeleteRecords {
                arguments,
                admin,
                deadline: Time::ZERO,
                tries: 0,
                partitions: Vec::new(),
                sent: BTreeMap::new(),
            })
        }
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct DeleteRecords {
    arguments: Arguments,
    /// Finds the leaders.
    admin: Admin,
    deadline: Time,
    tries: u32,
    /// In the order of the file.
    partitions: Vec<Asked>,
    /// The requests under way, each with its partitions.
    sent: BTreeMap<CorrelationId, Vec<TopicPartition>>,
}

/// A partition, with the offset before which its records go, and what became of it.
#[derive(Clone, Debug)]
struct Asked {
    partition: TopicPartition,
    offset: Offset,
    /// The low watermark, or an exception.
    result: Option<Result<i64, String>>,
}

impl Program for DeleteRecords {
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.begin(ctx),
            Input::Interrupt => ctx.exit(130),
            Input::Timer(RETRY) => self.find_leaders(ctx),
            Input::Response(id, Response::DeleteRecords(body)) => self.on_deleted(ctx, id, &body),
            Input::Failed(id, _) if self.sent.contains_key(&id) => {
                self.sent.remove(&id);
                self.go_on(ctx);
            }
            input => match self.admin.handle(ctx, &input) {
                Answer::Response(Response::Metadata(body)) => self.on_metadata(ctx, &body),
                Answer::Pending | Answer::Response(_) => {}
                Answer::TimedOut(message) => self.time_out(ctx, &message),
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

impl DeleteRecords {
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        let Some(content) = ctx.file(&self.arguments.file) else {
            let file = &self.arguments.file;
            ctx.print_error(&format!("Error: {file}"));
            ctx.print_error(&format!("java.nio.file.NoSuchFileException: {file}"));
            return ctx.exit(1);
        };
        let offsets = match arguments::read_offsets(&content) {
            Ok(offsets) => offsets,
            Err(lines) => {
                lines.iter().for_each(|line| ctx.print_error(line));
                return ctx.exit(1);
            }
        };
        let asked = |(partition, offset)| Asked { partition, offset, result: None };
        self.partitions = offsets.into_iter().map(asked).collect();
        self.deadline = ctx.now() + API_TIMEOUT;
        ctx.print("Executing records delete operation");
        self.go_on(ctx);
    }

    /// Asks again for what is open once nothing is under way, or ends.
    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        if !self.sent.is_empty() {
            return;
        }
        if self.partitions.iter().all(|asked| asked.result.is_some()) {
            return self.finish(ctx);
        }
        if ctx.now() >= self.deadline {
            return self.time_out(ctx, "Timed out waiting to send the call. Call: deleteRecords");
        }
        if self.tries == 0 {
            return self.find_leaders(ctx);
        }
        let wait = Backoff::RETRY.wait(ctx, self.tries - 1);
        ctx.set_timer(wait, RETRY);
    }

    fn find_leaders(&mut self, ctx: &mut Ctx<'_>) {
        self.tries += 1;
        let mut topics: Vec<&TopicName> = self.open().map(|asked| &asked.partition.topic).collect();
        topics.dedup();
        let request = ClientMetadata::request(topics);
        self.admin.call(ctx, "topicMetadata", request, To::Any);
    }

    /// Asks each leader for what it leads. A topic or leader that is not there may still come.
    fn on_metadata(&mut self, ctx: &mut Ctx<'_>, body: &kafka::MetadataResponse) {
        let mut metadata = ClientMetadata::default();
        metadata.update(body);
        let mut by_leader: BTreeMap<BrokerId, Vec<(TopicPartition, Offset)>> = BTreeMap::new();
        for topic in metadata.unauthorized() {
            let open = self.partitions.iter_mut().filter(|asked| asked.result.is_none());
            for asked in open.filter(|asked| asked.partition.topic == *topic) {
                let error = Failure::of(ResponseError::TopicAuthorizationFailed, None);
                asked.result = Some(Err(error.to_string()));
            }
        }
        for asked in self.open() {
            if let Some(leader) = metadata.leader(&asked.partition) {
                let deletion = (asked.partition.clone(), asked.offset);
                by_leader.entry(leader).or_default().push(deletion);
            }
        }
        for (leader, deletions) in by_leader {
            let request = request(&deletions);
            let id = ctx.send(NodeId::Broker(leader), request, REQUEST_TIMEOUT);
            let partitions = deletions.into_iter().map(|(partition, _)| partition);
            self.sent.insert(id, partitions.collect());
        }
        self.go_on(ctx);
    }

    fn on_deleted(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: CorrelationId,
        body: &kafka::DeleteRecordsResponse,
    ) {
        self.sent.remove(&id);
        for topic in &body.topics {
            let name = names::from_kafka(&topic.name);
            for result in &topic.partitions {
                let partition = TopicPartition::new(&name, result.partition_index);
                let outcome = match ResponseError::try_from_code(result.error_code) {
                    None => Ok(result.low_watermark),
                    Some(error) if is_invalid_metadata(error) || error.is_retriable() => continue,
                    Some(error) => {
                        complain(ctx, &partition, error);
                        Err(Failure::of(error, None).to_string())
                    }
                };
                let asked = self.partitions.iter_mut().find(|asked| asked.partition == partition);
                asked.expect("a broker answers what it was asked").result = Some(outcome);
            }
        }
        self.go_on(ctx);
    }

    fn time_out(&mut self, ctx: &mut Ctx<'_>, message: &str) {
        let exception = format!("org.apache.kafka.common.errors.TimeoutException: {message}");
        for asked in self.partitions.iter_mut().filter(|asked| asked.result.is_none()) {
            asked.result = Some(Err(exception.clone()));
        }
        self.finish(ctx);
    }

    /// Prints what became of each partition, in the order of the tool's map.
    fn finish(&mut self, ctx: &mut Ctx<'_>) {
        ctx.print("Records delete operation completed:");
        hash_map_order_by(&mut self.partitions, |asked| partition_hash(&asked.partition));
        for Asked { partition, result, .. } in &self.partitions {
            match result {
                Some(Ok(low)) => {
                    ctx.print(&format!("partition: {partition}\tlow_watermark: {low}"));
                }
                Some(Err(error)) => ctx.print(&format!("partition: {partition}\terror: {error}")),
                None => unreachable!("the command ends when all is answered"),
            }
        }
        ctx.exit(0);
    }

    fn open(&self) -> impl Iterator<Item = &Asked> {
        self.partitions.iter().filter(|asked| asked.result.is_none())
    }
}

fn request(deletions: &[(TopicPartition, Offset)]) -> kafka::DeleteRecordsRequest {
    let mut topics: BTreeMap<&TopicName, Vec<DeleteRecordsPartition>> = BTreeMap::new();
    for (partition, offset) in deletions {
        let deletion = DeleteRecordsPartition::default()
            .with_partition_index(partition.partition.0)
            .with_offset(offset.0);
        topics.entry(&partition.topic).or_default().push(deletion);
    }
    let topic = |(name, partitions)| {
        DeleteRecordsTopic::default().with_name(names::to_kafka(name)).with_partitions(partitions)
    };
    kafka::DeleteRecordsRequest::default()
        .with_topics(topics.into_iter().map(topic).collect())
        .with_timeout_ms(REQUEST_TIMEOUT.millis() as i32)
}

/// What the admin client logs about an error that does not pass.
fn complain(ctx: &mut Ctx<'_>, partition: &TopicPartition, error: ResponseError) {
    let (at, error) = (log_time(ctx.timestamp()), kafka_name(error));
    ctx.print_error(&format!(
        "[{at}] ERROR [AdminClient clientId=adminclient-1] DeleteRecords request for topic partition {partition} \
         failed due to an unexpected error {error} (org.apache.kafka.clients.admin.internals.DeleteRecordsHandler)"
    ));
}

/// `TopicPartition.hashCode`
fn partition_hash(partition: &TopicPartition) -> u32 {
    let of_number = 31_u32.wrapping_add(partition.partition.0 as u32);
    of_number.wrapping_mul(31).wrapping_add(string_hash(partition.topic.as_str()))
}
