//! Events as trace lines: one scannable line for each, the same on every machine. Snapshots of tests
//! are made of them, and the hash of a run.

use std::fmt;

use crate::event::{Cause, Event, EventKind};
use crate::ids::{BrokerId, List};

mod acl;
mod quorum;
mod quota;
mod share;

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{} {} {}", self.at, self.id, self.cause, self.kind)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Start => f.write_str("<start"),
            Cause::Entry(entry) => write!(f, "<entry {entry}"),
            Cause::Event(event) => write!(f, "<#{event}"),
            Cause::Timer { timer, set_by: Some(event) } => write!(f, "<{timer} #{event}"),
            Cause::Timer { timer, set_by: None } => write!(f, "<{timer}"),
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventKind::EntryApplied { .. }
            | EventKind::Halted { .. }
            | EventKind::Output { .. }
            | EventKind::CommandExited { .. } => fmt_scenario(self, f),
            EventKind::MessageSent { .. }
            | EventKind::MessageDelivered { .. }
            | EventKind::MessageDropped { .. }
            | EventKind::RequestTimedOut { .. }
            | EventKind::Disconnected { .. }
            | EventKind::LinkCut { .. }
            | EventKind::LinkHealed { .. } => fmt_network(self, f),
            EventKind::BrokerStarted { .. }
            | EventKind::BrokerShuttingDown { .. }
            | EventKind::BrokerStopped { .. }
            | EventKind::BrokerRegistered { .. }
            | EventKind::BrokerUnfenced { .. }
            | EventKind::BrokerFenced { .. }
            | EventKind::TopicCreated { .. }
            | EventKind::TopicDeleted { .. }
            | EventKind::PartitionsAdded { .. }
            | EventKind::ConfigChanged { .. }
            | EventKind::ConfigNotSimulated { .. }
            | EventKind::LeaderElected { .. }
            | EventKind::IsrChanged { .. }
            | EventKind::ReassignmentStarted { .. }
            | EventKind::ReassignmentCompleted { .. }
            | EventKind::ReassignmentCancelled { .. } => fmt_controller(self, f),
            EventKind::BecameLeader { .. }
            | EventKind::BecameFollower { .. }
            | EventKind::BatchAppended { .. }
            | EventKind::LogTruncated { .. }
            | EventKind::ReplicaDeleted { .. }
            | EventKind::HighWatermarkAdvanced { .. }
            | EventKind::LogCompacted { .. }
            | EventKind::SegmentsDeleted { .. }
            | EventKind::LogStartOffsetMoved { .. }
            | EventKind::ProduceRefused { .. } => fmt_replica(self, f),
            EventKind::Remote(event) => event.fmt(f),
            EventKind::Acl(event) => acl::fmt_acl(event, f),
            EventKind::Quota(event) => quota::fmt_quota(event, f),
            EventKind::App(event) => event.fmt(f),
            EventKind::Fault(event) => event.fmt(f),
            EventKind::Application(event) => event.fmt(f),
            EventKind::Share(event) => event.fmt(f),
            EventKind::ControllerStarted { .. }
            | EventKind::ControllerStopped { .. }
            | EventKind::QuorumRoleChanged { .. }
            | EventKind::VoteCast { .. }
            | EventKind::ControllerElected { .. }
            | EventKind::ControllerResigned { .. }
            | EventKind::UncommittedDecisionsDropped { .. }
            | EventKind::MetadataLogTruncated { .. }
            | EventKind::SnapshotTaken { .. }
            | EventKind::SnapshotLoaded { .. } => quorum::fmt_quorum(self, f),
            _ => fmt_client(self, f),
        }
    }
}

fn fmt_scenario(kind: &EventKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        EventKind::EntryApplied { entry, text } => write!(f, "entry {entry}: {text}"),
        EventKind::Halted { bound, entry: Some(entry) } => {
            write!(f, "halted by entry {entry}: {bound}")
        }
        EventKind::Halted { bound, entry: None } => write!(f, "halted: {bound}"),
        EventKind::Output { terminal, client, text, is_error } => {
            let stream = if *is_error { "stderr" } else { "stdout" };
            write!(f, "{terminal} client {client} {stream}: {text}")
        }
        EventKind::CommandExited { terminal, client, code } => {
            write!(f, "{terminal} client {client} exit {code}")
        }
        other => unreachable!("{other:?} is not of the scenario"),
    }
}

