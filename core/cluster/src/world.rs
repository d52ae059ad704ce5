//! The simulated world: virtual time, the queue of what is due, the nodes, and the network between
//! them. [`World::step`] does the next thing; everything follows from that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use highwater_log::TimestampMs;

use crate::bounds::Bound;
use crate::cluster_spec::ClusterSpec;
use crate::ctx::Ctx;
use crate::event::{Cause, Event, EventKind};
use crate::ids::{
    BrokerId, ClientId, ControllerId, EntryId, EventId, MessageId, NodeId, TerminalName, TimerId,
};
use crate::input::Input;
use crate::message::Message;
use crate::network::{Network, node_number};
use crate::node::Node;
use crate::process::TerminalState;
use crate::program::Program;
use crate::remote::store::RemoteStore;
use crate::rng::{Seed, Stream};
use crate::shared::Shared;
use crate::time::Time;
use crate::timer::Timer;

mod actions;
mod clients;
mod controllers;
mod faults;
mod looks;
mod mend;
mod messages;
mod pause;
mod processes;
mod producers;
mod views;

pub use clients::ClientInfo;

/// Why something is done, and the entry of the scenario that it goes back to.
pub(crate) type Because = (Cause, Option<EntryId>);

/// The simulated world. A clone is a checkpoint: logs and messages are shared, not copied.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) now: Time,
    pub(crate) spec: Arc<ClusterSpec>,
    pub(crate) nodes: BTreeMap<NodeId, Slot>,
    pub(crate) clients: BTreeMap<ClientId, ClientInfo>,
    /// Those of the clients that run. A loop in a shell starts commands by the thousand, and leaves them behind.
    running: BTreeSet<ClientId>,
    pub(crate) network: Network,
    faults: faults::Faults,
    /// The object store beside the brokers (KIP-405).
    pub(crate) remote_store: Shared<RemoteStore>,
    pauses: pause::Pauses,
    queue: BTreeMap<(Time, u64), Due>,
    timers: BTreeMap<TimerId, (Time, u64)>,
    messages: BTreeMap<MessageId, Message>,
    waiting: BTreeMap<messages::RequestId, messages::Waiting>,
    /// What cuts stopped, and TCP still sends.
    held_back: Vec<Message>,
    streams: BTreeMap<(NodeId, &'static str), Stream>,
    files: BTreeMap<String, Bytes>,
    terminals: BTreeMap<TerminalName, TerminalState>,
    /// What those without a terminal have of one.
    no_terminal: TerminalState,
    events: Vec<Event>,
    /// What clients from outside are to be told.
    #[cfg(feature = "real-clients")]
    pub(crate) outside: Vec<(ClientId, crate::wire::Reply)>,
    next: Ordinals,
    work: Work,
    /// Bytes ever appended to all logs.
    log_bytes: u64,
    halted: Option<Halt>,
}

/// A node and what the world keeps about it.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// None while the node handles an input, or when its process does not exist.
    pub(crate) node: Option<Box<Node>>,
    /// One higher with each process: what was meant for an earlier one never reaches a later one.
    pub(crate) incarnation: u32,
    pub(crate) is_running: bool,
}

/// The run stands still: a bound was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Which bound.
    pub bound: Bound,
    /// The entry of the scenario that led there, as far as can be told.
    pub entry: Option<EntryId>,
}

/// What is due at an instant.
#[derive(Clone, Debug)]
enum Due {
    Message(MessageId),
    Timer {
        id: TimerId,
        node: NodeId,
        incarnation: u32,
        timer: Timer,
        set_by: Option<EventId>,
        origin: Option<EntryId>,
    },
    Disconnect(messages::RequestId, Cause),
    Resume {
        broker: BrokerId,
        number: u64,
        cause: Cause,
    },
    /// A broker sees that a client's connection ended.
    HungUp {
        broker: BrokerId,
        client: ClientId,
        cause: Cause,
    },
    /// What one process hands to another.
    Handed {
        to: ClientId,
        input: Box<Input>,
        cause: Cause,
        origin: Option<EntryId>,
    },
}

/// The next number of each kind.
#[derive(Clone, Debug, Default)]
struct Ordinals {
    due: u64,
    event: u64,
    message: u64,
    timer: u64,
    correlation: i32,
    client: u32,
}

