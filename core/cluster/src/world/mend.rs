//! What is under way over a link that stops losing segments, or carries again after it was cut: TCP's next attempt
//! gets through.

use crate::event::{Cause, EventKind};
use crate::fault::FaultEvent;
use crate::ids::{MessageId, NodeId};
use crate::message::Message;
use crate::time::Time;
use crate::world::{Due, World};

impl World {
    /// A cut stopped a message. TCP goes on sending it while the connection stands, which is as long as somebody
    /// waits for its answer.
    pub(super) fn hold_back(&mut self, message: Message) {
        let waiting = &self.waiting;
        self.held_back.retain(|held| waiting.contains_key(&held.request_id()));
        if self.waiting.contains_key(&message.request_id()) {
            self.held_back.push(message);
        }
    }

    /// Links may carry again: what cuts held back is sent again, and arrives before what was sent after it.
    pub(super) fn send_held_back(&mut self) {
        let (held, free): (Vec<_>, Vec<_>) = std::mem::take(&mut self.held_back)
            .into_iter()
            .partition(|held| self.network.is_cut(held.from, held.to));
        self.held_back = held;
        for message in free {
            if self.waiting.contains_key(&message.request_id()) {
                self.send_again(message);
            }
        }
    }

    fn send_again(&mut self, message: Message) {
        let (from, to) = (message.from, message.to);
        let (attempt, times) = self.network.next_attempt(self.now, message.sent_at, from, to);
        let late_by = attempt.since(message.sent_at);
        let deliver_at = self.network.arrival_of_attempt(attempt, from, to);
        self.wait_behind(from, to);
        let id = MessageId(self.next.message);
        self.next.message += 1;
        let mut again = Message { id, deliver_at, sent_at: self.now, ..message };
        again.cause = Cause::Event(self.emit(again.cause, again.sent_event()));
        let told =
            FaultEvent::Retransmitted { message: id, from, to, times, late_by, gave_up: false };
        self.emit(again.cause, EventKind::Fault(told));
        self.messages.insert(id, again);
        self.schedule(deliver_at, Due::Message(id));
    }

    /// What is under way already was sent later than what is sent again, and comes after it.
    fn wait_behind(&mut self, from: NodeId, to: NodeId) {
        let under_way = self.messages.values().filter(|it| (it.from, it.to) == (from, to));
        for id in under_way.map(|message| message.id).collect::<Vec<_>>() {
            let due = self.network.arrival_of_attempt(self.now, from, to);
            self.postpone(id, due);
        }
    }

    /// A link between two nodes loses nothing any more. What TCP was about to send again arrives with
    /// the next attempt, and what waited behind it right after.
    pub(super) fn mend_loss(&mut self, a: NodeId, b: NodeId) {
        for (from, to) in [(a, b), (b, a)] {
            self.network.forget_order(self.now, from, to);
            let late = self.messages.values().filter(|message| {
                (message.from, message.to) == (from, to) && message.deliver_at > self.now
            });
            for id in late.map(|message| message.id).collect::<Vec<_>>() {
                self.send_soon(id);
            }
        }
    }

    /// Lets a message arrive with TCP's next attempt, unless it is due before.
    fn send_soon(&mut self, id: MessageId) {
        let message = &self.messages[&id];
        let (from, to, was_due) = (message.from, message.to, message.deliver_at);
        let attempt = if message.is_retransmitted {
            self.network.next_attempt(self.now, message.sent_at, from, to).0
        } else {
            self.now
        };
        let due = self.network.arrival_of_attempt(attempt, from, to);
        if due < was_due && self.postpone(id, due) {
            let message = self.messages.get_mut(&id).expect("it is under way");
            // Given up was only the attempt that would have come last.
            message.is_doomed &= !message.is_retransmitted;
        }
    }

    /// Lets a message that is under way arrive at another time.
    fn postpone(&mut self, id: MessageId, due: Time) -> bool {
        let was_due = self.messages[&id].deliver_at;
        let same_instant = (was_due, 0)..=(was_due, u64::MAX);
        let is_it = |due: &Due| matches!(due, Due::Message(other) if *other == id);
        let found = self.queue.range(same_instant).find(|(_, due)| is_it(due));
        let Some(key) = found.map(|(key, _)| *key) else { return false };
        self.queue.remove(&key);
        self.schedule(due, Due::Message(id));
        self.messages.get_mut(&id).expect("it is under way").deliver_at = due;
        true
    }
}
