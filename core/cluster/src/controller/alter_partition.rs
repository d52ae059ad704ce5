//! A leader asks for another ISR (KIP-497): `ReplicationControlManager.alterPartition`.

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::alter_partition_request as asked;
use kafka_protocol::messages::alter_partition_response::{PartitionData, TopicData};

use super::Controller;
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::IsrChangeReason;
use crate::ids::{BrokerId, PartitionIndex, TopicId, TopicPartition};
use crate::input::ReplyTo;
use crate::metadata::{MetadataRecord, PartitionRegistration};

impl Controller {
    pub(super) fn handle_alter_partition(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::AlterPartitionRequest,
    ) {
        let mut response = kafka::AlterPartitionResponse::default();
        let broker = BrokerId(body.broker_id.0);
        if let Err(error) = self.check_broker_epoch(broker, body.broker_epoch) {
            response.error_code = error.code();
            return ctx.respond(from, response);
        }
        let mut records = Vec::new();
        for topic in &body.topics {
            let partitions = topic.partitions.iter().map(|partition| {
                self.altered(&mut records, broker, TopicId(topic.topic_id.as_u128()), partition)
            });
            let topic = TopicData::default()
                .with_topic_id(topic.topic_id)
                .with_partitions(partitions.collect());
            response.topics.push(topic);
        }
        for record in &records {
            let reason = self.reason(record);
            self.tell_partition_changes(ctx, std::slice::from_ref(record), reason);
        }
        self.write(ctx, &records);
        ctx.respond(from, response);
    }

    /// What is answered about one partition; its record goes to `records`, if there is one.
    fn altered(
        &self,
        records: &mut Vec<MetadataRecord>,
        broker: BrokerId,
        topic: TopicId,
        asked: &asked::PartitionData,
    ) -> PartitionData {
        let answer = PartitionData::default().with_partition_index(asked.partition_index);
        match self.alter(records, broker, topic, asked) {
            Ok(partition) => answer
                .with_leader_id(kafka::BrokerId(partition.leader.map_or(-1, |leader| leader.0)))
                .with_leader_epoch(partition.leader_epoch.0)
                .with_isr(partition.isr.iter().map(|id| kafka::BrokerId(id.0)).collect())
                .with_leader_recovery_state(i8::from(partition.recovering))
                .with_partition_epoch(partition.partition_epoch.0),
            Err(error) => answer.with_error_code(error.code()),
        }
    }

    fn alter(
        &self,
        records: &mut Vec<MetadataRecord>,
        broker: BrokerId,
        topic: TopicId,
        asked: &asked::PartitionData,
    ) -> Result<PartitionRegistration, ResponseError> {
        let (name, image) = self.image.topic_by_id(topic).ok_or(ResponseError::UnknownTopicId)?;
        let index = PartitionIndex(asked.partition_index);
        let partition =
            image.partitions.get(&index).ok_or(ResponseError::UnknownTopicOrPartition)?;
        if !self.bugs.has(Bug::StaleIsr) {
            check_epochs(partition, broker, asked)?;
        }
        let isr: Vec<BrokerId> =
            asked.new_isr_with_epochs.iter().map(|state| BrokerId(state.broker_id.0)).collect();
        check_isr(partition, broker, &isr, asked.leader_recovery_state)?;
        if asked.new_isr_with_epochs.iter().any(|state| !self.is_eligible(state)) {
            return Err(ResponseError::IneligibleReplica);
        }
        let is_active = |id| self.image.is_active(id);
        let id = TopicPartition { topic: name.clone(), partition: index };
        let builder = self.partition_change(&id, partition, &is_active);
        let recovering = asked.leader_recovery_state == 1;
        let Some(record) = builder.isr(isr).recovering(recovering).build() else {
            return Ok(partition.clone());
        };
        let after = partition.merge(&record);
        let moves_leader = record.leader.is_some_and(|leader| leader != Some(broker));
        records.push(record.into());
        // The change ended a reassignment that takes the leadership away from whoever asked: it is
        // made, and the asker is sent for new metadata.
        if moves_leader { Err(ResponseError::NewLeaderElected) } else { Ok(after) }
    }

    /// Whether a broker may be in an ISR: it takes part, and as the same process that was meant.
    fn is_eligible(&self, state: &asked::BrokerState) -> bool {
        let id = BrokerId(state.broker_id.0);
        let Some(registered) = self.image.brokers.get(&id) else { return false };
        let is_same_run = [-1, registered.epoch.0].contains(&state.broker_epoch);
        self.image.is_active(id) && is_same_run
    }

    fn reason(&self, record: &MetadataRecord) -> IsrChangeReason {
        let MetadataRecord::PartitionChange(change) = record else {
            unreachable!("an ISR is altered by a change of its partition")
        };
        let (_, topic) = self.image.topic_by_id(change.topic_id).expect("the topic exists");
        let before = &topic.partitions[&change.partition].isr;
        let drops = |isr: &Vec<BrokerId>| before.iter().any(|id| !isr.contains(id));
        match change.isr.as_ref().is_some_and(drops) {
            true => IsrChangeReason::FollowerLagged,
            false => IsrChangeReason::FollowerCaughtUp,
        }
    }
}

/// The leader's metadata must be neither newer than the controller's, which then is the active one
/// no longer, nor older.
fn check_epochs(
    partition: &PartitionRegistration,
    broker: BrokerId,
    asked: &asked::PartitionData,
) -> Result<(), ResponseError> {
    let (leader_epoch, partition_epoch) = (partition.leader_epoch.0, partition.partition_epoch.0);
    if asked.leader_epoch > leader_epoch || asked.partition_epoch > partition_epoch {
        return Err(ResponseError::NotController);
    }
    if asked.leader_epoch < leader_epoch {
        return Err(ResponseError::FencedLeaderEpoch);
    }
    if partition.leader != Some(broker) {
        return Err(ResponseError::InvalidRequest);
    }
    if asked.partition_epoch < partition_epoch {
        return Err(ResponseError::InvalidUpdateVersion);
    }
    Ok(())
}

/// An ISR names replicas of the partition, each once, the leader among them; while the leader
/// recovers from an unclean election, it alone.
fn check_isr(
    partition: &PartitionRegistration,
    leader: BrokerId,
    isr: &[BrokerId],
    recovery_state: i8,
) -> Result<(), ResponseError> {
    let is_once = |id: &BrokerId| isr.iter().filter(|other| *other == id).count() == 1;
    let is_valid = isr.iter().all(|id| partition.replicas.contains(id) && is_once(id));
    let is_recovering = recovery_state == 1;
    let is_alone = isr.len() <= 1;
    if !is_valid
        || !isr.contains(&leader)
        || !matches!(recovery_state, 0 | 1)
        || (is_recovering && !(is_alone && partition.recovering))
    {
        return Err(ResponseError::InvalidRequest);
    }
    Ok(())
}