/// What was done in the present instant and the present second, for the bounds.
#[derive(Clone, Debug, Default)]
struct Work {
    instant: Time,
    in_instant: u64,
    second: u64,
    in_second: u64,
    by_origin: BTreeMap<Option<EntryId>, u64>,
}

impl World {
    /// A world in which every broker and controller has just been started.
    pub fn new(spec: ClusterSpec) -> Self {
        let seed = Seed(spec.seed);
        let mut world = Self {
            now: Time::ZERO,
            faults: faults::Faults::default(),
            remote_store: Shared::default(),
            pauses: pause::Pauses::default(),
            network: Network::new(seed, spec.latency, spec.combined),
            spec: Arc::new(spec),
            nodes: BTreeMap::new(),
            clients: BTreeMap::new(),
            running: BTreeSet::new(),
            queue: BTreeMap::new(),
            timers: BTreeMap::new(),
            messages: BTreeMap::new(),
            held_back: Vec::new(),
            waiting: BTreeMap::new(),
            streams: BTreeMap::new(),
            files: BTreeMap::new(),
            terminals: BTreeMap::new(),
            no_terminal: TerminalState::default(),
            events: Vec::new(),
            #[cfg(feature = "real-clients")]
            outside: Vec::new(),
            next: Ordinals::default(),
            work: Work::default(),
            log_bytes: 0,
            halted: None,
        };
        world.start_cluster();
        world
    }

    /// Virtual time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// What a wall clock in this world shows.
    pub fn timestamp(&self) -> TimestampMs {
        TimestampMs(self.spec.start.0.saturating_add(self.now.millis() as i64))
    }

    /// The cluster as the scenario's header describes it.
    pub fn spec(&self) -> &ClusterSpec {
        &self.spec
    }

