//! Leading: what the leader knows of the others, up to where a majority has the log, and whether a
//! majority still fetches. Kafka's `LeaderState`.

use std::collections::{BTreeMap, BTreeSet};

use bytes::{Bytes, BytesMut};
use highwater_log::{
    AppendOrigin, BatchBuilder, ControlType, LeaderEpoch, Offset, TransactionVersion,
};
use kafka_protocol::messages::leader_change_message::{LeaderChangeMessage, Voter};
use kafka_protocol::protocol::Encodable;

use super::{Io, QuorumTimer, Raft, Role};
use crate::ids::ControllerId;
use crate::time::{Span, Time};

/// What a leader knows.
#[derive(Clone, Debug)]
pub(super) struct Leader {
    /// Where its epoch begins in the log.
    pub(super) epoch_start: Offset,
    /// Up to where a majority has the log; none until that reaches into its own epoch.
    pub(super) high_watermark: Option<Offset>,
    /// The other voters.
    pub(super) voters: BTreeMap<ControllerId, Replica>,
    /// The brokers that fetch, by their `node.id`.
    pub(super) observers: BTreeMap<i32, Replica>,
    /// Voters that have fetched since a majority last had.
    fetched: BTreeSet<ControllerId>,
    /// Voters that are to be told that it leads.
    to_tell: BTreeSet<ControllerId>,
}

/// What a leader knows of one that fetches from it.
#[derive(Clone, Debug, Default)]
pub(super) struct Replica {
    /// The offset that it fetched last: it has all before that.
    pub(super) log_end_offset: Option<Offset>,
    pub(super) last_fetch: Option<Time>,
    pub(super) last_caught_up: Option<Time>,
    /// Where the leader's log ended at its last fetch.
    leader_end_at_last_fetch: Option<Offset>,
}

impl Leader {
    pub(super) fn is_to_be_told(&self, voter: ControllerId) -> bool {
        self.to_tell.contains(&voter)
    }

    pub(super) fn was_told(&mut self, voter: ControllerId) {
        self.to_tell.remove(&voter);
    }

    /// The other voters, those that have most of the log first.
    pub(super) fn successors(&self) -> Vec<ControllerId> {
        let mut voters: Vec<_> = self.voters.iter().collect();
        voters.sort_by_key(|(id, replica)| (std::cmp::Reverse(replica.log_end_offset), **id));
        voters.into_iter().map(|(id, _)| *id).collect()
    }
}

impl Replica {
    fn fetched(&mut self, offset: Offset, leader_end: Offset, now: Time) {
        if offset >= leader_end {
            self.last_caught_up = Some(now);
        } else if self.leader_end_at_last_fetch.is_some_and(|end| offset >= end) {
            self.last_caught_up = self.last_caught_up.max(self.last_fetch);
        }
        self.leader_end_at_last_fetch = Some(leader_end);
        self.last_fetch = Some(now);
        self.log_end_offset = Some(offset);
    }
}

impl Raft {
    pub(super) fn enter_as_leader(&mut self, io: &mut dyn Io) {
        let others: Vec<ControllerId> = self.others().collect();
        let leader = Leader {
            epoch_start: self.log.log_end_offset(),
            high_watermark: None,
            voters: others.iter().map(|voter| (*voter, Replica::default())).collect(),
            observers: BTreeMap::new(),
            fetched: BTreeSet::new(),
            to_tell: others.into_iter().collect(),
        };
        self.enter(io, Role::Leader(Box::new(leader)));
    }

    /// The first batch of an epoch tells who leads in it (KIP-595).
    pub(super) fn append_leader_change(&mut self, io: &mut dyn Io, granting: &[ControllerId]) {
        let voter = |id: &ControllerId| Voter::default().with_voter_id(id.0);
        let mut message = LeaderChangeMessage::default();
        message.leader_id = self.me.0.into();
        message.voters = self.voters.iter().map(voter).collect();
        message.granting_voters = granting.iter().map(voter).collect();
        let mut value = BytesMut::new();
        message
            .encode(&mut value, 0)
            .unwrap_or_else(|_| panic!("a message of ours fits its version"));
        let batch = BatchBuilder::control(ControlType::LeaderChange, &value, io.timestamp());
        let batch = batch.build(Offset(0), LeaderEpoch::NONE);
        self.append(io, batch.bytes());
    }

