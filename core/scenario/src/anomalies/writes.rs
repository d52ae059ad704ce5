//! On the way into a log: what acks=0 never hears of, and what producers without idempotence write twice
//! or out of order. A batch is known by its CRC, which a retry does not change.

use std::collections::{BTreeMap, VecDeque};

use highwater_cluster::event::{DropReason, EventKind};
use highwater_cluster::ids::{
    BrokerId, ClientId, CorrelationId, EventId, MessageId, NodeId, TopicName, TopicPartition,
};
use highwater_cluster::log::{Offset, split_batches};
use highwater_cluster::message::{Body, Request};
use highwater_cluster::producer::Acks;
use highwater_cluster::protocol::messages::ApiKey;

use crate::invariants::{Anomaly, Look};

/// The batches of a producer that are remembered for each partition: more than are ever in flight.
const MOST_BATCHES: usize = 64;

/// What producers sent, and what of it was appended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writes {
    /// The produce requests under way.
    under_way: BTreeMap<MessageId, (RequestId, Vec<Sent>)>,
    /// Those that a cut holds back: TCP goes on sending them until the producer gives them up.
    held_back: BTreeMap<RequestId, Vec<Sent>>,
    /// The one that has just arrived.
    arrived: Vec<Sent>,
    streams: BTreeMap<(ClientId, TopicPartition), Stream>,
}

/// A producer, and which of its requests.
type RequestId = (ClientId, CorrelationId);

/// A batch in a produce request.
#[derive(Clone, Debug)]
struct Sent {
    client: ClientId,
    partition: TopicPartition,
    crc: u32,
    /// Its place in the order in which the producer first sent its batches.
    ordinal: u64,
    count: u32,
    has_producer_id: bool,
    event: EventId,
}

/// What one producer sends to one partition.
#[derive(Clone, Debug, Default)]
struct Stream {
    next: u64,
    first_sent: VecDeque<(u32, u64)>,
    appended: VecDeque<Appended>,
}

/// A batch in a log.
#[derive(Clone, Copy, Debug)]
struct Appended {
    crc: u32,
    ordinal: u64,
    broker: BrokerId,
    first: Offset,
    event: EventId,
}

