//! What passes between nodes, in sentences: each request and each response by its API, version,
//! correlation id, size and error.

use highwater_cluster::client::errors::kafka_name;
use highwater_cluster::event::{Cause, DropReason, Event, EventKind};
use highwater_cluster::ids::NodeId;
use highwater_cluster::message::version_of;
use highwater_cluster::protocol::messages::ApiKey;

use super::{LogKind, Names, Narration, detail, story, wire};
use crate::causes::Causes;

/// Whether it is told of a message alone. These are most of all events, and are passed over quickly
/// where nobody wants to hear of them.
pub(crate) fn is_wire(kind: &EventKind) -> bool {
    matches!(kind, EventKind::MessageSent { .. } | EventKind::MessageDelivered { .. })
}

/// How what happened between two nodes is told.
pub(super) fn narrate(event: &Event, names: &Names<'_>, causes: &Causes) -> Option<Narration> {
    let between = |told: Narration, from: &NodeId, to: &NodeId| {
        told.said("from", names.node(*from)).said("to", names.node(*to))
    };
    let fault = |id, from: &NodeId, to: &NodeId, api: &ApiKey| {
        between(detail(LogKind::Fault, id), from, to).with("api", format!("{api:?}"))
    };
    Some(match &event.kind {
        EventKind::MessageSent { from, to, is_response, error, .. } => {
            let id = match (is_response, error) {
                (false, _) => "request-sent",
                (true, None) => "response-sent",
                (true, Some(_)) => "refusal-sent",
            };
            let told = between(wire(LogKind::Message, id), from, to);
            header(told, &event.kind).with("error", error.map_or_else(String::new, kafka_name))
        }
        EventKind::MessageDelivered { from, to, is_response, .. } => {
            let id = if *is_response { "response-arrived" } else { "request-arrived" };
            let told = between(wire(LogKind::Message, id), from, to);
            header(told, sent(event, causes).unwrap_or(&event.kind))
        }
        EventKind::MessageDropped { from, to, api, reason, .. } => {
            let (id, because) = match reason {
                DropReason::LinkCut => return Some(fault("message-dropped-cut", from, to, api)),
                DropReason::ReceiverDown => ("message-dropped", "message-dropped.down"),
                DropReason::ConnectionBroken => ("message-dropped", "message-dropped.broken"),
            };
            let told = between(wire(LogKind::Message, id), from, to).because(because);
            header(told, sent(event, causes).unwrap_or(&event.kind))
        }
        EventKind::RequestTimedOut { from, to, api, .. } => {
            fault("request-timed-out", from, to, api)
        }
        EventKind::Disconnected { from, to, api, .. } => fault("disconnected", from, to, api),
        EventKind::LinkCut { a, b } => {
            story(LogKind::Fault, "link-cut").said("a", names.node(*a)).said("b", names.node(*b))
        }
        EventKind::LinkHealed { a, b } => {
            story(LogKind::Fault, "link-healed").said("a", names.node(*a)).said("b", names.node(*b))
        }
        _ => return None,
    })
}

/// The sending of a message that arrived or was lost.
fn sent<'a>(event: &Event, causes: &'a Causes) -> Option<&'a EventKind> {
    let Cause::Event(id) = event.cause else { return None };
    let kind = &causes.event(id)?.kind;
    matches!(kind, EventKind::MessageSent { .. }).then_some(kind)
}

/// What stands in the header of a message, and its size, as far as the event says.
fn header(told: Narration, kind: &EventKind) -> Narration {
    let (api, id, size) = match kind {
        EventKind::MessageSent { api, correlation_id, size_bytes, .. } => {
            (api, correlation_id.to_string(), size_bytes.to_string())
        }
        EventKind::MessageDelivered { api, .. } | EventKind::MessageDropped { api, .. } => {
            (api, "?".to_owned(), "?".to_owned())
        }
        _ => return told,
    };
    let version = version_of(*api).map_or_else(|| "?".to_owned(), |version| version.to_string());
    told.with("api", format!("{api:?}")).with("version", version).with("id", id).with("size", size)
}
