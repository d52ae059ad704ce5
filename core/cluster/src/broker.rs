//! A broker: what is on its disk, and what its process holds in memory while it runs.
//!
//! The process registers with the controller, follows the metadata log, leads some partitions and
//! follows others, and answers clients. Each of these has a file of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use highwater_log::{LeaderEpoch, Offset};

use kafka_protocol::messages::InitProducerIdRequest;

use crate::acl::Authorizer;
use crate::bugs::Bugs;
use crate::cluster_spec::ClusterSpec;
use crate::configs::layers::Configs;
use crate::configs::{BrokerConfig, broker_file};
use crate::ctx::Ctx;
use crate::group::GroupCoordinator;
use crate::ids::{BrokerEpoch, BrokerId, ControllerId, CorrelationId, TopicName, TopicPartition};
use crate::input::{Failure, Input, ReplyTo};
use crate::message::{Request, Response};
use crate::metadata::MetadataImage;
use crate::shared::Shared;
use crate::timer::Timer;
use crate::transaction::TransactionCoordinator;
use crate::view::BrokerState;

mod alter_configs;
mod apis;
mod authorization;
mod auto_topics;
mod cleaner;
mod client_quotas;
mod configs;
mod controller_channel;
mod delete_records;
mod describe;
mod describe_cluster;
mod describe_configs;
mod describe_producers;
mod disk;
mod durability;
mod fetch;
mod follower;
mod group_host;
mod internal_log;
mod isr;
mod lifecycle;
mod log_dirs;
mod metadata_log;
mod out_of_range;
mod produce;
mod purgatory;
mod rate;
mod read_replica;
mod replay_offsets;
mod replica;
mod replication_quota;
mod retention;
mod scripted;
mod share;
mod tiered;
mod transaction_host;
mod txn_markers;
mod verification;
mod views;
mod waiting;

use authorization::Unfinished;
use cleaner::Cleaner;
use client_quotas::ClientQuotas;
use controller_channel::Forwarding;
use follower::Fetcher;
use internal_log::InternalTopic;
use metadata_log::SnapshotDownload;
use out_of_range::LeaderOffset;
use purgatory::Purgatory;
use replica::Replica;
use replication_quota::ReplicationQuotas;
use share::Shares;
use tiered::{TierStart, Tiered};
use verification::Verifications;

/// A broker.
#[derive(Clone, Debug)]
pub(crate) struct Broker {
    id: BrokerId,
    rack: Option<Arc<str>>,
    config: BrokerConfig,
    /// What stands in its file.
    file: Configs,
    /// Who may do what; none if everybody may do everything.
    authorizer: Option<Authorizer>,
    cluster_id: u64,
    bugs: Bugs,
    /// What is on the disk; of each replica, the log and the checkpoint outlive the process.
    replicas: BTreeMap<TopicPartition, Shared<Replica>>,
    process: Process,
    /// The epoch of the registration that ended in good order, written down for the next one.
    clean_shutdown_epoch: Option<BrokerEpoch>,
    was_killed: bool,
    disk: disk::Disk,
    /// What a person told it to do with requests.
    scripts: scripted::Scripts,
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
    /// The latest epoch of the quorum that it heard of.
    controller_epoch: LeaderEpoch,
    /// Fetches of the metadata log that failed since the last that did not.
    failed_metadata_fetches: u32,
    /// The epoch of the last record of the metadata log that it has.
    metadata_epoch: LeaderEpoch,
    /// A snapshot of the metadata that it fetches.
    snapshot: Option<SnapshotDownload>,
    /// Clients' requests that wait to be passed on again.
    forwardings: BTreeMap<u64, Forwarding>,
    next_forwarding: u64,
    image: Shared<MetadataImage>,
    metadata_end_offset: Offset,
    /// Whether it has applied all metadata up to its registration.
    has_caught_up: bool,
    requests: BTreeMap<CorrelationId, Sent>,
    fetchers: BTreeMap<BrokerId, Fetcher>,
    purgatory: Purgatory,
    quotas: ReplicationQuotas,
    client_quotas: ClientQuotas,
    unfinished: Unfinished,
    groups: GroupCoordinator,
    transactions: TransactionCoordinator,
    shares: Shares,
    verifications: Verifications,
    producer_ids: std::ops::Range<i64>,
    /// Who waits for a producer id until the next block of them comes.
    awaiting_producer_id: Vec<(ReplyTo, Arc<InitProducerIdRequest>)>,
    /// The internal topics that the controller was asked to create, and has not answered yet.
    internal_topics_asked_for: BTreeSet<InternalTopic>,
    /// Likewise those that clients missed.
    topics_asked_for: BTreeSet<TopicName>,
    cleaner: Cleaner,
    writes: disk::Writes,
    late_answers: scripted::LateAnswers,
    /// Shared by checkpoints: most brokers never have anything of it.
    tiered: Shared<Tiered>,
}

