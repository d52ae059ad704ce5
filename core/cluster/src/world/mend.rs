//! What is under way over a link that stops losing segments: TCP's next attempt gets through.

use crate::ids::{MessageId, NodeId};
use crate::world::{Due, World};

impl World {
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
            self.network.next_attempt(self.now, message.sent_at, from, to)
        } else {
            self.now
        };
        let due = self.network.arrival_of_attempt(attempt, from, to);
        if due >= was_due {
            return;
        }
        let same_instant = (was_due, 0)..=(was_due, u64::MAX);
        let is_it = |due: &Due| matches!(due, Due::Message(other) if *other == id);
        let found = self.queue.range(same_instant).find(|(_, due)| is_it(due));
        let Some(key) = found.map(|(key, _)| *key) else { return };
        self.queue.remove(&key);
        self.schedule(due, Due::Message(id));
        let message = self.messages.get_mut(&id).expect("it is under way");
        message.deliver_at = due;
        // Given up was only the attempt that would have come last.
        message.is_doomed &= !message.is_retransmitted;
    }
}
