//! Brokers follow the metadata log: a fetch at its end is held until there is more, or until it has
//! waited long enough.

use std::collections::BTreeMap;

use highwater_log::Offset;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_response::{
    FetchableTopicResponse, LeaderIdAndEpoch, PartitionData,
};
use uuid::Uuid;

use super::Controller;
use crate::ctx::Ctx;
use crate::ids::{TimerId, TopicId};
use crate::input::ReplyTo;
use crate::metadata::METADATA_TOPIC_ID;
use crate::time::Span;
use crate::timer::Timer;

/// Fetches that wait for records.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldFetches {
    next: u64,
    held: BTreeMap<u64, HeldFetch>,
}

/// A fetch that waits for records.
#[derive(Clone, Debug)]
struct HeldFetch {
    from: ReplyTo,
    offset: Offset,
    max_bytes: usize,
    timer: TimerId,
}

impl Controller {
    pub(super) fn handle_fetch(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        body: &kafka::FetchRequest,
    ) {
        let asked =
            body.topics.iter().find(|topic| topic.topic_id.as_u128() == METADATA_TOPIC_ID.0);
        let Some(partition) = asked.and_then(|topic| topic.partitions.first()) else {
            return ctx.respond(from, unknown_topics(body));
        };
        let offset = Offset(partition.fetch_offset);
        let max_bytes = usize::try_from(partition.partition_max_bytes).unwrap_or(0);
        self.forget_fetch_of(ctx, from);
        if offset != self.quorum.high_watermark() || body.max_wait_ms <= 0 {
            let response = self.fetched(offset, max_bytes);
            return ctx.respond(from, response);
        }
        let id = self.held_fetches.next;
        self.held_fetches.next += 1;
        let timer =
            ctx.set_timer(Span::from_millis(body.max_wait_ms.into()), Timer::DelayedFetch(id));
        self.held_fetches.held.insert(id, HeldFetch { from, offset, max_bytes, timer });
    }

    /// A held fetch has waited long enough.
    pub(super) fn answer_held_fetch(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(fetch) = self.held_fetches.held.remove(&id) else { return };
        ctx.cancel_timer(fetch.timer);
        let response = self.fetched(fetch.offset, fetch.max_bytes);
        ctx.respond(fetch.from, response);
    }

    /// There is more than there was: what was held is answered.
    pub(super) fn answer_held_fetches(&mut self, ctx: &mut Ctx<'_>) {
        let ids: Vec<u64> = self.held_fetches.held.keys().copied().collect();
        for id in ids {
            self.answer_held_fetch(ctx, id);
        }
    }

    /// A node has one fetch under way: when it asks anew, it has given the other up.
    fn forget_fetch_of(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo) {
        self.held_fetches.held.retain(|_, fetch| {
            let stays = fetch.from.node != from.node;
            if !stays {
                ctx.cancel_timer(fetch.timer);
            }
            stays
        });
    }

    fn fetched(&self, offset: Offset, max_bytes: usize) -> kafka::FetchResponse {
        let leader = LeaderIdAndEpoch::default()
            .with_leader_id(kafka::BrokerId(self.id.0))
            .with_leader_epoch(self.quorum.epoch().0);
        let mut data = PartitionData::default();
        data.high_watermark = self.quorum.high_watermark().0;
        data.last_stable_offset = data.high_watermark;
        data.log_start_offset = 0;
        data.current_leader = leader;
        match self.quorum.read(offset, max_bytes) {
            Ok(records) => data.records = Some(records),
            Err(_) => data.error_code = ResponseError::OffsetOutOfRange.code(),
        }
        respond_about(METADATA_TOPIC_ID, vec![data])
    }

    /// Tells who leads the metadata log, for a node that asked one that does not.
    pub(super) fn not_the_leader(&self) -> kafka::FetchResponse {
        let leader = self.quorum.leader(self.id).map_or(-1, |leader| leader.0);
        let mut data = PartitionData::default();
        data.error_code = ResponseError::NotLeaderOrFollower.code();
        data.current_leader = LeaderIdAndEpoch::default()
            .with_leader_id(kafka::BrokerId(leader))
            .with_leader_epoch(self.quorum.epoch().0);
        respond_about(METADATA_TOPIC_ID, vec![data])
    }
}

fn respond_about(topic: TopicId, partitions: Vec<PartitionData>) -> kafka::FetchResponse {
    let topic = FetchableTopicResponse::default()
        .with_topic_id(Uuid::from_u128(topic.0))
        .with_partitions(partitions);
    kafka::FetchResponse::default().with_responses(vec![topic])
}

/// A controller hosts no topic but that of the metadata log.
fn unknown_topics(body: &kafka::FetchRequest) -> kafka::FetchResponse {
    let unknown = |index| {
        let mut data = PartitionData::default();
        data.partition_index = index;
        data.error_code = ResponseError::UnknownTopicId.code();
        data.high_watermark = -1;
        data
    };
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| unknown(partition.partition));
        FetchableTopicResponse::default()
            .with_topic_id(topic.topic_id)
            .with_partitions(partitions.collect())
    });
    kafka::FetchResponse::default().with_responses(topics.collect())
}
