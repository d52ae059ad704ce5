//! Metadata and descriptions of topics: whoever may not describe a topic is not told whether it is there.

use std::sync::Arc;

use kafka_protocol::error::ResponseError as E;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_topic_partitions_request::TopicRequest;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;

use super::parts::in_parts;
use super::{Judge, Verdict};
use crate::acl::CLUSTER_NAME;
use crate::acl::Operation::{Create, Describe};
use crate::acl::ResourceType::{Cluster, Topic};
use crate::client::names;
use crate::configs::BrokerConfig;
use crate::ids::{TopicId, TopicName};

impl Judge<'_> {
    /// What is asked of topics by their names or ids, or of all.
    pub(super) fn metadata(
        &mut self,
        config: &BrokerConfig,
        body: &Arc<kafka::MetadataRequest>,
    ) -> Verdict {
        let Some(asked) = &body.topics else {
            let topics = self
                .describable()
                .map(|name| MetadataRequestTopic::default().with_name(Some(names::to_kafka(name))));
            let topics = topics.collect();
            return Verdict::Instead((**body).clone().with_topics(Some(topics)).into());
        };
        let creates = body.allow_auto_topic_creation && config.auto_create_topics;
        let may_create = !creates || self.may_quietly(Create, Cluster, CLUSTER_NAME);
        let image = self.image;
        let error = |topic: &MetadataRequestTopic| {
            let by_id = || image.topic_names.get(&TopicId(topic.topic_id.as_u128())).cloned();
            let name = topic.name.as_ref().map(names::from_kafka).or_else(by_id)?;
            if let Some(error) = self.topic(Describe, Some(name.as_str())) {
                return Some(error);
            }
            let is_missing = !image.topics.contains_key(&name);
            let refused = is_missing && !may_create;
            if refused { self.topic(Create, Some(name.as_str())) } else { None }
        };
        let errors: Vec<Option<E>> = asked.iter().map(error).collect();
        match in_parts(body, &errors, |body| body.topics.get_or_insert_default()) {
            // An answer without topics still tells of the brokers.
            Verdict::InParts { allowed, refused } => {
                let none = || (**body).clone().with_topics(Some(Vec::new())).into();
                Verdict::InParts { allowed: Some(allowed.unwrap_or_else(none)), refused }
            }
            other => other,
        }
    }

    /// What tools ask of topics by their names, or of all.
    pub(super) fn describe_topics(
        &mut self,
        body: &Arc<kafka::DescribeTopicPartitionsRequest>,
    ) -> Verdict {
        if body.topics.is_empty() {
            let topics: Vec<TopicRequest> = self
                .describable()
                .map(|name| TopicRequest::default().with_name(names::to_kafka(name)))
                .collect();
            return match topics.is_empty() {
                // A request without topics would ask for all.
                true => Verdict::Answer(kafka::DescribeTopicPartitionsResponse::default().into()),
                false => Verdict::Instead((**body).clone().with_topics(topics).into()),
            };
        }
        let topics = body.topics.iter();
        let errors: Vec<Option<E>> =
            topics.map(|topic| self.topic(Describe, Some(&topic.name))).collect();
        in_parts(body, &errors, |body| &mut body.topics)
    }

    fn describable(&self) -> impl Iterator<Item = &TopicName> {
        let all = self.image.topics.keys();
        all.filter(|name| self.may_quietly(Describe, Topic, name.as_str()))
    }
}
