//! The records of a partition of `__consumer_offsets` as a group coordinator loads them: those of
//! transactions count from the marker on that commits them, and not at all if it aborts.

use std::collections::BTreeMap;

use bytes::Bytes;
use highwater_log::{Batch, ControlType, ProducerId};

use crate::broker::Broker;
use crate::ids::TopicPartition;

/// A record: its key and its value.
type Record = (Bytes, Option<Bytes>);
/// A record of a transaction that is open still.
type PendingRecord = (ProducerId, Bytes, Bytes);

/// What has been replayed.
#[derive(Default)]
struct Replay {
    records: Vec<Record>,
    open: BTreeMap<ProducerId, Vec<Record>>,
}

impl Broker {
    /// The records of a partition that count, in the order in which they came to count; and those of
    /// open transactions.
    pub(super) fn replayed_offsets(
        &self,
        partition: &TopicPartition,
    ) -> (Vec<Record>, Vec<PendingRecord>) {
        let mut replay = Replay::default();
        for batch in self.replicas[partition].log.batches() {
            replay.take(batch);
        }
        let pending = replay.open.into_iter().flat_map(|(producer, records)| {
            let of_producer = move |(key, value): Record| Some((producer, key, value?));
            records.into_iter().filter_map(of_producer)
        });
        (replay.records, pending.collect())
    }
}

impl Replay {
    fn take(&mut self, batch: &Batch) {
        let header = batch.header();
        if header.is_control {
            let records = self.open.remove(&header.producer_id).unwrap_or_default();
            if matches!(batch.control_type(), Ok(Some(ControlType::Commit))) {
                self.records.extend(records);
            }
            return;
        }
        let records = batch.records().unwrap_or_default();
        let records = records.into_iter().filter_map(|record| Some((record.key?, record.value)));
        if header.is_transactional {
            self.open.entry(header.producer_id).or_default().extend(records);
            return;
        }
        for (key, value) in records {
            // What is committed without a transaction counts in place of what one has written before.
            for open in self.open.values_mut() {
                open.retain(|(other, _)| *other != key);
            }
            self.records.push((key, value));
        }
    }
}
