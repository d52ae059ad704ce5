//! What a node may do while it handles an input: know the time, send, answer, set timers, tell what
//! happened. It sees no other node.

use highwater_log::{Log, TimestampMs, TransactionVersion};

use crate::action::{Action, ActionError};
#[cfg(feature = "real-clients")]
use crate::authentication::Users;
use crate::bounds::Bound;
use crate::bugs::Bug;
use crate::event::{Cause, EventKind};
use crate::ids::{
    BrokerId, ClientId, ControllerId, CorrelationId, EntryId, EventId, NodeId, TimerId,
    TopicPartition,
};
use crate::input::ReplyTo;
use crate::message::{Body, Request, Response};
use crate::remote::store::{RemoteStore, StoreSpeed};
use crate::rng::Stream;
use crate::time::{Span, Time};
use crate::timer::Timer;
use crate::world::World;

/// The topic of the metadata log, by its name on disk.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// A node's hold on the world while it handles one input.
pub struct Ctx<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) me: NodeId,
    pub(crate) cause: Cause,
    pub(crate) origin: Option<EntryId>,
    /// Responses that are held back, while they are; the last are those of whoever holds them within the others.
    pub(crate) held: Vec<Vec<(ReplyTo, Response)>>,
    /// Whether a part of the node handles the input: its end is not the node's.
    pub(crate) is_part: bool,
}

