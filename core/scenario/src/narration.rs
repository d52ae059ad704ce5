//! Events in sentences: which message of the catalogue tells an event, and with what arguments.

use highwater_cluster::client::errors::kafka_name;
use highwater_cluster::event::{Event, EventKind, GroupState, IsrChangeReason, StopKind};
use highwater_cluster::ids::{BrokerId, ClientId, NodeId};
use highwater_cluster::metadata::is_kept_by_kafka;
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::time::Span;
use highwater_cluster::world::World;

use crate::causes::Causes;

mod about;
mod acls;
mod application;
mod apps;
mod depth;
mod faults;
mod firsts;
mod groups;
mod kind;
mod network;
mod producer_transactions;
mod quorum;
mod quotas;
mod remote;
mod said;
mod shares;
#[cfg(test)]
mod tests;
mod transactions;

pub use depth::Depth;
pub(crate) use firsts::Firsts;
pub use kind::LogKind;
pub(crate) use network::is_wire;
pub use said::Said;
pub(crate) use said::bound as said_bound;
use said::offsets;

/// An event to be told: the message's id in the catalogue, and its arguments.
#[derive(Clone, Debug)]
pub struct Narration {
    /// What it is about.
    pub kind: LogKind,
    /// How much of the story it is.
    pub depth: Depth,
    /// The message that tells it.
    pub id: &'static str,
    /// What the message is filled with.
    pub arguments: Vec<(&'static str, Said)>,
    /// The message that tells why, if the event itself knows; it has the same arguments.
    pub because: Option<&'static str>,
}

/// How an event is told. What led to it is looked up in `causes`: an arrival does not say again what
/// was said when the message was sent.
pub fn narrate(event: &Event, world: &World, causes: &Causes) -> Option<Narration> {
    let names = Names(world);
    match &event.kind {
        EventKind::EntryApplied { text, .. } => {
            Some(story(LogKind::You, "entry").with("line", text))
        }
        EventKind::Halted { bound, .. } => {
            Some(story(LogKind::Other, "halted").said("bound", said_bound(*bound)))
        }
        EventKind::Output { terminal, text, is_error, .. } => {
            let kind = LogKind::Output { terminal: terminal.to_string(), is_error: *is_error };
            Some(story(kind, "output").with("text", text))
        }
        EventKind::CommandExited { terminal, code, .. } => Some(
            wire(LogKind::Other, "command-exited").with("terminal", terminal).with("code", code),
        ),
        EventKind::MessageSent { .. }
        | EventKind::MessageDelivered { .. }
        | EventKind::MessageDropped { .. }
        | EventKind::RequestTimedOut { .. }
        | EventKind::Disconnected { .. }
        | EventKind::LinkCut { .. }
        | EventKind::LinkHealed { .. } => network::narrate(event, &names, causes),
        EventKind::BrokerStarted { .. }
        | EventKind::BrokerShuttingDown { .. }
        | EventKind::BrokerStopped { .. }
        | EventKind::BrokerRegistered { .. }
        | EventKind::BrokerUnfenced { .. }
        | EventKind::BrokerFenced { .. } => narrate_broker(&event.kind),
        EventKind::ControllerStarted { .. }
        | EventKind::ControllerStopped { .. }
        | EventKind::QuorumRoleChanged { .. }
        | EventKind::VoteCast { .. }
        | EventKind::ControllerElected { .. }
        | EventKind::ControllerResigned { .. }
        | EventKind::UncommittedDecisionsDropped { .. }
        | EventKind::MetadataLogTruncated { .. }
        | EventKind::SnapshotTaken { .. }
        | EventKind::SnapshotLoaded { .. } => quorum::narrate_quorum(&event.kind, &names),
        EventKind::TopicCreated { .. }
        | EventKind::TopicDeleted { .. }
        | EventKind::PartitionsAdded { .. }
        | EventKind::ConfigChanged { .. }
        | EventKind::ConfigNotSimulated { .. }
        | EventKind::LeaderElected { .. }
        | EventKind::IsrChanged { .. }
        | EventKind::ReassignmentStarted { .. }
        | EventKind::ReassignmentCompleted { .. }
        | EventKind::ReassignmentCancelled { .. } => narrate_partition(&event.kind).map(|told| {
            // Kafka's own topics have dozens of partitions, which would drown what people made.
            let depth = if is_of_internal_topic(&event.kind) { Depth::Detail } else { told.depth };
            Narration { depth, ..told }
        }),
        EventKind::BecameLeader { .. }
        | EventKind::BecameFollower { .. }
        | EventKind::BatchAppended { .. }
        | EventKind::LogTruncated { .. }
        | EventKind::ReplicaDeleted { .. }
        | EventKind::HighWatermarkAdvanced { .. }
        | EventKind::ProduceRefused { .. } => narrate_replica(&event.kind),
        EventKind::LogCompacted { .. }
        | EventKind::SegmentsDeleted { .. }
        | EventKind::LogStartOffsetMoved { .. } => narrate_cleaning(&event.kind),
        EventKind::TransactionStateChanged { .. }
        | EventKind::TransactionMarkerWritten { .. }
        | EventKind::LastStableOffsetAdvanced { .. } => {
            transactions::narrate_transaction(&event.kind)
        }
        EventKind::ProducerTransaction { client, event } => {
            producer_transactions::narrate(*client, event, &names)
        }
        EventKind::App(event) => apps::narrate_app(event, &names),
        EventKind::Fault(event) => faults::narrate_fault(event, &names),
        EventKind::Application(event) => application::narrate_application(event, &names),
        EventKind::Share(event) => shares::narrate_share(event, &names),
        EventKind::Remote(event) => Some(remote::narrate_remote(event, &names)),
        EventKind::Acl(event) => Some(acls::narrate_acl(event, &names)),
        EventKind::Quota(event) => Some(quotas::narrate_quota(event, &names)),
        _ => narrate_client(&event.kind, &names),
    }
}

/// The names that people gave to clients.
struct Names<'a>(&'a World);