fn fmt_network(kind: &EventKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let what = |is_response: bool| if is_response { "response" } else { "request" };
    match kind {
        EventKind::MessageSent {
            message,
            from,
            to,
            api,
            correlation_id,
            is_response,
            size_bytes,
            deliver_at,
            error,
        } => {
            let what = what(*is_response);
            write!(
                f,
                "sent m{message} {from} -> {to} {api:?} {what} c{correlation_id} {size_bytes} B, due {deliver_at}"
            )?;
            error.iter().try_for_each(|error| write!(f, ", {error:?}"))
        }
        EventKind::MessageDelivered { message, from, to, api, is_response } => {
            write!(f, "delivered m{message} {from} -> {to} {api:?} {}", what(*is_response))
        }
        EventKind::MessageDropped { message, from, to, api, reason } => {
            write!(f, "dropped m{message} {from} -> {to} {api:?} {reason:?}")
        }
        EventKind::RequestTimedOut { from, to, api, correlation_id } => {
            write!(f, "timed out {from} -> {to} {api:?} c{correlation_id}")
        }
        EventKind::Disconnected { from, to, api, correlation_id } => {
            write!(f, "disconnected {from} -> {to} {api:?} c{correlation_id}")
        }
        EventKind::LinkCut { a, b } => write!(f, "link cut {a} - {b}"),
        EventKind::LinkHealed { a, b } => write!(f, "link healed {a} - {b}"),
        other => unreachable!("{other:?} is not of the network"),
    }
}

fn fmt_controller(kind: &EventKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        EventKind::BrokerStarted { broker } => write!(f, "broker {broker} started"),
        EventKind::BrokerShuttingDown { broker } => write!(f, "broker {broker} shutting down"),
        EventKind::BrokerStopped { broker, how } => write!(f, "broker {broker} stopped {how:?}"),
        EventKind::BrokerRegistered { broker, epoch } => {
            write!(f, "broker {broker} registered, epoch {epoch}")
        }
        EventKind::BrokerUnfenced { broker } => write!(f, "broker {broker} unfenced"),
        EventKind::BrokerFenced { broker, silent_for_ms: Some(ms) } => {
            write!(f, "broker {broker} fenced after {ms} ms of silence")
        }
        EventKind::BrokerFenced { broker, silent_for_ms: None } => {
            write!(f, "broker {broker} fenced")
        }
        EventKind::TopicCreated { topic, partitions, replication_factor } => {
            write!(
                f,
                "topic {topic} created, {partitions} partitions, replication factor {replication_factor}"
            )
        }
        EventKind::TopicDeleted { topic } => write!(f, "topic {topic} deleted"),
        EventKind::PartitionsAdded { topic, from, to } => {
            write!(f, "topic {topic} partitions {from} -> {to}")
        }
        EventKind::ConfigChanged { resource, name, value: Some(value) } => {
            write!(f, "{resource} {name}={value}")
        }
        EventKind::ConfigChanged { resource, name, value: None } => {
            write!(f, "{resource} {name} unset")
        }
        EventKind::ConfigNotSimulated { resource, name } => {
            write!(f, "{resource} {name} is not simulated")
        }
        EventKind::LeaderElected { partition, leader, previous, leader_epoch, clean } => {
            let how = if *clean { "" } else { ", unclean" };
            write!(
                f,
                "{partition} leader {} -> {}, leader epoch {leader_epoch}{how}",
                Maybe(*previous),
                Maybe(*leader)
            )
        }
        EventKind::IsrChanged { partition, isr, previous, partition_epoch, reason } => write!(
            f,
            "{partition} isr {} -> {}, partition epoch {partition_epoch}, {reason:?}",
            List(previous),
            List(isr)
        ),
        EventKind::ReassignmentStarted { partition, target, adding, removing } => write!(
            f,
            "{partition} reassignment to {} started, adding {}, removing {}",
            List(target),
            List(adding),
            List(removing)
        ),
        EventKind::ReassignmentCompleted { partition, replicas, previous } => {
            write!(f, "{partition} replicas {} -> {}", List(previous), List(replicas))
        }
        EventKind::ReassignmentCancelled { partition, replicas } => {
            write!(f, "{partition} reassignment cancelled, replicas {}", List(replicas))
        }
        other => unreachable!("{other:?} is not of the controller"),
    }
}

