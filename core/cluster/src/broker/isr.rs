//! The in-sync replicas of the partitions that a broker leads: what followers' fetches tell, who is
//! dropped, who comes back, and the high watermark that follows from it.

use highwater_log::Offset;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::alter_partition_request::{
    BrokerState as IsrMember, PartitionData, TopicData,
};
use uuid::Uuid;

use crate::broker::replica::PendingIsr;
use crate::broker::{Broker, Sent};
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, PartitionEpoch, TopicId, TopicName, TopicPartition};
use crate::time::Span;
use crate::timer::Timer;

/// How long a leader waits before it asks the controller again.
const RETRY: Span = Span(50_000);

impl Broker {
    /// A follower fetched: it has all below the offsets that it asks for.
    pub(super) fn note_follower_progress(
        &mut self,
        ctx: &mut Ctx<'_>,
        follower: BrokerId,
        request: &kafka::FetchRequest,
    ) {
        for topic in &request.topics {
            let id = TopicId(topic.topic_id.as_u128());
            let Some(name) = self.process.image.topic_names.get(&id).cloned() else { continue };
            for part in &topic.partitions {
                let partition = TopicPartition::new(&name, part.partition);
                if self.check_leader_epoch(&partition, part.current_leader_epoch).is_err() {
                    continue;
                }
                self.follower_fetched(ctx, &partition, follower, part);
            }
        }
    }

    /// Moves the high watermark up, if the ISR allows it, and lets go on what waited for that.
    pub(super) fn maybe_advance_high_watermark(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
    ) {
        let min_isr = self.effective_min_isr(partition);
        let lag_time_max = self.config.replica_lag_time_max;
        let image = &self.process.image;
        let Some(replica) = self.replicas.get_mut(partition) else { return };
        let is_eligible = |id: BrokerId| {
            image
                .brokers
                .get(&id)
                .is_some_and(|broker| !broker.fenced && !broker.in_controlled_shutdown)
        };
        let mut possible =
            replica.possible_high_watermark(min_isr, lag_time_max, ctx.now(), &is_eligible);
        if ctx.has_bug(Bug::EarlyHighWatermark) {
            possible = replica.leader().map(|_| replica.log.log_end_offset());
        }
        let Some(to) = possible.filter(|to| *to > replica.log.high_watermark()) else { return };
        let from = replica.log.high_watermark();
        let stable_from = replica.log.last_stable_offset();
        replica.log.set_high_watermark(to);
        let stable_to = replica.log.last_stable_offset();
        ctx.emit(EventKind::HighWatermarkAdvanced {
            broker: self.id,
            partition: partition.clone(),
            from,
            to,
            is_leader: true,
        });
        // Where no transaction is open, it goes with the high watermark.
        if stable_to > stable_from && (stable_from, stable_to) != (from, to) {
            ctx.emit(EventKind::LastStableOffsetAdvanced {
                broker: self.id,
                partition: partition.clone(),
                from: stable_from,
                to: stable_to,
            });
        }
        for id in self.process.purgatory.appends_of(partition) {
            self.check_delayed_produce(ctx, id);
        }
        self.check_delayed_fetches(ctx, partition);
    }

    /// Looks at all followers: those that lag are dropped (`replica.lag.time.max.ms`).
    pub(super) fn check_isrs(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let lag_time_max = self.config.replica_lag_time_max;
        let mut shrunk = Vec::new();
        for (partition, replica) in &self.replicas {
            let Some(leader) = replica.leader().filter(|leader| leader.pending.is_none()) else {
                continue;
            };
            let end = replica.log.log_end_offset();
            let lags = |id: &BrokerId| {
                let progress = leader.progress(*id);
                progress.is_some_and(|progress| progress.lags(end, lag_time_max, now))
            };
            let kept: Vec<BrokerId> = leader.isr.iter().copied().filter(|id| !lags(id)).collect();
            if kept.len() < leader.isr.len() {
                shrunk.push((partition.clone(), kept));
            }
        }
        for (partition, isr) in shrunk {
            self.ask_for_isr(ctx, &partition, isr);
        }
        ctx.set_timer(Span(lag_time_max.0 / 2), Timer::IsrCheck);
    }

    pub(super) fn on_partition_altered(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        body: &kafka::AlterPartitionResponse,
    ) {
        let data = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let error = match data {
            Some(data) if body.error_code == 0 => data.error_code,
            _ => body.error_code,
        };
        let Some(replica) = self.replicas.get_mut(partition) else { return };
        let epoch = replica.leader_epoch;
        let Some(leader) = replica.leader_mut() else { return };
        match (ResponseError::try_from_code(error), data) {
            // What was asked for ended a reassignment, and with it the leader epoch: the record of
            // the new one is on its way here.
            (None, Some(data)) if data.leader_epoch != epoch.0 => {}
            (None, Some(data)) => {
                leader.pending = None;
                let newer = PartitionEpoch(data.partition_epoch);
                let isr = data.isr.iter().map(|id| BrokerId(id.0)).collect();
                self.adopt_isr(ctx, partition, isr, newer);
            }
            // The controller has newer metadata, which is on its way here, or will not have this ISR.
            (Some(_), _) | (None, None) => leader.pending = None,
        }
    }

