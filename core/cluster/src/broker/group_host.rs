//! The group coordinator on its broker: it writes to the partitions of `__consumer_offsets` that the
//! broker leads, and what it wrote counts once the ISR has it.

use bytes::Bytes;
use highwater_log::{BatchOptions, Offset};
use kafka_protocol::error::ResponseError;

use crate::broker::Broker;
use crate::broker::internal_log::{InternalTopic, InternalWrite};
use crate::broker::purgatory::Then;
use crate::broker::share::{AfterPersisting, Operation};
use crate::ctx::Ctx;
use crate::group::{GroupCoordinator, OffsetsLog, TransactionalProducer};
use crate::ids::{GroupId, TopicId, TopicPartition};
use crate::input::ReplyTo;
use crate::message::Request;
use crate::metadata::MetadataImage;
use crate::share::ShareKey;
use crate::time::Span;
use crate::timer::Timer;

/// `offsets.commit.timeout.ms`
const COMMIT_TIMEOUT: Span = Span(5_000_000);

/// The broker as the coordinator sees it: its partitions of `__consumer_offsets`.
pub(super) struct Host<'a> {
    broker: &'a mut Broker,
    written: Vec<(u64, InternalWrite)>,
    /// Share partitions that share coordinators are to begin with.
    begun: Vec<(ShareKey, i32, Offset)>,
}

impl Broker {
    pub(super) fn on_group_request(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo, request: &Request) {
        self.with_groups(ctx, |groups, ctx, host| groups.handle(ctx, from, request, host));
    }

    pub(super) fn on_group_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        self.with_groups(ctx, |groups, ctx, host| groups.on_timer(ctx, timer, host));
    }

    /// What the coordinator wrote under `token` is on the ISR, or never will be.
    pub(super) fn group_write_done(
        &mut self,
        ctx: &mut Ctx<'_>,
        token: u64,
        error: Option<ResponseError>,
    ) {
        self.with_groups(ctx, |groups, ctx, host| groups.committed(ctx, token, error, host));
    }

    /// A share coordinator has begun with a share partition of a group, or has not.
    pub(super) fn share_initialized(
        &mut self,
        ctx: &mut Ctx<'_>,
        group: &GroupId,
        partition: (TopicId, i32),
        error: Option<ResponseError>,
    ) {
        self.with_groups(ctx, |groups, ctx, host| {
            groups.share_initialized(ctx, group, partition, error, host);
        });
    }

    /// This broker leads a partition of `__consumer_offsets` from here on: its groups are rebuilt from
    /// its records.
    pub(super) fn load_groups(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let (records, pending) = self.replayed_offsets(partition);
        let index = partition.partition.0;
        self.with_groups(ctx, |groups, ctx, _| {
            groups.partition_loaded(ctx, index, records);
            groups.pending_offsets_loaded(ctx, index, pending);
        });
    }

    pub(super) fn unload_groups(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let index = partition.partition.0;
        self.with_groups(ctx, |groups, ctx, _| groups.partition_unloaded(ctx, index));
    }

    /// Lets the coordinator work, then lets its writes wait for the ISR.
    pub(super) fn with_groups(
        &mut self,
        ctx: &mut Ctx<'_>,
        work: impl FnOnce(&mut GroupCoordinator, &mut Ctx<'_>, &mut Host<'_>),
    ) {
        let mut groups = std::mem::take(&mut self.process.groups);
        let mut host = Host { broker: self, written: Vec::new(), begun: Vec::new() };
        work(&mut groups, ctx, &mut host);
        let Host { written, begun, .. } = host;
        // The coordinator is back in place before a write may be done at once.
        self.process.groups = groups;
        for (token, write) in written {
            self.await_internal(ctx, write, Then::Group(token), COMMIT_TIMEOUT);
        }
        for (key, state_epoch, start) in begun {
            let then = AfterPersisting::Group(key.group.clone());
            self.persist(ctx, key, Operation::Initialize { state_epoch, start }, then);
        }
    }
}

impl Host<'_> {
    fn append_batch(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        records: &[(Bytes, Option<Bytes>)],
        options: BatchOptions,
    ) -> Result<u64, ResponseError> {
        let partition = InternalTopic::Offsets.partition(partition);
        let numbered = self.broker.append_numbered(ctx, partition, records, options)?;
        let token = numbered.0;
        self.written.push(numbered);
        Ok(token)
    }
}

impl OffsetsLog for Host<'_> {
    fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        records: Vec<(Bytes, Option<Bytes>)>,
    ) -> Result<u64, ResponseError> {
        self.append_batch(ctx, partition, &records, BatchOptions::default())
    }

    fn append_transactional(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        records: Vec<(Bytes, Option<Bytes>)>,
        producer: TransactionalProducer,
    ) -> Result<u64, ResponseError> {
        let options = BatchOptions {
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            is_transactional: true,
            ..BatchOptions::default()
        };
        self.append_batch(ctx, partition, &records, options)
    }

    fn partition_count(&self) -> i32 {
        self.broker.internal_partitions(InternalTopic::Offsets)
    }

    fn image(&self) -> &MetadataImage {
        &self.broker.process.image
    }

    fn is_leader(&self, partition: i32) -> bool {
        self.broker.leads_internal(InternalTopic::Offsets, partition)
    }

    fn initialize_share(&mut self, key: ShareKey, state_epoch: i32, start: Offset) {
        self.begun.push((key, state_epoch, start));
    }
}
