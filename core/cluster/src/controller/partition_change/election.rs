//! Who leads.

use super::{Election, PartitionChangeBuilder};
use crate::ids::BrokerId;

/// The outcome of an election.
struct ElectionResult {
    leader: Option<BrokerId>,
    unclean: bool,
}

impl PartitionChangeBuilder<'_> {
    /// Elects, and sets the leader in the record if it is another.
    pub(super) fn try_election(&mut self) {
        let elected = self.elect();
        if elected.leader == self.partition.leader {
            return;
        }
        self.record.leader = Some(elected.leader);
        let Some(leader) = elected.leader else { return };
        if self.target_elr.contains(&leader) {
            self.target_isr = vec![leader];
            self.target_elr.retain(|id| *id != leader);
        }
        if elected.unclean {
            // Only what this one has is left. Others may have had more: records may be lost.
            self.record.isr = Some(vec![leader]);
            if !self.partition.recovering {
                self.record.recovering = Some(true);
            }
        }
    }

    fn elect(&self) -> ElectionResult {
        let preferred = self.target_replicas.first().copied();
        let first_choice = if self.election == Election::Preferred { preferred } else { None };
        // The present leader stays if it may: a new leader costs clients and followers.
        let candidates = first_choice.into_iter().chain(self.partition.leader);
        let mut candidates = candidates.chain(self.target_replicas.iter().copied());
        if let Some(leader) = candidates.find(|id| self.is_valid_new_leader(*id)) {
            return ElectionResult { leader: Some(leader), unclean: false };
        }
        let any_alive = || {
            let mut alive =
                self.target_replicas.iter().filter(|id| (self.is_acceptable_leader)(**id));
            alive.next().copied().filter(|_| self.election == Election::Unclean)
        };
        let leader = self.last_known_leader().or_else(any_alive);
        ElectionResult { leader, unclean: leader.is_some() }
    }

    /// In sync, or eligible while nobody is in sync; and alive.
    fn is_valid_new_leader(&self, id: BrokerId) -> bool {
        let is_eligible = self.target_isr.is_empty() && self.target_elr.contains(&id);
        (self.target_isr.contains(&id) || is_eligible) && (self.is_acceptable_leader)(id)
    }

    /// Whoever led last, if nobody is in sync or eligible: balanced recovery (KIP-966).
    fn last_known_leader(&self) -> Option<BrokerId> {
        if !self.elr_enabled || !self.target_isr.is_empty() || !self.target_elr.is_empty() {
            return None;
        }
        match *self.partition.last_known_elr {
            [leader] if (self.is_acceptable_leader)(leader) => Some(leader),
            _ => None,
        }
    }
}