impl Ctx<'_> {
    /// The node itself.
    pub fn me(&self) -> NodeId {
        self.me
    }

    /// Virtual time.
    pub fn now(&self) -> Time {
        self.world.now
    }

    /// What the wall clock of the node shows, as a timestamp of Kafka's.
    pub fn timestamp(&self) -> TimestampMs {
        let skew_ms = self.world.clock_skew_ms(self.me);
        TimestampMs(self.world.timestamp().0.saturating_add(skew_ms))
    }

    /// Whether a broker is left out of Metadata answers, as a person wants it.
    pub(crate) fn is_hidden(&self, broker: BrokerId) -> bool {
        self.world.is_hidden(broker)
    }

    /// Closes the connection with a client: nothing that it asked over it is answered.
    pub(crate) fn close_connection(&mut self, client: NodeId) {
        self.world.close_connection(self.cause, self.me, client);
    }

    /// Tells that something happened, because of what the node is handling.
    pub fn emit(&mut self, kind: EventKind) -> EventId {
        self.world.emit(self.cause, kind)
    }

    /// Tells that something happened because of `event`.
    pub(crate) fn emit_because(&mut self, event: EventId, kind: EventKind) -> EventId {
        self.world.emit(Cause::Event(event), kind)
    }

    /// From here on, what the node does counts as caused by `event`.
    pub fn because(&mut self, event: EventId) {
        self.cause = Cause::Event(event);
    }

    /// Sends a request. It ends in [`crate::input::Input::Response`], or, if none has come within
    /// `timeout` or the connection breaks, in [`crate::input::Input::Failed`].
    pub fn send(
        &mut self,
        to: NodeId,
        request: impl Into<Request>,
        timeout: Span,
    ) -> CorrelationId {
        let because = (self.cause, self.origin);
        self.world.send_request(because, self.me, to, request.into(), timeout, None)
    }

    /// Likewise, and the receiver learns whose request it is that the node passes on.
    pub(crate) fn send_on_behalf_of(
        &mut self,
        client: NodeId,
        to: NodeId,
        request: impl Into<Request>,
        timeout: Span,
    ) -> CorrelationId {
        let because = (self.cause, self.origin);
        self.world.send_request(because, self.me, to, request.into(), timeout, Some(client))
    }

    /// Sends a request to which there is no answer, such as a produce request with acks=0. The sender
    /// hears of it only if it did not arrive: [`crate::input::Input::Failed`], at once if nobody was
    /// there to receive it, after `timeout` if the link is cut.
    pub fn send_oneway(
        &mut self,
        to: NodeId,
        request: impl Into<Request>,
        timeout: Span,
    ) -> CorrelationId {
        self.world.send_oneway((self.cause, self.origin), self.me, to, request.into(), timeout)
    }

    /// The remote store, which answers at once: whoever asks it waits before.
    pub(crate) fn remote_store(&self) -> &RemoteStore {
        &self.world.remote_store
    }

    /// The same, to change what is kept there.
    pub(crate) fn remote_store_mut(&mut self) -> &mut RemoteStore {
        &mut self.world.remote_store
    }

    /// How fast the remote store is.
    pub(crate) fn store_speed(&self) -> StoreSpeed {
        self.world.spec.store
    }

    /// Answers a request.
    pub fn respond(&mut self, to: ReplyTo, response: impl Into<Response>) {
        let response = response.into();
        if let Some(held) = self.held.last_mut() {
            return held.push((to, response));
        }
        let body = Body::Response(response);
        self.world.send((self.cause, self.origin), self.me, to.node, to.correlation_id, body);
    }

    /// Asks to be woken after `after`.
    pub fn set_timer(&mut self, after: Span, timer: Timer) -> TimerId {
        self.world.set_timer((self.cause, self.origin), self.me, after, timer)
    }

    /// Forgets a timer; nothing happens if it has run out.
    pub fn cancel_timer(&mut self, timer: TimerId) {
        self.world.cancel_timer(timer);
    }

    /// The node's own stream of random numbers for `purpose`.
    pub fn random(&mut self, purpose: &'static str) -> &mut Stream {
        self.world.stream(self.me, purpose)
    }

    /// Counts records made, against the bounds of the world. False if the bound is reached: the node
    /// is to stop at once, and the run will pause.
    #[must_use]
    pub fn charge(&mut self, records: u64) -> bool {
        self.world.charge(self.origin, records)
    }

    /// The level of the feature `transaction.version`, which brokers tell clients in their answer to
    /// ApiVersions.
    pub fn transaction_version(&self) -> TransactionVersion {
        self.world.spec.transaction_version
    }

    /// The brokers' ids: a client's `bootstrap.servers`.
    pub fn bootstrap_brokers(&self) -> Vec<BrokerId> {
        self.world.broker_ids()
    }

    /// The controllers' ids: `controller.quorum.bootstrap.servers`.
    pub fn controllers(&self) -> Vec<ControllerId> {
        self.world.controller_ids()
    }

    /// The producer or consumer of that name which runs.
    pub fn client_named(&self, name: &str) -> Option<NodeId> {
        let client = self.world.running_client(name)?;
        let is_command = self.world.client(client).is_some_and(|info| info.terminal.is_some());
        (!is_command).then_some(NodeId::Client(client))
    }

    /// The topic that the producer of that name sends to by itself, if it runs.
    pub fn topic_of_producer(&self, name: &str) -> Option<crate::ids::TopicName> {
        self.world.producer_named(name).ok().map(|(_, producer)| producer.topic().clone())
    }

    /// The file of that name, as the scenario put it in place.
    pub fn file(&self, name: &str) -> Option<bytes::Bytes> {
        self.world.file(name)
    }

    /// The log of a partition on a broker's disk, as whoever sits at that machine can read it.
    pub fn log_on_disk(&self, broker: BrokerId, partition: &TopicPartition) -> Option<&Log> {
        if partition.topic.as_str() != METADATA_TOPIC {
            return self.world.log(broker, partition);
        }
        // Brokers follow the metadata log: where one is no controller, the furthest of these has it.
        let own = self.world.metadata_logs().find(|(id, ..)| id.0 == broker.0);
        let furthest = || self.world.metadata_logs().max_by_key(|(_, committed, _)| *committed);
        own.or_else(furthest).map(|(_, _, log)| log)
    }

    /// Does what only a person can do: starts and stops brokers, cuts links, starts clients.
    pub fn act(&mut self, action: Action) -> Result<(), ActionError> {
        self.world.act((self.cause, self.origin), action)
    }

    /// Writes a line to the command's standard output.
    pub fn print(&mut self, line: &str) {
        self.output(line, false);
    }

    /// Writes a line to the command's standard error.
    pub fn print_error(&mut self, line: &str) {
        self.output(line, true);
    }

    /// Ends the command.
    pub fn exit(&mut self, code: i32) {
        let client = self.my_client_id();
        self.world.exit(self.cause, client, code);
    }

    /// A log has grown: counted against the bounds of the world.
    pub(crate) fn note_log_growth(&mut self, bytes: u64) {
        self.world.note_log_growth(self.origin, bytes);
    }

    /// A log has shrunk: what went no longer counts against the bounds of the world.
    pub(crate) fn note_log_shrink(&mut self, bytes: u64) {
        self.world.note_log_shrink(bytes);
    }

    /// A producer or consumer has closed in good order.
    pub(crate) fn client_closed(&mut self) {
        if !self.is_part {
            self.world.end_client(self.cause, self.me);
        }
    }

    /// A share consumer's process ends without a word.
    pub(crate) fn share_consumer_crashed(&mut self) {
        let client = self.my_client_id();
        let killed = crate::share::ShareEvent::ConsumerKilled { client, silently: false };
        let killed = self.emit(EventKind::Share(killed));
        if !self.is_part {
            self.world.hang_up(Cause::Event(killed), client);
            self.world.end_client(Cause::Event(killed), self.me);
        }
    }

    /// Lets a part of the node do something: a client that is built into an application.
    pub(crate) fn as_part(&mut self, part: impl FnOnce(&mut Self)) {
        let (cause, was_part) = (self.cause, std::mem::replace(&mut self.is_part, true));
        part(self);
        (self.cause, self.is_part) = (cause, was_part);
    }

    /// From here on, responses are held back until they are released.
    pub(crate) fn hold_responses(&mut self) {
        self.held.push(Vec::new());
    }

    /// Hands out what was held back; from here on, responses are sent at once again, or held by whoever held them
    /// before.
    pub(crate) fn release_responses(&mut self) -> Vec<(ReplyTo, Response)> {
        self.held.pop().unwrap_or_default()
    }

    /// The controller has shut down in good order.
    pub(crate) fn controller_stopped(&mut self, controller: ControllerId) {
        self.world.controller_stopped((self.cause, self.origin), controller);
    }

    /// The broker has shut down in good order.
    pub(crate) fn broker_stopped(&mut self, broker: BrokerId) {
        self.world.broker_stopped((self.cause, self.origin), broker);
    }

    /// The broker has ended itself at once, since its only log directory failed.
    pub(crate) fn broker_halted(&mut self, broker: BrokerId) {
        self.world.broker_halted((self.cause, self.origin), broker);
    }

    /// There would be more partitions than the world may hold: the run pauses.
    pub(crate) fn halt_at_partitions(&mut self) {
        let limit = self.world.spec.bounds.partitions;
        self.world.halt(Bound::Partitions(limit), self.origin);
    }

    /// Whether a bug is switched on, to test the checkers.
    pub(crate) fn has_bug(&self, bug: Bug) -> bool {
        self.world.spec.bugs.has(bug)
    }

    fn output(&mut self, line: &str, is_error: bool) {
        let client = self.my_client_id();
        self.world.write_line((self.cause, self.origin), client, line, is_error);
    }

    /// The users that a broker knows; none if it believes everybody.
    #[cfg(feature = "real-clients")]
    pub(crate) fn users_of(&self, broker: BrokerId) -> Option<Users> {
        Users::of(|name| self.world.spec.config(broker, name))
    }

    /// Tells a client from outside the simulation something.
    #[cfg(feature = "real-clients")]
    pub(crate) fn reply(&mut self, reply: crate::wire::Reply) {
        let client = self.my_client_id();
        self.world.outside.push((client, reply));
    }

    pub(crate) fn my_client_id(&self) -> ClientId {
        match self.me {
            NodeId::Client(id) => id,
            other => unreachable!("{other} is no command"),
        }
    }
}
