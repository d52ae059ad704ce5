//! What is counted from the events.

use std::collections::BTreeMap;

use highwater_cluster::event::{Event, EventKind, IsrChangeReason};
use highwater_cluster::ids::{BrokerId, ClientId, MessageId, NodeId, TopicName, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::message::{Body, Response};
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::quota::event::QuotaEvent;
use highwater_cluster::remote::event::RemoteEvent;
use highwater_cluster::time::{Span, Time};
use highwater_cluster::world::World;

use super::durations::Durations;
use super::meter::{Meter, TICK_S};
use super::requests::{Requests, Told};
use super::sample::TopicSample;

/// How long the percentiles of requests remember, in seconds: Kafka's favour the last five minutes.
const FADE_S: u64 = 300;

/// What is counted from the events.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// What each process counts from its start on: a broker that starts again counts anew.
    servers: BTreeMap<NodeId, ServerTally>,
    clients: BTreeMap<ClientId, ClientTally>,
    /// Records and bytes that leaders appended since the beginning.
    topics: BTreeMap<TopicName, (u64, u64)>,
    requests: Requests,
    pub(super) stretch: Stretch,
}

/// What took how long since the last sample.
#[derive(Clone, Debug, Default)]
pub(super) struct Stretch {
    pub(super) produce: Durations,
    pub(super) fetch: Durations,
    pub(super) end_to_end: Durations,
}

/// What a broker or a controller counts.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerTally {
    /// By topic; under none what Kafka counts for all topics together.
    pub(super) topics: BTreeMap<Option<TopicName>, TopicTally>,
    pub(super) isr_shrinks: Meter,
    pub(super) isr_expands: Meter,
    pub(super) unclean_elections: Meter,
    /// By the name of the request, as Kafka's metrics say it.
    pub(super) requests: BTreeMap<&'static str, RequestTally>,
}

/// What a broker counts of a topic.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TopicTally {
    pub(super) messages_in: Meter,
    pub(super) bytes_in: Meter,
    pub(super) bytes_out: Meter,
    pub(super) replication_bytes_in: Meter,
    pub(super) replication_bytes_out: Meter,
    pub(super) failed_produce: Meter,
    pub(super) remote: RemoteTally,
}

/// What a broker counts of the remote tier of a topic.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RemoteTally {
    pub(super) copy_bytes: Meter,
    pub(super) copy_requests: Meter,
    pub(super) copy_errors: Meter,
    pub(super) fetch_bytes: Meter,
    pub(super) fetch_requests: Meter,
    pub(super) fetch_errors: Meter,
    pub(super) delete_requests: Meter,
    pub(super) delete_errors: Meter,
}

/// What a broker counts of a kind of request.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestTally {
    pub(super) count: Meter,
    pub(super) total: Durations,
}

/// What a client counts.
#[derive(Clone, Debug, Default)]
pub(super) struct ClientTally {
    pub(super) produce: Took,
    pub(super) fetch: Took,
    /// For how long brokers held it back, by quotas.
    pub(super) produce_throttle: Took,
    pub(super) fetch_throttle: Took,
}

/// How long requests took, without percentiles.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Took {
    pub(super) count: u64,
    pub(super) sum: Span,
    pub(super) max: Span,
}

