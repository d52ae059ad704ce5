//! The end of a reassignment: once all replicas that are to stay are in sync, the others go. Kafka's
//! `PartitionReassignmentReplicas`.

use super::PartitionChangeBuilder;
use crate::ids::BrokerId;

impl PartitionChangeBuilder<'_> {
    /// Ends the reassignment, if there is one and the ISR that is wanted allows it.
    pub(super) fn complete_reassignment_if_needed(&mut self) {
        if self.target_removing.is_empty() && self.target_adding.is_empty() {
            return;
        }
        let stay = |ids: &[BrokerId]| -> Vec<BrokerId> {
            ids.iter().filter(|id| !self.target_removing.contains(id)).copied().collect()
        };
        let (isr, replicas) = (stay(&self.target_isr), stay(&self.target_replicas));
        let is_in_sync = replicas.iter().all(|id| isr.contains(id));
        if isr.is_empty() || replicas.is_empty() || !is_in_sync {
            return;
        }
        self.target_isr = isr;
        self.target_replicas = replicas;
        self.target_removing.clear();
        self.target_adding.clear();
    }
}