impl Names<'_> {
    fn client(&self, id: ClientId) -> String {
        self.0.client(id).map_or_else(|| id.to_string(), |info| info.name.to_string())
    }

    fn node(&self, node: NodeId) -> Said {
        match node {
            NodeId::Broker(_) => Said::plain(node),
            NodeId::Controller(_) if self.0.spec().controllers == 1 => {
                Said::sentence("the-controller", &[])
            }
            NodeId::Controller(id) => Said::sentence("controller", &[("id", &id)]),
            NodeId::Client(id) => Said::plain(self.client(id)),
        }
    }
}

fn narrate_broker(kind: &EventKind) -> Option<Narration> {
    let fault = |id, broker: &BrokerId| story(LogKind::Fault, id).with("broker", broker);
    Some(match kind {
        EventKind::BrokerStarted { broker } => fault("broker-started", broker),
        EventKind::BrokerShuttingDown { broker } => fault("broker-shutting-down", broker),
        EventKind::BrokerStopped { broker, how: StopKind::Controlled } => {
            fault("broker-stopped", broker)
        }
        EventKind::BrokerStopped { broker, how: StopKind::Killed } => {
            fault("broker-killed", broker)
        }
        EventKind::BrokerStopped { broker, how: StopKind::PowerLost } => {
            fault("broker-power-lost", broker)
        }
        EventKind::BrokerStopped { broker, how: StopKind::LogDirFailed } => {
            fault("broker-halted", broker).because("broker-halted.because")
        }
        EventKind::BrokerRegistered { broker, .. } => {
            detail(LogKind::Fault, "broker-registered").with("broker", broker)
        }
        EventKind::BrokerUnfenced { broker } => fault("broker-unfenced", broker),
        EventKind::BrokerFenced { broker, silent_for_ms: None } => fault("broker-fenced", broker),
        EventKind::BrokerFenced { broker, silent_for_ms: Some(ms) } => {
            fault("broker-fenced", broker)
                .with("silent", Span::from_millis(*ms as i64))
                .because("broker-fenced.because")
        }
        _ => return None,
    })
}

/// Whether a change concerns a partition of a topic of Kafka's own.
fn is_of_internal_topic(kind: &EventKind) -> bool {
    match kind {
        EventKind::LeaderElected { partition, .. }
        | EventKind::IsrChanged { partition, .. }
        | EventKind::ReassignmentStarted { partition, .. }
        | EventKind::ReassignmentCompleted { partition, .. }
        | EventKind::ReassignmentCancelled { partition, .. } => is_kept_by_kafka(&partition.topic),
        _ => false,
    }
}

