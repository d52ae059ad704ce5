//! Partitions get other replicas (KIP-455): the new ones are added first, and once all that are to
//! stay are in sync the others go. `ReplicationControlManager.alterPartitionReassignments`.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::alter_partition_reassignments_request::ReassignablePartition;
use kafka_protocol::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use kafka_protocol::messages::list_partition_reassignments_response::{
    OngoingPartitionReassignment, OngoingTopicReassignment,
};
use kafka_protocol::protocol::StrBytes;

use super::Controller;
use super::elect_leaders::named;
use super::new_topic::{ApiError, invalid_assignment};
use super::partition_change::{Assignment, Election};
use crate::client::names;
use crate::ctx::Ctx;
use crate::event::{EventKind, IsrChangeReason};
use crate::ids::{BrokerId, PartitionIndex, TopicName, TopicPartition};
use crate::input::ReplyTo;
use crate::metadata::record::PartitionChangeRecord;
use crate::metadata::{MetadataRecord, PartitionRegistration, TopicImage};

impl Controller {
    pub(super) fn handle_alter_partition_reassignments(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::AlterPartitionReassignmentsRequest,
    ) {
        let mut records: Vec<MetadataRecord> = Vec::new();
        let mut response = kafka::AlterPartitionReassignmentsResponse::default()
            .with_allow_replication_factor_change(body.allow_replication_factor_change)
            .with_error_message(None);
        for topic in &body.topics {
            let name = names::from_kafka(&topic.name);
            let mut partitions = Vec::new();
            for asked in &topic.partitions {
                let may_change_factor = body.allow_replication_factor_change;
                let result = self.reassigned(&name, asked, may_change_factor);
                partitions.push(partition_response(asked.partition_index, result.as_ref().err()));
                records.extend(result.ok().flatten().map(MetadataRecord::from));
            }
            let answer = ReassignableTopicResponse::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions);
            response.responses.push(answer);
        }
        self.tell_partition_changes(ctx, &records, IsrChangeReason::Reassigned);
        self.write(ctx, &records);
        ctx.respond(from, response);
    }

    pub(super) fn handle_list_partition_reassignments(
        &self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::ListPartitionReassignmentsRequest,
    ) {
        let topics = match &body.topics {
            None => {
                self.image.topics.iter().map(|(name, topic)| ongoing(name, topic, None)).collect()
            }
            Some(asked) => asked
                .iter()
                .filter_map(|asked| {
                    let name = names::from_kafka(&asked.name);
                    let topic = self.image.topics.get(&name)?;
                    Some(ongoing(&name, topic, Some(&asked.partition_indexes)))
                })
                .collect::<Vec<_>>(),
        };
        let topics = topics.into_iter().filter(|topic| !topic.partitions.is_empty()).collect();
        let response = kafka::ListPartitionReassignmentsResponse::default()
            .with_error_message(None)
            .with_topics(topics);
        ctx.respond(from, response);
    }

    /// The record that begins, changes or calls off a reassignment; none if nothing changes.
    fn reassigned(
        &self,
        topic: &TopicName,
        asked: &ReassignablePartition,
        may_change_factor: bool,
    ) -> Result<Option<PartitionChangeRecord>, ApiError> {
        let unknown =
            |message: String| ApiError::new(ResponseError::UnknownTopicOrPartition, message);
        let image = self.image.topics.get(topic);
        let image =
            image.ok_or_else(|| unknown(format!("Unable to find a topic named {topic}.")))?;
        let index = PartitionIndex(asked.partition_index);
        let registered = image.partitions.get(&index).ok_or_else(|| {
            unknown(format!("Unable to find partition {topic}:{}.", asked.partition_index))
        })?;
        let partition = TopicPartition { topic: topic.clone(), partition: index };
        match &asked.replicas {
            None => self.cancelled(&partition, registered),
            Some(replicas) => {
                let target = replicas.iter().map(|id| BrokerId(id.0)).collect();
                self.changed(&partition, registered, target, may_change_factor)
            }
        }
    }

    /// `changePartitionReassignment`.
    fn changed(
        &self,
        partition: &TopicPartition,
        registered: &PartitionRegistration,
        target: Vec<BrokerId>,
        may_change_factor: bool,
    ) -> Result<Option<PartitionChangeRecord>, ApiError> {
        let target = self.check_replicas(target, None)?;
        if !may_change_factor {
            check_factor(registered, target.len())?;
        }
        let is_active = |id| self.image.is_active(id);
        let builder = self.partition_change(partition, registered, &is_active);
        let wanted = towards(registered, target);
        Ok(builder.election(Election::Online).assignment(wanted).build())
    }

    /// `cancelPartitionReassignment`.
    fn cancelled(
        &self,
        partition: &TopicPartition,
        registered: &PartitionRegistration,
    ) -> Result<Option<PartitionChangeRecord>, ApiError> {
        if !is_reassigning(registered) {
            return Err(named(ResponseError::NoReassignmentInProgress));
        }
        let is_old = |id: &BrokerId| !registered.adding.contains(id);
        let replicas: Vec<BrokerId> = registered.replicas.iter().copied().filter(is_old).collect();
        let mut isr: Vec<BrokerId> = registered.isr.iter().copied().filter(is_old).collect();
        if isr.is_empty() {
            // Only replicas that were added are in sync: going back loses what the others lack.
            if !self.allows_unclean_election(&partition.topic) {
                return Err(invalid_assignment(format!(
                    "Unable to revert partition assignment for {}:{} because it would require an \
                     unclean leader election.",
                    partition.topic, partition.partition
                )));
            }
            let first = replicas.first().copied();
            isr.push(first.ok_or_else(|| {
                invalid_assignment(
                    "Invalid replica assignment: addingReplicas contains all replicas.".to_owned(),
                )
            })?);
        }
        let is_active = |id| self.image.is_active(id);
        let builder = self.partition_change(partition, registered, &is_active);
        let wanted = Assignment { replicas, adding: Vec::new(), removing: Vec::new() };
        Ok(builder.isr(isr).assignment(wanted).build())
    }
}

