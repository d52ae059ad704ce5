//! The transaction coordinator on its broker: it writes to the partitions of `__transaction_state` that
//! the broker leads, and sends markers to other brokers.

use bytes::Bytes;
use highwater_log::{BatchOptions, ProducerId};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;

use crate::broker::internal_log::{InternalTopic, InternalWrite};
use crate::broker::purgatory::Then;
use crate::broker::{Broker, Sent};
use crate::ctx::Ctx;
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::input::ReplyTo;
use crate::message::Request;
use crate::timer::Timer;
use crate::transaction::{Leader, TransactionCoordinator, TransactionLog};

/// The broker as the coordinator sees it.
struct Host<'a> {
    broker: &'a mut Broker,
    written: Vec<(u64, InternalWrite)>,
}

impl Broker {
    pub(super) fn on_transaction_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &Request,
    ) {
        self.with_transactions(ctx, |it, ctx, host| it.handle(ctx, from, request, host));
    }

    pub(super) fn on_transaction_timer(&mut self, ctx: &mut Ctx<'_>, timer: &Timer) {
        self.with_transactions(ctx, |it, ctx, host| match timer {
            Timer::TransactionTimeouts => it.abort_timed_out(ctx, host),
            Timer::TransactionalIds => it.forget_unused(ctx, host),
            Timer::TransactionMarkers => it.retry_markers(ctx, host),
            other => unreachable!("a transaction coordinator sets no {other:?}"),
        });
    }

    /// What the coordinator wrote under `token` is on the ISR, or never will be.
    pub(super) fn transaction_write_done(
        &mut self,
        ctx: &mut Ctx<'_>,
        token: u64,
        error: Option<ResponseError>,
    ) {
        self.with_transactions(ctx, |it, ctx, host| it.written(ctx, token, error, host));
    }

    /// A broker has answered markers, or has not.
    pub(super) fn markers_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        broker: BrokerId,
        response: Option<&kafka::WriteTxnMarkersResponse>,
    ) {
        self.with_transactions(ctx, |it, ctx, host| {
            it.markers_answered(ctx, broker, response, host);
        });
    }

    /// This broker leads a partition of `__transaction_state` from here on, or in a new epoch. In either case what it knew is
    /// dropped and the log is read: markers of the old epoch are on their way, and nobody heeds their answers any more
    /// (`TransactionCoordinator.onElection`).
    pub(super) fn load_transactions(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        led_before: bool,
    ) {
        if led_before {
            self.unload_transactions(ctx, partition);
        }
        let epoch = self.replicas[partition].leader_epoch;
        let index = partition.partition.0;
        let records = self.internal_records(partition);
        self.with_transactions(ctx, |it, ctx, host| {
            it.partition_loaded(ctx, (index, epoch), records, host);
        });
    }

    pub(super) fn unload_transactions(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        let index = partition.partition.0;
        self.with_transactions(ctx, |it, ctx, host| it.partition_unloaded(ctx, index, host));
    }

    /// Lets the coordinator work, then lets its writes wait for the ISR.
    fn with_transactions(
        &mut self,
        ctx: &mut Ctx<'_>,
        work: impl FnOnce(&mut TransactionCoordinator, &mut Ctx<'_>, &mut Host<'_>),
    ) {
        let mut transactions = std::mem::take(&mut self.process.transactions);
        let mut host = Host { broker: self, written: Vec::new() };
        work(&mut transactions, ctx, &mut host);
        let written = host.written;
        // The coordinator is back in place before a write may be done at once.
        self.process.transactions = transactions;
        let timeout = self.config.request_timeout;
        for (token, write) in written {
            self.await_internal(ctx, write, Then::Transaction(token), timeout);
        }
    }
}

impl TransactionLog for Host<'_> {
    fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        record: (Bytes, Option<Bytes>),
    ) -> Result<u64, ResponseError> {
        let partition = InternalTopic::Transactions.partition(partition);
        let numbered =
            self.broker.append_numbered(ctx, partition, &[record], BatchOptions::default())?;
        let token = numbered.0;
        self.written.push(numbered);
        Ok(token)
    }

    fn partition_count(&self) -> i32 {
        self.broker.internal_partitions(InternalTopic::Transactions)
    }

    fn next_producer_id(&mut self, ctx: &mut Ctx<'_>) -> Result<ProducerId, ResponseError> {
        if let Some(id) = self.broker.process.producer_ids.next() {
            return Ok(ProducerId(id));
        }
        self.broker.fetch_producer_ids(ctx);
        Err(ResponseError::CoordinatorLoadInProgress)
    }

    fn leader_of(&self, partition: &TopicPartition) -> Leader {
        let image = &self.broker.process.image;
        match image.partition(partition).map(|registered| registered.leader) {
            Some(Some(leader)) => Leader::Broker(leader),
            Some(None) => Leader::None,
            None => Leader::NoPartition,
        }
    }

    fn group_partition(&self, group: &str) -> TopicPartition {
        let topic = InternalTopic::Offsets;
        topic.partition(self.broker.internal_partition_for(topic, group))
    }

    fn send_markers(
        &mut self,
        ctx: &mut Ctx<'_>,
        to: BrokerId,
        request: kafka::WriteTxnMarkersRequest,
    ) {
        let timeout = self.broker.config.request_timeout;
        let id = ctx.send(NodeId::Broker(to), request, timeout);
        self.broker.process.requests.insert(id, Sent::TransactionMarkers(to));
    }
}
