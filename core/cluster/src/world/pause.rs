//! Processes that stand still, as in a long garbage collection. The machine and its network go on:
//! what arrives waits in its sockets, and timers that run out are noticed only when the process goes
//! on. Then all of it is handled, in the order in which it was due.

use std::collections::{BTreeMap, BTreeSet};

use crate::bounds::Bound;
use crate::event::{Cause, EventKind};
use crate::fault::FaultEvent;
use crate::ids::{BrokerId, EntryId, MessageId, NodeId};
use crate::time::Span;
use crate::world::{Because, Due, World};

/// The processes that stand still.
#[derive(Clone, Debug, Default)]
pub(super) struct Pauses {
    by_node: BTreeMap<NodeId, Pause>,
    /// Messages that arrived during a pause which is over: a link that is cut since then does not
    /// take them back.
    arrived: BTreeSet<MessageId>,
    next: u64,
}

/// A process that stands still.
#[derive(Clone, Debug)]
struct Pause {
    /// Tells it from a later pause of the same process.
    number: u64,
    origin: Option<EntryId>,
    waiting: Vec<Due>,
}

impl Pauses {
    /// What waits for a node's process; none if it does not stand still.
    pub(super) fn waiting(&self, node: NodeId) -> Option<usize> {
        self.by_node.get(&node).map(|pause| pause.waiting.len())
    }

    /// All that waits for processes that stand still.
    pub(super) fn all_waiting(&self) -> impl Iterator<Item = &Due> {
        self.by_node.values().flat_map(|pause| &pause.waiting)
    }

    /// Whether the message arrived while its receiver stood still, and forgets that it did.
    pub(super) fn has_arrived(&mut self, message: MessageId) -> bool {
        self.arrived.remove(&message)
    }
}

impl World {
    pub(super) fn pause(
        &mut self,
        (cause, origin): Because,
        broker: BrokerId,
        length: Option<Span>,
    ) {
        let node = NodeId::Broker(broker);
        let number = self.pauses.next;
        self.pauses.next += 1;
        self.pauses.by_node.insert(node, Pause { number, origin, waiting: Vec::new() });
        let paused = self.emit(cause, EventKind::Fault(FaultEvent::Paused { broker, length }));
        if let Some(length) = length {
            let cause = Cause::Event(paused);
            self.schedule(self.now + length, Due::Resume { broker, number, cause });
        }
    }

    /// Lets a paused process go on.
    pub(super) fn resume_broker(&mut self, cause: Cause, broker: BrokerId) {
        let node = NodeId::Broker(broker);
        let waiting = self.pauses.waiting(node).unwrap_or(0) as u32;
        self.emit(cause, EventKind::Fault(FaultEvent::Resumed { broker, waiting }));
        self.release(node);
    }

    /// The time of a pause is over, unless the process goes on already.
    pub(super) fn pause_expired(&mut self, cause: Cause, broker: BrokerId, number: u64) {
        let node = NodeId::Broker(broker);
        if self.pauses.by_node.get(&node).is_some_and(|pause| pause.number == number) {
            self.resume_broker(cause, broker);
        }
    }

    /// Keeps back what is due for a process that stands still; else gives it back.
    pub(super) fn unless_paused(&mut self, due: Due) -> Option<Due> {
        if self.pauses.by_node.is_empty() {
            return Some(due);
        }
        let Some(node) = self.receiver(&due) else { return Some(due) };
        // A message that the network loses never arrives.
        let is_lost = matches!(due, Due::Message(id) if self.is_lost(&self.messages[&id]));
        let Some(pause) = self.pauses.by_node.get_mut(&node).filter(|_| !is_lost) else {
            return Some(due);
        };
        pause.waiting.push(due);
        let (waiting, origin) = (pause.waiting.len() as u64, pause.origin);
        let limit = self.spec.bounds.steps_per_instant;
        if waiting > limit {
            self.halt(Bound::WaitingForPaused(limit), origin);
        }
        None
    }

    /// Puts what waits for a process back into the queue: it goes on, or has come to its end.
    pub(super) fn release(&mut self, node: NodeId) {
        let Some(pause) = self.pauses.by_node.remove(&node) else { return };
        let mut waiting = pause.waiting;
        for due in &waiting {
            if let Due::Message(id) = due {
                self.pauses.arrived.insert(*id);
            }
        }
        waiting.extend(self.take_due_now(node));
        for due in waiting {
            let timer = match &due {
                // One that was cancelled meanwhile does not run out any more.
                Due::Timer { id, .. } if !self.timers.contains_key(id) => continue,
                Due::Timer { id, .. } => Some(*id),
                _ => None,
            };
            let key = self.schedule(self.now, due);
            if let Some(timer) = timer {
                self.timers.insert(timer, key);
            }
        }
    }

    /// Takes what is due for a node at this instant: it comes after what waited.
    fn take_due_now(&mut self, node: NodeId) -> Vec<Due> {
        let now = (self.now, 0)..=(self.now, u64::MAX);
        let keys: Vec<_> = self
            .queue
            .range(now)
            .filter(|(_, due)| self.receiver(due) == Some(node))
            .map(|(key, _)| *key)
            .collect();
        keys.iter().filter_map(|key| self.queue.remove(key)).collect()
    }

    /// The process that handles what is due.
    fn receiver(&self, due: &Due) -> Option<NodeId> {
        let node = match due {
            Due::Message(id) => self.messages[id].to,
            Due::Timer { node, .. } => *node,
            Due::Disconnect((node, _), _) => *node,
            Due::Resume { .. } => return None,
            Due::HungUp { broker, .. } => NodeId::Broker(*broker),
            Due::Handed { to, .. } => NodeId::Client(*to),
        };
        Some(self.network.host(node))
    }
}
