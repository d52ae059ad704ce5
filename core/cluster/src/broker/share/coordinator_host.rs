//! The share coordinator on its broker: it writes to the partitions of `__share_group_state` that the
//! broker leads, and what it wrote counts once the ISR has it.

use bytes::Bytes;
use highwater_log::BatchOptions;
use kafka_protocol::error::ResponseError;

use crate::broker::Broker;
use crate::broker::internal_log::{InternalTopic, InternalWrite};
use crate::broker::purgatory::Then;
use crate::ctx::Ctx;
use crate::ids::TopicPartition;
use crate::input::ReplyTo;
use crate::message::Request;
use crate::metadata::MetadataImage;
use crate::share::coordinator::{ShareCoordinator, ShareLog};

/// The broker as the coordinator sees it.
struct Host<'a> {
    broker: &'a mut Broker,
    written: Vec<(u64, InternalWrite)>,
}

impl Broker {
    pub(in crate::broker) fn on_share_state_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &Request,
    ) {
        self.with_share_coordinator(ctx, |it, ctx, host| it.handle(ctx, from, request, host));
    }

    /// What the coordinator wrote under `token` is on the ISR, or never will be.
    pub(in crate::broker) fn share_state_write_done(
        &mut self,
        ctx: &mut Ctx<'_>,
        token: u64,
        error: Option<ResponseError>,
    ) {
        self.with_share_coordinator(ctx, |it, ctx, _| it.written(ctx, token, error));
    }

    /// This broker leads a partition of `__share_group_state` from here on.
    pub(in crate::broker) fn load_share_states(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
    ) {
        let records = self.internal_records(partition);
        let index = partition.partition.0;
        self.with_share_coordinator(ctx, |it, ctx, _| it.partition_loaded(ctx, index, records));
    }

    pub(in crate::broker) fn unload_share_states(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
    ) {
        let index = partition.partition.0;
        self.with_share_coordinator(ctx, |it, ctx, _| it.partition_unloaded(ctx, index));
    }

    /// Lets the coordinator work, then lets its writes wait for the ISR.
    fn with_share_coordinator(
        &mut self,
        ctx: &mut Ctx<'_>,
        work: impl FnOnce(&mut ShareCoordinator, &mut Ctx<'_>, &mut Host<'_>),
    ) {
        let mut coordinator = std::mem::take(&mut self.process.shares.coordinator);
        let mut host = Host { broker: self, written: Vec::new() };
        work(&mut coordinator, ctx, &mut host);
        let written = host.written;
        // The coordinator is back in place before a write may be done at once.
        self.process.shares.coordinator = coordinator;
        let timeout = self.config.share_coordinator_write_timeout;
        for (token, write) in written {
            self.await_internal(ctx, write, Then::ShareState(token), timeout);
        }
    }
}

impl ShareLog for Host<'_> {
    fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        record: (Bytes, Option<Bytes>),
    ) -> Result<u64, ResponseError> {
        let partition = InternalTopic::ShareState.partition(partition);
        let numbered =
            self.broker.append_numbered(ctx, partition, &[record], BatchOptions::default())?;
        let token = numbered.0;
        self.written.push(numbered);
        Ok(token)
    }

    fn partition_count(&self) -> i32 {
        self.broker.internal_partitions(InternalTopic::ShareState)
    }

    fn image(&self) -> &MetadataImage {
        &self.broker.process.image
    }

    fn updates_per_snapshot(&self) -> u32 {
        u32::try_from(self.broker.config.share_snapshot_update_records).unwrap_or(u32::MAX)
    }
}