fn narrate_partition(kind: &EventKind) -> Option<Narration> {
    Some(match kind {
        EventKind::TopicCreated { topic, partitions, replication_factor } => {
            let id = if *partitions == 1 { "topic-created-one" } else { "topic-created" };
            story(LogKind::Topic, id)
                .with("topic", topic)
                .with("partitions", partitions)
                .with("replication_factor", replication_factor)
        }
        EventKind::TopicDeleted { topic } => {
            story(LogKind::Topic, "topic-deleted").with("topic", topic)
        }
        EventKind::PartitionsAdded { topic, from, to } => story(LogKind::Topic, "partitions-added")
            .with("topic", topic)
            .with("from", from)
            .with("to", to),
        EventKind::ConfigChanged { resource, name, value: Some(value) } => {
            story(LogKind::Topic, "config-set")
                .said("resource", said::resource(resource))
                .with("name", name)
                .with("value", value)
        }
        EventKind::ConfigChanged { resource, name, value: None } => {
            story(LogKind::Topic, "config-unset")
                .said("resource", said::resource(resource))
                .with("name", name)
        }
        EventKind::ConfigNotSimulated { resource, name } => {
            story(LogKind::Topic, "config-not-simulated")
                .said("resource", said::resource(resource))
                .with("name", name)
        }
        EventKind::LeaderElected { partition, leader: None, .. } => {
            story(LogKind::Election, "leader-none").with("partition", partition)
        }
        EventKind::LeaderElected {
            partition, leader: Some(leader), leader_epoch, clean, ..
        } => {
            let id = if *clean { "leader-elected" } else { "leader-elected-unclean" };
            story(LogKind::Election, id)
                .with("partition", partition)
                .with("leader", leader)
                .with("epoch", leader_epoch)
        }
        EventKind::IsrChanged { partition, isr, previous, reason, .. } => {
            let (id, moved) = if *reason == IsrChangeReason::Reassigned {
                ("isr-moved", difference(isr, previous))
            } else if isr.len() < previous.len() {
                ("isr-shrunk", difference(previous, isr))
            } else {
                ("isr-grew", difference(isr, previous))
            };
            story(LogKind::Isr, id)
                .with("partition", partition)
                .with("isr", set(isr))
                .with("brokers", list(&moved))
                .because(match reason {
                    IsrChangeReason::FollowerLagged => "isr.lagged",
                    IsrChangeReason::FollowerCaughtUp => "isr.caught-up",
                    IsrChangeReason::BrokerFenced => "isr.fenced",
                    IsrChangeReason::ControlledShutdown => "isr.shutdown",
                    IsrChangeReason::Election => "isr.election",
                    IsrChangeReason::Reassigned => "isr.reassigned",
                })
        }
        EventKind::ReassignmentStarted { partition, target, .. } => {
            story(LogKind::Topic, "reassignment-started")
                .with("partition", partition)
                .with("target", list(target))
        }
        EventKind::ReassignmentCompleted { partition, replicas, .. } => {
            story(LogKind::Topic, "reassignment-completed")
                .with("partition", partition)
                .with("replicas", list(replicas))
        }
        EventKind::ReassignmentCancelled { partition, replicas } => {
            story(LogKind::Topic, "reassignment-cancelled")
                .with("partition", partition)
                .with("replicas", list(replicas))
        }
        _ => return None,
    })
}

