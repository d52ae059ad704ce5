//! A producer within an application, which makes the records itself.

use std::sync::Arc;

use kafka_protocol::ResponseError;

use crate::ctx::Ctx;
use crate::ids::TopicPartition;
use crate::producer::batch::NewRecord;
use crate::producer::{Phase, Producer, ProducerConfig, UNKNOWN_PARTITION};
use crate::time::Span;

impl Producer {
    /// A producer that makes no records by itself.
    pub(crate) fn embedded(mut config: ProducerConfig) -> Self {
        config.rate_per_second = 0;
        Self::new(config)
    }

    /// `send`. The error is why the application has to wait: it is to try again after each input, for
    /// `max.block.ms` at most.
    pub(crate) fn send_record(
        &mut self,
        ctx: &mut Ctx<'_>,
        record: &NewRecord,
    ) -> Result<(), String> {
        let sent = self.send(ctx, record);
        self.run_sender(ctx);
        sent
    }

    /// The application has waited in `send` for `max.block.ms`, and gets the error.
    pub(crate) fn give_up_record(&mut self, ctx: &mut Ctx<'_>, record: &NewRecord, reason: &str) {
        let partition = TopicPartition::new(&record.topic, UNKNOWN_PARTITION);
        self.records_failed(ctx, partition, 1, ResponseError::RequestTimedOut, reason);
    }

    /// How long `send` may keep the application waiting.
    pub(crate) fn max_block(&self) -> Span {
        Span::from_millis(self.config.max_block_ms)
    }

    /// `flush`: nothing lingers, until [`Producer::take_flushed`] says that it is over.
    pub(crate) fn flush(&mut self, ctx: &mut Ctx<'_>) {
        self.is_flushing = true;
        self.run_sender(ctx);
    }

    /// Whether everything that was sent is acknowledged or given up by now; then a flush is over.
    pub(crate) fn take_flushed(&mut self) -> bool {
        let is_flushed = self.accumulator.is_empty() && self.in_flight.is_empty();
        self.is_flushing &= !is_flushed;
        is_flushed
    }

    /// How many records were given up so far.
    pub(crate) fn records_given_up(&self) -> u64 {
        self.totals.failed
    }

    /// What the application was told when records were given up last.
    pub(crate) fn last_failure(&self) -> Option<Arc<str>> {
        self.totals.last_failure.clone()
    }

    /// Whether it is at its end.
    pub(crate) fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }
}
