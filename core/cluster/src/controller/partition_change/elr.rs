//! Eligible leader replicas (KIP-966): who left an ISR that was already below `min.insync.replicas`
//! has everything that was ever acknowledged, since nothing has been acknowledged from then on.

use std::collections::BTreeSet;

use super::{PartitionChangeBuilder, changed};
use crate::ids::BrokerId;

impl PartitionChangeBuilder<'_> {
    /// Who is eligible after the ISR that is wanted, before the election.
    pub(super) fn populate_target_elr(&mut self) {
        if !self.elr_enabled {
            return;
        }
        if self.target_isr.len() >= self.min_isr {
            self.target_elr.clear();
            return;
        }
        let candidates: BTreeSet<BrokerId> =
            self.target_elr.iter().chain(&self.partition.isr).copied().collect();
        let stays =
            |id: &BrokerId| !self.target_isr.contains(id) && self.unclean_shutdown != Some(*id);
        self.target_elr = candidates.into_iter().filter(stays).collect();
    }

    /// Sets who is eligible in the record, after the election.
    pub(super) fn update_record_elr(&mut self) {
        let is_clean = self.record.isr.is_none();
        if !is_clean || !self.elr_enabled {
            self.target_elr.clear();
        }
        self.record.elr = changed(&self.target_elr, &self.partition.elr);
    }

    /// Remembers who led last when the ISR becomes empty, and forgets it once there is a leader.
    pub(super) fn update_last_known_leader(&mut self) {
        if !self.elr_enabled {
            return;
        }
        let (partition, record) = (self.partition, &mut self.record);
        let known = &partition.last_known_elr;
        let has_leader = match record.leader {
            Some(leader) => leader.is_some(),
            None => partition.leader.is_some(),
        };
        if record.isr.as_ref().is_some_and(Vec::is_empty) {
            // Later changes of a partition without leader do not know who led.
            if let Some(leader) = partition.leader {
                record.last_known_elr = changed(&[leader], known);
            }
        } else if has_leader && !known.is_empty() {
            record.last_known_elr = Some(Vec::new());
        }
    }
}
