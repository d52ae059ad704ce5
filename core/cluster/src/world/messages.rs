//! Sending, delivering and losing messages, and what becomes of requests that get no answer.

use std::sync::Arc;

use crate::event::{Cause, DropReason, EventKind};
use crate::fault::FaultEvent;
use crate::ids::{BrokerId, ClientId, CorrelationId, EntryId, MessageId, NodeId, TimerId};
use crate::input::{Failure, Input, ReplyTo};
use crate::message::{Body, Message, Request};
use crate::network::Carried;
use crate::time::{Span, Time};
use crate::timer::Timer;
use crate::world::{Because, Due, World};

/// Whose request, and which of its requests.
pub(super) type RequestId = (NodeId, CorrelationId);

/// A request that awaits its response.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    to: NodeId,
    api: kafka_protocol::messages::ApiKey,
    timer: TimerId,
    origin: Option<EntryId>,
    /// Whether no response will come: it is only kept until the request has arrived, so that the
    /// sender learns if nobody was there.
    is_oneway: bool,
}

impl World {
    /// The messages under way, in the order of their sending.
    pub(super) fn in_flight(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    pub(crate) fn send_request(
        &mut self,
        because: Because,
        from: NodeId,
        to: NodeId,
        request: Request,
        timeout: Span,
        on_behalf_of: Option<NodeId>,
    ) -> CorrelationId {
        let correlation_id = CorrelationId(self.next.correlation);
        self.next.correlation = self.next.correlation.wrapping_add(1);
        let api = request.api_key();
        let timer = self.set_timer(because, from, timeout, Timer::Request(correlation_id));
        let waiting = Waiting { to, api, timer, origin: because.1, is_oneway: false };
        self.waiting.insert((from, correlation_id), waiting);
        let sent = self.send(because, from, to, correlation_id, Body::Request(request));
        if let Some(message) = self.messages.get_mut(&sent) {
            message.on_behalf_of = on_behalf_of;
        }
        correlation_id
    }

    pub(crate) fn send_oneway(
        &mut self,
        because: Because,
        from: NodeId,
        to: NodeId,
        request: Request,
        timeout: Span,
    ) -> CorrelationId {
        let correlation_id = self.send_request(because, from, to, request, timeout, None);
        let waiting = self.waiting.get_mut(&(from, correlation_id)).expect("it was just sent");
        waiting.is_oneway = true;
        correlation_id
    }

    pub(crate) fn send(
        &mut self,
        (cause, origin): Because,
        from: NodeId,
        to: NodeId,
        correlation_id: CorrelationId,
        body: Body,
    ) -> MessageId {
        let id = MessageId(self.next.message);
        self.next.message += 1;
        let carried = self.network.carry(self.now, from, to);
        let deliver_at = carried.at;
        let breaks = body.is_response() && self.network.loses_answer(from, to);
        let incarnation = self.nodes.get(&to).map_or(0, |slot| slot.incarnation);
        let mut message = Message {
            id,
            from,
            to,
            correlation_id,
            size_bytes: body.wire_size(),
            body: Arc::new(body),
            sent_at: self.now,
            deliver_at,
            on_behalf_of: None,
            incarnation,
            is_retransmitted: carried.retransmissions > 0,
            is_doomed: carried.is_given_up || breaks,
            cause,
            origin,
        };
        message.cause = Cause::Event(self.emit(cause, message.sent_event()));
        self.tell_retransmissions(message.cause, id, (from, to), &carried);
        self.messages.insert(id, message);
        self.schedule(deliver_at, Due::Message(id));
        id
    }

    pub(super) fn deliver(&mut self, id: MessageId) {
        let message = self.messages.remove(&id).expect("a message is delivered once");
        let Message { from, to, origin, on_behalf_of, .. } = message;
        let api = message.body.api_key();
        let request_id = message.request_id();
        let has_arrived = self.pauses.has_arrived(id);
        if self.network.is_cut(from, to) && !has_arrived {
            let lost = EventKind::MessageDropped {
                message: id,
                from,
                to,
                api,
                reason: DropReason::LinkCut,
            };
            self.emit(message.cause, lost);
            return self.hold_back(message);
        }
        if message.is_doomed {
            let reason = DropReason::ConnectionBroken;
            let lost = EventKind::MessageDropped { message: id, from, to, api, reason };
            let cause = Cause::Event(self.emit(message.cause, lost));
            return self.disconnect(request_id, cause);
        }
        if !self.is_process(to, message.incarnation) {
            let lost = EventKind::MessageDropped {
                message: id,
                from,
                to,
                api,
                reason: DropReason::ReceiverDown,
            };
            self.emit(message.cause, lost);
            if !message.body.is_response() {
                self.refuse(request_id, message.cause);
            }
            return;
        }
        let is_response = message.body.is_response();
        if self.waiting.get(&request_id).is_some_and(|waiting| waiting.is_oneway) {
            self.forget_request(request_id);
        }
        // A response that comes after its request was given up is not looked at.
        if is_response && !self.forget_request(request_id) {
            return;
        }
        let delivered = EventKind::MessageDelivered { message: id, from, to, api, is_response };
        let cause = Cause::Event(self.emit(message.cause, delivered));
        let input = match Arc::unwrap_or_clone(message.body) {
            Body::Request(request) => Input::Request(
                ReplyTo { node: from, correlation_id: message.correlation_id, on_behalf_of },
                request,
            ),
            Body::Response(response) => Input::Response(message.correlation_id, response),
        };
        self.dispatch((cause, origin), to, input);
    }

    pub(super) fn run_timer(&mut self, because: Because, node: NodeId, timer: Timer) {
        let Timer::Request(correlation_id) = timer else {
            return self.dispatch(because, node, Input::Timer(timer));
        };
        let Some(waiting) = self.waiting.remove(&(node, correlation_id)) else { return };
        let timed_out = EventKind::RequestTimedOut {
            from: node,
            to: waiting.to,
            api: waiting.api,
            correlation_id,
        };
        let cause = Cause::Event(self.emit(because.0, timed_out));
        // A client closes the connection over which no answer came.
        self.network.reconnect(self.now, node, waiting.to);
        self.dispatch((cause, because.1), node, Input::Failed(correlation_id, Failure::TimedOut));
    }

    /// A process has ended: whoever waits for its answer learns that the connection broke.
    pub(super) fn break_connections(&mut self, ended: NodeId, cause: Cause) {
        self.waiting.retain(|(from, _), _| *from != ended);
        self.held_back.retain(|message| message.from != ended);
        let broken: Vec<RequestId> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.to == ended)
            .map(|(id, _)| *id)
            .collect();
        for id in broken {
            self.refuse(id, cause);
        }
    }

