//! An election that a person asks for by naming the leader. Kafka's own command elects the preferred
//! replica, or any that is alive; this one writes the same records for another choice.

use super::Controller;
use crate::ctx::Ctx;
use crate::event::IsrChangeReason;
use crate::group::partition_for;
use crate::ids::{BrokerId, GroupId, List, TopicName, TopicPartition};
use crate::metadata::record::PartitionChangeRecord;
use crate::metadata::{MetadataRecord, PartitionRegistration};

/// The topic that holds the groups and their offsets.
const OFFSETS_TOPIC: &str = "__consumer_offsets";

impl Controller {
    /// Makes a replica the leader of a partition. A replica outside the ISR only if `unclean`: it
    /// becomes the whole ISR, as after an unclean election, and what only others have is lost.
    pub(crate) fn force_election(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        leader: BrokerId,
        unclean: bool,
    ) -> Result<(), String> {
        let registered = self.known_partition(partition)?;
        self.check_candidate(partition, registered, leader, unclean)?;
        let topic_id = self.image.topics[&partition.topic].id;
        let mut change = PartitionChangeRecord {
            partition: partition.partition,
            topic_id,
            leader: Some(Some(leader)),
            ..Default::default()
        };
        if !registered.isr.contains(&leader) {
            change.isr = Some(vec![leader]);
            change.recovering = Some(true);
            // Nobody else is known to have what this one has (KIP-966).
            change.elr = (!registered.elr.is_empty()).then(Vec::new);
            change.last_known_elr = (!registered.last_known_elr.is_empty()).then(Vec::new);
        }
        let records = [MetadataRecord::from(change)];
        self.tell_partition_changes(ctx, &records, IsrChangeReason::Election);
        self.write(ctx, &records);
        self.follow_quorum(ctx);
        Ok(())
    }

    /// The partition of `__consumer_offsets` that holds a group.
    pub(crate) fn offsets_partition(&self, group: &GroupId) -> Result<TopicPartition, String> {
        let name = TopicName::from(OFFSETS_TOPIC);
        let count = self.image.topics.get(&name).map_or(0, |topic| topic.partitions.len());
        if count == 0 {
            return Err(format!(
                "there is no {OFFSETS_TOPIC} yet, so group {group} has no coordinator; start a consumer first"
            ));
        }
        Ok(TopicPartition::new(&name, partition_for(group.as_str(), count as i32)))
    }

    fn known_partition(
        &self,
        partition: &TopicPartition,
    ) -> Result<&PartitionRegistration, String> {
        let Some(topic) = self.image.topics.get(&partition.topic) else {
            return Err(format!("there is no topic {}", partition.topic));
        };
        topic.partitions.get(&partition.partition).ok_or_else(|| {
            format!(
                "there is no {partition}; the partitions of {} are 0 to {}",
                partition.topic,
                topic.partitions.len().saturating_sub(1)
            )
        })
    }

    fn check_candidate(
        &self,
        partition: &TopicPartition,
        registered: &PartitionRegistration,
        leader: BrokerId,
        unclean: bool,
    ) -> Result<(), String> {
        let PartitionRegistration { replicas, isr, .. } = registered;
        if !replicas.contains(&leader) {
            return Err(format!(
                "broker {leader} has no replica of {partition}; choose one of {}",
                List(replicas)
            ));
        }
        if registered.leader == Some(leader) {
            return Err(format!("broker {leader} leads {partition} already"));
        }
        if !self.image.is_active(leader) {
            return Err(format!(
                "broker {leader} is not alive, as far as the controller knows, and cannot lead {partition}"
            ));
        }
        if !isr.contains(&leader) && !unclean {
            return Err(format!(
                "broker {leader} is not in the ISR {} of {partition}: records that it does not have would be lost. \
                 To elect it all the same: partition elect {partition} --leader {leader} --unclean",
                List(isr)
            ));
        }
        Ok(())
    }
}
