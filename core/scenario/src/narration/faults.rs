//! Injected faults in sentences.

use highwater_cluster::client::errors::kafka_name;
use highwater_cluster::fault::FaultEvent;
use highwater_cluster::ids::BrokerId;
use highwater_cluster::time::Span;

use super::{LogKind, Names, Narration, detail, story};

/// How what came of an injected fault is told.
pub(super) fn narrate_fault(event: &FaultEvent, names: &Names<'_>) -> Option<Narration> {
    Some(match event {
        FaultEvent::LatencyAdded { .. }
        | FaultEvent::LossSet { .. }
        | FaultEvent::LostAnswersSet { .. }
        | FaultEvent::CutOneWay { .. }
        | FaultEvent::Retransmitted { .. } => return narrate_link(event, names),
        FaultEvent::Scripted { .. }
        | FaultEvent::ScriptedAnswer { .. }
        | FaultEvent::ConnectionClosed { .. } => return narrate_request(event, names),
        FaultEvent::UnflushedLost { broker, partition, from, to, .. } => {
            fault("unflushed-lost", *broker)
                .with("partition", partition)
                .with("from", from)
                .with("to", to)
                .because("unflushed-lost.because")
        }
        FaultEvent::TornBatchDropped { broker, partition, log_end_offset } => {
            fault("torn-batch-dropped", *broker)
                .with("partition", partition)
                .with("end", log_end_offset)
        }
        FaultEvent::Paused { broker, length: Some(length) } => {
            fault("broker-paused-for", *broker).with("length", length)
        }
        FaultEvent::Paused { broker, length: None } => fault("broker-paused", *broker),
        FaultEvent::Resumed { broker, waiting } => {
            fault("broker-resumed", *broker).with("waiting", waiting)
        }
        FaultEvent::DiskSlowed { broker, append: Span::ZERO } => fault("disk-fast", *broker),
        FaultEvent::DiskSlowed { broker, append } => {
            fault("disk-slow", *broker).with("append", append)
        }
        FaultEvent::DiskFull { broker } => fault("disk-full", *broker),
        FaultEvent::DiskFreed { broker } => fault("disk-freed", *broker),
        FaultEvent::LogDirFailed { broker } => {
            fault("log-dir-failed", *broker).because("log-dir-failed.because")
        }
        FaultEvent::ClockSkewed { broker, skew_ms } => {
            let id = match skew_ms {
                0 => "clock-right",
                1.. => "clock-fast",
                _ => "clock-slow",
            };
            let by = Span(skew_ms.unsigned_abs().saturating_mul(1_000));
            fault(id, *broker).with("by", by)
        }
        FaultEvent::RemoteStoreFailed => story(LogKind::Fault, "remote-store-failed"),
        FaultEvent::RemoteStoreMended => story(LogKind::Fault, "remote-store-mended"),
        FaultEvent::Hidden { broker } => fault("broker-hidden", *broker),
        FaultEvent::Shown { broker } => fault("broker-shown", *broker),
        _ => return None,
    })
}

fn narrate_link(event: &FaultEvent, names: &Names<'_>) -> Option<Narration> {
    let link =
        |id, a, b| story(LogKind::Fault, id).said("a", names.node(a)).said("b", names.node(b));
    Some(match event {
        FaultEvent::LatencyAdded { a, b, added: Span::ZERO } => link("latency-gone", *a, *b),
        FaultEvent::LatencyAdded { a, b, added } => {
            link("latency-added", *a, *b).with("added", added)
        }
        FaultEvent::LossSet { a, b, percent: 0 } => link("loss-gone", *a, *b),
        FaultEvent::LossSet { a, b, percent } => link("loss-set", *a, *b).with("percent", percent),
        FaultEvent::LostAnswersSet { a, b, percent: 0 } => link("answers-kept", *a, *b),
        FaultEvent::LostAnswersSet { a, b, percent } => {
            link("answers-lost", *a, *b).with("percent", percent)
        }
        FaultEvent::CutOneWay { from, to } => link("link-cut-one-way", *from, *to),
        FaultEvent::Retransmitted { from, to, times, late_by, gave_up, .. } => {
            let id = if *gave_up { "retransmitted-in-vain" } else { "retransmitted" };
            detail(LogKind::Fault, id)
                .said("a", names.node(*from))
                .said("b", names.node(*to))
                .with("times", times)
                .with("late", late_by)
        }
        _ => return None,
    })
}

fn narrate_request(event: &FaultEvent, names: &Names<'_>) -> Option<Narration> {
    Some(match event {
        FaultEvent::Scripted { broker, api, error: Some(error), times } => {
            fault("told-to-fail", *broker)
                .with("times", times)
                .with("api", format!("{api:?}"))
                .with("error", kafka_name(*error))
        }
        FaultEvent::Scripted { broker, api, error: None, times } => {
            fault("told-to-drop", *broker).with("times", times).with("api", format!("{api:?}"))
        }
        FaultEvent::ScriptedAnswer { broker, client, api, error } => {
            fault("answered-as-told", *broker)
                .said("client", names.node(*client))
                .with("api", format!("{api:?}"))
                .with("error", kafka_name(*error))
        }
        FaultEvent::ConnectionClosed { broker, client, api } => fault("connection-closed", *broker)
            .said("client", names.node(*client))
            .with("api", format!("{api:?}")),
        _ => return None,
    })
}

fn fault(id: &'static str, broker: BrokerId) -> Narration {
    story(LogKind::Fault, id).with("broker", broker)
}
