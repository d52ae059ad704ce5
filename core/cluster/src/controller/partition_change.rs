//! How a partition's registration changes: Kafka's `PartitionChangeBuilder`. It is told what is
//! wanted, elects a leader that fits, keeps the eligible leader replicas (KIP-966), and gives the
//! record to write, if anything changes at all.

use crate::ids::{BrokerId, PartitionIndex, TopicId};
use crate::metadata::PartitionRegistration;
use crate::metadata::record::PartitionChangeRecord;

mod election;
mod elr;
mod reassignment;

/// How a leader may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Election {
    /// The first replica if it is in sync, else whoever keeps the partition online.
    Preferred,
    /// Whoever is in sync, the present leader before others.
    Online,
    /// As [`Election::Online`], and if nobody is in sync, any replica that is alive.
    Unclean,
}

/// The replicas of a partition, with those that a reassignment adds and removes among them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assignment {
    pub(super) replicas: Vec<BrokerId>,
    pub(super) adding: Vec<BrokerId>,
    pub(super) removing: Vec<BrokerId>,
}

/// What a partition is to become.
pub struct PartitionChangeBuilder<'a> {
    partition: &'a PartitionRegistration,
    is_acceptable_leader: &'a dyn Fn(BrokerId) -> bool,
    min_isr: usize,
    elr_enabled: bool,
    election: Election,
    target_isr: Vec<BrokerId>,
    target_replicas: Vec<BrokerId>,
    target_removing: Vec<BrokerId>,
    target_adding: Vec<BrokerId>,
    target_elr: Vec<BrokerId>,
    target_recovering: bool,
    unclean_shutdown: Option<BrokerId>,
    record: PartitionChangeRecord,
}

impl<'a> PartitionChangeBuilder<'a> {
    /// A change of a partition, which so far leaves it as it is. `min_isr` is its effective
    /// `min.insync.replicas`: never more than it has replicas.
    pub fn new(
        (topic_id, index): (TopicId, PartitionIndex),
        partition: &'a PartitionRegistration,
        min_isr: usize,
        elr_enabled: bool,
        is_acceptable_leader: &'a dyn Fn(BrokerId) -> bool,
    ) -> Self {
        Self {
            partition,
            is_acceptable_leader,
            min_isr,
            elr_enabled,
            election: Election::Online,
            target_isr: partition.isr.clone(),
            target_replicas: partition.replicas.clone(),
            target_removing: partition.removing.clone(),
            target_adding: partition.adding.clone(),
            target_elr: partition.elr.clone(),
            target_recovering: partition.recovering,
            unclean_shutdown: None,
            record: PartitionChangeRecord { partition: index, topic_id, ..Default::default() },
        }
    }

    /// How a leader may be chosen.
    pub fn election(mut self, election: Election) -> Self {
        self.election = election;
        self
    }

    /// The in-sync replicas that are wanted.
    pub fn isr(mut self, isr: Vec<BrokerId>) -> Self {
        self.target_isr = isr;
        self
    }

    /// The replicas that are wanted, and what a reassignment adds and removes among them.
    pub(super) fn assignment(mut self, wanted: Assignment) -> Self {
        self.target_replicas = wanted.replicas;
        self.target_adding = wanted.adding;
        self.target_removing = wanted.removing;
        self
    }

    /// Whether the leader is still to recover from an unclean election.
    pub fn recovering(mut self, recovering: bool) -> Self {
        self.target_recovering = recovering;
        self
    }

    /// A broker that may have lost what it had not flushed: it is not eligible any more.
    pub fn unclean_shutdown(mut self, broker: Option<BrokerId>) -> Self {
        self.unclean_shutdown = broker;
        self
    }

    /// The record that makes the change; none if nothing changes.
    pub fn build(mut self) -> Option<PartitionChangeRecord> {
        self.complete_reassignment_if_needed();
        self.populate_target_elr();
        self.try_election();
        self.bump_leader_epoch_if_replicas_go();
        self.update_record_elr();
        self.set_isr();
        self.update_last_known_leader();
        self.set_assignment_changes();
        if self.target_recovering != self.partition.recovering {
            self.record.recovering = Some(self.target_recovering);
        }
        (!self.record.is_no_op()).then_some(self.record)
    }

    /// A leader must not count replicas that are no longer there: naming it anew begins an epoch.
    fn bump_leader_epoch_if_replicas_go(&mut self) {
        let keeps_all = self.partition.replicas.iter().all(|id| self.target_replicas.contains(id));
        if self.record.leader.is_none() && !keeps_all {
            self.record.leader = Some(self.partition.leader);
        }
    }

    /// Without ELR the last member never leaves the ISR: it alone is known to have everything.
    /// A shrinking ISR is no new leader epoch any more (since 3.6, KAFKA-15021).
    fn set_isr(&mut self) {
        let may_be_set = !self.target_isr.is_empty() || self.elr_enabled;
        if self.record.isr.is_none() && may_be_set && self.target_isr != self.partition.isr {
            self.record.isr = Some(self.target_isr.clone());
        }
    }

    fn set_assignment_changes(&mut self) {
        let (partition, record) = (self.partition, &mut self.record);
        if !self.target_replicas.is_empty() {
            record.replicas = changed(&self.target_replicas, &partition.replicas);
        }
        record.removing = changed(&self.target_removing, &partition.removing);
        record.adding = changed(&self.target_adding, &partition.adding);
    }
}

fn changed(target: &[BrokerId], present: &[BrokerId]) -> Option<Vec<BrokerId>> {
    (target != present).then(|| target.to_vec())
}