    /// Appends a batch, as the leader. Returns the offset of its first record.
    pub(crate) fn append(&mut self, io: &mut dyn Io, batch: &Bytes) -> Offset {
        assert!(self.is_leader(), "only the leader appends");
        let appended = self.log.append_as_leader_from(
            AppendOrigin::RaftLeader,
            batch,
            self.election.epoch,
            TransactionVersion::UNKNOWN,
            io.timestamp(),
        );
        let base = appended.expect("a batch of ours is valid").first_offset;
        // A voter counts as having what it has on its disk.
        self.log.flush();
        self.advance_high_watermark();
        self.answer_held_fetches(io);
        base
    }

    /// Where the epoch begins that it leads in.
    pub(crate) fn epoch_start(&self) -> Option<Offset> {
        match &self.memory.role {
            Role::Leader(leader) => Some(leader.epoch_start),
            _ => None,
        }
    }

    /// A voter fetched from `offset` on. True if more is committed now.
    pub(super) fn voter_fetched(
        &mut self,
        io: &mut dyn Io,
        voter: ControllerId,
        offset: Offset,
    ) -> bool {
        self.voter_was_heard(io, voter);
        let (now, end) = (io.now(), self.log.log_end_offset());
        let Role::Leader(leader) = &mut self.memory.role else { return false };
        let Some(replica) = leader.voters.get_mut(&voter) else { return false };
        replica.fetched(offset, end, now);
        self.advance_high_watermark()
    }

    /// A voter fetched, be it a snapshot: it knows who leads.
    pub(super) fn voter_was_heard(&mut self, io: &mut dyn Io, voter: ControllerId) {
        let majority = self.majority();
        let Role::Leader(leader) = &mut self.memory.role else { return };
        leader.to_tell.remove(&voter);
        leader.fetched.insert(voter);
        // The leader itself is one of the majority.
        if leader.fetched.len() + 1 >= majority {
            leader.fetched.clear();
            self.set_timer(io, QuorumTimer::CheckQuorum, self.config.check_quorum_timeout());
        }
    }

    /// A broker fetched from `offset` on.
    pub(super) fn observer_fetched(&mut self, observer: i32, offset: Offset, now: Time) {
        let end = self.log.log_end_offset();
        let Role::Leader(leader) = &mut self.memory.role else { return };
        leader.observers.entry(observer).or_default().fetched(offset, end, now);
    }

    /// Tells the voters again that it leads that have not fetched for a while.
    pub(super) fn begin_epoch_again(&mut self, io: &mut dyn Io) {
        let interval: Span = self.config.begin_epoch_interval();
        let now = io.now();
        let Role::Leader(leader) = &mut self.memory.role else { return };
        let is_silent =
            |replica: &Replica| replica.last_fetch.is_none_or(|last| now.since(last) >= interval);
        let silent = leader.voters.iter().filter(|(_, replica)| is_silent(replica));
        leader.to_tell = silent.map(|(voter, _)| *voter).collect();
        self.set_timer(io, QuorumTimer::BeginEpoch, interval);
        self.ask_peers(io);
    }

    /// What a majority has is committed, once that reaches into the leader's own epoch: what
    /// earlier leaders wrote counts only together with something of its own.
    fn advance_high_watermark(&mut self) -> bool {
        let (end, majority) = (self.log.log_end_offset(), self.majority());
        let Role::Leader(leader) = &mut self.memory.role else { return false };
        let mut ends: Vec<Option<Offset>> =
            leader.voters.values().map(|replica| replica.log_end_offset).collect();
        ends.push(Some(end));
        ends.sort_unstable_by(|a, b| b.cmp(a));
        let Some(common) = ends[majority - 1].filter(|common| *common > leader.epoch_start) else {
            return false;
        };
        if leader.high_watermark.is_some_and(|before| common <= before) {
            return false;
        }
        leader.high_watermark = Some(common);
        self.commit_up_to(common);
        true
    }

    /// The log is committed up to there. What was known to be committed stays so.
    pub(super) fn commit_up_to(&mut self, offset: Offset) {
        let known = self.memory.high_watermark.unwrap_or(self.log.log_start_offset());
        let high_watermark = offset.min(self.log.log_end_offset()).max(known);
        self.memory.high_watermark = Some(high_watermark);
        self.log.set_high_watermark(high_watermark);
    }
}
