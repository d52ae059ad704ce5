//! The roles of a voter, as they are told, and the votes of an election.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::ControllerId;

/// What a voter is to the quorum, in Kafka's own words (KIP-595, KIP-996).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuorumRole {
    /// It knows no leader, and waits for one or for a candidate.
    Unattached,
    /// It asks the others whether they would elect it, before it begins an epoch.
    Prospective,
    /// It began an epoch and asks for votes.
    Candidate,
    /// It leads: its controller is the active one.
    Leader,
    /// It fetches the log from the leader.
    Follower,
    /// It led, and gave that up.
    Resigned,
}

impl QuorumRole {
    /// The role as Kafka names it.
    pub fn name(self) -> &'static str {
        match self {
            QuorumRole::Unattached => "Unattached",
            QuorumRole::Prospective => "Prospective",
            QuorumRole::Candidate => "Candidate",
            QuorumRole::Leader => "Leader",
            QuorumRole::Follower => "Follower",
            QuorumRole::Resigned => "Resigned",
        }
    }
}

/// What the voters said in an election: Kafka's `EpochElection`.
#[derive(Clone, Debug)]
pub(super) struct Votes {
    said: BTreeMap<ControllerId, bool>,
}

impl Votes {
    /// An election in which only the one who stands for it has voted.
    pub(super) fn of(me: ControllerId) -> Self {
        Self { said: BTreeMap::from([(me, true)]) }
    }

    pub(super) fn record(&mut self, voter: ControllerId, granted: bool) {
        self.said.insert(voter, granted);
    }

    pub(super) fn has_heard_of(&self, voter: ControllerId) -> bool {
        self.said.contains_key(&voter)
    }

    pub(super) fn granting(&self) -> BTreeSet<ControllerId> {
        self.said.iter().filter(|(_, granted)| **granted).map(|(voter, _)| *voter).collect()
    }

    pub(super) fn is_granted(&self, majority: usize) -> bool {
        self.granting().len() >= majority
    }

    /// Whether no majority is possible any more.
    pub(super) fn is_rejected(&self, voters: usize, majority: usize) -> bool {
        let rejecting = self.said.len() - self.granting().len();
        voters - rejecting < majority
    }
}
