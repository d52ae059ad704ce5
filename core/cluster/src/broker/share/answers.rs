//! The answers to ShareFetch and ShareAcknowledge.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::{
    share_acknowledge_response as acknowledge, share_fetch_response as fetch,
};
use uuid::Uuid;

use crate::share::partition::Acquired;
use crate::share::session::PartitionId;
use crate::time::Span;

/// What a fetch found in one partition.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// Records, and which of them were handed out.
    Records(Bytes, Vec<Acquired>),
    /// Why there are none.
    Error(ResponseError),
}

/// Who leads a partition, in which epoch.
type Leaders<'a> = &'a dyn Fn(PartitionId) -> Option<(i32, i32)>;

/// The answer to a fetch.
pub(super) fn fetched(
    found: &[(PartitionId, Found)],
    said: &BTreeMap<PartitionId, Option<ResponseError>>,
    lock: Span,
    leaders: Leaders<'_>,
) -> kafka::ShareFetchResponse {
    let concerned: BTreeSet<PartitionId> =
        found.iter().map(|(id, _)| *id).chain(said.keys().copied()).collect();
    let mut topics: Vec<fetch::ShareFetchableTopicResponse> = Vec::new();
    for id in concerned {
        let mut part =
            fetch::PartitionData::default().with_partition_index(id.1).with_current_leader(
                fetch::LeaderIdAndEpoch::default().with_leader_id(-1).with_leader_epoch(-1),
            );
        if let Some(Some(error)) = said.get(&id) {
            part.acknowledge_error_code = error.code();
        }
        match found.iter().find(|(own, _)| *own == id).map(|(_, found)| found) {
            Some(Found::Records(bytes, acquired)) => {
                part.records = Some(bytes.clone());
                part.acquired_records = acquired.iter().map(acquired_records).collect();
            }
            Some(Found::Error(error)) => part.error_code = error.code(),
            None => {}
        }
        let is_moved = is_moved(part.error_code) || is_moved(part.acknowledge_error_code);
        if let Some((leader, epoch)) = leaders(id).filter(|_| is_moved) {
            part.current_leader =
                fetch::LeaderIdAndEpoch::default().with_leader_id(leader).with_leader_epoch(epoch);
        }
        let topic = Uuid::from_u128(id.0.0);
        match topics.last_mut() {
            Some(last) if last.topic_id == topic => last.partitions.push(part),
            _ => topics.push(
                fetch::ShareFetchableTopicResponse::default()
                    .with_topic_id(topic)
                    .with_partitions(vec![part]),
            ),
        }
    }
    kafka::ShareFetchResponse::default()
        .with_acquisition_lock_timeout_ms(i32::try_from(lock.millis()).unwrap_or(i32::MAX))
        .with_responses(topics)
}

/// The answer to acknowledgements.
pub(super) fn acknowledged(
    said: &BTreeMap<PartitionId, Option<ResponseError>>,
    leaders: Leaders<'_>,
) -> kafka::ShareAcknowledgeResponse {
    let mut topics: Vec<acknowledge::ShareAcknowledgeTopicResponse> = Vec::new();
    for (id, error) in said {
        let code = error.map_or(0, |error| error.code());
        let leader = leaders(*id).filter(|_| is_moved(code)).unwrap_or((-1, -1));
        let part = acknowledge::PartitionData::default()
            .with_partition_index(id.1)
            .with_error_code(code)
            .with_current_leader(
                acknowledge::LeaderIdAndEpoch::default()
                    .with_leader_id(leader.0)
                    .with_leader_epoch(leader.1),
            );
        let topic = Uuid::from_u128(id.0.0);
        match topics.last_mut() {
            Some(last) if last.topic_id == topic => last.partitions.push(part),
            _ => topics.push(
                acknowledge::ShareAcknowledgeTopicResponse::default()
                    .with_topic_id(topic)
                    .with_partitions(vec![part]),
            ),
        }
    }
    kafka::ShareAcknowledgeResponse::default().with_responses(topics)
}

/// Whether the asker is told who leads by now (KIP-951).
fn is_moved(code: i16) -> bool {
    [ResponseError::NotLeaderOrFollower, ResponseError::FencedLeaderEpoch]
        .iter()
        .any(|error| error.code() == code)
}

fn acquired_records(acquired: &Acquired) -> fetch::AcquiredRecords {
    fetch::AcquiredRecords::default()
        .with_first_offset(acquired.first.0)
        .with_last_offset(acquired.last.0)
        .with_delivery_count(acquired.delivery_count)
}
