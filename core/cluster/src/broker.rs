//! A broker: what is on its disk, and what its process holds in memory while it runs.
//!
//! The process registers with the controller, follows the metadata log, leads some partitions and
//! follows others, and answers clients. Each of these has a file of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use highwater_log::Offset;

use crate::bugs::Bugs;
use crate::cluster_spec::ClusterSpec;
use crate::configs::BrokerConfig;
use crate::ctx::Ctx;
use crate::group::GroupCoordinator;
use crate::ids::{BrokerEpoch, BrokerId, ControllerId, CorrelationId, NodeId, TopicPartition};
use crate::input::{Failure, Input, ReplyTo};
use crate::message::{Request, Response};
use crate::metadata::MetadataImage;
use crate::timer::Timer;
use crate::view::BrokerState;

mod apis;
mod describe;
mod fetch;
mod follower;
mod group_host;
mod isr;
mod lifecycle;
mod metadata_log;
mod produce;
mod purgatory;
mod replica;
mod views;

use follower::Fetcher;
use purgatory::Purgatory;
use replica::Replica;

/// A broker.
#[derive(Clone, Debug)]
pub(crate) struct Broker {
    id: BrokerId,
    rack: Option<Arc<str>>,
    config: BrokerConfig,
    cluster_id: u64,
    bugs: Bugs,
    /// What is on the disk; of each replica, the log and the checkpoint outlive the process.
    replicas: BTreeMap<TopicPartition, Replica>,
    process: Process,
    /// The epoch of the registration that ended in good order, written down for the next one.
    clean_shutdown_epoch: Option<BrokerEpoch>,
    was_killed: bool,
}

/// What the process holds in memory.
#[derive(Clone, Debug)]
struct Process {
    state: BrokerState,
    /// Tells this run of the process from others.
    incarnation_id: u128,
    /// The epoch of its registration, once the controller has given it.
    epoch: Option<BrokerEpoch>,
    /// The controller that it talks to; it tries another when this one does not answer.
    controller: ControllerId,
    image: MetadataImage,
    metadata_end_offset: Offset,
    requests: BTreeMap<CorrelationId, Sent>,
    fetchers: BTreeMap<BrokerId, Fetcher>,
    purgatory: Purgatory,
    groups: GroupCoordinator,
    producer_ids: std::ops::Range<i64>,
    /// Who waits for a producer id until the next block of them comes.
    awaiting_producer_id: Vec<ReplyTo>,
    is_creating_offsets_topic: bool,
}

/// A request of the broker's own that awaits its answer.
#[derive(Clone, Debug)]
enum Sent {
    Registration,
    Heartbeat,
    MetadataFetch,
    ReplicaFetch(BrokerId),
    AlterPartition(TopicPartition),
    Forwarded(ReplyTo, Request),
    ProducerIds,
    OffsetsTopic,
}