    /// A client's process ends: its machine closes the connections, and the brokers for which that matters see
    /// it, one way over the network later.
    pub(crate) fn hang_up(&mut self, cause: Cause, client: ClientId) {
        let node = NodeId::Client(client);
        for broker in self.broker_ids() {
            let to = NodeId::Broker(broker);
            let knows = |slot: &crate::world::Slot| match slot.node.as_deref() {
                Some(crate::node::Node::Broker(broker)) => broker.has_share_session(node),
                _ => false,
            };
            if self.nodes.get(&to).is_some_and(knows) {
                let at = self.network.delivery_time(self.now, node, to);
                self.schedule(at, Due::HungUp { broker, client, cause });
            }
        }
    }

    pub(super) fn hung_up(&mut self, cause: Cause, broker: BrokerId, client: ClientId) {
        let (from, to) = (NodeId::Client(client), NodeId::Broker(broker));
        let is_running = self.nodes.get(&to).is_some_and(|slot| slot.is_running);
        if is_running && !self.network.is_cut(from, to) {
            self.dispatch((cause, None), to, Input::ClientGone(from));
        }
    }

    pub(super) fn disconnect(&mut self, (node, correlation_id): RequestId, cause: Cause) {
        let Some(waiting) = self.waiting.get(&(node, correlation_id)) else { return };
        if self.network.is_cut(waiting.to, node) {
            // The news is lost too: it waits until its time is over.
            return;
        }
        let waiting = self.waiting.remove(&(node, correlation_id)).expect("it was just there");
        self.cancel_timer(waiting.timer);
        if !self.nodes[&node].is_running {
            return;
        }
        let disconnected = EventKind::Disconnected {
            from: node,
            to: waiting.to,
            api: waiting.api,
            correlation_id,
        };
        let cause = Cause::Event(self.emit(cause, disconnected));
        let input = Input::Failed(correlation_id, Failure::Disconnected);
        self.dispatch((cause, waiting.origin), node, input);
    }

    /// Lets a sender know, one way over the network later, that nobody is there.
    fn refuse(&mut self, id: RequestId, cause: Cause) {
        let Some(waiting) = self.waiting.get(&id) else { return };
        let (from, to) = (waiting.to, id.0);
        if self.network.is_cut(from, to) {
            return;
        }
        let at: Time = self.network.delivery_time(self.now, from, to);
        self.schedule(at, Due::Disconnect(id, cause));
    }

    /// A node closes its connection with a client: no request that is under way on it is answered.
    pub(crate) fn close_connection(&mut self, cause: Cause, server: NodeId, client: NodeId) {
        for message in self.messages.values_mut() {
            if (message.from, message.to) == (client, server) && !message.body.is_response() {
                message.is_doomed = true;
            }
        }
        self.held_back.retain(|message| (message.from, message.to) != (client, server));
        let requests = self.waiting.iter();
        let open = requests.filter(|((from, _), waiting)| *from == client && waiting.to == server);
        for id in open.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.refuse(id, cause);
        }
    }

    /// Whether a message never arrives, as far as is known now.
    pub(super) fn is_lost(&self, message: &Message) -> bool {
        message.is_doomed
            || self.network.is_cut(message.from, message.to)
            || !self.is_process(message.to, message.incarnation)
    }

    fn tell_retransmissions(
        &mut self,
        cause: Cause,
        message: MessageId,
        (from, to): (NodeId, NodeId),
        carried: &Carried,
    ) {
        if carried.retransmissions == 0 {
            return;
        }
        let (times, late_by) = (carried.retransmissions, carried.late_by);
        let gave_up = carried.is_given_up;
        let told = FaultEvent::Retransmitted { message, from, to, times, late_by, gave_up };
        self.emit(cause, EventKind::Fault(told));
    }

    fn forget_request(&mut self, id: RequestId) -> bool {
        let Some(waiting) = self.waiting.remove(&id) else { return false };
        self.cancel_timer(waiting.timer);
        true
    }
}
