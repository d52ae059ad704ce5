//! What tools ask in order to describe topics: their settings, and their partitions with the eligible
//! leader replicas (KIP-966).

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult,
};
use kafka_protocol::messages::describe_topic_partitions_response::{
    DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::broker::Broker;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, PartitionIndex, TopicName};
use crate::input::ReplyTo;
use crate::metadata::{PartitionRegistration, TopicImage, is_internal};

impl Broker {
    /// Describes the topics that are named, or all if none is.
    pub(super) fn on_describe_topics(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::DescribeTopicPartitionsRequest,
    ) {
        let image = &self.process.image;
        let named: Vec<TopicName> = if request.topics.is_empty() {
            image.topics.keys().cloned().collect()
        } else {
            request.topics.iter().map(|topic| TopicName::from(&**topic.name)).collect()
        };
        let mut response = kafka::DescribeTopicPartitionsResponse::default();
        for name in named {
            let mut answer = DescribeTopicPartitionsResponseTopic::default();
            answer.name = Some(kafka::TopicName(StrBytes::from_string(name.to_string())));
            match image.topics.get(&name) {
                Some(topic) => {
                    answer.topic_id = Uuid::from_u128(topic.id.0);
                    answer.is_internal = is_internal(&name);
                    answer.partitions = topic
                        .partitions
                        .iter()
                        .map(|(index, part)| self.described(*index, part))
                        .collect();
                }
                None => answer.error_code = ResponseError::UnknownTopicOrPartition.code(),
            }
            response.topics.push(answer);
        }
        ctx.respond(from, response);
    }

    pub(super) fn on_describe_configs(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::DescribeConfigsRequest,
    ) {
        /// `ConfigResource.Type.TOPIC`
        const TOPIC: i8 = 2;
        let mut response = kafka::DescribeConfigsResponse::default();
        for resource in &request.resources {
            let mut answer = DescribeConfigsResult::default()
                .with_resource_type(resource.resource_type)
                .with_resource_name(resource.resource_name.clone());
            let topic = self.process.image.topics.get(&TopicName::from(&*resource.resource_name));
            match topic.filter(|_| resource.resource_type == TOPIC) {
                Some(topic) => answer.configs = self.configs_of(topic),
                None => {
                    answer.error_code = ResponseError::UnknownTopicOrPartition.code();
                    answer.error_message = Some(StrBytes::from_static_str(
                        "This server does not host this topic-partition.",
                    ));
                }
            }
            response.results.push(answer);
        }
        ctx.respond(from, response);
    }

    /// The settings that were given to a topic; and `min.insync.replicas` of the cluster, which is
    /// always given where leaders may be elected from the ELR (KIP-966).
    fn configs_of(&self, topic: &TopicImage) -> Vec<DescribeConfigsResourceResult> {
        /// `ConfigSource.DYNAMIC_TOPIC_CONFIG` and `DYNAMIC_DEFAULT_BROKER_CONFIG`
        const OF_THE_TOPIC: i8 = 1;
        const OF_THE_CLUSTER: i8 = 3;
        const MIN_ISR: &str = "min.insync.replicas";
        let config = |name: &str, value: &str, source| {
            DescribeConfigsResourceResult::default()
                .with_name(StrBytes::from_string(name.to_owned()))
                .with_value(Some(StrBytes::from_string(value.to_owned())))
                .with_config_source(source)
        };
        let own = topic.configs.iter().map(|(name, value)| config(name, value, OF_THE_TOPIC));
        let mut configs: Vec<_> = own.collect();
        if !topic.configs.contains_key(MIN_ISR) {
            let value = self.config.min_insync_replicas.to_string();
            configs.push(config(MIN_ISR, &value, OF_THE_CLUSTER));
        }
        configs
    }

    fn described(
        &self,
        index: PartitionIndex,
        partition: &PartitionRegistration,
    ) -> DescribeTopicPartitionsResponsePartition {
        let wire =
            |ids: &[BrokerId]| ids.iter().map(|id| kafka::BrokerId(id.0)).collect::<Vec<_>>();
        let is_dead =
            |id: &BrokerId| self.process.image.brokers.get(id).is_none_or(|broker| broker.fenced);
        let offline: Vec<BrokerId> = partition.replicas.iter().copied().filter(is_dead).collect();
        DescribeTopicPartitionsResponsePartition::default()
            .with_partition_index(index.0)
            .with_leader_id(kafka::BrokerId(partition.leader.map_or(-1, |id| id.0)))
            .with_leader_epoch(partition.leader_epoch.0)
            .with_replica_nodes(wire(&partition.replicas))
            .with_isr_nodes(wire(&partition.isr))
            .with_eligible_leader_replicas(Some(wire(&partition.elr)))
            .with_last_known_elr(Some(wire(&partition.last_known_elr)))
            .with_offline_replicas(wire(&offline))
    }
}
