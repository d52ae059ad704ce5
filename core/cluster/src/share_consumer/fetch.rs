//! The sessions of a share consumer with the leaders of its partitions: it fetches from each, and says with the
//! next fetch what became of the records of the last. Kafka's `ShareConsumeRequestManager`.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use highwater_log::{Offset, Record, split_batches};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::share_fetch_request::{FetchPartition, FetchTopic, ForgottenTopic};
use kafka_protocol::messages::share_fetch_response::{AcquiredRecords, PartitionData};
use uuid::Uuid;

use crate::client::error_messages::{not_authorized_to_group, not_authorized_to_topics};
use crate::client::errors::is_invalid_metadata;
use crate::client::names;
use crate::ctx::Ctx;
use crate::ids::BrokerId;
use crate::share::AcknowledgeType;
use crate::share::session::{INITIAL_EPOCH, PartitionId};
use crate::share_consumer::acknowledge::Said;
use crate::share_consumer::application::InHand;
use crate::share_consumer::{Sent, ShareConsumer};
use crate::time::{Span, Time};

/// A leader that it fetches from.
#[derive(Clone, Debug, Default)]
pub(super) struct Leader {
    /// The epoch of the next request; 0 for the first of a session.
    epoch: i32,
    /// The partitions that the session knows.
    known: BTreeSet<PartitionId>,
    /// What is to be said with the next request.
    pub(super) said: Said,
    pub(super) is_awaited: bool,
    pub(super) not_before: Time,
    failures: u32,
}

impl Leader {
    /// The epoch for a request, which the next one follows.
    pub(super) fn advance(&mut self) -> i32 {
        let epoch = self.epoch;
        self.epoch = if epoch == i32::MAX { 1 } else { epoch + 1 };
        epoch
    }

    /// Whether the leader has a session of it.
    pub(super) fn has_session(&self) -> bool {
        self.epoch != INITIAL_EPOCH
    }

    /// Asks the leader nothing for as long as it says.
    pub(super) fn keep_silent(&mut self, ctx: &Ctx<'_>, throttle_time_ms: i32) {
        let until = ctx.now() + Span::from_millis(throttle_time_ms.into());
        self.not_before = self.not_before.max(until);
    }

    pub(super) fn forget_session(&mut self) {
        self.epoch = INITIAL_EPOCH;
        self.known.clear();
    }
}

impl ShareConsumer {
    /// Fetches from all leaders that no request is under way to.
    pub(super) fn send_fetches(&mut self, ctx: &mut Ctx<'_>) {
        let wanted = self.partitions_by_leader();
        for broker in wanted.keys() {
            self.leaders.entry(*broker).or_default();
        }
        let none = BTreeSet::new();
        let now = ctx.now();
        for broker in self.leaders.keys().copied().collect::<Vec<_>>() {
            let own = wanted.get(&broker).unwrap_or(&none);
            let leader = &self.leaders[&broker];
            let has_to_say = !leader.said.is_empty() || *own != leader.known;
            if leader.is_awaited || leader.not_before > now || (own.is_empty() && !has_to_say) {
                continue;
            }
            self.send_fetch(ctx, broker, own);
        }
    }

    /// The partitions that it is to fetch from, by their leaders.
    fn partitions_by_leader(&mut self) -> BTreeMap<BrokerId, BTreeSet<PartitionId>> {
        let mut wanted: BTreeMap<BrokerId, BTreeSet<PartitionId>> = BTreeMap::new();
        for id in &self.membership.assignment {
            let leader = self.named(*id).and_then(|name| self.updater.metadata.leader(&name));
            match leader {
                Some(leader) => {
                    wanted.entry(leader).or_default().insert(*id);
                }
                None => self.updater.request_update(),
            }
        }
        wanted
    }

