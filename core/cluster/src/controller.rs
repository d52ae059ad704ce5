//! A KRaft controller: it decides what is true of the cluster, and writes it to the metadata log
//! (KIP-500, KIP-631). One controller is active; the others refuse what only that one may do.

use std::collections::BTreeMap;

use highwater_log::Offset;

use crate::bugs::Bugs;
use crate::cluster_spec::ClusterSpec;
use crate::configs::BrokerConfig;
use crate::ctx::Ctx;
use crate::ids::{BrokerId, ControllerId};
use crate::input::{Input, ReplyTo};
use crate::message::Request;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::timer::Timer;
use crate::view::ControllerView;

mod activation;
mod alter_partition;
mod broker_states;
mod create_topics;
mod delete_topics;
mod fetch;
mod heartbeats;
mod leader_and_isr;
mod new_topic;
mod partition_change;
mod placement;
mod producer_ids;
mod quorum;
mod refusal;
mod registration;
#[cfg(test)]
mod tests;
mod topic_configs;
mod topic_names;

use fetch::HeldFetches;
use heartbeats::Heartbeats;
use quorum::Quorum;

/// A KRaft controller.
#[derive(Clone, Debug)]
pub(crate) struct Controller {
    id: ControllerId,
    settings: Settings,
    image: MetadataImage,
    quorum: Quorum,
    heartbeats: Heartbeats,
    /// Where each broker's registration stands in the metadata log. Records that clean up after an
    /// earlier run of the broker may stand before it, so this is not always the broker's epoch.
    registered_at: BTreeMap<BrokerId, Offset>,
    held_fetches: HeldFetches,
    bugs: Bugs,
}

/// The settings that the controller goes by, as all brokers share them.
#[derive(Clone, Debug)]
struct Settings {
    min_insync_replicas: i64,
    default_replication_factor: i64,
    num_partitions: i64,
    max_partitions: usize,
}

impl Controller {
    pub(crate) fn new(id: ControllerId, spec: &ClusterSpec) -> Self {
        // No broker has this id: what comes out are the settings that are no single broker's own.
        let shared = BrokerConfig::new(spec, BrokerId(-1));
        Self {
            id,
            settings: Settings {
                min_insync_replicas: shared.min_insync_replicas,
                default_replication_factor: shared.default_replication_factor,
                num_partitions: shared.num_partitions,
                max_partitions: spec.bounds.partitions,
            },
            image: MetadataImage::default(),
            quorum: Quorum::default(),
            heartbeats: Heartbeats::new(spec),
            registered_at: BTreeMap::new(),
            held_fetches: HeldFetches::default(),
            bugs: spec.bugs,
        }
    }

    pub(crate) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        match input {
            Input::Start => self.start(ctx),
            Input::Request(from, request) => self.handle_request(ctx, from, request),
            Input::Timer(Timer::BrokerSessionCheck) => self.fence_stale_broker(ctx),
            Input::Timer(Timer::DelayedFetch(id)) => self.answer_held_fetch(ctx, id),
            // It sends no requests, sets no other timers, and has no terminal.
            _ => {}
        }
    }

    /// Whether it is the active controller.
    pub(crate) fn is_active(&self) -> bool {
        self.quorum.is_leader()
    }

    pub(crate) fn image(&self) -> &MetadataImage {
        &self.image
    }

    pub(crate) fn view(&self) -> ControllerView {
        ControllerView {
            id: self.id,
            is_active: self.is_active(),
            epoch: self.quorum.epoch(),
            metadata_log_end_offset: self.quorum.log_end_offset(),
        }
    }

    fn handle_request(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo, request: Request) {
        if !self.is_active() {
            return self.refuse(ctx, from, &request);
        }
        match request {
            Request::Fetch(body) => self.handle_fetch(ctx, from, &body),
            Request::BrokerRegistration(body) => self.handle_registration(ctx, from, &body),
            Request::BrokerHeartbeat(body) => self.handle_heartbeat(ctx, from, &body),
            Request::CreateTopics(body) => self.handle_create_topics(ctx, from, &body),
            Request::DeleteTopics(body) => self.handle_delete_topics(ctx, from, &body),
            Request::AlterPartition(body) => self.handle_alter_partition(ctx, from, &body),
            Request::AllocateProducerIds(body) => {
                self.handle_allocate_producer_ids(ctx, from, &body)
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
        let base = self.quorum.append(records, ctx.timestamp());
        for (record, offset) in records.iter().zip(base.0..) {
            self.image.apply(record, Offset(offset));
        }
        self.answer_held_fetches(ctx);
    }
}
