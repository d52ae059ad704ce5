//! A follower that asks for what is in the remote tier does not copy it: it takes over the leader epochs and producers as
//! they stand at the end of it, and fetches what is on its leader's disk. `TierStateMachine`.

use highwater_log::{LeaderEpoch, Offset, RemoteState};
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};

use super::store::Operation;
use crate::broker::{Broker, Sent};
use crate::client::names;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::remote::event::RemoteEvent;
use crate::time::Span;

/// What a follower knows of its leader's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker) struct TierStart {
    /// Where it starts.
    pub(in crate::broker) log_start: Offset,
    /// Where what is on the disk starts, and in which leader epoch.
    pub(in crate::broker) local_start: Offset,
    pub(in crate::broker) epoch: LeaderEpoch,
}

impl Broker {
    /// The leader has said where its disk begins: the epoch of the offset before that is looked for.
    pub(in crate::broker) fn find_tier_epoch(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        start: TierStart,
    ) {
        if start.epoch.0 <= 0 {
            return self.read_tier_state(ctx, leader, partition, start, start.epoch);
        }
        let part = OffsetForLeaderPartition::default()
            .with_partition(partition.partition.0)
            .with_current_leader_epoch(self.replicas[partition].leader_epoch.0)
            .with_leader_epoch(start.epoch.0 - 1);
        let topic = OffsetForLeaderTopic::default()
            .with_topic(names::to_kafka(&partition.topic))
            .with_partitions(vec![part]);
        let request = kafka::OffsetForLeaderEpochRequest::default()
            .with_replica_id(kafka::BrokerId(self.id.0))
            .with_topics(vec![topic]);
        let timeout = self.config.replica_socket_timeout;
        let id = ctx.send(NodeId::Broker(leader), request, timeout);
        self.process.requests.insert(id, Sent::TierEpoch(leader, partition.clone(), start));
    }

    /// The leader has said where the epoch before ended.
    pub(in crate::broker) fn tier_epoch_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        start: TierStart,
        body: &kafka::OffsetForLeaderEpochResponse,
    ) {
        let answer = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let Some(answer) = answer.filter(|answer| answer.error_code == 0) else {
            return self.leader_offset_failed(ctx, leader, partition);
        };
        let is_earlier = answer.end_offset > start.local_start.0 - 1;
        let epoch = if is_earlier { LeaderEpoch(answer.leader_epoch) } else { start.epoch };
        self.read_tier_state(ctx, leader, partition, start, epoch);
    }

    /// Reads epochs and producers beside the last segment that is in the remote tier only.
    fn read_tier_state(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        start: TierStart,
        epoch: LeaderEpoch,
    ) {
        let last = start.local_start - 1;
        let segment = self.remote_cache(partition).and_then(|cache| cache.segment_for(epoch, last));
        let Some(segment) = segment.map(|segment| segment.id) else {
            // It has not heard of it yet.
            return self.leader_offset_failed(ctx, leader, partition);
        };
        let follow = Operation::Follow(leader, partition.clone(), start, segment);
        self.ask_store(ctx, follow, 0);
    }

    /// Epochs and producers are there, if the store gave them: the follower begins behind the segment.
    pub(super) fn tier_state_read(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        start: TierStart,
        id: crate::remote::RemoteSegmentId,
    ) {
        let object = ctx.remote_store().get(id).ok().flatten();
        let segment = self.remote_cache(partition).and_then(|cache| cache.segment(id));
        let (Some(object), Some(end)) = (object, segment.map(|segment| segment.end_offset)) else {
            return self.leader_offset_failed(ctx, leader, partition);
        };
        let Some(replica) = self.replicas.get_mut(partition) else { return };
        if replica.follower().is_none_or(|follower| follower.leader != leader) {
            return;
        }
        let next_offset = end.next();
        let shrunk = replica.log.size_in_bytes() as u64;
        replica.log.restart_from_remote(RemoteState {
            log_start_offset: start.log_start,
            next_offset,
            lineage: object.lineage.clone(),
            producers: object.producers.clone(),
        });
        ctx.note_log_shrink(shrunk);
        let log_start_offset = replica.log.log_start_offset();
        Self::tell_remote(
            ctx,
            RemoteEvent::FollowerStarted {
                broker: self.id,
                partition: partition.clone(),
                log_start_offset,
                from: next_offset,
            },
        );
        self.delay_fetch(ctx, partition, Span::ZERO);
        self.fetch_from(ctx, leader);
    }
}
