//! What can be seen of a broker.

use highwater_log::LeaderEpoch;

use crate::broker::Broker;
use crate::broker::replica::{Replica, Role};
use crate::ids::{BrokerId, TopicPartition};
use crate::metadata::MetadataImage;
use crate::view::{
    BrokerState, BrokerView, GroupView, PurgatoryView, ReplicaRole, ReplicaView, TransactionView,
};

impl Broker {
    /// The broker as it is now. What the controller knows of it is added by the world.
    pub(crate) fn view(&self, is_running: bool) -> BrokerView {
        let purgatory = &self.process.purgatory;
        BrokerView {
            id: self.id,
            rack: self.rack.clone(),
            state: if is_running { self.process.state } else { BrokerState::Stopped },
            was_killed: self.was_killed,
            is_fenced: true,
            epoch: self.process.epoch,
            metadata_offset: self.process.metadata_end_offset,
            replicas: self
                .replicas
                .iter()
                .map(|(partition, replica)| replica_view(partition, replica))
                .collect(),
            purgatory: PurgatoryView {
                produce: purgatory.produce.len() as u32,
                fetch: (purgatory.fetch.len() + self.process.tiered.reads_under_way()) as u32,
            },
            is_paused: false,
            waiting_for_resume: 0,
            disk: self.disk_view(),
            clock_skew_ms: 0,
            is_hidden: false,
            requests_under_way: 0,
            scripted: self.scripts_view(),
        }
    }

    /// The metadata that its process has applied.
    pub(crate) fn image(&self) -> &MetadataImage {
        &self.process.image
    }

    /// Its `node.id`.
    pub(crate) fn id(&self) -> BrokerId {
        self.id
    }

    /// The groups that this broker coordinates.
    pub(crate) fn group_views(&self) -> Vec<GroupView> {
        self.process.groups.views(self.id, &self.process.image)
    }

    /// The transactional ids that this broker coordinates.
    pub(crate) fn transaction_views(&self) -> Vec<TransactionView> {
        self.process.transactions.views(self.id)
    }

    /// The log of a partition on this broker's disk.
    pub(crate) fn log(&self, partition: &TopicPartition) -> Option<&highwater_log::Log> {
        self.replicas.get(partition).map(|replica| &*replica.log)
    }

    /// The log of a partition on this broker's disk, to do with as a test needs.
    #[cfg(test)]
    pub(crate) fn log_mut(&mut self, partition: &TopicPartition) -> &mut highwater_log::Log {
        &mut self.replicas.get_mut(partition).expect("it has a replica").log
    }

    /// A replica on this broker's disk. Whether it is in sync is added by the world.
    pub(crate) fn replica_view(&self, partition: &TopicPartition) -> Option<ReplicaView> {
        self.replicas.get(partition).map(|replica| replica_view(partition, replica))
    }

    /// All logs on this broker's disk, in order of their partitions.
    pub(crate) fn logs(&self) -> impl Iterator<Item = (&TopicPartition, &highwater_log::Log)> {
        self.replicas.iter().map(|(partition, replica)| (partition, &*replica.log))
    }
}

fn replica_view(partition: &TopicPartition, replica: &Replica) -> ReplicaView {
    ReplicaView {
        partition: partition.clone(),
        role: match replica.role {
            Role::Leader(_) => ReplicaRole::Leader,
            Role::Follower(_) => ReplicaRole::Follower,
            Role::None => ReplicaRole::Offline,
        },
        in_sync: false,
        leader_epoch: replica.leader_epoch.max(LeaderEpoch(0)),
        log_start_offset: replica.log.log_start_offset(),
        local_log_start_offset: replica.log.local_log_start_offset(),
        high_watermark: replica.log.high_watermark(),
        last_stable_offset: replica.log.last_stable_offset(),
        log_end_offset: replica.log.log_end_offset(),
        flushed_offset: replica.log.flushed_offset(),
        size_bytes: replica.log.size_in_bytes() as u64,
        segments: replica.log.segments().len() as u32,
        epochs: replica
            .log
            .epoch_entries()
            .map(|entry| (entry.epoch, entry.start_offset))
            .collect(),
        open_transactions: replica
            .log
            .producer_state()
            .ongoing_transactions()
            .map(|open| (open.producer_id, open.first_offset))
            .collect(),
        aborted_transactions: replica
            .log
            .aborted_transactions(replica.log.log_start_offset(), replica.log.log_end_offset())
            .iter()
            .map(|aborted| (aborted.producer_id, aborted.first_offset, aborted.last_offset))
            .collect(),
    }
}