/// A request of the broker's own that awaits its answer.
#[derive(Clone, Debug)]
enum Sent {
    Registration,
    Heartbeat,
    MetadataFetch,
    ReplicaFetch(BrokerId),
    LeaderOffset(BrokerId, TopicPartition, LeaderOffset),
    AlterPartition(TopicPartition),
    MetadataSnapshot,
    Forwarded(Box<Forwarding>),
    ProducerIds,
    InternalTopic(InternalTopic),
    AutoTopics(Vec<TopicName>),
    TransactionMarkers(BrokerId),
    AddPartitionsToTxn(u64),
    /// To a share coordinator.
    Share(u64),
    /// The topic of a dead-letter queue, to the controller.
    DeadLetterTopic(u64),
    /// Dead letters, to the leader of their queue.
    DeadLetters(BrokerId),
    /// A follower that is to begin behind the remote tier asks for the epoch there.
    TierEpoch(BrokerId, TopicPartition, TierStart),
    /// A record of `__remote_log_metadata`.
    RemotePublication(u64),
    /// A fetch of `__remote_log_metadata`.
    RemoteMetadata(BrokerId),
}

impl Broker {
    pub(crate) fn new(id: BrokerId, spec: &ClusterSpec) -> Self {
        let rack = usize::try_from(id.0 - 1).ok().and_then(|index| spec.racks.get(index)).cloned();
        let file = broker_file(spec, id);
        Self {
            id,
            rack,
            config: BrokerConfig::new(spec, id),
            authorizer: Authorizer::of(|name| file.get(name).map(|value| &**value)),
            file,
            cluster_id: spec.seed,
            bugs: spec.bugs,
            replicas: BTreeMap::new(),
            process: Process::new(),
            clean_shutdown_epoch: None,
            was_killed: false,
            disk: disk::Disk::default(),
            scripts: scripted::Scripts::default(),
        }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        let Some(input) = self.unless_muted(ctx, input) else { return };
        let Some(input) = self.unless_scripted(ctx, input) else { return };
        let Some(input) = self.unless_disk_is_slow(ctx, input) else { return };
        self.handle_at_once(ctx, input);
    }

    fn handle_at_once(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        self.counting_time(ctx, input, Self::handle_if_permitted);
    }

    fn handle_if_permitted(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        let input = match input {
            Input::Request(from, request) => match self.authorized(ctx, from, request) {
                Some(request) => Input::Request(from, request),
                None => return,
            },
            input => input,
        };
        self.finishing_answers(ctx, |broker, ctx| broker.handle_authorized(ctx, input));
    }