impl Broker {
    pub(crate) fn new(id: BrokerId, spec: &ClusterSpec) -> Self {
        let rack = usize::try_from(id.0 - 1).ok().and_then(|index| spec.racks.get(index)).cloned();
        Self {
            id,
            rack,
            config: BrokerConfig::new(spec, id),
            cluster_id: spec.seed,
            bugs: spec.bugs,
            replicas: BTreeMap::new(),
            process: Process::new(),
            clean_shutdown_epoch: None,
            was_killed: false,
        }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.start(ctx),
            Input::Stop => self.begin_controlled_shutdown(ctx),
            Input::Request(from, request) => self.on_request(ctx, from, request),
            Input::Response(id, response) => self.on_response(ctx, id, response),
            Input::Failed(id, failure) => self.on_failure(ctx, id, failure),
            Input::Timer(timer) => self.on_timer(ctx, timer),
            Input::Line(_) | Input::EndOfInput | Input::Interrupt => {}
        }
    }

    /// The process was killed: its memory is gone, and the high watermarks are as last written down.
    pub(crate) fn killed(&mut self) {
        self.forget_memory();
        self.was_killed = true;
    }

    /// The process ends: what it held in memory is gone.
    fn forget_memory(&mut self) {
        self.process = Process::new();
        for replica in self.replicas.values_mut() {
            replica.process_ended();
        }
    }

    fn on_request(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo, request: Request) {
        match &request {
            Request::Produce(body) => self.on_produce(ctx, from, body),
            Request::Fetch(body) => self.on_fetch(ctx, from, body),
            Request::Metadata(body) => self.on_metadata(ctx, from, body),
            Request::ListOffsets(body) => self.on_list_offsets(ctx, from, body),
            Request::OffsetForLeaderEpoch(body) => self.on_offset_for_leader_epoch(ctx, from, body),
            Request::InitProducerId(_) => self.on_init_producer_id(ctx, from),
            Request::DescribeConfigs(body) => self.on_describe_configs(ctx, from, body),
            Request::DescribeTopicPartitions(body) => self.on_describe_topics(ctx, from, body),
            Request::FindCoordinator(body) => self.on_find_coordinator(ctx, from, body),
            Request::CreateTopics(_) | Request::DeleteTopics(_) => self.forward(ctx, from, request),
            Request::JoinGroup(_)
            | Request::SyncGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::OffsetCommit(_)
            | Request::OffsetFetch(_) => self.on_group_request(ctx, from, &request),
            Request::Envelope(_)
            | Request::AlterPartition(_)
            | Request::BrokerRegistration(_)
            | Request::BrokerHeartbeat(_)
            | Request::AllocateProducerIds(_) => {
                unreachable!("{:?} goes to a controller only", request.api_key())
            }
        }
    }

    fn on_response(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, response: Response) {
        let Some(sent) = self.process.requests.remove(&id) else { return };
        match (sent, response) {
            (Sent::Registration, Response::BrokerRegistration(body)) => {
                self.on_registered(ctx, &body)
            }
            (Sent::Heartbeat, Response::BrokerHeartbeat(body)) => self.on_heartbeat(ctx, &body),
            (Sent::MetadataFetch, Response::Fetch(body)) => self.on_metadata_fetched(ctx, &body),
            (Sent::ReplicaFetch(leader), Response::Fetch(body)) => {
                self.on_fetched(ctx, leader, &body)
            }
            (Sent::AlterPartition(partition), Response::AlterPartition(body)) => {
                self.on_partition_altered(ctx, &partition, &body);
            }
            (Sent::Forwarded(from, _), response) => ctx.respond(from, response),
            (Sent::ProducerIds, Response::AllocateProducerIds(body)) => {
                self.on_producer_ids(ctx, &body)
            }
            (Sent::OffsetsTopic, Response::CreateTopics(_)) => {
                self.process.is_creating_offsets_topic = false;
            }
            (sent, response) => unreachable!("{:?} does not answer {sent:?}", response.api_key()),
        }
    }

    fn on_failure(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, _failure: Failure) {
        let Some(sent) = self.process.requests.remove(&id) else { return };
        match sent {
            Sent::Registration => self.retry_registration(ctx),
            Sent::Heartbeat => self.on_heartbeat_failed(ctx),
            Sent::MetadataFetch => self.retry_metadata_fetch(ctx),
            Sent::ReplicaFetch(leader) => self.on_fetch_failed(ctx, leader),
            Sent::AlterPartition(partition) => self.retry_alter_partition(ctx, &partition),
            Sent::Forwarded(from, request) => self.forward_failed(ctx, from, &request),
            Sent::ProducerIds => self.producer_ids_failed(ctx),
            Sent::OffsetsTopic => self.process.is_creating_offsets_topic = false,
        }
    }

    fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::BrokerRegistration => self.register(ctx),
            Timer::BrokerHeartbeat => self.send_heartbeat(ctx),
            Timer::MetadataFetch => self.fetch_metadata(ctx),
            Timer::ReplicaFetch(leader) => self.fetch_from(ctx, leader),
            Timer::IsrCheck => self.check_isrs(ctx),
            Timer::HighWatermarkCheckpoint => self.checkpoint_high_watermarks(ctx),
            Timer::AlterPartition(partition) => self.alter_partition_again(ctx, &partition),
            Timer::DelayedProduce(id) => self.delayed_produce_expired(ctx, id),
            Timer::DelayedFetch(id) => self.delayed_fetch_expired(ctx, id),
            Timer::GroupInitialRebalance(_)
            | Timer::GroupRebalance(_)
            | Timer::GroupSession(..) => {
                self.on_group_timer(ctx, timer);
            }
            other => unreachable!("a broker sets no {other:?}"),
        }
    }

    fn checkpoint_high_watermarks(&mut self, ctx: &mut Ctx<'_>) {
        for replica in self.replicas.values_mut() {
            replica.checkpoint_high_watermark();
        }
        ctx.set_timer(
            self.config.high_watermark_checkpoint_interval,
            Timer::HighWatermarkCheckpoint,
        );
    }

    /// Sends a request to the controller.
    fn ask_controller(&mut self, ctx: &mut Ctx<'_>, request: impl Into<Request>, sent: Sent) {
        let controller = NodeId::Controller(self.process.controller);
        let id = ctx.send(controller, request, self.config.request_timeout);
        self.process.requests.insert(id, sent);
    }

    /// The controller that was asked did not answer: the next one is asked from here on.
    fn try_next_controller(&mut self, ctx: &Ctx<'_>) {
        let all = ctx.controllers();
        let present = all.iter().position(|id| *id == self.process.controller);
        self.process.controller = all[present.map_or(0, |index| (index + 1) % all.len())];
    }
}

impl Process {
    fn new() -> Self {
        Self {
            state: BrokerState::Stopped,
            incarnation_id: 0,
            epoch: None,
            controller: ControllerId(0),
            image: MetadataImage::default(),
            metadata_end_offset: Offset(0),
            requests: BTreeMap::new(),
            fetchers: BTreeMap::new(),
            purgatory: Purgatory::default(),
            groups: GroupCoordinator::default(),
            producer_ids: 0..0,
            awaiting_producer_id: Vec::new(),
            is_creating_offsets_topic: false,
        }
    }
}
