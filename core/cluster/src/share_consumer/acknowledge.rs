//! What a share consumer says of the records that it got, kept until a request takes it to the leader that they
//! came from.

use std::collections::BTreeMap;

use highwater_log::Offset;
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::{
    share_acknowledge_request as acknowledge, share_fetch_request as fetch,
};
use uuid::Uuid;

use crate::client::errors::{is_invalid_metadata, kafka_name};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::BrokerId;
use crate::share::session::{FINAL_EPOCH, PartitionId};
use crate::share::{AcknowledgeType, ShareEvent};
use crate::share_consumer::{Sent, ShareConsumer, my_id};

/// What is said of records: runs of which the same is said, by partition.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said(BTreeMap<PartitionId, Vec<(Offset, Offset, AcknowledgeType)>>);

impl Said {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what is said of one more record, or of some offsets without.
    pub(super) fn add(
        &mut self,
        partition: PartitionId,
        first: Offset,
        last: Offset,
        kind: AcknowledgeType,
    ) {
        let runs = self.0.entry(partition).or_default();
        match runs.last_mut() {
            Some(before) if before.1.next() == first && before.2 == kind => before.1 = last,
            _ => runs.push((first, last, kind)),
        }
        // Requests carry them in order.
        runs.sort_by_key(|(first, ..)| *first);
    }

    pub(super) fn partitions(&self) -> impl Iterator<Item = PartitionId> {
        self.0.keys().copied()
    }

    /// The records of which something is said of a partition; offsets without a record do not count.
    pub(super) fn count(&self, partition: PartitionId) -> u32 {
        let runs = self.0.get(&partition).into_iter().flatten();
        let records = runs.filter(|(.., kind)| *kind != AcknowledgeType::Gap);
        records.map(|(first, last, _)| (last.0 - first.0 + 1) as u32).sum()
    }

    pub(super) fn for_fetch(&self, partition: PartitionId) -> Vec<fetch::AcknowledgementBatch> {
        let runs = self.0.get(&partition).into_iter().flatten();
        runs.map(|(first, last, kind)| {
            fetch::AcknowledgementBatch::default()
                .with_first_offset(first.0)
                .with_last_offset(last.0)
                .with_acknowledge_types(vec![kind.id()])
        })
        .collect()
    }

    pub(super) fn topics(&self) -> Vec<acknowledge::AcknowledgeTopic> {
        let mut topics: Vec<acknowledge::AcknowledgeTopic> = Vec::new();
        for ((topic, index), runs) in &self.0 {
            let batches = runs.iter().map(|(first, last, kind)| {
                acknowledge::AcknowledgementBatch::default()
                    .with_first_offset(first.0)
                    .with_last_offset(last.0)
                    .with_acknowledge_types(vec![kind.id()])
            });
            let part = acknowledge::AcknowledgePartition::default()
                .with_partition_index(*index)
                .with_acknowledgement_batches(batches.collect());
            let topic = Uuid::from_u128(topic.0);
            match topics.last_mut() {
                Some(last) if last.topic_id == topic => last.partitions.push(part),
                _ => topics.push(
                    acknowledge::AcknowledgeTopic::default()
                        .with_topic_id(topic)
                        .with_partitions(vec![part]),
                ),
            }
        }
        topics
    }
}

impl ShareConsumer {
    /// Says now what would else go with the next fetch: `commitAsync`, or the end of a session.
    pub(super) fn send_said(&mut self, ctx: &mut Ctx<'_>, to: BrokerId, is_final: bool) {
        let Some(leader) = self.leaders.get_mut(&to) else { return };
        let said = std::mem::take(&mut leader.said);
        let epoch = if is_final { FINAL_EPOCH } else { leader.advance() };
        leader.is_awaited = true;
        let request = kafka::ShareAcknowledgeRequest::default()
            .with_group_id(Some(self.group_id()))
            .with_member_id(Some(self.member_id()))
            .with_share_session_epoch(epoch)
            .with_topics(said.topics());
        self.send(ctx, to, request, Sent::Acknowledge(to, said));
    }

    pub(super) fn on_acknowledged(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: BrokerId,
        said: &Said,
        body: &kafka::ShareAcknowledgeResponse,
    ) {
        let Some(leader) = self.leaders.get_mut(&from) else { return };
        leader.is_awaited = false;
        leader.keep_silent(ctx, body.throttle_time_ms);
        if let Some(error) = ResponseError::try_from_code(body.error_code) {
            return self.session_refused(ctx, from, said, error);
        }
        for topic in &body.responses {
            for part in &topic.partitions {
                let id = (crate::client::names::topic_id(topic.topic_id), part.partition_index);
                self.said_answered(ctx, id, said, part.error_code);
            }
        }
    }

    /// A leader answered what was said of records of a partition.
    pub(super) fn said_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: PartitionId,
        said: &Said,
        code: i16,
    ) {
        let Some(error) = ResponseError::try_from_code(code) else { return };
        if is_invalid_metadata(error) {
            self.updater.request_update();
        }
        self.said_in_vain(ctx, partition, said, error);
    }

    /// What was said of all partitions does not count.
    pub(super) fn all_said_in_vain(
        &mut self,
        ctx: &mut Ctx<'_>,
        said: &Said,
        error: ResponseError,
    ) {
        for partition in said.partitions().collect::<Vec<_>>() {
            self.said_in_vain(ctx, partition, said, error);
        }
    }

    fn said_in_vain(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: PartitionId,
        said: &Said,
        error: ResponseError,
    ) {
        let count = said.count(id);
        let Some(partition) = self.named(id).filter(|_| count > 0) else { return };
        self.application.too_late += u64::from(count);
        self.last_error = Some(kafka_name(error).into());
        let client = my_id(ctx);
        let failed = ShareEvent::AcknowledgeFailed { client, partition, count, error };
        ctx.emit(EventKind::Share(failed));
    }
}
