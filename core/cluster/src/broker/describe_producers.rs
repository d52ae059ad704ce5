//! DescribeProducers: who writes to a partition, and whose transaction is open there (KIP-664).

use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_producers_response::{
    PartitionResponse, ProducerState, TopicResponse,
};

use crate::broker::Broker;
use crate::client::names;
use crate::ctx::Ctx;
use crate::ids::TopicPartition;
use crate::input::ReplyTo;

impl Broker {
    pub(super) fn on_describe_producers(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::DescribeProducersRequest,
    ) {
        let topics = request.topics.iter().map(|topic| {
            let name = names::from_kafka(&topic.name);
            let partitions = topic
                .partition_indexes
                .iter()
                .map(|index| self.producers_of(&TopicPartition::new(&name, *index)));
            TopicResponse::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions.collect())
        });
        let response = kafka::DescribeProducersResponse::default().with_topics(topics.collect());
        ctx.respond(from, response);
    }

    fn producers_of(&self, partition: &TopicPartition) -> PartitionResponse {
        let answer = PartitionResponse::default().with_partition_index(partition.partition.0);
        let replica = match self.check_leader_epoch(partition, -1) {
            Ok(replica) => replica,
            Err(error) => return answer.with_error_code(error.code()),
        };
        let producers = replica.log.producer_state().producers().map(|(id, entry)| {
            ProducerState::default()
                .with_producer_id(kafka::ProducerId(id.0))
                .with_producer_epoch(entry.producer_epoch.0.into())
                .with_last_sequence(entry.last_sequence().0)
                .with_last_timestamp(entry.last_timestamp.0)
                .with_coordinator_epoch(entry.coordinator_epoch)
                .with_current_txn_start_offset(
                    entry.current_txn_first_offset.map_or(-1, |offset| offset.0),
                )
        });
        answer.with_active_producers(producers.collect())
    }
}
