//! What waits in a broker: in its purgatory, each request with what it waits for, and behind its disk.

use highwater_log::Offset;

use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::world::World;

/// A request that waits in a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRequest {
    /// Tells it from others in the same place.
    pub id: u64,
    /// Where it waits, and for what.
    pub waits_for: WaitsFor,
    /// What it is: the name of Kafka's request, or what the broker's own part wants written.
    pub what: String,
    /// Who asked; none for a part of the broker itself.
    pub from: Option<NodeId>,
    /// The partitions that it waits for, each with how far that has come.
    pub partitions: Vec<WaitingPart>,
    /// The longest that it waits, in milliseconds, as the request says.
    pub max_wait_ms: Option<i64>,
}

/// What a request can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitsFor {
    /// Until the whole ISR has the records: the high watermark must reach an offset.
    Isr,
    /// Until there is enough to read: `min.bytes`.
    Records,
    /// Until the remote store has answered: `remote.fetch.max.wait.ms`.
    RemoteStore,
    /// Until all replicas have deleted records too.
    LogStart,
    /// Until the disk has done the appends before it.
    Disk,
}

/// The part of a request that waits for a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingPart {
    /// The partition.
    pub partition: TopicPartition,
    /// The offset that is to be reached, if there is one.
    pub required: Option<Offset>,
    /// Where it is now: the high watermark, or for reads the log end.
    pub reached: Offset,
}

impl World {
    /// What waits in a broker, by what it waits for; none if there is no such broker.
    pub fn waiting_requests(&self, broker: BrokerId) -> Option<Vec<WaitingRequest>> {
        Some(self.broker(broker)?.waiting())
    }
}
