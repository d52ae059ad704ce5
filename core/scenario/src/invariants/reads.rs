//! What a leader serves to consumers lies below its high watermark, and below its last stable offset
//! for those that read committed records.

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{NodeId, PartitionIndex, TopicId, TopicPartition};
use highwater_cluster::log::{Offset, split_batches};
use highwater_cluster::message::{Body, Response};
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::protocol::messages::fetch_response::PartitionData;

use super::{Anomaly, Look};

/// Looks at fetch responses to clients.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reads;

impl Reads {
    pub(super) fn observe(self, look: &mut Look<'_>) {
        let EventKind::MessageSent {
            message,
            from: NodeId::Broker(_),
            to: NodeId::Client(_),
            api: ApiKey::Fetch,
            is_response: true,
            ..
        } = look.kind()
        else {
            return;
        };
        let Some(Body::Response(Response::Fetch(body))) = look.sent(*message) else { return };
        for topic in &body.responses {
            for data in &topic.partitions {
                if let Some(offset) = beyond(data) {
                    let id = TopicId(topic.topic_id.as_u128());
                    report(look, id, data, offset);
                } else if let Some(offset) = beyond_stable(data) {
                    let id = TopicId(topic.topic_id.as_u128());
                    report_unstable(look, id, data, offset);
                }
            }
        }
    }
}

/// The last record that is served, if it does not lie below the high watermark.
fn beyond(data: &PartitionData) -> Option<Offset> {
    last_served(data).filter(|last| last.0 >= data.high_watermark)
}

/// The last record that is served to a reader of committed records, if it does not lie below the last
/// stable offset. Only such a reader is told of aborted transactions.
fn beyond_stable(data: &PartitionData) -> Option<Offset> {
    data.aborted_transactions.as_ref()?;
    last_served(data).filter(|last| last.0 >= data.last_stable_offset)
}

fn last_served(data: &PartitionData) -> Option<Offset> {
    let records = data.records.as_ref().filter(|records| !records.is_empty())?;
    let (batches, _) = split_batches(records.clone());
    Some(batches.last()?.last_offset())
}

fn report_unstable(look: &mut Look<'_>, id: TopicId, data: &PartitionData, offset: Offset) {
    let Some((topic, _)) = look.metadata().and_then(|image| image.topic_by_id(id)) else { return };
    let partition =
        TopicPartition { topic: topic.clone(), partition: PartitionIndex(data.partition_index) };
    let last_stable_offset = Offset(data.last_stable_offset);
    let found = Anomaly::ReadAboveLastStableOffset { partition, offset, last_stable_offset };
    look.report(found, []);
}

fn report(look: &mut Look<'_>, id: TopicId, data: &PartitionData, offset: Offset) {
    let Some((topic, _)) = look.metadata().and_then(|image| image.topic_by_id(id)) else { return };
    let partition =
        TopicPartition { topic: topic.clone(), partition: PartitionIndex(data.partition_index) };
    let high_watermark = Offset(data.high_watermark);
    look.report(Anomaly::ReadAboveHighWatermark { partition, offset, high_watermark }, []);
}