fn narrate_replica(kind: &EventKind) -> Option<Narration> {
    Some(match kind {
        EventKind::BecameLeader { broker, partition, start, .. } => {
            detail(LogKind::Election, "became-leader")
                .with("broker", broker)
                .with("partition", partition)
                .with("start", start)
        }
        EventKind::BecameFollower { broker, partition, leader: Some(leader), .. } => {
            detail(LogKind::Election, "became-follower")
                .with("broker", broker)
                .with("partition", partition)
                .with("leader", leader)
        }
        EventKind::BecameFollower { broker, partition, leader: None, .. } => {
            detail(LogKind::Election, "became-idle")
                .with("broker", broker)
                .with("partition", partition)
        }
        EventKind::BatchAppended {
            broker, partition, base_offset, last_offset, as_leader, ..
        } => {
            let id = if *as_leader { "appended-leader" } else { "appended-follower" };
            detail(LogKind::Produce, id)
                .with("broker", broker)
                .with("partition", partition)
                .said("offsets", offsets(*base_offset, *last_offset))
        }
        EventKind::LogTruncated { broker, partition, from, to } => {
            story(LogKind::Fault, "truncated")
                .with("broker", broker)
                .with("partition", partition)
                .with("from", from)
                .with("to", to)
        }
        EventKind::ReplicaDeleted { broker, partition, log_end_offset } => {
            detail(LogKind::Topic, "replica-deleted")
                .with("broker", broker)
                .with("partition", partition)
                .with("log_end_offset", log_end_offset)
        }
        EventKind::HighWatermarkAdvanced { broker, partition, to, is_leader, .. } => {
            let id = if *is_leader { "high-watermark" } else { "high-watermark-follower" };
            detail(LogKind::Isr, id)
                .with("broker", broker)
                .with("partition", partition)
                .with("to", to)
        }
        EventKind::ProduceRefused { broker, partition, error, .. } => {
            let told = story(LogKind::Produce, "produce-refused")
                .with("broker", broker)
                .with("partition", partition)
                .with("error", kafka_name(*error));
            match error {
                ResponseError::NotEnoughReplicas => {
                    told.because("produce-refused.not-enough-replicas")
                }
                ResponseError::NotLeaderOrFollower => told.because("produce-refused.not-leader"),
                _ => told,
            }
        }
        _ => return None,
    })
}

fn narrate_cleaning(kind: &EventKind) -> Option<Narration> {
    let (told, partition) = match kind {
        EventKind::LogCompacted { broker, partition, to, kept, dropped, .. } => {
            let told = story(LogKind::Other, "compacted")
                .with("broker", broker)
                .with("to", to)
                .with("kept", kept)
                .with("dropped", dropped);
            (told, partition)
        }
        EventKind::SegmentsDeleted { broker, partition, count, log_start_offset, .. } => {
            let id = if *count == 1 { "segments-deleted-one" } else { "segments-deleted" };
            let told = story(LogKind::Other, id)
                .with("broker", broker)
                .with("count", count)
                .with("start", log_start_offset);
            (told, partition)
        }
        EventKind::LogStartOffsetMoved { broker, partition, to, .. } => {
            let told =
                detail(LogKind::Other, "log-start-moved").with("broker", broker).with("to", to);
            (told, partition)
        }
        _ => return None,
    };
    let depth = if is_kept_by_kafka(&partition.topic) { Depth::Detail } else { told.depth };
    Some(Narration { depth, ..told }.with("partition", partition))
}