impl Writes {
    pub(crate) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::MessageSent {
                message,
                from: NodeId::Client(client),
                api: ApiKey::Produce,
                is_response: false,
                correlation_id,
                ..
            } => self.sent(look, (*client, *correlation_id), *message),
            EventKind::MessageDelivered { message, api: ApiKey::Produce, .. } => {
                self.arrived = self.under_way.remove(message).map(|it| it.1).unwrap_or_default();
            }
            EventKind::MessageDropped { message, api: ApiKey::Produce, reason, .. } => {
                let Some((request, batches)) = self.under_way.remove(message) else { return };
                if *reason == DropReason::LinkCut {
                    self.held_back.insert(request, batches);
                } else {
                    batches.iter().for_each(|sent| never_written(look, sent));
                }
            }
            EventKind::RequestTimedOut {
                from: NodeId::Client(client),
                api: ApiKey::Produce,
                correlation_id,
                ..
            } => {
                let batches = self.held_back.remove(&(*client, *correlation_id));
                batches.unwrap_or_default().iter().for_each(|sent| never_written(look, sent));
            }
            EventKind::ProduceRefused { partition, client: NodeId::Client(client), .. } => {
                if let Some(sent) = self.arrived_of(*client, partition) {
                    never_written(look, &sent);
                }
            }
            EventKind::BatchAppended {
                broker,
                partition,
                base_offset,
                last_offset,
                as_leader: true,
                ..
            } => {
                let Some(NodeId::Client(client)) = look.delivery().map(|from| from.from) else {
                    return;
                };
                let sent = self.arrived_of(client, partition);
                if let Some(sent) = sent.filter(|sent| !sent.has_producer_id) {
                    self.appended(look, &sent, *broker, *base_offset, *last_offset);
                }
            }
            EventKind::ProducerClosed { client } => {
                let lost = self.held_back.extract_if(.., |(of, _), _| of == client);
                lost.flat_map(|(_, batches)| batches).for_each(|sent| never_written(look, &sent));
                self.streams.retain(|(of, _), _| of != client);
            }
            EventKind::TopicDeleted { topic } => {
                self.streams.retain(|(_, partition), _| partition.topic != *topic);
            }
            _ => {}
        }
    }

    fn sent(&mut self, look: &Look<'_>, request: RequestId, message: MessageId) {
        let (client, _) = request;
        self.held_back.remove(&request);
        let Some(Body::Request(Request::Produce(body))) = look.sent(message) else { return };
        let mut sent = Vec::new();
        for topic in &body.topic_data {
            let name = TopicName::from(&**topic.name);
            for data in &topic.partition_data {
                let (batches, _) = split_batches(data.records.clone().unwrap_or_default());
                let Some(batch) = batches.first().map(|batch| *batch.header()) else { continue };
                let partition = TopicPartition::new(&name, data.index);
                let stream = self.streams.entry((client, partition.clone())).or_default();
                sent.push(Sent {
                    client,
                    partition,
                    crc: batch.crc,
                    ordinal: stream.ordinal(batch.crc),
                    count: u32::try_from(batch.record_count).unwrap_or(0),
                    has_producer_id: batch.has_producer_id(),
                    event: look.event.id,
                });
            }
        }
        self.under_way.insert(message, (request, sent));
    }

    fn arrived_of(&self, client: ClientId, partition: &TopicPartition) -> Option<Sent> {
        let mut arrived = self.arrived.iter();
        arrived.find(|sent| sent.client == client && sent.partition == *partition).cloned()
    }

    fn appended(
        &mut self,
        look: &mut Look<'_>,
        sent: &Sent,
        broker: BrokerId,
        first: Offset,
        last: Offset,
    ) {
        let (client, partition) = (sent.client, sent.partition.clone());
        let stream = self.streams.entry((client, partition.clone())).or_default();
        stream.forget_lost(look, broker, &partition, first);
        let original = stream.appended.iter().find(|before| before.crc == sent.crc).copied();
        let overtook = stream
            .appended
            .iter()
            .filter(|before| before.ordinal > sent.ordinal)
            .min_by_key(|b| b.first);
        let overtook = overtook.copied();
        if let Some(original) = original {
            let evidence = [original.event, sent.event];
            let original = original.first;
            look.report(Anomaly::Duplicate { client, partition, original, first, last }, evidence);
        } else if let Some(overtook) = overtook {
            let evidence = [overtook.event, sent.event];
            let overtaken_by = overtook.first;
            let what = Anomaly::Reordered { client, partition, first, last, overtaken_by };
            look.report(what, evidence);
        }
        let (crc, ordinal, event) = (sent.crc, sent.ordinal, look.event.id);
        stream.appended.push_back(Appended { crc, ordinal, broker, first, event });
        if stream.appended.len() > MOST_BATCHES {
            stream.appended.pop_front();
        }
    }
}

impl Stream {
    /// The place of a batch in the order of first sending.
    fn ordinal(&mut self, crc: u32) -> u64 {
        if let Some((_, ordinal)) = self.first_sent.iter().rev().find(|(known, _)| *known == crc) {
            return *ordinal;
        }
        let ordinal = self.next;
        self.next += 1;
        self.first_sent.push_back((crc, ordinal));
        if self.first_sent.len() > MOST_BATCHES {
            self.first_sent.pop_front();
        }
        ordinal
    }

    /// Forgets what the log that is appended to now does not have: another leader had it.
    fn forget_lost(
        &mut self,
        look: &Look<'_>,
        broker: BrokerId,
        partition: &TopicPartition,
        end: Offset,
    ) {
        let Some(log) = look.world.log(broker, partition) else { return };
        self.appended.retain(|before| {
            let is_there =
                |crc| log.batches_from(before.first).next().map(|b| b.header().crc) == Some(crc);
            before.first < end && (before.broker == broker || is_there(before.crc))
        });
    }
}

/// The producer does not ask what became of its records, and they are gone.
fn never_written(look: &mut Look<'_>, sent: &Sent) {
    if look.facts.acks(sent.client) == Some(Acks::None) {
        let (client, partition, count) = (sent.client, sent.partition.clone(), sent.count);
        look.report(Anomaly::NeverWritten { client, partition, count }, [sent.event]);
    }
}
