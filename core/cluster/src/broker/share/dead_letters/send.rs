//! Writing to dead-letter queues: a Produce request with `acks=all` to the leader, one at a time for each, with all that
//! came up for it meanwhile.

use std::collections::BTreeMap;

use highwater_log::{BatchBuilder, BatchOptions, LeaderEpoch, Offset};
use kafka_protocol::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};

use crate::broker::{Broker, Sent};
use crate::client::names;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, GroupId, NodeId, TopicName, TopicPartition};
use crate::share::dead_letter::{DeadLetterFailure, Letters, Source};
use crate::share::event::ShareEvent;

/// Some records in a request that is not answered.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    id: u64,
    queue: TopicPartition,
    /// How many records stand before them in the batch.
    place: i64,
    last: Offset,
}

/// What goes to one partition of a queue.
struct Part {
    batch: BatchBuilder,
    size: usize,
}

impl Broker {
    /// Sends a leader what waits for it, if it has answered what was sent before. What is too much for one batch waits
    /// for the next.
    pub(super) fn send_ready_letters(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId) {
        let letters = &mut self.process.shares.dead_letters;
        if letters.sent.contains_key(&leader) {
            return;
        }
        let ready = letters.ready.remove(&leader).unwrap_or_default();
        let (mut parts, mut sending, mut later) = (BTreeMap::new(), Vec::new(), Vec::new());
        for id in ready {
            match self.put_into_batch(ctx, id, &mut parts) {
                Put::Done(sent) => sending.push(sent),
                Put::Later => later.push(id),
                Put::Gone => {}
            }
        }
        if sending.is_empty() {
            return;
        }
        let timeout = self.config.request_timeout;
        let sent = ctx.send(NodeId::Broker(leader), self.produce_letters(parts), timeout);
        self.process.requests.insert(sent, Sent::DeadLetters(leader));
        let letters = &mut self.process.shares.dead_letters;
        letters.sent.insert(leader, sending);
        if !later.is_empty() {
            letters.ready.insert(leader, later);
        }
    }

    /// The leader of queues has answered, or has not.
    pub(in crate::broker) fn dead_letters_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        body: Option<&kafka::ProduceResponse>,
    ) {
        let sent = self.process.shares.dead_letters.sent.remove(&leader).unwrap_or_default();
        for one in sent {
            let answered = match body {
                None => Err(ResponseError::NetworkException),
                Some(body) => written(body, &one.queue),
            };
            self.dead_letter_answered(ctx, &one, answered);
        }
        self.send_ready_letters(ctx, leader);
    }

    /// The most that a batch of the dead-letter queue of a group may take (`max.message.bytes`).
    pub(super) fn most_dead_letter_bytes(&self, group: &GroupId) -> usize {
        let topic = TopicName::from(self.dead_letter_topic(group));
        self.topic_number(&topic, "max.message.bytes")
    }

    fn dead_letter_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        sent: &Sending,
        answered: Result<Offset, ResponseError>,
    ) {
        let Some(pending) = self.process.shares.dead_letters.pending.get_mut(&sent.id) else {
            return;
        };
        pending.attempts += 1;
        let attempts = pending.attempts;
        match answered {
            Ok(base) => self.letters_written(ctx, sent, Offset(base.0 + sent.place)),
            Err(ResponseError::NotLeaderOrFollower | ResponseError::NetworkException) => {
                self.dead_letter_later(ctx, sent.id, attempts, DeadLetterFailure::GaveUp);
            }
            Err(error) => {
                self.dead_letter_ended(ctx, sent.id, Err(DeadLetterFailure::Refused(error)));
            }
        }
    }

    /// The queue has some records: the rest of them follows, if not all had room.
    fn letters_written(&mut self, ctx: &mut Ctx<'_>, sent: &Sending, at: Offset) {
        let letters = &mut self.process.shares.dead_letters;
        let Some(pending) = letters.pending.get_mut(&sent.id) else { return };
        let (name, records) = (pending.name.clone(), pending.records);
        let first = std::mem::replace(&mut pending.next, sent.last.next());
        pending.attempts = 0;
        let found = pending.queue.clone();
        let written = self.share_records(&name, (first, sent.last), records.delivery_count);
        let queue = sent.queue.clone();
        ctx.emit(EventKind::Share(ShareEvent::DeadLettered { records: written, queue, at }));
        match found {
            Some(found) if sent.last < records.last => {
                self.read_originals(ctx, sent.id);
                self.dead_letter_ready(ctx, sent.id, found);
            }
            _ => self.dead_letter_ended(ctx, sent.id, Ok(())),
        }
    }

    /// Puts records into the batch for their partition, if there is room: the first have it in any case.
    fn put_into_batch(
        &self,
        ctx: &Ctx<'_>,
        id: u64,
        parts: &mut BTreeMap<TopicPartition, Part>,
    ) -> Put {
        let Some(pending) = self.process.shares.dead_letters.pending.get(&id) else {
            return Put::Gone;
        };
        let Some((queue, _)) = pending.queue.clone() else { return Put::Gone };
        let (group, partition) = &pending.name;
        let (records, contents) = (pending.records, &pending.contents);
        let most = self.topic_number(&queue.topic, "max.message.bytes");
        let source = Source { group, partition, records, contents };
        let until = records.last.min(pending.known_to);
        let Letters { records, last, size } = source.letters((pending.next, until), most);
        let part = parts
            .entry(queue.clone())
            .or_insert_with(|| Part { batch: BatchBuilder::new(BatchOptions::default()), size: 0 });
        if part.size > 0 && part.size + size > most {
            return Put::Later;
        }
        let place = i64::from(part.batch.record_count());
        records.iter().for_each(|letter| letter.append_to(&mut part.batch, ctx.timestamp()));
        part.size += size;
        Put::Done(Sending { id, queue, place, last })
    }

    fn produce_letters(&self, parts: BTreeMap<TopicPartition, Part>) -> kafka::ProduceRequest {
        let mut topics: BTreeMap<TopicName, Vec<PartitionProduceData>> = BTreeMap::new();
        for (queue, part) in parts {
            let batch = part.batch.build(Offset(0), LeaderEpoch::NONE);
            let data = PartitionProduceData::default()
                .with_index(queue.partition.0)
                .with_records(Some(batch.bytes().clone()));
            topics.entry(queue.topic).or_default().push(data);
        }
        let topics = topics.into_iter().map(|(name, data)| {
            TopicProduceData::default()
                .with_name(names::to_kafka(&name))
                .with_topic_id(self.topic_uuid(&name))
                .with_partition_data(data)
        });
        let timeout_ms = i32::try_from(self.config.request_timeout.millis()).unwrap_or(i32::MAX);
        kafka::ProduceRequest::default()
            .with_acks(-1)
            .with_timeout_ms(timeout_ms)
            .with_topic_data(topics.collect())
    }
}

/// What came of putting records into a batch.
enum Put {
    Done(Sending),
    /// There is no room for them.
    Later,
    /// Nobody waits for them any more.
    Gone,
}

/// Where a batch was written, as an answer says.
fn written(body: &kafka::ProduceResponse, queue: &TopicPartition) -> Result<Offset, ResponseError> {
    let topics =
        body.responses.iter().filter(|topic| names::from_kafka(&topic.name) == queue.topic);
    let mut parts = topics.flat_map(|topic| &topic.partition_responses);
    let part = parts.find(|part| part.index == queue.partition.0);
    let part = part.ok_or(ResponseError::UnknownServerError)?;
    match ResponseError::try_from_code(part.error_code) {
        Some(error) => Err(error),
        None => Ok(Offset(part.base_offset)),
    }
}
