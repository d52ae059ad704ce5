//! What tools ask in order to describe topics: their partitions with the eligible leader replicas
//! (KIP-966).

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_topic_partitions_response::{
    DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::broker::Broker;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, PartitionIndex, TopicName};
use crate::input::ReplyTo;
use crate::metadata::{PartitionRegistration, is_internal};

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