impl Tally {
    pub(super) fn observe(&mut self, event: &Event, world: &World) {
        if let Some(told) = self.requests.observe(event) {
            self.request(told);
        }
        match &event.kind {
            EventKind::BrokerStarted { broker } => {
                self.servers.insert(NodeId::Broker(*broker), ServerTally::default());
            }
            EventKind::ControllerStarted { controller } => {
                self.servers.insert(NodeId::Controller(*controller), ServerTally::default());
            }
            EventKind::MessageSent {
                message,
                from: NodeId::Broker(broker),
                to,
                api,
                is_response: true,
                ..
            } if *api == ApiKey::Fetch => {
                self.fetched(*broker, *to, *message, world);
            }
            EventKind::MessageDelivered { from, to, api, is_response: false, .. } => {
                if let Some(request) = request_name(*api, *from) {
                    self.server(*to).requests.entry(request).or_default().count.mark(1);
                }
            }
            EventKind::BatchAppended { .. } => self.appended(event),
            EventKind::ProduceRefused { broker, partition, error, .. } if is_failure(*error) => {
                self.on_topic(*broker, &partition.topic, |topic| topic.failed_produce.mark(1));
            }
            EventKind::IsrChanged { partition, reason, .. } => {
                self.isr_changed(partition, *reason, world);
            }
            EventKind::LeaderElected { leader: Some(_), clean: false, .. } => {
                // The controllers replay what the active one decides, and all of them count it.
                for (node, server) in &mut self.servers {
                    if matches!(node, NodeId::Controller(_)) {
                        server.unclean_elections.mark(1);
                    }
                }
            }
            EventKind::Remote(event) => self.remote_event(event),
            EventKind::Quota(event) => self.quota_event(event),
            EventKind::RecordsConsumed { partition, first, last, .. } => {
                self.consumed(partition, *first, *last, world);
            }
            _ => {}
        }
    }

    fn quota_event(&mut self, event: &QuotaEvent) {
        let QuotaEvent::Throttled { client: NodeId::Client(client), api, wait, .. } = event else {
            return;
        };
        let client = self.clients.entry(*client).or_default();
        // Clients measure what they are told in the answers of that kind, whatever quota they are beyond.
        let took = match api {
            ApiKey::Produce => &mut client.produce_throttle,
            ApiKey::Fetch => &mut client.fetch_throttle,
            _ => return,
        };
        took.count += 1;
        took.sum = took.sum + *wait;
        took.max = took.max.max(*wait);
    }

    fn remote_event(&mut self, event: &RemoteEvent) {
        let topic = &event.partition().topic;
        let mut count = |broker: &BrokerId, count: &dyn Fn(&mut RemoteTally)| {
            self.on_topic(*broker, topic, |topic| count(&mut topic.remote));
        };
        match event {
            RemoteEvent::CopyStarted { broker, .. } => {
                count(broker, &|remote| remote.copy_requests.mark(1));
            }
            RemoteEvent::Copied { broker, size_bytes, .. } => {
                count(broker, &|remote| remote.copy_bytes.mark(*size_bytes));
            }
            RemoteEvent::CopyFailed { broker, .. } => {
                count(broker, &|remote| remote.copy_errors.mark(1));
            }
            RemoteEvent::Read { broker, size_bytes, .. } => count(broker, &|remote| {
                remote.fetch_requests.mark(1);
                remote.fetch_bytes.mark(*size_bytes);
            }),
            RemoteEvent::ReadFailed { broker, .. } => count(broker, &|remote| {
                remote.fetch_requests.mark(1);
                remote.fetch_errors.mark(1);
            }),
            RemoteEvent::Deleted { broker, .. } => {
                count(broker, &|remote| remote.delete_requests.mark(1));
            }
            RemoteEvent::DeleteFailed { broker, .. } => count(broker, &|remote| {
                remote.delete_requests.mark(1);
                remote.delete_errors.mark(1);
            }),
            _ => {}
        }
    }

    /// A whole second has passed.
    pub(super) fn second_passed(&mut self, at: Time) {
        let second = at.0 / 1_000_000;
        if second.is_multiple_of(TICK_S) {
            self.servers.values_mut().flat_map(ServerTally::meters).for_each(Meter::tick);
        }
        if second.is_multiple_of(FADE_S) {
            let servers = self.servers.values_mut();
            let requests = servers.flat_map(|server| server.requests.values_mut());
            requests.for_each(|request| request.total.fade());
            self.requests.forget(at);
        }
    }

    /// What a process has counted.
    pub(super) fn of_server(&self, node: NodeId) -> Option<&ServerTally> {
        self.servers.get(&node)
    }

    /// What a client has counted.
    pub(super) fn of_client(&self, client: ClientId) -> ClientTally {
        self.clients.get(&client).cloned().unwrap_or_default()
    }

    pub(super) fn topic_samples(&self) -> Vec<TopicSample> {
        let sample = |(topic, (records, bytes)): (&TopicName, &(u64, u64))| TopicSample {
            topic: topic.clone(),
            records: *records,
            bytes: *bytes,
        };
        self.topics.iter().map(sample).collect()
    }