fn fmt_replica(kind: &EventKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        EventKind::BecameLeader { broker, partition, leader_epoch, start } => {
            write!(f, "{partition} broker {broker} leads, leader epoch {leader_epoch} from {start}")
        }
        EventKind::BecameFollower { broker, partition, leader, leader_epoch } => {
            write!(
                f,
                "{partition} broker {broker} follows {}, leader epoch {leader_epoch}",
                Maybe(*leader)
            )
        }
        EventKind::BatchAppended {
            broker,
            partition,
            base_offset,
            last_offset,
            size_bytes,
            leader_epoch,
            as_leader,
        } => {
            let role = if *as_leader { "leader" } else { "follower" };
            write!(
                f,
                "{partition} broker {broker} appended {base_offset}..={last_offset}, {size_bytes} B, leader epoch {leader_epoch}, as {role}"
            )
        }
        EventKind::LogTruncated { broker, partition, from, to } => {
            write!(f, "{partition} broker {broker} truncated {from} -> {to}")
        }
        EventKind::ReplicaDeleted { broker, partition, log_end_offset } => {
            write!(f, "{partition} broker {broker} deleted its replica, log end {log_end_offset}")
        }
        EventKind::HighWatermarkAdvanced { broker, partition, from, to, is_leader } => {
            let role = if *is_leader { "leader" } else { "follower" };
            write!(f, "{partition} broker {broker} high watermark {from} -> {to}, as {role}")
        }
        EventKind::LogCompacted {
            broker,
            partition,
            from,
            to,
            kept,
            dropped,
            size_before_bytes,
            size_after_bytes,
        } => {
            write!(
                f,
                "{partition} broker {broker} compacted {from} -> {to}, {kept} kept, {dropped} dropped, {size_before_bytes} B -> {size_after_bytes} B"
            )
        }
        EventKind::SegmentsDeleted { broker, partition, count, size_bytes, log_start_offset } => {
            write!(
                f,
                "{partition} broker {broker} deleted {count} segments, {size_bytes} B, log start {log_start_offset}"
            )
        }
        EventKind::LogStartOffsetMoved { broker, partition, from, to, is_leader } => {
            let role = if *is_leader { "leader" } else { "follower" };
            write!(f, "{partition} broker {broker} log start {from} -> {to}, as {role}")
        }
        EventKind::ProduceRefused { broker, partition, client, error } => {
            write!(f, "{partition} broker {broker} refused {client}: {error:?}")
        }
        other => unreachable!("{other:?} is not of a replica"),
    }
}

