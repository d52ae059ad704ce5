//! A KRaft controller: it decides what is true of the cluster, and writes it to the metadata log
//! (KIP-500, KIP-631). One controller is active; the others refuse what only that one may do.

use std::collections::BTreeMap;

use highwater_log::Offset;

use crate::bugs::Bugs;
use crate::cluster_spec::ClusterSpec;
use crate::configs::BrokerConfig;
use crate::configs::layers::Configs;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, ControllerId};
use crate::input::{Input, ReplyTo};
use crate::message::Request;
use crate::metadata::{MetadataImage, MetadataRecord, encode_batch};
use crate::raft::{QuorumConfig, Raft};
use crate::shared::Shared;
use crate::timer::Timer;
use crate::view::ControllerView;

pub(crate) mod acls;
mod activation;
mod alter_client_quotas;
mod alter_configs;
mod alter_partition;
mod broker_states;
mod create_partitions;
mod create_topics;
mod delete_topics;
mod elect_leaders;
mod forced_election;
mod heartbeats;
mod leader_and_isr;
mod mutation_quota;
mod new_topic;
pub(crate) mod partition_change;
pub(crate) mod placement;
mod producer_ids;
mod quorum;
mod reassignments;
mod refusal;
mod registration;
mod scheduled_elections;
mod snapshots;
#[cfg(test)]
mod tests;
pub(crate) mod topic_names;

pub(crate) use alter_client_quotas::refused as quotas_refused;
pub(crate) use alter_configs::refused as configs_refused;
pub(crate) use create_partitions::refused as partitions_refused;
pub(crate) use refusal::{create_refused, delete_refused};

pub use activation::FEATURES;

use heartbeats::Heartbeats;
use mutation_quota::MutationQuotas;
use quorum::Standing;
use scheduled_elections::ScheduledElections;

/// A KRaft controller.
#[derive(Clone, Debug)]
pub(crate) struct Controller {
    id: ControllerId,
    settings: Settings,
    /// What stands in the file of every broker.
    broker_file: Configs,
    image: Shared<MetadataImage>,
    quorum: Raft,
    standing: Standing,
    heartbeats: Heartbeats,
    /// Where each broker's registration stands in the metadata log. Records that clean up after an
    /// earlier run of the broker may stand before it, so this is not always the broker's epoch.
    registered_at: BTreeMap<BrokerId, Offset>,
    scheduled_elections: ScheduledElections,
    mutation_quotas: MutationQuotas,
    bugs: Bugs,
}

/// The settings that the controller goes by, as all brokers share them.
#[derive(Clone, Debug)]
struct Settings {
    min_insync_replicas: i64,
    default_replication_factor: i64,
    num_partitions: i64,
    max_partitions: usize,
    snapshot_bytes: u64,
    /// Whether topics may have a remote tier.
    remote_log_storage_system: bool,
}