    fn send_fetch(&mut self, ctx: &mut Ctx<'_>, to: BrokerId, own: &BTreeSet<PartitionId>) {
        let leader = self.leaders.get_mut(&to).expect("it was just there");
        let mut said = std::mem::take(&mut leader.said);
        let is_new = !leader.has_session();
        let forgotten: Vec<PartitionId> = leader.known.difference(own).copied().collect();
        let added: BTreeSet<PartitionId> = own.difference(&leader.known).copied().collect();
        let epoch = leader.advance();
        leader.known = own.clone();
        leader.is_awaited = true;
        if is_new && !said.is_empty() {
            // The session in which the records came is gone, and with it the right to speak of them.
            let lost = std::mem::take(&mut said);
            self.all_said_in_vain(ctx, &lost, ResponseError::ShareSessionNotFound);
        }
        let named: BTreeSet<PartitionId> = added.iter().copied().chain(said.partitions()).collect();
        let config = &self.config;
        let request = kafka::ShareFetchRequest::default()
            .with_group_id(Some(self.group_id()))
            .with_member_id(Some(self.member_id()))
            .with_share_session_epoch(epoch)
            .with_max_wait_ms(config.fetch_max_wait_ms)
            .with_min_bytes(config.fetch_min_bytes)
            .with_max_bytes(config.fetch_max_bytes)
            .with_max_records(config.max_poll_records)
            .with_batch_size(config.max_poll_records)
            .with_topics(fetch_topics(&named, &said))
            .with_forgotten_topics_data(forgotten_topics(&forgotten));
        self.send(ctx, to, request, Sent::Fetch(to, said));
    }

    pub(super) fn on_fetched(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: BrokerId,
        said: &Said,
        body: &kafka::ShareFetchResponse,
    ) {
        let Some(leader) = self.leaders.get_mut(&from) else { return };
        leader.is_awaited = false;
        leader.keep_silent(ctx, body.throttle_time_ms);
        if let Some(error) = ResponseError::try_from_code(body.error_code) {
            return self.session_refused(ctx, from, said, error);
        }
        leader.failures = 0;
        let (mut has_failed, mut denied) = (false, BTreeSet::new());
        let mut unanswered: BTreeSet<PartitionId> = said.partitions().collect();
        for topic in &body.responses {
            for part in &topic.partitions {
                let id = (names::topic_id(topic.topic_id), part.partition_index);
                unanswered.remove(&id);
                self.said_answered(ctx, id, said, part.acknowledge_error_code);
                match ResponseError::try_from_code(part.error_code) {
                    None => self.take_in(from, id, part),
                    Some(error) => {
                        has_failed = true;
                        if is_invalid_metadata(error) {
                            self.updater.request_update();
                        } else if error == ResponseError::TopicAuthorizationFailed {
                            denied.extend(self.updater.metadata.topic_names.get(&id.0).cloned());
                        }
                    }
                }
            }
        }
        // The empty answer of a leader that tells it to wait says nothing of what it was told.
        for id in unanswered {
            self.said_answered(ctx, id, said, ResponseError::InvalidRecordState.code());
        }
        if has_failed {
            self.wait_for_leader(ctx, from);
        }
        if !denied.is_empty() {
            let exception = not_authorized_to_topics(&denied.iter().collect::<Vec<_>>());
            self.fail(ctx, &exception);
        }
    }

    /// No answer: the session may be gone, and with it what was said.
    pub(super) fn leader_failed(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, said: &Said) {
        let Some(leader) = self.leaders.get_mut(&broker) else { return };
        leader.is_awaited = false;
        leader.forget_session();
        self.updater.metadata.failed(broker, ctx.now());
        self.updater.request_update();
        self.all_said_in_vain(ctx, said, ResponseError::NetworkException);
        self.wait_for_leader(ctx, broker);
    }