    fn handle_authorized(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.start(ctx),
            Input::Stop => self.begin_controlled_shutdown(ctx),
            Input::Request(from, request) => self.on_request(ctx, from, request),
            Input::Response(id, response) => self.on_response(ctx, id, response),
            Input::Failed(id, failure) => self.on_failure(ctx, id, failure),
            Input::Timer(timer) => self.on_timer(ctx, timer),
            Input::ClientGone(client) => {
                self.forget_unfinished(client);
                self.client_gone(ctx, client);
            }
            Input::Consumer(_)
            | Input::Call(_)
            | Input::Line(_)
            | Input::EndOfInput
            | Input::Interrupt
            | Input::ChildLine(..)
            | Input::ChildExited(..)
            | Input::Bytes(_) => {}
        }
        self.halt_if_log_dir_failed(ctx);
    }

    /// The process was killed: its memory is gone, and the high watermarks are as last written down.
    pub(crate) fn killed(&mut self) {
        self.forget_memory();
        self.was_killed = true;
    }

    /// The process ends: what it held in memory is gone.
    fn forget_memory(&mut self) {
        self.process = Process::new();
        // What it was given while it ran comes back with the metadata log.
        self.reconfigure_from_metadata();
        for replica in self.replicas.values_mut() {
            replica.process_ended();
        }
    }

    fn on_request(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo, request: Request) {
        match &request {
            Request::Produce(body) => self.produce_when_verified(ctx, from, body),
            Request::Fetch(body) => self.on_fetch(ctx, from, body),
            Request::Metadata(body) => self.on_metadata(ctx, from, body),
            Request::ListOffsets(body) => self.on_list_offsets(ctx, from, body),
            Request::OffsetForLeaderEpoch(body) => self.on_offset_for_leader_epoch(ctx, from, body),
            Request::InitProducerId(body) => self.on_init_producer_id(ctx, from, body),
            Request::DeleteRecords(body) => self.on_delete_records(ctx, from, body),
            Request::DescribeConfigs(body) => self.on_describe_configs(ctx, from, body),
            Request::DescribeTopicPartitions(body) => self.on_describe_topics(ctx, from, body),
            Request::FindCoordinator(body) => self.on_find_coordinator(ctx, from, body),
            Request::IncrementalAlterConfigs(body) => self.on_alter_configs(ctx, from, body),
            Request::DescribeLogDirs(body) => self.on_describe_log_dirs(ctx, from, body),
            Request::AlterReplicaLogDirs(body) => self.on_alter_replica_log_dirs(ctx, from, body),
            Request::ShareFetch(body) => self.on_share_fetch(ctx, from, body),
            Request::ShareAcknowledge(body) => self.on_share_acknowledge(ctx, from, body),
            Request::InitializeShareGroupState(_)
            | Request::ReadShareGroupState(_)
            | Request::WriteShareGroupState(_)
            | Request::DeleteShareGroupState(_)
            | Request::ReadShareGroupStateSummary(_) => {
                self.on_share_state_request(ctx, from, &request);
            }
            Request::DescribeShareGroupOffsets(_)
            | Request::AlterShareGroupOffsets(_)
            | Request::DeleteShareGroupOffsets(_) => {
                self.on_share_offsets_request(ctx, from, &request);
            }
            Request::DeleteGroups(body) if self.names_share_group(body) => {
                self.on_share_offsets_request(ctx, from, &request);
            }
            Request::CreateTopics(_)
            | Request::DeleteTopics(_)
            | Request::ElectLeaders(_)
            | Request::CreatePartitions(_)
            | Request::DescribeQuorum(_)
            | Request::AlterPartitionReassignments(_)
            | Request::AlterClientQuotas(_)
            | Request::ListPartitionReassignments(_) => self.forward(ctx, from, request),
            Request::DescribeAcls(body) => self.on_describe_acls(ctx, from, body),
            Request::CreateAcls(_) | Request::DeleteAcls(_) => {
                self.on_alter_acls(ctx, from, request);
            }
            Request::JoinGroup(_)
            | Request::SyncGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::OffsetCommit(_)
            | Request::OffsetFetch(_)
            | Request::ConsumerGroupHeartbeat(_)
            | Request::ConsumerGroupDescribe(_)
            | Request::ShareGroupHeartbeat(_)
            | Request::ShareGroupDescribe(_)
            | Request::DescribeGroups(_)
            | Request::ListGroups(_)
            | Request::DeleteGroups(_)
            | Request::OffsetDelete(_) => self.on_group_request(ctx, from, &request),
            Request::AddPartitionsToTxn(_)
            | Request::AddOffsetsToTxn(_)
            | Request::EndTxn(_)
            | Request::DescribeTransactions(_)
            | Request::ListTransactions(_) => self.on_transaction_request(ctx, from, &request),
            Request::TxnOffsetCommit(body) => self.commit_when_verified(ctx, from, body),
            Request::WriteTxnMarkers(body) => self.on_write_txn_markers(ctx, from, body),
            Request::DescribeClientQuotas(body) => self.on_describe_client_quotas(ctx, from, body),
            Request::DescribeCluster(body) => self.on_describe_cluster(ctx, from, body),
            Request::DescribeProducers(body) => self.on_describe_producers(ctx, from, body),
            Request::Envelope(_)
            | Request::AlterPartition(_)
            | Request::BrokerRegistration(_)
            | Request::BrokerHeartbeat(_)
            | Request::AllocateProducerIds(_)
            | Request::Vote(_)
            | Request::BeginQuorumEpoch(_)
            | Request::EndQuorumEpoch(_)
            | Request::FetchSnapshot(_) => {
                unreachable!("{:?} goes to a controller only", request.api_key())
            }
        }
    }

    fn on_response(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, response: Response) {
        if controller_channel::is_not_controller(&response) {
            return self.on_failure(ctx, id, Failure::Disconnected);
        }
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
            (Sent::LeaderOffset(leader, partition, wanted), Response::ListOffsets(body)) => {
                self.on_leader_offset(ctx, leader, &partition, wanted, &body);
            }
            (Sent::AlterPartition(partition), Response::AlterPartition(body)) => {
                self.on_partition_altered(ctx, &partition, &body);
            }
            (Sent::MetadataSnapshot, Response::FetchSnapshot(body)) => {
                self.on_snapshot_fetched(ctx, &body);
            }
            (Sent::Forwarded(forwarding), response) => {
                self.forwarded_answered(ctx, &forwarding, response);
            }
            (Sent::ProducerIds, Response::AllocateProducerIds(body)) => {
                self.on_producer_ids(ctx, &body)
            }
            (Sent::InternalTopic(topic), Response::CreateTopics(_)) => {
                self.process.internal_topics_asked_for.remove(&topic);
            }
            (Sent::AutoTopics(topics), Response::CreateTopics(_)) => self.topics_answered(&topics),
            (Sent::TransactionMarkers(broker), Response::WriteTxnMarkers(body)) => {
                self.markers_answered(ctx, broker, Some(&body));
            }
            (Sent::AddPartitionsToTxn(id), Response::AddPartitionsToTxn(body)) => {
                self.verification_answered(ctx, id, Some(&body));
            }
            (Sent::Share(id), response) => {
                self.share_coordinator_answered(ctx, id, Some(&response));
            }
            (Sent::DeadLetterTopic(id), Response::CreateTopics(body)) => {
                self.dead_letter_topic_answered(ctx, id, Some(&body));
            }
            (Sent::DeadLetters(leader), Response::Produce(body)) => {
                self.dead_letters_answered(ctx, leader, Some(&body));
            }
            (Sent::TierEpoch(leader, partition, start), Response::OffsetForLeaderEpoch(body)) => {
                self.tier_epoch_answered(ctx, leader, &partition, start, &body);
            }
            (Sent::RemotePublication(id), Response::Produce(body)) => {
                self.publication_answered(ctx, id, Some(&body));
            }
            (Sent::RemoteMetadata(leader), Response::Fetch(body)) => {
                self.remote_metadata_fetched(ctx, leader, Some(&body));
            }
            (sent, response) => unreachable!("{:?} does not answer {sent:?}", response.api_key()),
        }
    }

    fn on_failure(&mut self, ctx: &mut Ctx<'_>, id: CorrelationId, _failure: Failure) {
        let Some(sent) = self.process.requests.remove(&id) else { return };
        match sent {
            Sent::Registration => self.retry_registration(ctx),
            Sent::Heartbeat => self.on_heartbeat_failed(ctx),
            Sent::MetadataFetch | Sent::MetadataSnapshot => self.retry_metadata_fetch(ctx),
            Sent::ReplicaFetch(leader) => self.on_fetch_failed(ctx, leader),
            Sent::LeaderOffset(leader, partition, _) => {
                self.leader_offset_failed(ctx, leader, &partition);
            }
            Sent::AlterPartition(partition) => self.retry_alter_partition(ctx, &partition),
            Sent::Forwarded(forwarding) => self.forward_failed(ctx, *forwarding),
            Sent::ProducerIds => self.producer_ids_failed(ctx),
            Sent::InternalTopic(topic) => {
                self.process.internal_topics_asked_for.remove(&topic);
            }
            Sent::AutoTopics(topics) => self.topics_answered(&topics),
            Sent::TransactionMarkers(broker) => self.markers_answered(ctx, broker, None),
            Sent::AddPartitionsToTxn(id) => self.verification_answered(ctx, id, None),
            Sent::Share(id) => self.share_coordinator_answered(ctx, id, None),
            Sent::DeadLetterTopic(id) => self.dead_letter_topic_answered(ctx, id, None),
            Sent::DeadLetters(leader) => self.dead_letters_answered(ctx, leader, None),
            Sent::TierEpoch(leader, partition, _) => {
                self.leader_offset_failed(ctx, leader, &partition);
            }
            Sent::RemotePublication(id) => self.publication_answered(ctx, id, None),
            Sent::RemoteMetadata(leader) => self.remote_metadata_fetched(ctx, leader, None),
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
            Timer::Forward(id) => self.forward_again(ctx, id),
            Timer::DelayedProduce(id) => self.delayed_produce_expired(ctx, id),
            Timer::Unmute(id) => self.unmute(ctx, id),
            Timer::DiskWrite(id) => self.disk_written(ctx, id),
            Timer::LogFlush => self.flush_dirty_logs(ctx),
            Timer::ScriptedAnswer(id) => self.give_late_answer(ctx, id),
            Timer::DelayedFetch(id) => self.delayed_fetch_expired(ctx, id),
            Timer::DelayedDeleteRecords(id) => self.delayed_delete_expired(ctx, id),
            Timer::LogCleaner => self.run_cleaner(ctx),
            Timer::RetentionCheck => self.check_retention(ctx),
            Timer::ProducerIdExpiration => self.expire_producers(ctx),
            Timer::GroupInitialRebalance(_)
            | Timer::GroupRebalance(_)
            | Timer::GroupSession(..)
            | Timer::ConsumerGroupSession(..)
            | Timer::ConsumerGroupRebalance(..)
            | Timer::ShareGroupSession(..)
            | Timer::ShareGroupInitialize(_)
            | Timer::OffsetsExpiration => {
                self.on_group_timer(ctx, timer);
            }
            Timer::TransactionTimeouts | Timer::TransactionalIds | Timer::TransactionMarkers => {
                self.on_transaction_timer(ctx, &timer);
            }
            Timer::AddPartitionsToTxn(id) => self.ask_coordinator(ctx, id),
            Timer::ShareLock(group, partition, lock) => {
                self.share_lock_over(ctx, &(group, partition), lock);
            }
            Timer::DelayedShareFetch(id) => self.delayed_share_fetch_expired(ctx, id),
            Timer::SharePersister(id) => self.call_share_coordinator(ctx, id),
            Timer::DeadLetter(id) => self.send_dead_letter(ctx, id),
            Timer::RemoteLog(partition) => self.look_after_remote_log(ctx, &partition),
            Timer::RemoteStore(id) => self.store_answered(ctx, id),
            Timer::RemoteFetch(id) => self.remote_fetch_expired(ctx, id),
            Timer::RemoteListOffsets(id) => self.remote_lookups_expired(ctx, id),
            Timer::RemoteMetadata => self.consume_remote_metadata_again(ctx),
            Timer::RemotePublication(id) => self.send_publication(ctx, id),
            other => unreachable!("a broker sets no {other:?}"),
        }
    }

    fn checkpoint_high_watermarks(&mut self, ctx: &mut Ctx<'_>) {
        if !self.replicas.is_empty() && self.write_fails() {
            return;
        }
        let replicas = self.replicas.values_mut();
        for replica in replicas.filter(|replica| !replica.high_watermark_is_written()) {
            replica.checkpoint_high_watermark();
        }
        ctx.set_timer(
            self.config.high_watermark_checkpoint_interval,
            Timer::HighWatermarkCheckpoint,
        );
    }
}