    fn server(&mut self, node: NodeId) -> &mut ServerTally {
        self.servers.entry(node).or_default()
    }

    /// Counts for a topic, and for all topics together.
    fn on_topic(&mut self, broker: BrokerId, topic: &TopicName, count: impl Fn(&mut TopicTally)) {
        let topics = &mut self.server(NodeId::Broker(broker)).topics;
        count(topics.entry(None).or_default());
        count(topics.entry(Some(topic.clone())).or_default());
    }

    fn request(&mut self, told: Told) {
        match told {
            Told::Answered { by, to, api, total } => {
                if let Some(request) = request_name(api, to) {
                    let request = self.server(by).requests.entry(request).or_default();
                    request.total.add(total, 1);
                }
            }
            Told::Returned { to: NodeId::Client(client), api, latency } => {
                let own = self.clients.entry(client).or_default();
                let (took, all) = match api {
                    ApiKey::Produce => (&mut own.produce, &mut self.stretch.produce),
                    ApiKey::Fetch => (&mut own.fetch, &mut self.stretch.fetch),
                    _ => return,
                };
                took.add(latency);
                all.add(latency, 1);
            }
            Told::Returned { .. } => {}
        }
    }

    fn appended(&mut self, event: &Event) {
        let EventKind::BatchAppended {
            broker,
            partition,
            base_offset,
            last_offset,
            size_bytes,
            as_leader,
            ..
        } = &event.kind
        else {
            return;
        };
        let bytes = u64::from(*size_bytes);
        if !as_leader {
            let all = self.server(NodeId::Broker(*broker)).topics.entry(None).or_default();
            all.replication_bytes_in.mark(bytes);
            return;
        }
        let records = u64::try_from(last_offset.0 - base_offset.0 + 1).unwrap_or(0);
        self.on_topic(*broker, &partition.topic, |topic| {
            topic.messages_in.mark(records);
            topic.bytes_in.mark(bytes);
        });
        let total = self.topics.entry(partition.topic.clone()).or_default();
        total.0 += records;
        total.1 += bytes;
    }

    /// A broker answered a fetch: the bytes of its records go out to a consumer, or to a follower.
    fn fetched(&mut self, broker: BrokerId, to: NodeId, message: MessageId, world: &World) {
        let Some(Body::Response(Response::Fetch(body))) =
            world.message(message).map(|it| &*it.body)
        else {
            return;
        };
        for response in &body.responses {
            let records = response.partitions.iter().filter_map(|answer| answer.records.as_ref());
            let bytes: u64 = records.map(|records| records.len() as u64).sum();
            if bytes == 0 {
                continue;
            }
            if matches!(to, NodeId::Broker(_)) {
                let all = self.server(NodeId::Broker(broker)).topics.entry(None).or_default();
                all.replication_bytes_out.mark(bytes);
                continue;
            }
            let id = highwater_cluster::ids::TopicId(response.topic_id.as_u128());
            let known = world.metadata_of(broker).and_then(|image| image.topic_by_id(id));
            if let Some((topic, _)) = known {
                self.on_topic(broker, topic, |topic| topic.bytes_out.mark(bytes));
            }
        }
    }

    /// The leader counts what it asked for itself: `Partition` marks the meters when its AlterPartition
    /// request is granted. What the controller does when it fences a broker is in no meter.
    fn isr_changed(&mut self, partition: &TopicPartition, reason: IsrChangeReason, world: &World) {
        let Some(leader) = world.registration(partition).and_then(|known| known.leader) else {
            return;
        };
        let server = self.server(NodeId::Broker(leader));
        match reason {
            IsrChangeReason::FollowerLagged => server.isr_shrinks.mark(1),
            IsrChangeReason::FollowerCaughtUp => server.isr_expands.mark(1),
            _ => {}
        }
    }