impl Controller {
    pub(crate) fn new(id: ControllerId, voters: Vec<ControllerId>, spec: &ClusterSpec) -> Self {
        // No broker has this id: what comes out are the settings that are no single broker's own.
        let shared = BrokerConfig::new(spec, BrokerId(-1));
        Self {
            id,
            settings: Settings {
                min_insync_replicas: shared.min_insync_replicas,
                default_replication_factor: shared.default_replication_factor,
                num_partitions: shared.num_partitions,
                max_partitions: spec.bounds.partitions,
                snapshot_bytes: QuorumConfig::new(spec).snapshot_bytes,
                remote_log_storage_system: shared.remote_log_storage_system,
            },
            broker_file: spec.configs.clone(),
            image: Shared::default(),
            quorum: Raft::new(id, voters, spec),
            standing: Standing::default(),
            heartbeats: Heartbeats::new(spec),
            registered_at: BTreeMap::new(),
            scheduled_elections: ScheduledElections::new(&shared),
            mutation_quotas: MutationQuotas::default(),
            bugs: spec.bugs,
        }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.quorum.start(ctx),
            Input::Stop => {
                self.standing.is_stopping = true;
                self.quorum.shut_down(ctx);
            }
            Input::Request(from, request) => self.handle_request(ctx, from, request),
            Input::Response(id, response) => self.quorum.handle_response(ctx, id, &response),
            Input::Failed(id, _) => self.quorum.handle_failure(ctx, id),
            Input::Timer(Timer::Quorum(timer)) => self.quorum.handle_timer(ctx, timer),
            Input::Timer(Timer::DelayedFetch(id)) => self.quorum.held_fetch_expired(ctx, id),
            Input::Timer(Timer::BrokerSessionCheck) if self.is_active() => {
                self.fence_stale_broker(ctx);
            }
            // It sets no other timers, and has no terminal.
            Input::Timer(Timer::LeaderImbalanceCheck) => self.elect_preferred_leaders(ctx),
            Input::Timer(Timer::UncleanElectionCheck) => self.elect_unclean_leaders(ctx),
            _ => {}
        }
        self.follow_quorum(ctx);
    }

    /// The process was killed, or has ended: what is left is on its disk.
    pub(crate) fn process_ended(&mut self) {
        self.quorum.process_ended();
        self.standing = Standing::default();
        self.image = Shared::default();
        self.heartbeats.forget_all();
        self.registered_at.clear();
        self.mutation_quotas = MutationQuotas::default();
    }

    /// Whether it is the active controller.
    pub(crate) fn is_active(&self) -> bool {
        self.standing.is_active()
    }

    /// The metadata as it knows it: what is committed, and what it decided itself.
    pub(crate) fn image(&self) -> &MetadataImage {
        &self.image
    }

    /// Its part in the quorum.
    pub(crate) fn quorum(&self) -> &Raft {
        &self.quorum
    }

    pub(crate) fn view(&self, is_running: bool) -> ControllerView {
        ControllerView { is_active: self.is_active(), ..self.quorum.view(is_running) }
    }

    fn handle_request(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo, request: Request) {
        if self.quorum.handle_request(ctx, from, &request) {
            return;
        }
        if self.is_active() && self.quorum.is_leader() {
            self.handle_deferred(ctx, from, request);
        } else {
            self.refuse(ctx, from, &request);
        }
    }

    fn handle_active(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo, request: Request) {
        match request {
            Request::BrokerRegistration(body) => self.handle_registration(ctx, from, &body),
            Request::BrokerHeartbeat(body) => self.handle_heartbeat(ctx, from, &body),
            Request::CreateTopics(body) => self.handle_create_topics(ctx, from, &body),
            Request::DeleteTopics(body) => self.handle_delete_topics(ctx, from, &body),
            Request::CreatePartitions(body) => self.handle_create_partitions(ctx, from, &body),
            Request::IncrementalAlterConfigs(body) => {
                self.handle_incremental_alter_configs(ctx, from, &body)
            }
            Request::AlterPartition(body) => self.handle_alter_partition(ctx, from, &body),
            Request::AllocateProducerIds(body) => {
                self.handle_allocate_producer_ids(ctx, from, &body)
            }
            Request::ElectLeaders(body) => self.handle_elect_leaders(ctx, from, &body),
            Request::AlterPartitionReassignments(body) => {
                self.handle_alter_partition_reassignments(ctx, from, &body);
            }
            Request::AlterClientQuotas(body) => self.handle_alter_client_quotas(ctx, from, &body),
            Request::CreateAcls(body) => self.handle_create_acls(ctx, from, &body),
            Request::DeleteAcls(body) => self.handle_delete_acls(ctx, from, &body),
            Request::ListPartitionReassignments(body) => {
                self.handle_list_partition_reassignments(ctx, from, &body);
            }
            // A controller's listener does not serve these: a real one would close the connection.
            _ => {}
        }
    }

    /// Writes records as one batch, so that they hold together or not at all, and applies them.
    fn write(&mut self, ctx: &mut Ctx<'_>, records: &[MetadataRecord]) {
        if records.is_empty() {
            return;
        }
        let batch = encode_batch(records, ctx.timestamp());
        let base = self.quorum.append(ctx, &batch);
        for (record, offset) in records.iter().zip(base.0..) {
            self.image.apply(record, Offset(offset));
        }
        self.standing.wrote(self.quorum.log_end_offset(), records, batch.len());
    }
}
