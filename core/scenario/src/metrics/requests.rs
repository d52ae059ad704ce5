//! Requests and their answers, paired: how long each took where it was answered, and where it was asked.

use std::collections::BTreeMap;

use highwater_cluster::event::{Event, EventKind};
use highwater_cluster::ids::{CorrelationId, MessageId, NodeId};
use highwater_cluster::protocol::messages::ApiKey;
use highwater_cluster::time::{Span, Time};

/// A request that is not answered for so long is forgotten: whoever asked has given it up.
const FORGOTTEN_AFTER: Span = Span(300_000_000);

/// The requests that are under way or being worked on.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    asked: BTreeMap<(NodeId, CorrelationId), Asked>,
    answered: BTreeMap<MessageId, Asked>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    sent_at: Time,
    arrives_at: Time,
}

/// What an event told of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Told {
    /// Its answer left: so long after it had arrived.
    Answered { by: NodeId, to: NodeId, api: ApiKey, total: Span },
    /// Its answer arrived: so long after it had been sent.
    Returned { to: NodeId, api: ApiKey, latency: Span },
}

impl Requests {
    pub(super) fn observe(&mut self, event: &Event) -> Option<Told> {
        match event.kind {
            EventKind::MessageSent {
                from, correlation_id, is_response: false, deliver_at, ..
            } => {
                // What a cut held back is sent again when the link carries again.
                let asked = self.asked.entry((from, correlation_id));
                let first = Asked { sent_at: event.at, arrives_at: deliver_at };
                asked.or_insert(first).arrives_at = deliver_at;
                None
            }
            EventKind::MessageSent { message, from, to, api, correlation_id, .. } => {
                let asked = self.asked.remove(&(to, correlation_id))?;
                self.answered.insert(message, asked);
                let total = event.at.since(asked.arrives_at);
                Some(Told::Answered { by: from, to, api, total })
            }
            EventKind::MessageDelivered { message, to, api, is_response: true, .. } => {
                let asked = self.answered.remove(&message)?;
                Some(Told::Returned { to, api, latency: event.at.since(asked.sent_at) })
            }
            EventKind::MessageDropped { message, .. } => {
                self.answered.remove(&message);
                None
            }
            EventKind::RequestTimedOut { from, correlation_id, .. }
            | EventKind::Disconnected { from, correlation_id, .. } => {
                self.asked.remove(&(from, correlation_id));
                None
            }
            _ => None,
        }
    }

    /// Forgets what nobody waits for any more: requests that have no answer, such as those under `acks=0`.
    pub(super) fn forget(&mut self, now: Time) {
        self.asked.retain(|_, asked| now.since(asked.sent_at) < FORGOTTEN_AFTER);
    }
}
