//! Following the metadata log: a broker fetches it from the active controller, applies each record
//! to its image, and makes its replicas what the image says (KIP-500).

use std::collections::BTreeSet;

use bytes::BytesMut;
use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::messages as kafka;

use crate::broker::configs::Reconfigured;
use crate::broker::replica::Replica;
use crate::broker::{Broker, Sent};
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{NodeId, TopicName, TopicPartition};
use crate::metadata::{MetadataRecord, decode_log, decode_snapshot};
use crate::raft::{Fetched, fetch_request, fetch_snapshot_request};
use crate::shared::Shared;
use crate::time::Span;
use crate::timer::Timer;

/// `controller.quorum.fetch.timeout.ms`
const FETCH_TIMEOUT: Span = Span(2_000_000);
/// `controller.quorum.retry.backoff.ms`
const RETRY: Span = Span(20_000);
/// The longest pause after failures: `reconnect.backoff.max.ms` of the quorum's channel.
const LONGEST_RETRY: Span = Span(500_000);

/// A snapshot of the metadata that is being fetched.
#[derive(Clone, Debug)]
pub(super) struct SnapshotDownload {
    end_offset: Offset,
    epoch: LeaderEpoch,
    received: BytesMut,
}

impl Broker {
    /// Fetches the metadata log from where it stands, or goes on with a snapshot of it.
    pub(super) fn fetch_metadata(&mut self, ctx: &mut Ctx<'_>) {
        let controller = NodeId::Controller(self.process.controller);
        if let Some(snapshot) = &self.process.snapshot {
            let id = (snapshot.end_offset, snapshot.epoch);
            let position = snapshot.received.len();
            let epoch = self.process.controller_epoch;
            let request = fetch_snapshot_request(self.id.0, epoch, id, position);
            let id = ctx.send(controller, request, FETCH_TIMEOUT);
            self.process.requests.insert(id, Sent::MetadataSnapshot);
            return;
        }
        let known = Fetched {
            epoch: self.process.controller_epoch,
            offset: self.process.metadata_end_offset,
            last_epoch: self.process.metadata_epoch,
        };
        // It applies what is committed, and gets nothing else: there is no high watermark to learn.
        let id = ctx.send(controller, fetch_request(self.id.0, known, i64::MAX), FETCH_TIMEOUT);
        self.process.requests.insert(id, Sent::MetadataFetch);
    }

    pub(super) fn on_metadata_fetched(&mut self, ctx: &mut Ctx<'_>, body: &kafka::FetchResponse) {
        let data = body.responses.iter().flat_map(|topic| &topic.partitions).next();
        let Some(data) = data.filter(|_| body.error_code == 0) else {
            return self.retry_metadata_fetch(ctx);
        };
        let leader = &data.current_leader;
        let is_news = self.hear_of_controller(leader.leader_id.0, leader.leader_epoch);
        if data.error_code != 0 {
            return if is_news { self.fetch_metadata(ctx) } else { self.retry_metadata_fetch(ctx) };
        }
        self.process.failed_metadata_fetches = 0;
        if data.snapshot_id.epoch >= 0 {
            self.process.snapshot = Some(SnapshotDownload {
                end_offset: Offset(data.snapshot_id.end_offset),
                epoch: LeaderEpoch(data.snapshot_id.epoch),
                received: BytesMut::new(),
            });
        } else if let Some(records) = data.records.clone().filter(|records| !records.is_empty()) {
            let (records, end) =
                decode_log(records).expect("the controller writes records that can be read");
            self.apply(ctx, &records, BTreeSet::new());
            if let Some((end_offset, epoch)) = end {
                self.process.metadata_end_offset = end_offset;
                self.process.metadata_epoch = epoch;
            }
        }
        self.fetch_metadata(ctx);
    }