    pub(super) fn retry_alter_partition(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        ctx.set_timer(RETRY, Timer::AlterPartition(partition.clone()));
    }

    pub(super) fn alter_partition_again(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let leader = self.replicas.get_mut(partition).and_then(|replica| replica.leader_mut());
        let Some(pending) = leader.and_then(|leader| leader.pending.take()) else { return };
        self.ask_for_isr(ctx, partition, pending.isr);
    }

    /// `min.insync.replicas` of a topic, as it is in force.
    pub(super) fn min_insync_replicas(&self, topic: &TopicName) -> usize {
        let own = self.process.image.topic_config(topic, "min.insync.replicas");
        let number = own
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(self.config.min_insync_replicas);
        usize::try_from(number).unwrap_or(1).max(1)
    }

    /// `min.insync.replicas`, or the number of replicas if that is smaller: with fewer replicas than
    /// asked for, the high watermark still moves.
    pub(super) fn effective_min_isr(&self, partition: &TopicPartition) -> usize {
        let replicas = self
            .process
            .image
            .partition(partition)
            .map_or(1, |registered| registered.replicas.len());
        self.min_insync_replicas(&partition.topic).min(replicas)
    }

    fn follower_fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        follower: BrokerId,
        part: &kafka::fetch_request::FetchPartition,
    ) {
        let now = ctx.now();
        let replica = self.replicas.get_mut(partition).expect("its epoch was checked");
        let end = replica.log.log_end_offset();
        let high_watermark = replica.log.high_watermark();
        // A follower whose log has left the leader's is not where it says: it will truncate first.
        let diverges = part.last_fetched_epoch >= 0
            && replica
                .log
                .end_offset_for_epoch(highwater_log::LeaderEpoch(part.last_fetched_epoch))
                .is_some_and(|(epoch, end)| {
                    epoch.0 < part.last_fetched_epoch || end.0 < part.fetch_offset
                });
        let leader = replica.leader_mut().expect("its leadership was checked");
        let Some(progress) = leader.progress_mut(follower).filter(|_| !diverges) else {
            return;
        };
        let fetch_offset = Offset(part.fetch_offset);
        progress.fetched(fetch_offset, end, now);
        progress.log_start_offset = Offset(part.log_start_offset);
        let caught_up = (fetch_offset >= high_watermark && fetch_offset >= leader.epoch_start)
            || ctx.has_bug(Bug::EarlyIsr);
        let is_outside = !leader.isr.contains(&follower) && leader.pending.is_none();
        if is_outside && caught_up && self.may_join_isr(follower) {
            let mut isr = self.replicas[partition].leader().expect("it leads").isr.clone();
            isr.push(follower);
            self.ask_for_isr(ctx, partition, isr);
        }
        self.maybe_advance_high_watermark(ctx, partition);
        self.check_delayed_deletes(ctx, partition);
    }

    /// Whether the controller would take a broker into an ISR.
    fn may_join_isr(&self, broker: BrokerId) -> bool {
        let registered = self.process.image.brokers.get(&broker);
        registered.is_some_and(|broker| !broker.fenced && !broker.in_controlled_shutdown)
    }

    fn ask_for_isr(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        mut isr: Vec<BrokerId>,
    ) {
        let Some(epoch) = self.process.epoch else { return };
        // A leader keeps its ISR as a set, which Kafka goes through in the order of the ids; a
        // controller that takes a member out leaves the rest in the order in which it was told.
        isr.sort_unstable();
        let image = &self.process.image;
        let members = isr.iter().map(|id| {
            let epoch = image.brokers.get(id).map_or(-1, |broker| broker.epoch.0);
            IsrMember::default().with_broker_id(kafka::BrokerId(id.0)).with_broker_epoch(epoch)
        });
        let members = members.collect();
        let replica = self.replicas.get_mut(partition).expect("a leader has its replica");
        let (topic_id, leader_epoch, partition_epoch) =
            (replica.topic_id, replica.leader_epoch, replica.partition_epoch);
        let Some(leader) = replica.leader_mut() else { return };
        leader.pending = Some(PendingIsr { isr });
        let data = PartitionData::default()
            .with_partition_index(partition.partition.0)
            .with_leader_epoch(leader_epoch.0)
            .with_new_isr_with_epochs(members)
            .with_partition_epoch(partition_epoch.0);
        let topic = TopicData::default()
            .with_topic_id(Uuid::from_u128(topic_id.0))
            .with_partitions(vec![data]);
        let request = kafka::AlterPartitionRequest::default()
            .with_broker_id(kafka::BrokerId(self.id.0))
            .with_broker_epoch(epoch.0)
            .with_topics(vec![topic]);
        self.ask_controller(ctx, request, Sent::AlterPartition(partition.clone()));
    }

    fn adopt_isr(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        isr: Vec<BrokerId>,
        newer: PartitionEpoch,
    ) {
        let replica = self.replicas.get_mut(partition).expect("a leader has its replica");
        if newer <= replica.partition_epoch {
            return;
        }
        replica.partition_epoch = newer;
        if let Some(leader) = replica.leader_mut() {
            leader.isr = isr;
        }
        if ctx.has_bug(Bug::HighWatermarkBack) {
            let start = replica.log.log_start_offset();
            replica.log.set_high_watermark(start);
        }
        self.maybe_advance_high_watermark(ctx, partition);
    }
}
