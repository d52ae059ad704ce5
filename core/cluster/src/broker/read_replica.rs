//! Fetching from the closest replica (KIP-392): the leader tells a consumer of a replica in its rack,
//! and followers serve consumers up to the high watermark that they know.

use highwater_log::Offset;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_request::FetchPartition;

use crate::broker::Broker;
use crate::broker::fetch::follower_of;
use crate::broker::replica::{Replica, Role};
use crate::ids::{BrokerId, TopicPartition};

/// The selector that Kafka comes with. It goes by racks.
const RACK_AWARE: &str = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

impl Broker {
    /// The replica, if a consumer may read it here.
    pub(super) fn check_readable(
        &self,
        partition: &TopicPartition,
        believed_epoch: i32,
    ) -> Result<&Replica, ResponseError> {
        let replica = self.check_epoch(partition, believed_epoch)?;
        match replica.role {
            Role::None => Err(ResponseError::NotLeaderOrFollower),
            Role::Leader(_) | Role::Follower(_) => Ok(replica),
        }
    }

    /// The replica from which a consumer had better fetch, if this broker leads the partition and knows
    /// of one: `RackAwareReplicaSelector`.
    pub(super) fn preferred_read_replica(
        &self,
        request: &kafka::FetchRequest,
        partition: &TopicPartition,
        part: &FetchPartition,
    ) -> Option<BrokerId> {
        let rack = request.rack_id.as_str();
        let is_consumer = follower_of(request).is_none();
        // The leader is the best there is in its own rack.
        if !is_consumer || rack.is_empty() || self.rack.as_deref() == Some(rack) {
            return None;
        }
        let leader = self.replicas.get(partition)?.leader()?;
        if self.layers().value("replica.selector.class") != Some(RACK_AWARE) {
            return None;
        }
        let registered = self.process.image.partition(partition)?;
        // A follower outside the ISR may lag for ever, and one without the offset could only refuse.
        let candidates = registered.replicas.iter().filter_map(|id| {
            let progress = leader.progress(*id)?;
            let has_offset = progress.log_end_offset >= Offset(part.fetch_offset)
                && progress.log_start_offset <= Offset(part.fetch_offset);
            let broker = self.process.image.brokers.get(id).filter(|broker| !broker.fenced)?;
            let is_close = broker.rack.as_deref() == Some(rack);
            let fits = leader.isr.contains(id) && has_offset && is_close;
            fits.then_some((progress.log_end_offset, progress.last_caught_up, *id))
        });
        // The one that has most, of these the one that was caught up last.
        candidates.max().map(|(_, _, id)| id)
    }
}
