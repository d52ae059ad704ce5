//! A controller's part in the quorum that keeps the metadata log: its role, its epoch, its log.
//!
//! For now the voter with the lowest id leads from the start and commits alone; the others stand by.

use bytes::{Bytes, BytesMut};
use highwater_log::{
    AppendOrigin, BatchBuilder, ControlType, LeaderEpoch, Log, LogConfig, Offset, ReadError,
    TimestampMs, TransactionVersion,
};
use kafka_protocol::messages::leader_change_message::{LeaderChangeMessage, Voter};
use kafka_protocol::protocol::Encodable;

use crate::ids::ControllerId;
use crate::metadata::{MetadataRecord, encode_batch};

/// What a voter is to the quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It has not heard of a leader.
    Unattached,
    /// It leads: it is the active controller.
    Leader,
    /// It knows who leads.
    Follower(ControllerId),
}

/// A controller's part in the quorum.
#[derive(Clone, Debug)]
pub(super) struct Quorum {
    role: Role,
    epoch: LeaderEpoch,
    log: Log,
}

impl Default for Quorum {
    fn default() -> Self {
        // A batch holds all records of one decision, however many, and nothing is ever deleted.
        let config =
            LogConfig { max_message_bytes: usize::MAX, retention_ms: -1, ..LogConfig::default() };
        Self { role: Role::Unattached, epoch: LeaderEpoch(0), log: Log::new(config) }
    }
}

impl Quorum {
    pub(super) fn is_leader(&self) -> bool {
        self.role == Role::Leader
    }

    /// Who leads, as far as `me` knows.
    pub(super) fn leader(&self, me: ControllerId) -> Option<ControllerId> {
        match self.role {
            Role::Unattached => None,
            Role::Leader => Some(me),
            Role::Follower(leader) => Some(leader),
        }
    }

    pub(super) fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    pub(super) fn log_end_offset(&self) -> Offset {
        self.log.log_end_offset()
    }

    /// Up to where records are committed.
    pub(super) fn high_watermark(&self) -> Offset {
        self.log.high_watermark()
    }

    /// Begins an epoch as leader, which the first batch of the epoch tells (KIP-595).
    pub(super) fn become_leader(
        &mut self,
        me: ControllerId,
        voters: &[ControllerId],
        now: TimestampMs,
    ) {
        self.role = Role::Leader;
        self.epoch = LeaderEpoch(self.epoch.0 + 1);
        let mut message = LeaderChangeMessage::default();
        message.leader_id = me.0.into();
        message.voters = voters.iter().map(|id| Voter::default().with_voter_id(id.0)).collect();
        message.granting_voters = vec![Voter::default().with_voter_id(me.0)];
        let mut value = BytesMut::new();
        message
            .encode(&mut value, 0)
            .unwrap_or_else(|_| panic!("a message of ours fits its version"));
        let batch = BatchBuilder::control(ControlType::LeaderChange, &value, now);
        self.append_batch(batch.build(Offset(0), LeaderEpoch::NONE).bytes(), now);
    }

    /// Follows another voter.
    pub(super) fn become_follower(&mut self, leader: ControllerId) {
        self.role = Role::Follower(leader);
    }

    /// Appends records as one batch, as the leader. Returns the offset of the first.
    pub(super) fn append(&mut self, records: &[MetadataRecord], now: TimestampMs) -> Offset {
        assert!(self.is_leader(), "only the leader appends");
        self.append_batch(&encode_batch(records, now), now)
    }

    /// Batches from an offset on.
    pub(super) fn read(&self, from: Offset, max_bytes: usize) -> Result<Bytes, ReadError> {
        self.log.read(from, max_bytes, true, self.high_watermark())
    }

    fn append_batch(&mut self, batch: &Bytes, now: TimestampMs) -> Offset {
        let version = TransactionVersion::UNKNOWN;
        let appended = self.log.append_as_leader_from(
            AppendOrigin::RaftLeader,
            batch,
            self.epoch,
            version,
            now,
        );
        let base = appended.expect("a batch of ours is valid").first_offset;
        // A leader that commits alone has a majority as soon as it has written.
        self.log.set_high_watermark(self.log.log_end_offset());
        base
    }
}
