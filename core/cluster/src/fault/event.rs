//! What happened because of an injected fault.

use std::fmt;

use highwater_log::Offset;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::ApiKey;

use crate::ids::{BrokerId, MessageId, NodeId, TopicPartition};
use crate::time::Span;

/// What happened because of an injected fault, or that one was injected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultEvent {
    /// A power loss took what a replica's log had not flushed: all from `to` on. Of the batch that
    /// began there, some bytes may be left.
    UnflushedLost {
        broker: BrokerId,
        partition: TopicPartition,
        from: Offset,
        to: Offset,
        torn_bytes: u32,
    },
    /// A broker that started found a torn batch at the end of a log, and cut it off.
    TornBatchDropped { broker: BrokerId, partition: TopicPartition, log_end_offset: Offset },
    /// A process stands still.
    Paused { broker: BrokerId, length: Option<Span> },
    /// A process goes on, and handles what waited for it.
    Resumed { broker: BrokerId, waiting: u32 },
    /// A disk became slow, or fast again.
    DiskSlowed { broker: BrokerId, append: Span },
    /// A disk is full.
    DiskFull { broker: BrokerId },
    /// A disk has room again.
    DiskFreed { broker: BrokerId },
    /// A write failed, and the only log directory of a broker is offline.
    LogDirFailed { broker: BrokerId },
    /// A wall clock was set.
    ClockSkewed { broker: BrokerId, skew_ms: i64 },
    /// A link became slower or faster.
    LatencyAdded { a: NodeId, b: NodeId, added: Span },
    /// A link loses what is sent over it, or does so no longer.
    LossSet { a: NodeId, b: NodeId, percent: u32 },
    /// Connections break before the answer, or do so no longer.
    LostAnswersSet { a: NodeId, b: NodeId, percent: u32 },
    /// Nothing passes from one node to another.
    CutOneWay { from: NodeId, to: NodeId },
    /// TCP sent a message again, until it arrived or the connection was given up.
    Retransmitted {
        message: MessageId,
        from: NodeId,
        to: NodeId,
        times: u32,
        late_by: Span,
        gave_up: bool,
    },
    /// A broker is to answer requests of a kind as told.
    Scripted { broker: BrokerId, api: ApiKey, error: Option<ResponseError>, times: u32 },
    /// A broker answered as told, without doing what was asked.
    ScriptedAnswer { broker: BrokerId, client: NodeId, api: ApiKey, error: ResponseError },
    /// A broker closed a connection as told, without an answer.
    ConnectionClosed { broker: BrokerId, client: NodeId, api: ApiKey },
    /// The remote store answers nobody.
    RemoteStoreFailed,
    /// The remote store answers again.
    RemoteStoreMended,
    /// Metadata answers list a broker no longer.
    Hidden { broker: BrokerId },
    /// Metadata answers list a broker again.
    Shown { broker: BrokerId },
}

impl fmt::Display for FaultEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultEvent::UnflushedLost { .. }
            | FaultEvent::TornBatchDropped { .. }
            | FaultEvent::DiskSlowed { .. }
            | FaultEvent::DiskFull { .. }
            | FaultEvent::DiskFreed { .. }
            | FaultEvent::LogDirFailed { .. } => fmt_disk(self, f),
            FaultEvent::LatencyAdded { .. }
            | FaultEvent::LossSet { .. }
            | FaultEvent::LostAnswersSet { .. }
            | FaultEvent::CutOneWay { .. }
            | FaultEvent::Retransmitted { .. } => fmt_link(self, f),
            _ => fmt_broker(self, f),
        }
    }
}

fn fmt_disk(event: &FaultEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        FaultEvent::UnflushedLost { broker, partition, from, to, torn_bytes } => {
            write!(
                f,
                "{partition} broker {broker} lost unflushed {from} -> {to}, {torn_bytes} B torn"
            )
        }
        FaultEvent::TornBatchDropped { broker, partition, log_end_offset } => {
            write!(f, "{partition} broker {broker} dropped a torn batch at {log_end_offset}")
        }
        FaultEvent::DiskSlowed { broker, append } => {
            write!(f, "broker {broker} disk takes {append} for an append")
        }
        FaultEvent::DiskFull { broker } => write!(f, "broker {broker} disk full"),
        FaultEvent::DiskFreed { broker } => write!(f, "broker {broker} disk has room"),
        FaultEvent::LogDirFailed { broker } => write!(f, "broker {broker} log dir offline"),
        other => unreachable!("{other:?} is not of a disk"),
    }
}

fn fmt_link(event: &FaultEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        FaultEvent::LatencyAdded { a, b, added } => write!(f, "link {a} - {b} late by {added}"),
        FaultEvent::LossSet { a, b, percent } => write!(f, "link {a} - {b} loses {percent}%"),
        FaultEvent::LostAnswersSet { a, b, percent } => {
            write!(f, "link {a} - {b} loses {percent}% of answers")
        }
        FaultEvent::CutOneWay { from, to } => write!(f, "link cut {from} -> {to}"),
        FaultEvent::Retransmitted { message, from, to, times, late_by, gave_up } => {
            let outcome = if *gave_up { "given up after" } else { "late by" };
            write!(f, "m{message} {from} -> {to} sent again {times} times, {outcome} {late_by}")
        }
        other => unreachable!("{other:?} is not of a link"),
    }
}

fn fmt_broker(event: &FaultEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        FaultEvent::Paused { broker, length: Some(length) } => {
            write!(f, "broker {broker} paused for {length}")
        }
        FaultEvent::Paused { broker, length: None } => write!(f, "broker {broker} paused"),
        FaultEvent::Resumed { broker, waiting } => {
            write!(f, "broker {broker} resumed, {waiting} waiting")
        }
        FaultEvent::ClockSkewed { broker, skew_ms } => {
            write!(f, "broker {broker} clock off by {skew_ms} ms")
        }
        FaultEvent::Scripted { broker, api, error, times } => match error {
            Some(error) => write!(f, "broker {broker} fails {times} {api:?} with {error:?}"),
            None => write!(f, "broker {broker} drops {times} {api:?}"),
        },
        FaultEvent::ScriptedAnswer { broker, client, api, error } => {
            write!(f, "broker {broker} answered {api:?} of {client} as told: {error:?}")
        }
        FaultEvent::ConnectionClosed { broker, client, api } => {
            write!(f, "broker {broker} closed the connection of {client} on {api:?}")
        }
        FaultEvent::RemoteStoreFailed => f.write_str("remote store failed"),
        FaultEvent::RemoteStoreMended => f.write_str("remote store works again"),
        FaultEvent::Hidden { broker } => write!(f, "broker {broker} hidden"),
        FaultEvent::Shown { broker } => write!(f, "broker {broker} shown"),
        other => unreachable!("{other:?} is not of a broker"),
    }
}
