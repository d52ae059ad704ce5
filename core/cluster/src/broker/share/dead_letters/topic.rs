//! The topic of a dead-letter queue, created when it is written to for the first time
//! (`errors.deadletterqueue.auto.create.topics.enable`).

use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::protocol::StrBytes;

use crate::broker::{Broker, Sent};
use crate::client::names;
use crate::ctx::Ctx;
use crate::ids::TopicName;
use crate::share::dead_letter::DeadLetterFailure;

/// What it is created with: it may be a dead-letter queue, and its records keep the time at which they were written,
/// whatever the brokers have as default.
const CONFIGS: [(&str, &str); 2] =
    [("errors.deadletterqueue.group.enable", "true"), ("message.timestamp.type", "CreateTime")];

impl Broker {
    /// Asks for the topic, with as many partitions and replicas as topics have by default.
    pub(super) fn create_dead_letter_topic(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(pending) = self.process.shares.dead_letters.pending.get(&id) else { return };
        let name = TopicName::from(self.dead_letter_topic(&pending.name.0));
        let configs = CONFIGS.map(|(name, value)| {
            CreatableTopicConfig::default()
                .with_name(StrBytes::from_static_str(name))
                .with_value(Some(StrBytes::from_static_str(value)))
        });
        let topic = CreatableTopic::default()
            .with_name(names::to_kafka(&name))
            .with_num_partitions(-1)
            .with_replication_factor(-1)
            .with_configs(configs.into());
        let timeout_ms = i32::try_from(self.config.request_timeout.millis()).unwrap_or(i32::MAX);
        let request = kafka::CreateTopicsRequest::default()
            .with_topics(vec![topic])
            .with_timeout_ms(timeout_ms);
        self.ask_controller(ctx, request, Sent::DeadLetterTopic(id));
    }

    /// The controller has answered, or has not. What it created is in this broker's metadata a little later.
    pub(in crate::broker) fn dead_letter_topic_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: u64,
        body: Option<&kafka::CreateTopicsResponse>,
    ) {
        let Some(pending) = self.process.shares.dead_letters.pending.get_mut(&id) else { return };
        pending.creations += 1;
        let creations = pending.creations;
        let (group, source) = (pending.name.0.clone(), pending.name.1.partition.0);
        let answered = match body {
            None => Err(ResponseError::NetworkException),
            Some(body) => {
                body.topics.first().map_or(Err(ResponseError::UnknownTopicOrPartition), |topic| {
                    match ResponseError::try_from_code(topic.error_code) {
                        Some(error) => Err(error),
                        None => Ok(()),
                    }
                })
            }
        };
        match answered {
            Ok(()) => match self.find_queue(&group, source) {
                Some(found) => {
                    if let Some(pending) = self.process.shares.dead_letters.pending.get_mut(&id) {
                        pending.creations = 0;
                    }
                    self.dead_letter_ready(ctx, id, found);
                }
                None => self.dead_letter_later(ctx, id, creations, DeadLetterFailure::NoLeader),
            },
            // It was created for another record, or is there and has no leader.
            Err(ResponseError::TopicAlreadyExists) => {
                self.dead_letter_later(ctx, id, creations, DeadLetterFailure::NoLeader);
            }
            Err(
                error @ (ResponseError::ThrottlingQuotaExceeded | ResponseError::NetworkException),
            ) => self.dead_letter_later(ctx, id, creations, DeadLetterFailure::NotCreated(error)),
            Err(error) => {
                self.dead_letter_ended(ctx, id, Err(DeadLetterFailure::NotCreated(error)));
            }
        }
    }
}
