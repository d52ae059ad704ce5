//! What becomes of partitions when a broker goes or comes: `generateLeaderAndIsrUpdates`.

use super::Controller;
use super::partition_change::{Election, PartitionChangeBuilder};
use super::reassignments::{is_end_of_reassignment, reassignment_event};
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::{EventKind, IsrChangeReason};
use crate::ids::{BrokerId, TopicName, TopicPartition};
use crate::metadata::record::PartitionChangeRecord;
use crate::metadata::{MetadataRecord, PartitionRegistration};

/// What happened to a broker, as far as it concerns partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BrokerChange {
    /// It leaves every ISR, and leads nothing.
    Removed(BrokerId),
    /// It may lead again, even though the image does not say so yet.
    Added(BrokerId),
    /// It comes back and may have lost what it had not flushed: it leaves every ISR and ELR.
    ShutDownUncleanly(BrokerId),
}

impl Controller {
    /// The records by which partitions follow a broker's change.
    pub(super) fn partition_changes(&self, change: BrokerChange) -> Vec<MetadataRecord> {
        let (removed, unclean) = match change {
            BrokerChange::Removed(broker) => (Some(broker), None),
            BrokerChange::Added(_) => (None, None),
            BrokerChange::ShutDownUncleanly(broker) => (Some(broker), Some(broker)),
        };
        let is_acceptable_leader = |id: BrokerId| {
            Some(id) != removed && (change == BrokerChange::Added(id) || self.image.is_active(id))
        };
        let mut records = Vec::new();
        for (partition, registered) in self.image.partitions() {
            if !is_concerned(registered, change) {
                continue;
            }
            let isr = registered.isr.iter().filter(|id| Some(**id) != removed).copied().collect();
            let builder = self.partition_change(&partition, registered, &is_acceptable_leader);
            let record = builder.isr(isr).unclean_shutdown(unclean).build();
            records.extend(record.map(MetadataRecord::from));
        }
        records
    }

    /// A change of a partition, with the elections that its topic allows.
    pub(super) fn partition_change<'a>(
        &self,
        partition: &TopicPartition,
        registered: &'a PartitionRegistration,
        is_acceptable_leader: &'a dyn Fn(BrokerId) -> bool,
    ) -> PartitionChangeBuilder<'a> {
        let topic = self.image.topics.get(&partition.topic).expect("the partition's topic exists");
        let min_isr = self.effective_min_isr(&partition.topic);
        let id = (topic.id, partition.partition);
        let builder = PartitionChangeBuilder::new(
            id,
            registered,
            min_isr,
            Self::ELR_ENABLED,
            is_acceptable_leader,
        );
        let is_allowed =
            self.allows_unclean_election(&partition.topic) || self.bugs.has(Bug::ElectsOutsider);
        builder.election(if is_allowed { Election::Unclean } else { Election::Online })
    }

    /// Tells how partitions change. To be called before the records are applied.
    pub(super) fn tell_partition_changes(
        &self,
        ctx: &mut Ctx<'_>,
        records: &[MetadataRecord],
        reason: IsrChangeReason,
    ) {
        for record in records {
            if let MetadataRecord::PartitionChange(change) = record {
                self.tell_partition_change(ctx, change, reason);
            }
        }
    }

    fn tell_partition_change(
        &self,
        ctx: &mut Ctx<'_>,
        change: &PartitionChangeRecord,
        reason: IsrChangeReason,
    ) {
        let (topic, image) = self.image.topic_by_id(change.topic_id).expect("the topic exists");
        let partition = TopicPartition { topic: topic.clone(), partition: change.partition };
        let (before, after) = {
            let before = &image.partitions[&change.partition];
            (before, before.merge(change))
        };
        let reassignment = reassignment_event(&partition, before, &after);
        let ends_reassignment = reassignment.as_ref().is_some_and(is_end_of_reassignment);
        // Whom a reassignment leaves as leader joined the ISR with the same change.
        let joined_first = ends_reassignment && change.recovering != Some(true);
        let is_outsider = |leader: BrokerId| !before.isr.contains(&leader) && !joined_first;
        let elects_outsider = change.leader.flatten().is_some_and(is_outsider);
        let reason = match (elects_outsider, ends_reassignment) {
            (true, _) => IsrChangeReason::Election,
            (false, true) => IsrChangeReason::Reassigned,
            (false, false) => reason,
        };
        if let Some(event) = reassignment {
            ctx.emit(event);
        }
        let isr_changed = EventKind::IsrChanged {
            partition: partition.clone(),
            isr: after.isr.clone(),
            previous: before.isr.clone(),
            partition_epoch: after.partition_epoch,
            reason,
        };
        let elected = EventKind::LeaderElected {
            partition,
            leader: after.leader,
            previous: before.leader,
            leader_epoch: after.leader_epoch,
            clean: joined_first || election_was_clean(before, after.leader),
        };
        let isr_changed = (after.isr != before.isr).then_some(isr_changed);
        let elected = change.leader.is_some().then_some(elected);
        // An ISR that shrinks may cost the leader its place; an outsider that is elected makes the
        // ISR its own. What comes first is the cause.
        let order = if elects_outsider { [elected, isr_changed] } else { [isr_changed, elected] };
        for event in order.into_iter().flatten() {
            ctx.emit(event);
        }
    }

    /// `min.insync.replicas` of a topic, but never more than it has replicas.
    fn effective_min_isr(&self, topic: &TopicName) -> usize {
        let wanted: i64 = self.topic_setting(topic, "min.insync.replicas").parse().unwrap_or(1);
        let first = self.image.topics[topic].partitions.values().next();
        let replicas = first.map_or(1, |partition| partition.replicas.len());
        usize::try_from(wanted).unwrap_or(1).min(replicas)
    }
}

fn is_concerned(partition: &PartitionRegistration, change: BrokerChange) -> bool {
    match change {
        BrokerChange::Removed(broker) => partition.isr.contains(&broker),
        BrokerChange::Added(_) => partition.leader.is_none(),
        BrokerChange::ShutDownUncleanly(broker) => {
            partition.isr.contains(&broker) || partition.elr.contains(&broker)
        }
    }
}

/// Whether a leader is known to have everything that was acknowledged. `electionWasClean`.
fn election_was_clean(before: &PartitionRegistration, leader: Option<BrokerId>) -> bool {
    leader.is_none_or(|leader| before.isr.contains(&leader) || before.elr.contains(&leader))
}
