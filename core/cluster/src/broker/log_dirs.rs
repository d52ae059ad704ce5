//! The log directory of a broker: it has one, and all its replicas lie there. What tools ask about it
//! (KIP-113).

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::alter_replica_log_dirs_response::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult,
};
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::protocol::StrBytes;

use crate::broker::Broker;
use crate::client::names;
use crate::ctx::Ctx;
use crate::ids::{PartitionIndex, TopicName, TopicPartition};
use crate::input::ReplyTo;

/// `UNKNOWN_VOLUME_BYTES`: how large the disk is, is not known.
const UNKNOWN_BYTES: i64 = -1;

impl Broker {
    pub(super) fn on_describe_log_dirs(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::DescribeLogDirsRequest,
    ) {
        let is_asked = |partition: &TopicPartition| match &request.topics {
            None => true,
            Some(topics) => topics.iter().any(|asked| {
                names::from_kafka(&asked.topic) == partition.topic
                    && asked.partitions.contains(&partition.partition.0)
            }),
        };
        let mut topics: Vec<DescribeLogDirsTopic> = Vec::new();
        for (partition, replica) in self.replicas.iter().filter(|(id, _)| is_asked(id)) {
            let lag = replica.log.high_watermark().0 - replica.log.log_end_offset().0;
            let described = DescribeLogDirsPartition::default()
                .with_partition_index(partition.partition.0)
                .with_partition_size(replica.log.size_in_bytes() as i64)
                .with_offset_lag(lag.max(0));
            // Replicas stand in the order of their topics.
            match topics.last_mut() {
                Some(topic) if names::from_kafka(&topic.name) == partition.topic => {
                    topic.partitions.push(described);
                }
                _ => topics.push(
                    DescribeLogDirsTopic::default()
                        .with_name(names::to_kafka(&partition.topic))
                        .with_partitions(vec![described]),
                ),
            }
        }
        let result = DescribeLogDirsResult::default()
            .with_log_dir(StrBytes::from_string(self.log_dir()))
            .with_topics(topics)
            .with_total_bytes(UNKNOWN_BYTES)
            .with_usable_bytes(UNKNOWN_BYTES);
        ctx.respond(from, kafka::DescribeLogDirsResponse::default().with_results(vec![result]));
    }

    /// Replicas are to lie in certain directories: they lie in the only one there is.
    pub(super) fn on_alter_replica_log_dirs(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::AlterReplicaLogDirsRequest,
    ) {
        let mut results = Vec::new();
        for dir in &request.dirs {
            let is_known = *dir.path == *self.log_dir();
            for topic in &dir.topics {
                let name = names::from_kafka(&topic.name);
                let partitions = topic.partitions.iter().map(|index| {
                    let result = self.check_log_dir(&name, *index, is_known);
                    AlterReplicaLogDirPartitionResult::default()
                        .with_partition_index(*index)
                        .with_error_code(result.err().map_or(0, |error| error.code()))
                });
                let result = AlterReplicaLogDirTopicResult::default()
                    .with_topic_name(topic.name.clone())
                    .with_partitions(partitions.collect());
                results.push(result);
            }
        }
        ctx.respond(from, kafka::AlterReplicaLogDirsResponse::default().with_results(results));
    }

    fn check_log_dir(
        &self,
        topic: &TopicName,
        index: i32,
        is_known: bool,
    ) -> Result<(), ResponseError> {
        if !is_known {
            return Err(ResponseError::LogDirNotFound);
        }
        let partition = TopicPartition { topic: topic.clone(), partition: PartitionIndex(index) };
        match self.replicas.contains_key(&partition) {
            true => Ok(()),
            // It may be on its way here.
            false => Err(ResponseError::ReplicaNotAvailable),
        }
    }

    /// `log.dirs`
    fn log_dir(&self) -> String {
        format!("/var/lib/kafka/data{}", self.id)
    }
}
