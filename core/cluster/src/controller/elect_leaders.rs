//! Elections that are asked for: preferred leaders come back (KIP-183), and a partition that has no
//! leader may get an unclean one (KIP-460). `ReplicationControlManager.electLeaders`.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use kafka_protocol::protocol::StrBytes;

use super::Controller;
use super::new_topic::ApiError;
use super::partition_change::Election;
use crate::client::names;
use crate::configs::boolean;
use crate::ctx::Ctx;
use crate::event::IsrChangeReason;
use crate::ids::{PartitionIndex, TopicName, TopicPartition};
use crate::input::ReplyTo;
use crate::metadata::{MetadataRecord, PartitionRegistration};

impl Controller {
    pub(super) fn handle_elect_leaders(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::ElectLeadersRequest,
    ) {
        let mut response = kafka::ElectLeadersResponse::default();
        let election = match body.election_type {
            0 => Election::Preferred,
            1 => Election::Unclean,
            _ => {
                response.error_code = ResponseError::InvalidRequest.code();
                return ctx.respond(from, response);
            }
        };
        let mut records = Vec::new();
        response.replica_election_results = match &body.topic_partitions {
            None => self.elect_everywhere(election, &mut records),
            Some(topics) => topics
                .iter()
                .map(|asked| {
                    let topic = names::from_kafka(&asked.topic);
                    let results = asked.partitions.iter().map(|index| {
                        let partition = TopicPartition::new(&topic, *index);
                        partition_result(*index, self.elect(&partition, election, &mut records))
                    });
                    topic_result(&topic, results.collect())
                })
                .collect(),
        };
        self.tell_partition_changes(ctx, &records, IsrChangeReason::Election);
        self.write(ctx, &records);
        ctx.respond(from, response);
    }

    /// Elects a leader; the record of it goes to `records`.
    pub(super) fn elect(
        &self,
        partition: &TopicPartition,
        election: Election,
        records: &mut Vec<MetadataRecord>,
    ) -> Result<(), ApiError> {
        let registered = self.registered(partition)?;
        let preferred = registered.replicas.first().copied();
        let is_needed = match election {
            Election::Preferred => registered.leader != preferred,
            Election::Online | Election::Unclean => registered.leader.is_none(),
        };
        if !is_needed {
            return Err(named(ResponseError::ElectionNotNeeded));
        }
        let is_active = |id| self.image.is_active(id);
        let builder = self.partition_change(partition, registered, &is_active).election(election);
        let Some(record) = builder.build() else {
            return Err(named(match election {
                Election::Preferred => ResponseError::PreferredLeaderNotAvailable,
                Election::Online | Election::Unclean => ResponseError::EligibleLeadersNotAvailable,
            }));
        };
        records.push(record.into());
        Ok(())
    }

    /// Whether a replica of a topic that is not in sync may lead when no other is left:
    /// `unclean.leader.election.enable` of the topic, else of the brokers.
    pub(super) fn allows_unclean_election(&self, topic: &TopicName) -> bool {
        boolean(&self.topic_setting(topic, "unclean.leader.election.enable")) == Some(true)
    }

    /// Elects in every partition. Those that have the leader they should have are not spoken of.
    fn elect_everywhere(
        &self,
        election: Election,
        records: &mut Vec<MetadataRecord>,
    ) -> Vec<ReplicaElectionResult> {
        let mut results = Vec::new();
        for (name, topic) in &self.image.topics {
            let mut partitions = Vec::new();
            for index in topic.partitions.keys() {
                let partition = TopicPartition { topic: name.clone(), partition: *index };
                let result = self.elect(&partition, election, records);
                let needed = |error: &ApiError| error.error != ResponseError::ElectionNotNeeded;
                if result.as_ref().err().is_none_or(needed) {
                    partitions.push(partition_result(index.0, result));
                }
            }
            results.push(topic_result(name, partitions));
        }
        results
    }

    fn registered(&self, partition: &TopicPartition) -> Result<&PartitionRegistration, ApiError> {
        let TopicPartition { topic, partition: PartitionIndex(index) } = partition;
        let unknown =
            |message: String| ApiError::new(ResponseError::UnknownTopicOrPartition, message);
        let image = self.image.topics.get(topic);
        let image = image.ok_or_else(|| unknown(format!("No such topic as {topic}")))?;
        let registered = image.partitions.get(&partition.partition);
        registered.ok_or_else(|| unknown(format!("No such partition as {topic}-{index}")))
    }
}

/// An error that needs no more words than Kafka has for it anyway: `Errors.message`.
pub(super) fn named(error: ResponseError) -> ApiError {
    let message = match error {
        ResponseError::PreferredLeaderNotAvailable => "The preferred leader was not available.",
        ResponseError::EligibleLeadersNotAvailable => {
            "Eligible topic partition leaders are not available."
        }
        ResponseError::ElectionNotNeeded => "Leader election not needed for topic partition.",
        ResponseError::NoReassignmentInProgress => "No partition reassignment is in progress.",
        other => unreachable!("{other} comes with words of its own"),
    };
    ApiError::new(error, message)
}

fn topic_result(topic: &TopicName, partitions: Vec<PartitionResult>) -> ReplicaElectionResult {
    ReplicaElectionResult::default()
        .with_topic(names::to_kafka(topic))
        .with_partition_result(partitions)
}

fn partition_result(index: i32, result: Result<(), ApiError>) -> PartitionResult {
    let answer = PartitionResult::default().with_partition_id(index).with_error_message(None);
    match result {
        Ok(()) => answer,
        Err(ApiError { error, message }) => answer
            .with_error_code(error.code())
            .with_error_message(Some(StrBytes::from_string(message))),
    }
}