    /// When the next thing is due; none if nothing ever is, or the run stands still.
    pub fn next_due(&self) -> Option<Time> {
        if self.halted.is_some() {
            return None;
        }
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Does the next thing that is due. False if nothing is, or the run stands still.
    pub fn step(&mut self) -> bool {
        if self.halted.is_some() {
            return false;
        }
        let Some((key, due)) = self.queue.pop_first() else { return false };
        assert!(key.0 >= self.now, "virtual time never goes back");
        self.now = key.0;
        let Some(due) = self.unless_paused(due) else { return true };
        if !self.charge_for(&due) {
            // The run stands still; this is due when it goes on.
            self.queue.insert(key, due);
            return true;
        }
        match due {
            Due::Message(id) => self.deliver(id),
            Due::Timer { id, node, incarnation, timer, set_by, origin } => {
                self.timers.remove(&id);
                if self.is_process(node, incarnation) {
                    let cause = Cause::Timer { timer: timer.name(), set_by };
                    self.run_timer((cause, origin), node, timer);
                }
            }
            Due::Disconnect(id, cause) => self.disconnect(id, cause),
            Due::Resume { broker, number, cause } => self.pause_expired(cause, broker, number),
            Due::HungUp { broker, client, cause } => self.hung_up(cause, broker, client),
            Due::Handed { to, input, cause, origin } => {
                let node = NodeId::Client(to);
                if self.is_alive(node) {
                    self.dispatch((cause, origin), node, *input);
                }
            }
        }
        true
    }

    /// Does all that is due up to and including `until`, and lets time stand there.
    pub fn run_until(&mut self, until: Time) {
        while self.next_due().is_some_and(|due| due <= until) {
            self.step();
        }
        if self.halted.is_none() {
            self.now = self.now.max(until);
        }
    }

    /// The events since they were last taken.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Why the run stands still, if it does.
    pub fn halted(&self) -> Option<&Halt> {
        self.halted.as_ref()
    }

    /// Lets a halted run go on, with the count begun anew. It halts again if nothing was changed.
    pub fn resume(&mut self) {
        self.halted = None;
        self.work = Work::default();
    }

    /// Puts a file in place, for commands to read.
    pub fn put_file(&mut self, name: &str, content: Bytes) {
        self.files.insert(name.to_owned(), content);
    }

    /// The file of that name.
    pub fn file(&self, name: &str) -> Option<Bytes> {
        self.files.get(name).cloned()
    }

    /// Tells that a person did something; what follows from it counts as caused by `entry`.
    pub fn entry_applied(&mut self, entry: EntryId, text: &str) {
        self.emit(Cause::Entry(entry), EventKind::EntryApplied { entry, text: text.into() });
    }

    /// Starts a command on a terminal.
    pub fn start_program(
        &mut self,
        entry: EntryId,
        terminal: &TerminalName,
        program: Box<dyn Program>,
    ) -> Option<ClientId> {
        let because = (Cause::Entry(entry), Some(entry));
        let client = self.add_client(because, "command", Some(terminal), Node::Process(program))?;
        self.dispatch(because, NodeId::Client(client), Input::Start);
        Some(client)
    }

    /// Lets a client from outside open a connection to a broker; none if there are too many clients.
    #[cfg(feature = "real-clients")]
    pub fn connect_client(
        &mut self,
        entry: EntryId,
        name: &str,
        broker: BrokerId,
    ) -> Option<ClientId> {
        let because = (Cause::Entry(entry), Some(entry));
        let program = Box::new(crate::real_client::RealClient::new(broker));
        let client = self.add_client(because, name, None, Node::Process(program))?;
        self.dispatch(because, NodeId::Client(client), Input::Start);
        Some(client)
    }

    /// What clients from outside are to be told, in order; each is told once.
    #[cfg(feature = "real-clients")]
    pub fn take_replies(&mut self) -> Vec<(ClientId, crate::wire::Reply)> {
        std::mem::take(&mut self.outside)
    }

    /// Hands input to a command that runs: a line typed, the end of input, Ctrl-C.
    pub fn input(&mut self, entry: EntryId, client: ClientId, input: Input) {
        if let Input::Line(typed) = &input {
            self.echo((Cause::Entry(entry), Some(entry)), client, typed);
        } else if matches!(input, Input::Interrupt) {
            self.echo_interrupt(client);
        }
        self.dispatch((Cause::Entry(entry), Some(entry)), NodeId::Client(client), input);
    }

    pub(crate) fn emit(&mut self, cause: Cause, kind: EventKind) -> EventId {
        let id = EventId(self.next.event);
        self.next.event += 1;
        self.events.push(Event { id, at: self.now, cause, kind });
        id
    }

    pub(crate) fn set_timer(
        &mut self,
        (cause, origin): Because,
        node: NodeId,
        after: crate::time::Span,
        timer: Timer,
    ) -> TimerId {
        let id = TimerId(self.next.timer);
        self.next.timer += 1;
        let set_by = cause.event();
        let incarnation = self.nodes[&node].incarnation;
        let due = Due::Timer { id, node, incarnation, timer, set_by, origin };
        let key = self.schedule(self.now + after, due);
        self.timers.insert(id, key);
        id
    }

    pub(crate) fn cancel_timer(&mut self, timer: TimerId) {
        if let Some(key) = self.timers.remove(&timer) {
            self.queue.remove(&key);
        }
    }

    pub(crate) fn stream(&mut self, node: NodeId, purpose: &'static str) -> &mut Stream {
        let seed = Seed(self.spec.seed);
        self.streams
            .entry((node, purpose))
            .or_insert_with(|| seed.stream(purpose, node_number(node)))
    }

    /// Counts what is due next as work.
    fn charge_for(&mut self, due: &Due) -> bool {
        let origin = match due {
            Due::Message(id) => self.messages[id].origin,
            Due::Timer { node, incarnation, origin, .. }
                if self.is_process(*node, *incarnation) =>
            {
                *origin
            }
            Due::Handed { to, origin, .. } if self.is_alive(NodeId::Client(*to)) => *origin,
            _ => return true,
        };
        self.charge(origin, 1)
    }

    /// Whether what is being done may still print though a bound is reached: it is done in whole, but not for ever.
    pub(crate) fn may_print(&mut self, origin: Option<EntryId>) -> bool {
        let bounds = self.spec.bounds;
        self.charge(origin, 1)
            || (self.work.in_instant <= 2 * bounds.steps_per_instant
                && self.work.in_second <= 2 * bounds.work_per_second)
    }

    /// Counts work against the bounds; false if one is reached, and then the run stands still.
    pub(crate) fn charge(&mut self, origin: Option<EntryId>, amount: u64) -> bool {
        let bounds = self.spec.bounds;
        self.work.count(self.now, origin, amount);
        let bound = if self.work.in_instant > bounds.steps_per_instant {
            Bound::StepsPerInstant(bounds.steps_per_instant)
        } else if self.work.in_second > bounds.work_per_second {
            Bound::WorkPerSecond(bounds.work_per_second)
        } else {
            return self.halted.is_none();
        };
        self.halt(bound, self.work.busiest());
        false
    }

    pub(crate) fn note_log_growth(&mut self, origin: Option<EntryId>, bytes: u64) {
        self.log_bytes = self.log_bytes.saturating_add(bytes);
        let limit = self.spec.bounds.log_bytes;
        if self.log_bytes > limit {
            self.halt(Bound::LogBytes(limit), origin);
        }
    }

    pub(crate) fn note_log_shrink(&mut self, bytes: u64) {
        self.log_bytes = self.log_bytes.saturating_sub(bytes);
    }

    pub(crate) fn halt(&mut self, bound: Bound, entry: Option<EntryId>) {
        if self.halted.is_none() {
            self.halted = Some(Halt { bound, entry });
            let cause = entry.map_or(Cause::Start, Cause::Entry);
            self.emit(cause, EventKind::Halted { bound, entry });
        }
    }

    /// Lets a node handle an input. What it does counts as done because of `because`.
    pub(crate) fn dispatch(&mut self, (cause, origin): Because, id: NodeId, input: Input) {
        let Some(slot) = self.nodes.get_mut(&id) else { return };
        let Some(mut node) = slot.node.take() else { return };
        let incarnation = slot.incarnation;
        let ctx = &mut Ctx { world: self, me: id, cause, origin, held: Vec::new(), is_part: false };
        node.handle(ctx, input);
        let slot = self.nodes.get_mut(&id).expect("no node is ever forgotten");
        assert_eq!(slot.incarnation, incarnation, "a node does not restart itself");
        slot.node = Some(node);
    }

    pub(crate) fn broker_ids(&self) -> Vec<BrokerId> {
        (1..=self.spec.brokers as i32).map(BrokerId).collect()
    }

    pub(crate) fn controller_ids(&self) -> Vec<ControllerId> {
        self.spec.controller_ids()
    }

    pub(crate) fn is_process(&self, node: NodeId, incarnation: u32) -> bool {
        self.nodes.get(&node).is_some_and(|slot| slot.is_running && slot.incarnation == incarnation)
    }

    fn schedule(&mut self, at: Time, due: Due) -> (Time, u64) {
        let key = (at, self.next.due);
        self.next.due += 1;
        self.queue.insert(key, due);
        key
    }

    fn start_cluster(&mut self) {
        for id in self.controller_ids() {
            let node = Node::new_controller(id, self.controller_ids(), &self.spec);
            self.add_node(NodeId::Controller(id), node);
        }
        for id in self.broker_ids() {
            let node = Node::new_broker(id, &self.spec);
            self.add_node(NodeId::Broker(id), node);
        }
        for id in self.nodes.keys().copied().collect::<Vec<_>>() {
            if let NodeId::Broker(broker) = id {
                self.emit(Cause::Start, EventKind::BrokerStarted { broker });
            }
            self.dispatch((Cause::Start, None), id, Input::Start);
        }
    }

    fn add_node(&mut self, id: NodeId, node: Node) {
        let slot = Slot { node: Some(Box::new(node)), incarnation: 0, is_running: true };
        let before = self.nodes.insert(id, slot);
        assert!(before.is_none(), "{id} exists once");
    }
}

impl Work {
    fn count(&mut self, now: Time, origin: Option<EntryId>, amount: u64) {
        if self.instant != now {
            self.instant = now;
            self.in_instant = 0;
        }
        let second = now.0 / 1_000_000;
        if self.second != second {
            self.second = second;
            self.in_second = 0;
            self.by_origin.clear();
        }
        self.in_instant = self.in_instant.saturating_add(1);
        self.in_second = self.in_second.saturating_add(amount);
        let own = self.by_origin.entry(origin).or_default();
        *own = own.saturating_add(amount);
    }

    /// The entry that most of the present second's work goes back to.
    fn busiest(&self) -> Option<EntryId> {
        let named = self.by_origin.iter().filter_map(|(origin, work)| Some((*work, (*origin)?)));
        // Of two alike, the earlier entry.
        named.max_by_key(|(work, entry)| (*work, std::cmp::Reverse(*entry))).map(|(_, entry)| entry)
    }
}