    pub(super) fn on_snapshot_fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        body: &kafka::FetchSnapshotResponse,
    ) {
        let part = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let (Some(part), Some(snapshot)) = (part, &mut self.process.snapshot) else {
            return self.retry_metadata_fetch(ctx);
        };
        if part.error_code != 0 {
            // The leader is another one, or has a newer snapshot: a fetch tells which.
            self.process.snapshot = None;
            let leader = &part.current_leader;
            self.hear_of_controller(leader.leader_id.0, leader.leader_epoch);
            return self.retry_metadata_fetch(ctx);
        }
        snapshot.received.extend_from_slice(&part.unaligned_records);
        if snapshot.received.len() as i64 >= part.size {
            let done = self.process.snapshot.take().expect("it was just there");
            self.load_snapshot(ctx, done);
        }
        self.fetch_metadata(ctx);
    }

    pub(super) fn retry_metadata_fetch(&mut self, ctx: &mut Ctx<'_>) {
        self.process.snapshot = None;
        self.try_next_controller(ctx);
        let failures = self.process.failed_metadata_fetches.min(16);
        self.process.failed_metadata_fetches = failures + 1;
        // All controllers are tried once before it takes its time.
        let rounds = failures / ctx.controllers().len().max(1) as u32;
        ctx.set_timer(Span(RETRY.0 << rounds).min(LONGEST_RETRY), Timer::MetadataFetch);
    }

    /// Begins anew with a snapshot: what is not in it is gone.
    fn load_snapshot(&mut self, ctx: &mut Ctx<'_>, snapshot: SnapshotDownload) {
        let SnapshotDownload { end_offset, epoch, received } = snapshot;
        let records = decode_snapshot(&received.freeze());
        let last = end_offset - 1;
        let records: Vec<_> = records.into_iter().map(|record| (last, record)).collect();
        let before = self.process.image.partitions().map(|(partition, _)| partition).collect();
        self.process.image = Shared::default();
        self.apply(ctx, &records, before);
        // Settings that were taken away since are in no record of a snapshot.
        self.reconfigure(&Reconfigured::all());
        self.process.metadata_end_offset = end_offset;
        self.process.metadata_epoch = epoch;
        let node = NodeId::Broker(self.id);
        ctx.emit(EventKind::SnapshotLoaded { node, end_offset });
    }

    /// Applies records, and makes the replicas follow: those that the records are about, and `touched`.
    fn apply(
        &mut self,
        ctx: &mut Ctx<'_>,
        records: &[(Offset, MetadataRecord)],
        mut touched: BTreeSet<TopicPartition>,
    ) {
        let mut reconfigured = Reconfigured::default();
        for (offset, record) in records {
            // A deletion names only the topic's id: look the partitions up before it is applied.
            touched.extend(self.process.image.partitions_touched_by(record));
            self.process.image.apply(record, *offset);
            touched.extend(self.process.image.partitions_touched_by(record));
            self.process.metadata_end_offset = offset.next();
            reconfigured.note(record);
        }
        self.reconfigure(&reconfigured);
        if self.process.has_caught_up {
            let topics = &self.process.image.topics;
            let gone = touched.iter().map(|partition| &partition.topic);
            let gone: BTreeSet<TopicName> =
                gone.filter(|topic| !topics.contains_key(topic)).cloned().collect();
            self.follow_registrations(ctx, touched);
            self.look_after_tiers(ctx);
            if !gone.is_empty() {
                self.with_groups(ctx, |groups, ctx, host| groups.topics_deleted(ctx, &gone, host));
            }
        }
    }

    /// Whether it knows all that was decided up to its registration.
    #[cfg(feature = "real-clients")]
    pub(crate) fn has_caught_up(&self) -> bool {
        self.process.has_caught_up
    }

    /// The controller says that the broker knows all that was decided up to its registration. Only
    /// from here on does it lead and follow: what was decided for its earlier run is no longer true.
    pub(super) fn caught_up(&mut self, ctx: &mut Ctx<'_>) {
        if std::mem::replace(&mut self.process.has_caught_up, true) {
            return;
        }
        let registered = self.process.image.partitions();
        let own = registered.filter(|(_, partition)| partition.replicas.contains(&self.id));
        let own = own.map(|(partition, _)| partition);
        // Replicas of topics that were deleted meanwhile are on the disk still.
        let all = own.chain(self.replicas.keys().cloned()).collect();
        self.follow_registrations(ctx, all);
    }

    fn follow_registrations(&mut self, ctx: &mut Ctx<'_>, touched: BTreeSet<TopicPartition>) {
        let mut to_fetch_from = BTreeSet::new();
        for partition in touched {
            to_fetch_from.extend(self.follow_registration(ctx, &partition));
        }
        for leader in to_fetch_from {
            self.fetch_from(ctx, leader);
        }
    }

    /// Makes the replica of a partition what its registration says. Returns whom to fetch from.
    fn follow_registration(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
    ) -> Option<crate::ids::BrokerId> {
        let Some(registration) = self.process.image.partition(partition).cloned() else {
            self.drop_replica(ctx, partition);
            return None;
        };
        if !registration.replicas.contains(&self.id) {
            self.drop_replica(ctx, partition);
            return None;
        }
        let topic_id = self.process.image.topics[&partition.topic].id;
        let config = self.log_config(&partition.topic);
        let replica = self
            .replicas
            .entry(partition.clone())
            .or_insert_with(|| Replica::new(topic_id, config.clone()).into());
        if replica.topic_id != topic_id {
            // A topic of the same name was deleted and created anew while this broker was away.
            *replica = Replica::new(topic_id, config).into();
        }
        let is_new_epoch = registration.leader_epoch > replica.leader_epoch;
        if registration.leader == Some(self.id) {
            if is_new_epoch {
                let led_before = replica.leader().is_some();
                let start = replica.become_leader(self.id, &registration, ctx.now());
                self.became_leader(ctx, partition, start, led_before);
            } else {
                replica.update_leader(self.id, &registration);
                self.maybe_advance_high_watermark(ctx, partition);
                self.check_appends_of(ctx, partition);
            }
            return None;
        }
        if ctx.has_bug(Bug::KeepsLeading) && replica.leader().is_some() {
            replica.leader_epoch = registration.leader_epoch;
            return None;
        }
        if is_new_epoch {
            let was_leader = replica.leader().is_some();
            replica.become_follower(&registration);
            self.became_follower(ctx, partition, was_leader);
        } else {
            replica.partition_epoch = registration.partition_epoch;
        }
        registration.leader
    }

    fn became_leader(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        start: highwater_log::Offset,
        led_before: bool,
    ) {
        let leader_epoch = self.replicas[partition].leader_epoch;
        ctx.emit(EventKind::BecameLeader {
            broker: self.id,
            partition: partition.clone(),
            leader_epoch,
            start,
        });
        self.maybe_advance_high_watermark(ctx, partition);
        self.look_after_tier(ctx, partition);
        self.load_coordinator(ctx, partition, led_before);
    }

    fn became_follower(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition, was_leader: bool) {
        let registration = self.process.image.partition(partition);
        let leader = registration.and_then(|registration| registration.leader);
        ctx.emit(EventKind::BecameFollower {
            broker: self.id,
            partition: partition.clone(),
            leader,
            leader_epoch: self.replicas[partition].leader_epoch,
        });
        self.look_after_tier(ctx, partition);
        if was_leader {
            self.no_longer_leads(ctx, partition);
        } else {
            // Consumers that wait here are to learn of the new leader.
            self.check_delayed_fetches(ctx, partition);
        }
    }

    fn drop_replica(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        self.process.cleaner.forget(partition);
        let is_deleted = self.process.image.partition(partition).is_none();
        self.tier_dropped(ctx, partition, is_deleted);
        let Some(replica) = self.replicas.remove(partition) else { return };
        if self.process.image.partition(partition).is_some() {
            ctx.emit(EventKind::ReplicaDeleted {
                broker: self.id,
                partition: partition.clone(),
                log_end_offset: replica.log.log_end_offset(),
            });
        }
        if replica.leader().is_some() {
            self.no_longer_leads(ctx, partition);
        }
    }

    /// Whoever waits for this broker as the leader of a partition learns that it is not.
    fn no_longer_leads(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        self.check_appends_of(ctx, partition);
        self.drop_shares_of(ctx, partition);
        self.check_delayed_fetches(ctx, partition);
        self.unload_coordinator(ctx, partition);
    }

    fn check_appends_of(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        for id in self.process.purgatory.appends_of(partition) {
            self.check_delayed_produce(ctx, id);
        }
    }
}