fn fmt_client(kind: &EventKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        EventKind::ProducerStarted { client, name, topic, acks } => {
            let acks = acks.name();
            write!(f, "client {client} producer {name} started, topic {topic}, acks={acks}")
        }
        EventKind::ProducerClosed { client } => write!(f, "client {client} producer closed"),
        EventKind::RecordsAcknowledged { client, partition, base_offset, count } => {
            match base_offset {
                Some(offset) => {
                    write!(f, "{partition} client {client} acknowledged {count} from {offset}")
                }
                None => write!(f, "{partition} client {client} assumes {count}"),
            }
        }
        EventKind::ProduceRetried { client, partition, count, error } => {
            write!(f, "{partition} client {client} retries {count}: {error:?}")
        }
        EventKind::RecordsFailed { client, partition, count, error } => {
            write!(f, "{partition} client {client} failed {count}: {error:?}")
        }
        EventKind::ProducerTransaction { client, event } => {
            write!(f, "client {client} transaction {event}")
        }
        EventKind::ConsumerStarted { client, name, group, topics } => {
            write!(
                f,
                "client {client} consumer {name} started, group {group}, topics {}",
                List(topics)
            )
        }
        EventKind::ConsumerClosed { client } => write!(f, "client {client} consumer closed"),
        EventKind::ClientConnected { client, broker } => {
            write!(f, "client {client} connected to broker {broker}")
        }
        EventKind::ClientDisconnected { client, reason } => {
            write!(f, "client {client} disconnected")?;
            reason.iter().try_for_each(|reason| write!(f, ": {reason}"))
        }
        EventKind::ConsumerKilled { client } => write!(f, "client {client} consumer killed"),
        EventKind::MemberJoined { group, member, client } => {
            write!(f, "group {group} member {member} joined, {client}")
        }
        EventKind::MemberLeft { group, member, timed_out } => {
            let how = if *timed_out { "timed out" } else { "left" };
            write!(f, "group {group} member {member} {how}")
        }
        EventKind::TransactionStateChanged {
            coordinator,
            id,
            from,
            to,
            producer_id,
            producer_epoch,
            partitions,
        } => {
            let (from, to) = (from.name(), to.name());
            write!(
                f,
                "transaction {id} broker {coordinator} {from} -> {to}, producer {producer_id} epoch {producer_epoch}, partitions {}",
                List(partitions)
            )
        }
        EventKind::TransactionMarkerWritten {
            broker,
            partition,
            producer_id,
            producer_epoch,
            offset,
            commit,
        } => {
            let what = if *commit { "commit" } else { "abort" };
            write!(
                f,
                "broker {broker} {partition} {what} marker at {offset}, producer {producer_id} epoch {producer_epoch}"
            )
        }
        EventKind::LastStableOffsetAdvanced { broker, partition, from, to } => {
            write!(f, "broker {broker} {partition} LSO {from} -> {to}")
        }
        EventKind::GroupStateChanged { group, from, to, generation } => {
            write!(f, "group {group} {} -> {}, generation {generation}", from.name(), to.name())
        }
        EventKind::PartitionsAssigned { client, group, partitions, generation } => {
            write!(
                f,
                "group {group} client {client} assigned {}, generation {generation}",
                List(partitions)
            )
        }
        EventKind::PartitionsRevoked { client, group, partitions } => {
            write!(f, "group {group} client {client} revoked {}", List(partitions))
        }
        EventKind::PartitionsLost { client, group, partitions } => {
            write!(f, "group {group} client {client} lost {}", List(partitions))
        }
        EventKind::RecordsConsumed { client, partition, first, last, count } => {
            write!(f, "{partition} client {client} consumed {count}, {first}..={last}")
        }
        EventKind::ReadReplicaChosen { client, partition, replica } => {
            write!(f, "{partition} client {client} reads from {}", Maybe(*replica))
        }
        EventKind::PositionReset { client, partition, offset, committed } => {
            let how = if *committed { "committed" } else { "reset" };
            write!(f, "{partition} client {client} position {offset}, {how}")
        }
        EventKind::GroupProtocolChanged { group, to, generation } => {
            write!(f, "group {group} goes over to the {} protocol in {generation}", to.name())
        }
        EventKind::GroupEpochBumped { group, epoch, reason } => {
            write!(f, "group {group} epoch {epoch}, {reason:?}")
        }
        EventKind::TargetAssigned { group, epoch, assignor } => {
            write!(f, "group {group} target of epoch {epoch} by {assignor}")
        }
        EventKind::MemberReconciled { group, member, epoch, state, assigned, revoking, .. } => {
            write!(f, "group {group} member {member} {} in epoch {epoch}", state.name())?;
            write!(f, ", assigned {}, revoking {}", List(assigned), List(revoking))
        }
        EventKind::MemberFenced { group, member, client, error } => {
            write!(f, "group {group} member {member} fenced: {error:?}, {client}")
        }
        EventKind::OffsetsRemoved { group, partitions, expired } => {
            let how = if *expired { "expired" } else { "deleted" };
            write!(f, "group {group} offsets {how} of {}", List(partitions))
        }
        EventKind::OffsetCommitted { group, partition, offset } => {
            write!(f, "{partition} group {group} committed {offset}")
        }
        other => unreachable!("{other:?} is not of a client"),
    }
}

/// A broker, or nobody.
struct Maybe(Option<BrokerId>);

impl fmt::Display for Maybe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(id) => id.fmt(f),
            None => f.write_str("none"),
        }
    }
}
