//! A consumer that reads a partition from its beginning to its end, as Kafka's does.

use std::collections::{BTreeMap, BTreeSet};

use highwater_scenario::cluster::ids::BrokerId;
use highwater_scenario::cluster::log::{Batch, ControlType, split_batches};
use highwater_scenario::cluster::message::Response;
use highwater_scenario::cluster::protocol::messages as kafka;
use highwater_scenario::cluster::protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use highwater_scenario::cluster::protocol::messages::fetch_response::PartitionData;

use crate::by_hand::Cluster;

impl Cluster {
    /// What a consumer reads, the end that it sees, and its position afterwards.
    pub(super) fn read(&mut self, committed: bool) -> String {
        let mut records = Vec::new();
        let mut position = 0;
        loop {
            let data = self.fetch(committed, position);
            let (batches, _) = split_batches(data.records.clone().unwrap_or_default());
            let Some(last) = batches.last() else {
                let end = if committed { data.last_stable_offset } else { data.high_watermark };
                records.push(format!("| end={end} position={position}"));
                return records.join(" ");
            };
            position = last.last_offset().0 + 1;
            records.extend(visible(&data, &batches));
        }
    }

    fn fetch(&mut self, committed: bool, position: i64) -> PartitionData {
        let partition = FetchPartition::default()
            .with_partition(0)
            .with_current_leader_epoch(-1)
            .with_fetch_offset(position)
            .with_last_fetched_epoch(-1)
            .with_log_start_offset(-1)
            .with_partition_max_bytes(1_048_576);
        let known = self.metadata();
        let topic =
            FetchTopic::default().with_topic_id(known.topic_id).with_partitions(vec![partition]);
        let request = kafka::FetchRequest::default()
            .with_replica_id(kafka::BrokerId(-1))
            .with_max_wait_ms(100)
            .with_min_bytes(1)
            .with_max_bytes(1_048_576)
            .with_session_epoch(-1)
            .with_isolation_level(i8::from(committed))
            .with_topics(vec![topic]);
        let leader = BrokerId(known.partitions[0].leader_id.0);
        let Response::Fetch(body) = self.ask(leader, request) else { unreachable!() };
        let data = body.responses[0].partitions[0].clone();
        assert_eq!(data.error_code, 0, "the fetch from {position} is answered");
        data
    }
}

/// The records that the application gets: not markers, not what was aborted.
fn visible(data: &PartitionData, batches: &[Batch]) -> Vec<String> {
    let aborted = data.aborted_transactions.iter().flatten();
    let mut begins: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for transaction in aborted {
        begins.entry(transaction.first_offset).or_default().push(transaction.producer_id.0);
    }
    let mut open: BTreeSet<i64> = BTreeSet::new();
    let mut records = Vec::new();
    for batch in batches {
        let begun = begins.range(..=batch.last_offset().0).flat_map(|(_, ids)| ids);
        open.extend(begun);
        begins.retain(|first, _| *first > batch.last_offset().0);
        let header = batch.header();
        if header.is_control {
            if batch.control_type().expect("a marker can be read") == Some(ControlType::Abort) {
                open.remove(&header.producer_id.0);
            }
        } else if !(header.is_transactional && open.contains(&header.producer_id.0)) {
            for record in batch.records().expect("a batch can be read") {
                let value = record.value.as_deref().map(String::from_utf8_lossy);
                records.push(format!("{}={}", record.offset, value.unwrap_or_default()));
            }
        }
    }
    records
}