    /// An application is done with records: how long is it since their timestamps? Within a batch, of
    /// which the header has the first and the last, they are taken to be evenly spread.
    fn consumed(&mut self, partition: &TopicPartition, first: Offset, last: Offset, world: &World) {
        let leader = world.registration(partition).and_then(|known| known.leader);
        let Some(log) = leader.and_then(|leader| world.log(leader, partition)) else { return };
        let now = world.timestamp().0;
        for batch in log.batches_from(first).take_while(|batch| batch.base_offset() <= last) {
            let header = batch.header();
            if header.is_control || header.has_delete_horizon {
                continue;
            }
            let (from, to) = (header.base_timestamp.0, header.max_timestamp.0);
            let steps = i64::from(header.last_offset_delta).max(1);
            for offset in first.max(header.base_offset).0..=last.min(header.last_offset()).0 {
                let step = offset - header.base_offset.0;
                let made =
                    from.saturating_add(to.saturating_sub(from).saturating_mul(step) / steps);
                self.stretch.end_to_end.add(Span::from_millis(now.saturating_sub(made)), 1);
            }
        }
    }
}

impl ServerTally {
    fn meters(&mut self) -> impl Iterator<Item = &mut Meter> {
        let topics = self.topics.values_mut().flat_map(|topic| {
            [
                &mut topic.messages_in,
                &mut topic.bytes_in,
                &mut topic.bytes_out,
                &mut topic.replication_bytes_in,
                &mut topic.replication_bytes_out,
                &mut topic.failed_produce,
                &mut topic.remote.copy_bytes,
                &mut topic.remote.copy_requests,
                &mut topic.remote.copy_errors,
                &mut topic.remote.fetch_bytes,
                &mut topic.remote.fetch_requests,
                &mut topic.remote.fetch_errors,
                &mut topic.remote.delete_requests,
                &mut topic.remote.delete_errors,
            ]
        });
        let own = [&mut self.isr_shrinks, &mut self.isr_expands, &mut self.unclean_elections];
        topics.chain(own).chain(self.requests.values_mut().map(|request| &mut request.count))
    }
}

impl Took {
    fn add(&mut self, took: Span) {
        self.count += 1;
        self.sum = self.sum + took;
        self.max = self.max.max(took);
    }
}

/// Whether Kafka counts a refusal as a failed request: what a client only has to send elsewhere, or has
/// got wrong, it does not (`ReplicaManager.appendToLocalLog`).
fn is_failure(error: ResponseError) -> bool {
    !matches!(
        error,
        ResponseError::UnknownTopicOrPartition
            | ResponseError::NotLeaderOrFollower
            | ResponseError::MessageTooLarge
            | ResponseError::RecordListTooLarge
            | ResponseError::CorruptMessage
            | ResponseError::KafkaStorageError
    )
}

/// The name of a request in `RequestMetrics`: fetches are told apart by who fetches. Only the requests
/// that the figures are looked at for; the many kinds that keep a cluster together are left out.
fn request_name(api: ApiKey, asked_by: NodeId) -> Option<&'static str> {
    Some(match api {
        ApiKey::Produce => "Produce",
        ApiKey::Fetch if matches!(asked_by, NodeId::Client(_)) => "FetchConsumer",
        ApiKey::Fetch => "FetchFollower",
        ApiKey::Metadata => "Metadata",
        ApiKey::ListOffsets => "ListOffsets",
        ApiKey::OffsetCommit => "OffsetCommit",
        ApiKey::OffsetFetch => "OffsetFetch",
        ApiKey::FindCoordinator => "FindCoordinator",
        ApiKey::JoinGroup => "JoinGroup",
        ApiKey::SyncGroup => "SyncGroup",
        ApiKey::Heartbeat => "Heartbeat",
        ApiKey::ConsumerGroupHeartbeat => "ConsumerGroupHeartbeat",
        ApiKey::InitProducerId => "InitProducerId",
        ApiKey::AddPartitionsToTxn => "AddPartitionsToTxn",
        ApiKey::EndTxn => "EndTxn",
        ApiKey::AlterPartition => "AlterPartition",
        ApiKey::BrokerHeartbeat => "BrokerHeartbeat",
        ApiKey::CreateTopics => "CreateTopics",
        _ => return None,
    })
}
