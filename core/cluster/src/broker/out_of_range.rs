//! A follower that asks for an offset which its leader does not have: the leader is asked where its log ends and, unless
//! that is before this one's end, where it starts (`AbstractFetcherThread.fetchOffsetAndTruncate`).

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};

use crate::broker::tiered::TierStart;
use crate::broker::{Broker, Sent};
use crate::client::names;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::time::{Span, Time};

/// Which end of the leader's log is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeaderOffset {
    Latest,
    Earliest,
    /// The first on its disk, where the log starts in the remote tier, at this offset.
    EarliestLocal(Offset),
}

impl Broker {
    /// Asks a leader where its log ends or starts. The partition is not fetched until the answer is there.
    pub(super) fn ask_leader_offset(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        wanted: LeaderOffset,
    ) {
        let timeout = self.config.replica_socket_timeout;
        self.delay_fetch(ctx, partition, timeout);
        let part = ListOffsetsPartition::default()
            .with_partition_index(partition.partition.0)
            .with_current_leader_epoch(self.replicas[partition].leader_epoch.0)
            .with_timestamp(match wanted {
                LeaderOffset::Latest => -1,
                LeaderOffset::Earliest => -2,
                LeaderOffset::EarliestLocal(_) => -4,
            });
        let topic = ListOffsetsTopic::default()
            .with_name(names::to_kafka(&partition.topic))
            .with_partitions(vec![part]);
        let request = kafka::ListOffsetsRequest::default()
            .with_replica_id(kafka::BrokerId(self.id.0))
            .with_topics(vec![topic]);
        let id = ctx.send(NodeId::Broker(leader), request, timeout);
        self.process.requests.insert(id, Sent::LeaderOffset(leader, partition.clone(), wanted));
    }

    pub(super) fn on_leader_offset(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        wanted: LeaderOffset,
        body: &kafka::ListOffsetsResponse,
    ) {
        let answer = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let Some(answer) = answer.filter(|answer| answer.error_code == 0 && answer.offset >= 0)
        else {
            return self.leader_offset_failed(ctx, leader, partition);
        };
        let Some(replica) = self.replicas.get_mut(partition) else { return };
        if replica.follower_mut().is_none_or(|follower| follower.leader != leader) {
            return;
        }
        let (from, to) = (replica.log.log_end_offset(), Offset(answer.offset));
        match wanted {
            LeaderOffset::EarliestLocal(log_start) => {
                let epoch = LeaderEpoch(answer.leader_epoch);
                let start = TierStart { log_start, local_start: to, epoch };
                return self.find_tier_epoch(ctx, leader, partition, start);
            }
            LeaderOffset::Latest if to >= from => {
                return self.ask_leader_offset(ctx, leader, partition, LeaderOffset::Earliest);
            }
            LeaderOffset::Latest => {
                replica.log.truncate_to(to);
            }
            LeaderOffset::Earliest if to > from => replica.log.truncate_fully_and_start_at(to),
            // The leader has the offset after all: it was written in the meantime.
            LeaderOffset::Earliest => {}
        }
        if replica.log.log_end_offset() != from {
            ctx.emit(EventKind::LogTruncated {
                broker: self.id,
                partition: partition.clone(),
                from,
                to,
            });
        }
        self.delay_fetch(ctx, partition, Span(0));
        self.fetch_from(ctx, leader);
    }

    pub(super) fn leader_offset_failed(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
    ) {
        let backoff = self.config.replica_fetch_backoff;
        self.delay_fetch(ctx, partition, backoff);
        self.fetch_from(ctx, leader);
    }

    pub(super) fn delay_fetch(&mut self, ctx: &Ctx<'_>, partition: &TopicPartition, by: Span) {
        let until = if by == Span(0) { Time::ZERO } else { ctx.now() + by };
        let replica = self.replicas.get_mut(partition);
        if let Some(follower) = replica.and_then(|replica| replica.follower_mut()) {
            follower.delayed_until = until;
        }
    }
}
