//! The producer within an application, and what the application still has to hear of it.

use std::collections::BTreeSet;

use crate::ctx::Ctx;
use crate::ids::ClientId;
use crate::input::Input;
use crate::producer::{
    Producer, ProducerCall, ProducerConfig, ProducerError, ProducerRecord, Ticket,
};
use crate::view::ProducerView;

/// The producer within an application.
#[derive(Clone, Debug)]
pub(super) struct Output {
    producer: Producer,
    next_ticket: Ticket,
    /// The records of which it is not known yet what becomes of them.
    sends: BTreeSet<Ticket>,
    settled: Vec<(Ticket, Result<(), ProducerError>)>,
    /// The last other call, until it returns; then what it returned, until the application looks.
    call: Call,
}

/// How far a call is.
#[derive(Clone, Debug)]
enum Call {
    None,
    UnderWay(Ticket),
    Returned(Result<(), ProducerError>),
}

impl Output {
    /// A producer that makes no records by itself.
    pub(super) fn new(mut config: ProducerConfig) -> Self {
        config.rate_per_second = 0;
        let producer = Producer::new(config);
        let (sends, settled) = (BTreeSet::new(), Vec::new());
        Self { producer, next_ticket: 0, sends, settled, call: Call::None }
    }

    pub(super) fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input) {
        ctx.as_part(|ctx| self.producer.handle(ctx, input));
        self.note();
    }

    /// `send`: what becomes of the record is told under the ticket.
    pub(super) fn send(&mut self, ctx: &mut Ctx<'_>, record: ProducerRecord) -> Ticket {
        let ticket = self.ticket();
        self.sends.insert(ticket);
        ctx.as_part(|ctx| self.producer.call(ctx, ProducerCall::Send(record), Some(ticket)));
        self.note();
        ticket
    }

    /// Another call, of which there is one at a time; [`Output::take_returned`] tells what it returned.
    pub(super) fn call(&mut self, ctx: &mut Ctx<'_>, call: ProducerCall) {
        let ticket = self.ticket();
        self.call = Call::UnderWay(ticket);
        ctx.as_part(|ctx| self.producer.call(ctx, call, Some(ticket)));
        self.note();
    }

    /// `flush`: nothing lingers until all that was sent is settled.
    pub(super) fn flush(&mut self, ctx: &mut Ctx<'_>) {
        ctx.as_part(|ctx| self.producer.flush(ctx));
        self.note();
    }

    /// Whether the application waits in a call, such as a `send` that finds no room.
    pub(super) fn is_in_call(&self) -> bool {
        self.producer.is_in_call()
    }

    /// Whether it is known of all records what became of them.
    pub(super) fn is_settled(&self) -> bool {
        self.sends.is_empty()
    }

    /// What became of records since this was last asked.
    pub(super) fn take_settled(&mut self) -> Vec<(Ticket, Result<(), ProducerError>)> {
        std::mem::take(&mut self.settled)
    }

    /// What the last call returned, once it has.
    pub(super) fn take_returned(&mut self) -> Option<Result<(), ProducerError>> {
        match std::mem::replace(&mut self.call, Call::None) {
            Call::Returned(result) => Some(result),
            other => {
                self.call = other;
                None
            }
        }
    }

    /// Whether the transaction can be aborted, and all be well again.
    pub(super) fn can_abort(&self) -> bool {
        self.producer.refusal(&ProducerCall::AbortTransaction).is_none()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.producer.is_closed()
    }

    pub(super) fn view(&self, client: ClientId) -> ProducerView {
        self.producer.view(client)
    }

    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        self.next_ticket
    }

    fn note(&mut self) {
        for settled in self.producer.take_settled() {
            let result = settled.result.map(|_| ());
            if self.sends.remove(&settled.ticket) {
                self.settled.push((settled.ticket, result));
            } else if matches!(self.call, Call::UnderWay(ticket) if ticket == settled.ticket) {
                self.call = Call::Returned(result);
            }
        }
    }
}
