//! The network between the nodes: how long a message takes, and which links are cut.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{BrokerId, NodeId};
use crate::rng::{Seed, Stream};
use crate::time::{Span, Time};

/// How long a message takes within a process that is broker and controller.
const LOOPBACK: Span = Span(50);

/// The network.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    seed: Seed,
    latency: Span,
    /// Whether broker N and controller N are one process.
    combined: bool,
    cuts: BTreeSet<(NodeId, NodeId)>,
    links: BTreeMap<(NodeId, NodeId), Link>,
}

/// One direction between two nodes.
#[derive(Clone, Debug)]
struct Link {
    jitter: Stream,
    last_delivery: Time,
}

impl Network {
    pub(crate) fn new(seed: Seed, latency: Span, combined: bool) -> Self {
        Self { seed, latency, combined, cuts: BTreeSet::new(), links: BTreeMap::new() }
    }

    /// When a message that is sent now arrives. Messages of one link arrive in the order of their
    /// sending, as over one TCP connection.
    pub(crate) fn delivery_time(&mut self, now: Time, from: NodeId, to: NodeId) -> Time {
        let seed = self.seed;
        let is_local = self.host(from) == self.host(to);
        let link = self.links.entry((from, to)).or_insert_with(|| Link {
            jitter: seed.stream("latency", pair_number(from, to)),
            last_delivery: Time::ZERO,
        });
        if is_local {
            // Within a process nothing goes over the network.
            link.last_delivery = (now + LOOPBACK).max(link.last_delivery);
            return link.last_delivery;
        }
        // A fifth of the latency at most comes on top, so that links differ as real ones do.
        let jitter = Span(link.jitter.below(self.latency.0 / 5 + 1));
        let due = (now + self.latency + jitter).max(link.last_delivery);
        link.last_delivery = due;
        due
    }

    pub(crate) fn cut(&mut self, a: NodeId, b: NodeId) -> bool {
        self.cuts.insert(ordered(self.host(a), self.host(b)))
    }

    pub(crate) fn heal(&mut self, a: NodeId, b: NodeId) -> bool {
        self.cuts.remove(&ordered(self.host(a), self.host(b)))
    }

    pub(crate) fn is_cut(&self, a: NodeId, b: NodeId) -> bool {
        self.cuts.contains(&ordered(self.host(a), self.host(b)))
    }

    /// The node that stands for a node's process: of one that is broker and controller, the broker.
    pub(crate) fn host(&self, node: NodeId) -> NodeId {
        match node {
            NodeId::Controller(id) if self.combined => NodeId::Broker(BrokerId(id.0)),
            node => node,
        }
    }

    pub(crate) fn cuts(&self) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        self.cuts.iter().copied()
    }
}

fn ordered(a: NodeId, b: NodeId) -> (NodeId, NodeId) {
    if a <= b { (a, b) } else { (b, a) }
}

/// A number that no other ordered pair of nodes has.
fn pair_number(from: NodeId, to: NodeId) -> u64 {
    node_number(from) << 32 | node_number(to)
}

/// A number that no other node has.
pub(crate) fn node_number(node: NodeId) -> u64 {
    let (kind, id) = match node {
        NodeId::Controller(id) => (1, u64::from(id.0.unsigned_abs())),
        NodeId::Broker(id) => (2, u64::from(id.0.unsigned_abs())),
        NodeId::Client(id) => (3, u64::from(id.0)),
    };
    kind << 28 | id
}
