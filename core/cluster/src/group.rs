//! The group coordinator of a broker: members, rebalances and committed offsets of the groups whose
//! partition of `__consumer_offsets` the broker leads.

use bytes::Bytes;
use kafka_protocol::error::ResponseError;

use crate::ctx::Ctx;
use crate::ids::BrokerId;
use crate::input::ReplyTo;
use crate::message::Request;
use crate::timer::Timer;
use crate::view::GroupView;

/// Where the coordinator writes: the partitions of `__consumer_offsets` on its broker.
pub(crate) trait OffsetsLog {
    /// Appends records to a partition. Once they are replicated, or failed to be, the broker says so
    /// by [`GroupCoordinator::committed`] with the token that this returns.
    fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        records: Vec<(Bytes, Option<Bytes>)>,
    ) -> Result<u64, ResponseError>;

    /// How many partitions `__consumer_offsets` has; zero while it does not exist.
    fn partition_count(&self) -> i32;

    /// Whether the broker leads the partition.
    fn is_leader(&self, partition: i32) -> bool;
}

/// The group coordinator of a broker.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupCoordinator {}

impl GroupCoordinator {
    /// Answers JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit or OffsetFetch, now or later.
    pub(crate) fn handle(
        &mut self,
        _ctx: &mut Ctx<'_>,
        _reply: ReplyTo,
        _request: &Request,
        _log: &mut dyn OffsetsLog,
    ) {
    }

    /// A timer of a group or a member ran out.
    pub(crate) fn on_timer(&mut self, _ctx: &mut Ctx<'_>, _timer: Timer, _log: &mut dyn OffsetsLog) {}

    /// The broker became leader of a partition: its groups and offsets are what its records, in the
    /// order of the log, tell.
    pub(crate) fn partition_loaded(
        &mut self,
        _ctx: &mut Ctx<'_>,
        _partition: i32,
        _records: impl IntoIterator<Item = (Bytes, Option<Bytes>)>,
    ) {
    }

    /// The broker no longer leads a partition: its groups are dropped, and whoever waits is told.
    pub(crate) fn partition_unloaded(&mut self, _ctx: &mut Ctx<'_>, _partition: i32) {}

    /// A write was replicated, or failed: what waited for it goes on.
    pub(crate) fn committed(
        &mut self,
        _ctx: &mut Ctx<'_>,
        _token: u64,
        _error: Option<ResponseError>,
        _log: &mut dyn OffsetsLog,
    ) {
    }

    /// The groups as a viewer sees them.
    pub(crate) fn views(&self, _broker: BrokerId) -> Vec<GroupView> {
        Vec::new()
    }
}

/// The partition of `__consumer_offsets` that a group belongs to: Kafka's
/// `Utils.abs(groupId.hashCode()) % partitions`.
pub(crate) fn partition_for(group: &str, partition_count: i32) -> i32 {
    let hash = group
        .encode_utf16()
        .fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    (hash & i32::MAX) % partition_count
}