/// What a change does to the reassignment of a partition: begins it or gives it another target,
/// completes it, or calls it off. None if it does nothing of the kind.
pub(super) fn reassignment_event(
    partition: &TopicPartition,
    before: &PartitionRegistration,
    after: &PartitionRegistration,
) -> Option<EventKind> {
    if before.replicas == after.replicas && ongoing_lists(before) == ongoing_lists(after) {
        return None;
    }
    let partition = partition.clone();
    let replicas = after.replicas.clone();
    if is_reassigning(after) {
        let target = replicas.into_iter().filter(|id| !after.removing.contains(id)).collect();
        let (adding, removing) = (after.adding.clone(), after.removing.clone());
        return Some(EventKind::ReassignmentStarted { partition, target, adding, removing });
    }
    let has = |id: &BrokerId| replicas.contains(id);
    let is_undone = !before.adding.iter().any(has) && before.removing.iter().all(has);
    if is_reassigning(before) && is_undone {
        return Some(EventKind::ReassignmentCancelled { partition, replicas });
    }
    let previous = before.replicas.clone();
    Some(EventKind::ReassignmentCompleted { partition, replicas, previous })
}

/// Whether an event tells that a partition has the replicas that it is to have.
pub(super) fn is_end_of_reassignment(event: &EventKind) -> bool {
    matches!(
        event,
        EventKind::ReassignmentCompleted { .. } | EventKind::ReassignmentCancelled { .. }
    )
}

fn is_reassigning(partition: &PartitionRegistration) -> bool {
    !partition.adding.is_empty() || !partition.removing.is_empty()
}

fn ongoing_lists(partition: &PartitionRegistration) -> (&[BrokerId], &[BrokerId]) {
    (&partition.adding, &partition.removing)
}

/// The way to other replicas: all of them, and behind them those that will go. Where nothing is to be
/// added or removed, what an earlier reassignment still adds or removes stays as it is, as in Kafka.
/// `PartitionReassignmentReplicas`.
fn towards(registered: &PartitionRegistration, target: Vec<BrokerId>) -> Assignment {
    let sorted = |ids: &[BrokerId], without: &[BrokerId]| {
        let mut rest: Vec<BrokerId> =
            ids.iter().copied().filter(|id| !without.contains(id)).collect();
        rest.sort_unstable();
        rest
    };
    let or =
        |new: Vec<BrokerId>, old: &Vec<BrokerId>| if new.is_empty() { old.clone() } else { new };
    let removing = sorted(&registered.replicas, &target);
    let adding = sorted(&target, &registered.replicas);
    let mut replicas = target;
    replicas.extend(&removing);
    Assignment {
        replicas,
        adding: or(adding, &registered.adding),
        removing: or(removing, &registered.removing),
    }
}

/// With KIP-860 whoever asks may forbid a change of the replication factor.
fn check_factor(registered: &PartitionRegistration, wanted: usize) -> Result<(), ApiError> {
    let stays = |id: &&BrokerId| !registered.removing.contains(id);
    let present = registered.replicas.iter().filter(stays).count();
    if present == wanted {
        return Ok(());
    }
    let message = format!("The replication factor is changed from {present} to {wanted}");
    Err(ApiError::new(ResponseError::InvalidReplicationFactor, message))
}

fn ongoing(name: &TopicName, topic: &TopicImage, only: Option<&[i32]>) -> OngoingTopicReassignment {
    let wire = |ids: &[BrokerId]| ids.iter().map(|id| kafka::BrokerId(id.0)).collect::<Vec<_>>();
    let partitions = topic
        .partitions
        .iter()
        .filter(|(index, _)| only.is_none_or(|only| only.contains(&index.0)))
        .filter(|(_, partition)| is_reassigning(partition))
        .map(|(index, partition)| {
            OngoingPartitionReassignment::default()
                .with_partition_index(index.0)
                .with_replicas(wire(&partition.replicas))
                .with_adding_replicas(wire(&partition.adding))
                .with_removing_replicas(wire(&partition.removing))
        });
    OngoingTopicReassignment::default()
        .with_name(names::to_kafka(name))
        .with_partitions(partitions.collect())
}

fn partition_response(index: i32, error: Option<&ApiError>) -> ReassignablePartitionResponse {
    let answer = ReassignablePartitionResponse::default().with_partition_index(index);
    match error {
        None => answer.with_error_message(None),
        Some(ApiError { error, message }) => answer
            .with_error_code(error.code())
            .with_error_message(Some(StrBytes::from_string(message.clone()))),
    }
}
