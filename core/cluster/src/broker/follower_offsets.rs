//! A follower whose log does not meet the leader's: a new replica of a log whose beginning is deleted,
//! or one that was away for too long, or one that has more than its leader. It asks the leader where
//! its log ends and starts, and goes on from there. `AbstractFetcherThread.fetchOffsetAndTruncate`.

use highwater_log::Offset;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};

use crate::broker::{Broker, Sent};
use crate::client::names;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, NodeId, TopicPartition};

/// Which offset of the leader's log is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Start,
    End,
}

impl Which {
    /// As a timestamp of `ListOffsets`.
    fn timestamp(self) -> i64 {
        match self {
            Which::Start => -2,
            Which::End => -1,
        }
    }
}

impl Broker {
    pub(super) fn ask_for_leader_offset(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
        which: Which,
    ) {
        let Some(replica) = self.replicas.get(partition) else { return };
        let part = ListOffsetsPartition::default()
            .with_partition_index(partition.partition.0)
            .with_current_leader_epoch(replica.leader_epoch.0)
            .with_timestamp(which.timestamp());
        let topic = ListOffsetsTopic::default()
            .with_name(names::to_kafka(&partition.topic))
            .with_partitions(vec![part]);
        let request = kafka::ListOffsetsRequest::default()
            .with_replica_id(kafka::BrokerId(self.id.0))
            .with_topics(vec![topic]);
        // Nothing is fetched until the answer is here.
        self.delay_fetching(ctx, leader, partition);
        let id = ctx.send(NodeId::Broker(leader), request, self.config.replica_socket_timeout);
        let sent = Sent::LeaderOffset(leader, partition.clone(), which);
        self.process.requests.insert(id, sent);
    }

    pub(super) fn on_leader_offset(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        (partition, which): (&TopicPartition, Which),
        body: &kafka::ListOffsetsResponse,
    ) {
        let answer = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let Some(found) = answer.filter(|answer| answer.error_code == 0 && answer.offset >= 0)
        else {
            return;
        };
        let found = Offset(found.offset);
        let Some(replica) = self.replicas.get_mut(partition) else { return };
        if replica.follower_mut().is_none_or(|follower| follower.leader != leader) {
            return;
        }
        let own_end = replica.log.log_end_offset();
        match which {
            // The leader was elected uncleanly and has less, without an epoch to tell by.
            Which::End if found < own_end => {
                replica.log.truncate_to(found);
            }
            Which::End => {
                return self.ask_for_leader_offset(ctx, leader, partition, Which::Start);
            }
            Which::Start if found > own_end => replica.log.truncate_fully_and_start_at(found),
            // It has grown meanwhile: what follows this log is there again.
            Which::Start => return self.fetch_again(ctx, leader, partition),
        }
        ctx.emit(EventKind::LogTruncated {
            broker: self.id,
            partition: partition.clone(),
            from: own_end,
            to: found,
        });
        self.fetch_again(ctx, leader, partition);
    }

    /// Fetches nothing of a partition for `replica.fetch.backoff.ms`.
    pub(super) fn delay_fetching(
        &mut self,
        ctx: &Ctx<'_>,
        leader: BrokerId,
        partition: &TopicPartition,
    ) {
        let until = ctx.now() + self.config.replica_fetch_backoff;
        let follower = self.replicas.get_mut(partition).and_then(|replica| replica.follower_mut());
        if let Some(follower) = follower.filter(|follower| follower.leader == leader) {
            follower.delayed_until = until;
        }
    }

    fn fetch_again(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId, partition: &TopicPartition) {
        let follower = self.replicas.get_mut(partition).and_then(|replica| replica.follower_mut());
        if let Some(follower) = follower {
            follower.delayed_until = ctx.now();
        }
        self.fetch_from(ctx, leader);
    }
}
