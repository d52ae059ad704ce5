//! The replica that a consumer fetches from in place of the leader (KIP-392): the leader names it, it
//! holds for `metadata.max.age.ms`, and the consumer goes back to the leader when it fails.

use highwater_log::LeaderEpoch;
use kafka_protocol::messages::fetch_response::PartitionData;

use crate::client::names;
use crate::consumer::Consumer;
use crate::consumer::assignment::Partition;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, TopicPartition};
use crate::time::{Span, Time};

/// A replica that the leader named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReadReplica {
    pub(super) replica: BrokerId,
    /// The leader epoch in which it was named: the next leader may name another.
    leader_epoch: LeaderEpoch,
    /// Until when it holds.
    until: Time,
}

impl Partition {
    /// The replica to fetch from.
    pub(super) fn read_replica(&self, leader: BrokerId) -> BrokerId {
        self.preferred_read_replica.map_or(leader, |chosen| chosen.replica)
    }
}

impl Consumer {
    /// Goes back to the leader where the time is over, the leader is another, or the replica is not in the
    /// metadata any more.
    pub(super) fn expire_read_replicas(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let mut left = Vec::new();
        for (partition, state) in &self.assignment.partitions {
            let Some(chosen) = state.preferred_read_replica else { continue };
            let is_there = self.updater.metadata.brokers.contains(&chosen.replica);
            if !is_there {
                self.updater.request_update();
            }
            let is_same_leader = self.leader_epoch(partition) == chosen.leader_epoch;
            if !is_there || !is_same_leader || now > chosen.until {
                left.push(partition.clone());
            }
        }
        for partition in left {
            self.leave_read_replica(ctx, &partition);
        }
    }

    /// Takes over the replica that the leader named, if it named one.
    pub(super) fn note_read_replica(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        data: &PartitionData,
    ) {
        let Some(replica) = names::broker_id(data.preferred_read_replica) else { return };
        let leader_epoch = self.leader_epoch(partition);
        let Some(state) = self.assignment.partitions.get_mut(partition) else { return };
        let present = state.preferred_read_replica;
        if present.is_none_or(|present| present.replica != replica) {
            let until = ctx.now() + Span::from_millis(self.config.metadata_max_age_ms);
            let chosen = ReadReplica { replica, leader_epoch, until };
            state.preferred_read_replica = Some(chosen);
            let (client, partition) = (super::my_id(ctx), partition.clone());
            let replica = Some(replica);
            ctx.emit(EventKind::ReadReplicaChosen { client, partition, replica });
        }
    }

    /// Goes back to the leader. False if that is where it fetches from.
    pub(super) fn leave_read_replica(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
    ) -> bool {
        let state = self.assignment.partitions.get_mut(partition);
        if state.and_then(|state| state.preferred_read_replica.take()).is_none() {
            return false;
        }
        let (client, partition) = (super::my_id(ctx), partition.clone());
        ctx.emit(EventKind::ReadReplicaChosen { client, partition, replica: None });
        true
    }

    /// A fetch from that broker failed: whatever was read from it as a follower is read from the leader.
    pub(super) fn forget_read_replica(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        let partitions = self.assignment.partitions.iter();
        let concerned = partitions.filter(|(_, state)| {
            state.preferred_read_replica.is_some_and(|chosen| chosen.replica == broker)
        });
        let concerned: Vec<TopicPartition> =
            concerned.map(|(partition, _)| partition.clone()).collect();
        for partition in concerned {
            self.leave_read_replica(ctx, &partition);
        }
    }

    fn leader_epoch(&self, partition: &TopicPartition) -> LeaderEpoch {
        let known = self.updater.metadata.partition(partition);
        known.map_or(LeaderEpoch::NONE, |known| known.leader_epoch)
    }
}