impl Process {
    fn new() -> Self {
        Self {
            state: BrokerState::Stopped,
            incarnation_id: 0,
            epoch: None,
            controller: ControllerId(0),
            controller_epoch: LeaderEpoch(0),
            failed_metadata_fetches: 0,
            metadata_epoch: LeaderEpoch(0),
            snapshot: None,
            forwardings: BTreeMap::new(),
            next_forwarding: 0,
            image: Shared::default(),
            metadata_end_offset: Offset(0),
            has_caught_up: false,
            requests: BTreeMap::new(),
            fetchers: BTreeMap::new(),
            purgatory: Purgatory::default(),
            quotas: ReplicationQuotas::default(),
            client_quotas: ClientQuotas::default(),
            unfinished: Unfinished::default(),
            groups: GroupCoordinator::default(),
            transactions: TransactionCoordinator::default(),
            shares: Shares::default(),
            verifications: Verifications::default(),
            producer_ids: 0..0,
            awaiting_producer_id: Vec::new(),
            internal_topics_asked_for: BTreeSet::new(),
            topics_asked_for: BTreeSet::new(),
            cleaner: Cleaner::default(),
            writes: disk::Writes::default(),
            late_answers: scripted::LateAnswers::default(),
            tiered: Shared::default(),
        }
    }
}
