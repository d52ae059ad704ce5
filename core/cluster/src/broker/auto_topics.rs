//! Topics that come to be because a client asks for their metadata (`auto.create.topics.enable`):
//! `AutoTopicCreationManager`.

use std::collections::BTreeSet;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::create_topics_request::CreatableTopic;

use crate::broker::internal_log::InternalTopic;
use crate::broker::{Broker, Sent};
use crate::controller::topic_names;
use crate::ctx::Ctx;
use crate::ids::{NodeId, TopicName};

impl Broker {
    /// Asks the controller to create the topics of the request that are not there, if the client and this
    /// broker's settings permit it. The client is answered at once, and asks again.
    pub(super) fn create_missing_topics(
        &mut self,
        ctx: &mut Ctx<'_>,
        client: NodeId,
        request: &kafka::MetadataRequest,
    ) {
        if !request.allow_auto_topic_creation || !self.config.auto_create_topics {
            return;
        }
        let asked = request.topics.iter().flatten().filter_map(|topic| topic.name.as_ref());
        let missing: BTreeSet<TopicName> = asked
            .filter(|name| topic_names::validate(name).is_ok())
            .map(|name| TopicName::from(&***name))
            .filter(|name| !self.process.image.topics.contains_key(name))
            .collect();
        let mut created = Vec::new();
        for name in missing {
            if let Some(topic) = InternalTopic::named(&name) {
                self.create_internal_topic(ctx, topic);
            } else if self.process.topics_asked_for.insert(name.clone()) {
                created.push(name);
            }
        }
        if created.is_empty() {
            return;
        }
        let topics = created.iter().map(|name| self.topic_by_default(name)).collect();
        let timeout_ms = i32::try_from(self.config.request_timeout.millis()).unwrap_or(i32::MAX);
        let request =
            kafka::CreateTopicsRequest::default().with_topics(topics).with_timeout_ms(timeout_ms);
        self.ask_controller_for(ctx, client, request, Sent::AutoTopics(created));
    }

    /// The controller has answered, or has not: a client that still misses the topics has them asked for
    /// again.
    pub(super) fn topics_answered(&mut self, topics: &[TopicName]) {
        for topic in topics {
            self.process.topics_asked_for.remove(topic);
        }
    }

    /// As many partitions and replicas as this broker is set to (`num.partitions`,
    /// `default.replication.factor`): the controller may be set otherwise.
    fn topic_by_default(&self, name: &TopicName) -> CreatableTopic {
        let replicas = self.config.default_replication_factor;
        CreatableTopic::default()
            .with_name(crate::client::names::to_kafka(name))
            .with_num_partitions(i32::try_from(self.config.num_partitions).unwrap_or(i32::MAX))
            .with_replication_factor(i16::try_from(replicas).unwrap_or(i16::MAX))
    }
}

/// Why there is no topic of this name.
pub(super) fn error_of_missing(name: &str) -> ResponseError {
    match topic_names::validate(name) {
        Ok(()) => ResponseError::UnknownTopicOrPartition,
        Err(_) => ResponseError::InvalidTopicException,
    }
}