fn narrate_client(kind: &EventKind, names: &Names<'_>) -> Option<Narration> {
    use LogKind::{Consume, Group, Produce};
    let named =
        |narration: Narration, client: &ClientId| narration.with("name", names.client(*client));
    Some(match kind {
        EventKind::ProducerStarted { client, topic, .. } => {
            named(story(Produce, "producer-started"), client).with("topic", topic)
        }
        EventKind::ProducerClosed { client } => named(story(Produce, "producer-closed"), client),
        EventKind::RecordsAcknowledged { client, partition, base_offset, count } => {
            let id = if base_offset.is_some() { "acknowledged" } else { "assumed" };
            named(detail(Produce, id), client).with("partition", partition).with("count", count)
        }
        EventKind::ProduceRetried { client, partition, count, error } => {
            named(detail(Produce, "produce-retried"), client)
                .with("partition", partition)
                .with("count", count)
                .with("error", kafka_name(*error))
                .because("produce-retried.because")
        }
        EventKind::RecordsFailed { client, partition, count, error } => {
            named(story(Produce, "records-failed"), client)
                .with("partition", partition)
                .with("count", count)
                .with("error", kafka_name(*error))
        }
        EventKind::ConsumerStarted { client, group, .. } if group.as_str().is_empty() => {
            named(story(Consume, "consumer-started-alone"), client)
        }
        EventKind::ConsumerStarted { client, group, .. } => {
            named(story(Consume, "consumer-started"), client).with("group", group)
        }
        EventKind::ConsumerClosed { client } => named(story(Consume, "consumer-closed"), client),
        EventKind::ClientConnected { client, broker } => {
            named(story(LogKind::Other, "client-connected"), client).with("broker", broker)
        }
        EventKind::ClientDisconnected { client, reason: None } => {
            named(story(LogKind::Other, "client-disconnected"), client)
        }
        EventKind::ClientDisconnected { client, reason: Some(reason) } => {
            named(story(LogKind::Other, "client-thrown-out"), client).with("reason", reason)
        }
        EventKind::ConsumerKilled { client } => named(story(Consume, "consumer-killed"), client),
        EventKind::MemberJoined { group, client, .. } => {
            detail(Group, "member-joined").with("group", group).said("client", names.node(*client))
        }
        EventKind::MemberLeft { group, timed_out: false, .. } => {
            detail(Group, "member-left").with("group", group)
        }
        EventKind::MemberLeft { group, timed_out: true, .. } => story(Group, "member-timed-out")
            .with("group", group)
            .because("member-timed-out.because"),
        EventKind::GroupStateChanged { group, to, generation, .. } => {
            let told = match to {
                GroupState::PreparingRebalance => story(Group, "rebalance-began"),
                GroupState::Stable => story(Group, "rebalance-done"),
                GroupState::Empty => story(Group, "group-empty"),
                _ => detail(Group, "group-state"),
            };
            told.with("group", group).with("state", to.name()).with("generation", generation)
        }
        EventKind::GroupProtocolChanged { .. }
        | EventKind::GroupEpochBumped { .. }
        | EventKind::TargetAssigned { .. }
        | EventKind::MemberReconciled { .. }
        | EventKind::MemberFenced { .. }
        | EventKind::OffsetsRemoved { .. } => return groups::narrate(kind, names),
        EventKind::PartitionsAssigned { client, partitions, .. } => {
            let id = if partitions.is_empty() { "assigned-none" } else { "assigned" };
            named(story(Group, id), client).with("partitions", list(partitions))
        }
        EventKind::PartitionsRevoked { client, partitions, .. } => {
            named(detail(Group, "revoked"), client).with("partitions", list(partitions))
        }
        EventKind::PartitionsLost { client, partitions, .. } => {
            named(story(Group, "lost"), client).with("partitions", list(partitions))
        }
        EventKind::RecordsConsumed { client, partition, first, last, .. } => {
            named(detail(Consume, "consumed"), client)
                .with("partition", partition)
                .said("offsets", offsets(*first, *last))
        }
        EventKind::PositionReset { client, partition, offset, committed } => {
            let because = if *committed { "position.committed" } else { "position.reset" };
            named(detail(Consume, "position"), client)
                .with("partition", partition)
                .with("offset", offset)
                .because(because)
        }
        EventKind::ReadReplicaChosen { client, partition, replica: Some(replica) } => {
            named(story(Consume, "read-replica"), client)
                .with("partition", partition)
                .with("replica", replica)
                .because("read-replica.because")
        }
        EventKind::ReadReplicaChosen { client, partition, replica: None } => {
            named(story(Consume, "read-replica-none"), client).with("partition", partition)
        }
        EventKind::OffsetCommitted { group, partition, offset } => detail(Group, "committed")
            .with("group", group)
            .with("partition", partition)
            .with("offset", offset),
        _ => return None,
    })
}

impl Narration {
    fn with(self, name: &'static str, value: impl ToString) -> Self {
        self.said(name, Said::plain(value))
    }

    /// With an argument that each language says in its own words.
    fn said(mut self, name: &'static str, said: Said) -> Self {
        self.arguments.push((name, said));
        self
    }

    fn because(mut self, id: &'static str) -> Self {
        self.because = Some(id);
        self
    }
}

fn story(kind: LogKind, id: &'static str) -> Narration {
    Narration { kind, depth: Depth::Story, id, arguments: Vec::new(), because: None }
}

fn detail(kind: LogKind, id: &'static str) -> Narration {
    Narration { depth: Depth::Detail, ..story(kind, id) }
}

fn wire(kind: LogKind, id: &'static str) -> Narration {
    Narration { depth: Depth::Wire, ..story(kind, id) }
}

fn difference(whole: &[BrokerId], part: &[BrokerId]) -> Vec<BrokerId> {
    whole.iter().copied().filter(|id| !part.contains(id)).collect()
}

fn set(ids: &[BrokerId]) -> String {
    format!("{{{}}}", list(ids))
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