    /// A leader knows another session than this consumer, or none: it begins anew.
    pub(super) fn session_refused(
        &mut self,
        ctx: &mut Ctx<'_>,
        broker: BrokerId,
        said: &Said,
        error: ResponseError,
    ) {
        if let Some(leader) = self.leaders.get_mut(&broker) {
            leader.forget_session();
        }
        self.all_said_in_vain(ctx, said, error);
        self.wait_for_leader(ctx, broker);
        if error == ResponseError::GroupAuthorizationFailed {
            let exception = not_authorized_to_group(&self.config.group);
            self.fail(ctx, &exception);
        }
    }

    fn wait_for_leader(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        let Some(leader) = self.leaders.get_mut(&broker) else { return };
        let wait = self.config.retry_backoff().wait(ctx, leader.failures);
        leader.failures = leader.failures.saturating_add(1);
        leader.not_before = leader.not_before.max(ctx.now() + wait);
    }

    /// Takes in what a leader handed out of a partition. Of offsets without a record it is told at once.
    fn take_in(&mut self, from: BrokerId, id: PartitionId, part: &PartitionData) {
        let Some(partition) = self.named(id).filter(|_| !part.acquired_records.is_empty()) else {
            return;
        };
        let records = records_of(part.records.as_ref());
        for acquired in &part.acquired_records {
            let (first, last) = (Offset(acquired.first_offset), Offset(acquired.last_offset));
            for (first, last) in gaps(&records, acquired) {
                if let Some(leader) = self.leaders.get_mut(&from) {
                    leader.said.add(id, first, last, AcknowledgeType::Gap);
                }
            }
            let own =
                records.iter().filter(|record| first <= record.offset && record.offset <= last);
            self.application.arrived(own.map(|record| InHand {
                leader: from,
                id,
                partition: partition.clone(),
                record: record.clone(),
                delivery_count: acquired.delivery_count,
            }));
        }
    }
}

/// The records of a response, but for markers.
fn records_of(bytes: Option<&Bytes>) -> Vec<std::sync::Arc<Record>> {
    let (batches, _) = split_batches(bytes.cloned().unwrap_or_default());
    let data = batches.iter().filter(|batch| !batch.header().is_control);
    let records = data.filter_map(|batch| batch.records().ok()).flatten();
    records.map(std::sync::Arc::new).collect()
}

/// The offsets of what was handed out at which there is no record.
fn gaps(records: &[std::sync::Arc<Record>], acquired: &AcquiredRecords) -> Vec<(Offset, Offset)> {
    let (first, last) = (Offset(acquired.first_offset), Offset(acquired.last_offset));
    let mut next = first;
    let mut gaps = Vec::new();
    for record in records.iter().filter(|it| first <= it.offset && it.offset <= last) {
        if record.offset > next {
            gaps.push((next, record.offset - 1));
        }
        next = record.offset.next();
    }
    if next <= last {
        gaps.push((next, last));
    }
    gaps
}

fn fetch_topics(named: &BTreeSet<PartitionId>, said: &Said) -> Vec<FetchTopic> {
    let mut topics: Vec<FetchTopic> = Vec::new();
    for id in named {
        let part = FetchPartition::default()
            .with_partition_index(id.1)
            .with_acknowledgement_batches(said.for_fetch(*id));
        let topic = Uuid::from_u128(id.0.0);
        match topics.last_mut() {
            Some(last) if last.topic_id == topic => last.partitions.push(part),
            _ => {
                topics.push(FetchTopic::default().with_topic_id(topic).with_partitions(vec![part]));
            }
        }
    }
    topics
}

fn forgotten_topics(forgotten: &[PartitionId]) -> Vec<ForgottenTopic> {
    let mut topics: Vec<ForgottenTopic> = Vec::new();
    for (topic, index) in forgotten {
        let topic = Uuid::from_u128(topic.0);
        match topics.last_mut() {
            Some(last) if last.topic_id == topic => last.partitions.push(*index),
            _ => topics
                .push(ForgottenTopic::default().with_topic_id(topic).with_partitions(vec![*index])),
        }
    }
    topics
}
