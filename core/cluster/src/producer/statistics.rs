//! What a producer can tell of its sending: the figures behind Kafka's `producer-metrics`, and what
//! became of the last records, as a callback would have been told.

use std::collections::VecDeque;
use std::sync::Arc;

use highwater_log::Offset;

use crate::ids::{BrokerId, TopicPartition};
use crate::time::{Span, Time};

/// How many settled records are remembered.
pub const REMEMBERED_DELIVERIES: usize = 20;

/// What became of one record: what the callback of `send` is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// When it was told.
    pub at: Time,
    /// Where the record went; partition -1 if none was chosen yet.
    pub partition: TopicPartition,
    /// Its offset; none if it was given up, or if nobody said, as with `acks=0`.
    pub offset: Option<Offset>,
    /// The exception, if it was given up.
    pub exception: Option<Arc<str>>,
}

/// What a producer can tell of its sending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendingView {
    /// `buffer.memory`, in bytes: Kafka's `buffer-total-bytes`.
    pub buffer_total_bytes: u64,
    /// What is left of it: `buffer-available-bytes`.
    pub buffer_available_bytes: u64,
    /// Batches that wait in the accumulator.
    pub batches_waiting: u64,
    /// Those among them that take no more records, and do not linger.
    pub batches_full: u64,
    /// Produce requests under way to each broker; brokers with none are left out.
    pub requests_in_flight: Vec<(BrokerId, u32)>,
    /// Produce requests that were sent.
    pub requests_sent: u64,
    /// Batches that were sent, each time counted.
    pub batches_sent: u64,
    /// Records in them.
    pub records_sent: u64,
    /// Their bytes before compression.
    pub bytes_before_compression: u64,
    /// Their bytes as they were sent.
    pub bytes_sent: u64,
    /// The sum of the times that batches waited until they were sent.
    pub queue_time: Span,
    /// The longest of these times.
    pub queue_time_max: Span,
    /// The last records that were settled, oldest first, at most [`REMEMBERED_DELIVERIES`].
    pub deliveries: Vec<Delivery>,
}

impl SendingView {
    /// The average length of a batch as it was sent, in bytes: `batch-size-avg`.
    pub fn average_batch_bytes(&self) -> u64 {
        self.bytes_sent / self.batches_sent.max(1)
    }

    /// How long a batch waited on average: `record-queue-time-avg`.
    pub fn average_queue_time(&self) -> Span {
        Span(self.queue_time.0 / self.batches_sent.max(1))
    }
}

/// The figures as they are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Statistics {
    pub(super) requests_sent: u64,
    batches_sent: u64,
    records_sent: u64,
    bytes_before_compression: u64,
    bytes_sent: u64,
    queue_time: Span,
    queue_time_max: Span,
    deliveries: VecDeque<Delivery>,
}

impl Statistics {
    /// A batch is sent: how many records and bytes it has, before compression and after it, and how
    /// long it waited.
    pub(super) fn batch_sent(&mut self, records: u32, before: usize, bytes: usize, waited: Span) {
        self.batches_sent += 1;
        self.records_sent += u64::from(records);
        self.bytes_before_compression += before as u64;
        self.bytes_sent += bytes as u64;
        self.queue_time = Span(self.queue_time.0.saturating_add(waited.0));
        self.queue_time_max = self.queue_time_max.max(waited);
    }

    /// Records of a partition are settled: written from an offset on, or given up.
    pub(super) fn settled(
        &mut self,
        at: Time,
        partition: &TopicPartition,
        count: u32,
        outcome: Result<Option<Offset>, &str>,
    ) {
        let exception: Option<Arc<str>> = outcome.err().map(Arc::from);
        let forgotten = count.saturating_sub(REMEMBERED_DELIVERIES as u32);
        for index in forgotten..count {
            if self.deliveries.len() == REMEMBERED_DELIVERIES {
                self.deliveries.pop_front();
            }
            let base = outcome.ok().flatten();
            self.deliveries.push_back(Delivery {
                at,
                partition: partition.clone(),
                offset: base.map(|base| Offset(base.0 + i64::from(index))),
                exception: exception.clone(),
            });
        }
    }

    /// The figures that are kept; the others of the view are for the caller to fill in.
    pub(super) fn view(&self) -> SendingView {
        SendingView {
            requests_sent: self.requests_sent,
            batches_sent: self.batches_sent,
            records_sent: self.records_sent,
            bytes_before_compression: self.bytes_before_compression,
            bytes_sent: self.bytes_sent,
            queue_time: self.queue_time,
            queue_time_max: self.queue_time_max,
            deliveries: self.deliveries.iter().cloned().collect(),
            ..SendingView::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TopicName;

    #[test]
    fn the_last_records_are_remembered_each_with_its_offset() {
        let mut statistics = Statistics::default();
        let partition = TopicPartition::new(&TopicName::from("orders"), 1);
        statistics.settled(Time(1), &partition, 30, Ok(Some(Offset(100))));
        let offsets = |statistics: &Statistics| -> Vec<Option<i64>> {
            let deliveries = statistics.view().deliveries;
            deliveries.iter().map(|delivery| delivery.offset.map(|offset| offset.0)).collect()
        };
        assert_eq!(offsets(&statistics), (110..130).map(Some).collect::<Vec<_>>());
        statistics.settled(Time(2), &partition, 1, Err("TimeoutException: too late"));
        assert_eq!(offsets(&statistics).last(), Some(&None));
        let last = statistics.view().deliveries.pop().expect("there is one");
        assert_eq!(last.exception.as_deref(), Some("TimeoutException: too late"));
        assert_eq!(statistics.view().deliveries.len(), REMEMBERED_DELIVERIES);
    }
}
