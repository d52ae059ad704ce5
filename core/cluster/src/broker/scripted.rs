//! Requests that a person told the broker to refuse or to drop. The answer has the error where the
//! answers of that kind have it; what was asked is not done.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_configs_response::DescribeConfigsResult;
use kafka_protocol::messages::describe_topic_partitions_response::DescribeTopicPartitionsResponseTopic;
use kafka_protocol::messages::fetch_response::FetchableTopicResponse;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};

use crate::broker::Broker;
use crate::broker::fetch::{follower_of, refused};
use crate::controller;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::fault::{FaultEvent, Scripted};
use crate::group;
use crate::input::{Input, ReplyTo};
use crate::message::{Request, Response};
use crate::time::Span;
use crate::timer::Timer;

/// The most that a broker can be told at once.
const MOST_SCRIPTS: usize = 100;

/// What a broker was told, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Scripts(VecDeque<Scripted>);

/// Answers that are held back.
#[derive(Clone, Debug, Default)]
pub(super) struct LateAnswers {
    next: u64,
    waiting: BTreeMap<u64, (ReplyTo, Response)>,
}

impl Broker {
    /// Tells the broker what to do with the next requests of a kind.
    pub(crate) fn script(&mut self, scripted: Scripted) -> Result<(), String> {
        if self.scripts.0.len() >= MOST_SCRIPTS {
            return Err(format!(
                "broker {} was told {MOST_SCRIPTS} things already; let it do some of them first",
                self.id
            ));
        }
        self.scripts.0.push_back(scripted);
        Ok(())
    }

    pub(super) fn scripts_view(&self) -> Vec<Scripted> {
        self.scripts.0.iter().cloned().collect()
    }

    /// Does with a request what the broker was told; gives back whatever is to be handled.
    pub(super) fn unless_scripted(&mut self, ctx: &mut Ctx<'_>, input: Input) -> Option<Input> {
        let Input::Request(from, request) = &input else { return Some(input) };
        let Some(scripted) = self.scripts.take(request) else { return Some(input) };
        let answer = scripted.error.and_then(|error| self.refusal(ctx, request, error));
        let (broker, client, api) = (self.id, from.node, scripted.api);
        let Some((answer, error)) = answer.zip(scripted.error) else {
            let closed = FaultEvent::ConnectionClosed { broker, client, api };
            let event = ctx.emit(EventKind::Fault(closed));
            ctx.because(event);
            ctx.close_connection(client);
            return None;
        };
        let answered = FaultEvent::ScriptedAnswer { broker, client, api, error };
        let event = ctx.emit(EventKind::Fault(answered));
        ctx.because(event);
        if scripted.delay == Span::ZERO {
            ctx.respond(*from, answer);
        } else {
            let late = &mut self.process.late_answers;
            late.next += 1;
            late.waiting.insert(late.next, (*from, answer));
            ctx.set_timer(scripted.delay, Timer::ScriptedAnswer(late.next));
        }
        None
    }

    pub(super) fn give_late_answer(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        if let Some((from, answer)) = self.process.late_answers.waiting.remove(&id) {
            ctx.respond(from, answer);
        }
    }

    /// The answer to a request with an error in it; none where no answer is expected, and where Kafka
    /// closes the connection to say so.
    pub(super) fn refusal(
        &self,
        ctx: &Ctx<'_>,
        request: &Request,
        error: ResponseError,
    ) -> Option<Response> {
        let code = error.code();
        Some(match request {
            Request::Produce(body) if body.acks == 0 => return None,
            Request::Produce(body) => produce(body, code).into(),
            Request::Fetch(body) => fetch(body, error).into(),
            Request::ListOffsets(body) => list_offsets(body, code).into(),
            Request::OffsetForLeaderEpoch(body) => offset_for_leader_epoch(body, code).into(),
            Request::Metadata(body) => self.metadata(ctx, body, code).into(),
            Request::FindCoordinator(body) => find_coordinator(body, code).into(),
            Request::InitProducerId(_) => kafka::InitProducerIdResponse::default()
                .with_error_code(code)
                .with_producer_id(kafka::ProducerId(-1))
                .with_producer_epoch(-1)
                .into(),
            Request::CreateTopics(body) => controller::create_refused(body, code).into(),
            Request::DeleteTopics(body) => controller::delete_refused(body, code).into(),
            Request::DescribeConfigs(body) => describe_configs(body, code).into(),
            Request::DescribeTopicPartitions(body) => describe_topics(body, code).into(),
            Request::JoinGroup(_)
            | Request::SyncGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::OffsetCommit(_)
            | Request::OffsetFetch(_) => group::refusal(request, error),
            _ => return None,
        })
    }

