//! A producer's connections to the brokers: how much is under way on each, and which just broke. The
//! part of Kafka's `NetworkClient` that decides whether a broker is ready.

use std::collections::BTreeMap;

use crate::client::Backoff;
use crate::ctx::Ctx;
use crate::ids::BrokerId;
use crate::time::Time;

/// The connections.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    max_in_flight: u32,
    backoff: Backoff,
    by_broker: BTreeMap<BrokerId, Connection>,
}

#[derive(Clone, Debug, Default)]
struct Connection {
    in_flight: u32,
    /// Whether the broker has answered since the connection last broke.
    is_open: bool,
    /// How often in a row it broke.
    failures: u32,
    /// Until when it is not tried again.
    blacked_out_until: Time,
    /// Until when the broker wants to hear nothing: more was sent to it than a quota allows.
    throttled_until: Time,
}

impl Connections {
    pub(super) fn new(max_in_flight: i32, backoff: Backoff) -> Self {
        let max_in_flight = u32::try_from(max_in_flight).unwrap_or(1).max(1);
        Self { max_in_flight, backoff, by_broker: BTreeMap::new() }
    }

    /// Whether only one request may be under way: then a partition waits for its own.
    pub(super) fn guarantees_order(&self) -> bool {
        self.max_in_flight == 1
    }

    pub(super) fn is_ready(&self, broker: BrokerId, now: Time) -> bool {
        self.by_broker.get(&broker).is_none_or(|connection| {
            connection.in_flight < self.max_in_flight && connection.silent_until() <= now
        })
    }

    /// Whether the connection is known to stand.
    pub(super) fn is_open(&self, broker: BrokerId) -> bool {
        self.by_broker.get(&broker).is_some_and(|connection| connection.is_open)
    }

    /// When the next connection may be used again that is not to be used now.
    pub(super) fn next_attempt(&self, now: Time) -> Option<Time> {
        let silences = self.by_broker.values().map(Connection::silent_until);
        silences.filter(|until| *until > now).min()
    }

    pub(super) fn sent(&mut self, broker: BrokerId) {
        self.by_broker.entry(broker).or_default().in_flight += 1;
    }

    pub(super) fn answered(&mut self, broker: BrokerId) {
        let connection = self.by_broker.entry(broker).or_default();
        connection.in_flight = connection.in_flight.saturating_sub(1);
        connection.is_open = true;
        connection.failures = 0;
    }

    /// The broker wants to hear nothing until then (KIP-219). What it said before holds, if that is longer.
    pub(super) fn throttled(&mut self, broker: BrokerId, until: Time) {
        let connection = self.by_broker.entry(broker).or_default();
        connection.throttled_until = connection.throttled_until.max(until);
    }

    /// A request under way is lost with its connection.
    pub(super) fn lost(&mut self, broker: BrokerId) {
        let connection = self.by_broker.entry(broker).or_default();
        connection.in_flight = connection.in_flight.saturating_sub(1);
    }

    /// The connection broke: it is left alone for a while. Several requests lost at once are one break.
    pub(super) fn broke(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        let now = ctx.now();
        let connection = self.by_broker.entry(broker).or_default();
        connection.is_open = false;
        if connection.blacked_out_until > now {
            return;
        }
        let wait = self.backoff.wait(ctx, connection.failures);
        connection.failures = connection.failures.saturating_add(1);
        connection.blacked_out_until = now + wait;
    }
}

impl Connection {
    fn silent_until(&self) -> Time {
        self.blacked_out_until.max(self.throttled_until)
    }
}