    /// The brokers as they are; the topics that were asked for, or all, with the error.
    fn metadata(
        &self,
        ctx: &Ctx<'_>,
        body: &kafka::MetadataRequest,
        code: i16,
    ) -> kafka::MetadataResponse {
        let topic = |name: Option<kafka::TopicName>| {
            MetadataResponseTopic::default().with_error_code(code).with_name(name)
        };
        let topics = match &body.topics {
            Some(asked) => asked
                .iter()
                .map(|asked| topic(asked.name.clone()).with_topic_id(asked.topic_id))
                .collect(),
            None => self
                .process
                .image
                .topics
                .keys()
                .map(|name| topic(Some(crate::client::names::to_kafka(name))))
                .collect(),
        };
        self.metadata_of_brokers(ctx).with_topics(topics)
    }
}

impl Scripts {
    /// What is to be done with a request, counted as done.
    fn take(&mut self, request: &Request) -> Option<Scripted> {
        let place = self.0.iter().position(|scripted| concerns(scripted, request))?;
        let scripted = &mut self.0[place];
        scripted.times -= 1;
        let taken = scripted.clone();
        if taken.times == 0 {
            self.0.remove(place);
        }
        Some(taken)
    }
}

/// Whether a script is about a request. A follower whose offset is out of range asks its leader for
/// the offsets that it has; only a consumer can be told so untruly.
fn concerns(scripted: &Scripted, request: &Request) -> bool {
    let is_of_follower = match request {
        Request::Fetch(body) => follower_of(body).is_some(),
        _ => false,
    };
    let is_for_consumers = scripted.error == Some(ResponseError::OffsetOutOfRange);
    scripted.api == request.api_key() && !(is_for_consumers && is_of_follower)
}

fn produce(body: &kafka::ProduceRequest, code: i16) -> kafka::ProduceResponse {
    let topics = body.topic_data.iter().map(|topic| {
        let partitions = topic.partition_data.iter().map(|data| {
            PartitionProduceResponse::default()
                .with_index(data.index)
                .with_error_code(code)
                .with_base_offset(-1)
                .with_log_append_time_ms(-1)
                .with_log_start_offset(-1)
        });
        TopicProduceResponse::default()
            .with_name(topic.name.clone())
            .with_topic_id(topic.topic_id)
            .with_partition_responses(partitions.collect())
    });
    kafka::ProduceResponse::default().with_responses(topics.collect())
}

fn fetch(body: &kafka::FetchRequest, error: ResponseError) -> kafka::FetchResponse {
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| refused(part.partition, error));
        FetchableTopicResponse::default()
            .with_topic_id(topic.topic_id)
            .with_partitions(partitions.collect())
    });
    kafka::FetchResponse::default().with_responses(topics.collect())
}

fn list_offsets(body: &kafka::ListOffsetsRequest, code: i16) -> kafka::ListOffsetsResponse {
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            ListOffsetsPartitionResponse::default()
                .with_partition_index(part.partition_index)
                .with_error_code(code)
                .with_timestamp(-1)
                .with_offset(-1)
                .with_leader_epoch(-1)
        });
        ListOffsetsTopicResponse::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    kafka::ListOffsetsResponse::default().with_topics(topics.collect())
}

fn offset_for_leader_epoch(
    body: &kafka::OffsetForLeaderEpochRequest,
    code: i16,
) -> kafka::OffsetForLeaderEpochResponse {
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|part| {
            EpochEndOffset::default().with_partition(part.partition).with_error_code(code)
        });
        OffsetForLeaderTopicResult::default()
            .with_topic(topic.topic.clone())
            .with_partitions(partitions.collect())
    });
    kafka::OffsetForLeaderEpochResponse::default().with_topics(topics.collect())
}

fn find_coordinator(
    body: &kafka::FindCoordinatorRequest,
    code: i16,
) -> kafka::FindCoordinatorResponse {
    let coordinators = body.coordinator_keys.iter().map(|key| {
        Coordinator::default()
            .with_key(key.clone())
            .with_node_id(kafka::BrokerId(-1))
            .with_port(-1)
            .with_error_code(code)
    });
    kafka::FindCoordinatorResponse::default().with_coordinators(coordinators.collect())
}

fn describe_configs(
    body: &kafka::DescribeConfigsRequest,
    code: i16,
) -> kafka::DescribeConfigsResponse {
    let results = body.resources.iter().map(|resource| {
        DescribeConfigsResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone())
            .with_error_code(code)
            .with_error_message(None)
    });
    kafka::DescribeConfigsResponse::default().with_results(results.collect())
}

fn describe_topics(
    body: &kafka::DescribeTopicPartitionsRequest,
    code: i16,
) -> kafka::DescribeTopicPartitionsResponse {
    let topics = body.topics.iter().map(|topic| {
        DescribeTopicPartitionsResponseTopic::default()
            .with_name(Some(topic.name.clone()))
            .with_error_code(code)
    });
    kafka::DescribeTopicPartitionsResponse::default().with_topics(topics.collect())
}
