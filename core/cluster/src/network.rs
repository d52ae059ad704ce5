//! The network between the nodes: how long a message takes, which links are cut, and what else is
//! wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{BrokerId, NodeId};
use crate::rng::{Seed, Stream};
use crate::time::{Span, Time};

mod faults;
mod tcp;

use faults::WayFault;
pub(crate) use tcp::Carried;

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
    /// What is wrong with the way from one node to another; no entry where nothing is.
    faults: BTreeMap<(NodeId, NodeId), WayFault>,
    links: BTreeMap<(NodeId, NodeId), Link>,
}

/// One direction between two nodes.
#[derive(Clone, Debug)]
struct Link {
    jitter: Stream,
    loss: Stream,
    last_delivery: Time,
}

impl Network {
    pub(crate) fn new(seed: Seed, latency: Span, combined: bool) -> Self {
        Self {
            seed,
            latency,
            combined,
            cuts: BTreeSet::new(),
            faults: BTreeMap::new(),
            links: BTreeMap::new(),
        }
    }

    /// When a message that is sent now arrives, if none of its segments is lost. Messages of one link
    /// arrive in the order of their sending, as over one TCP connection.
    pub(crate) fn delivery_time(&mut self, now: Time, from: NodeId, to: NodeId) -> Time {
        self.arrival(now, from, to, Span::ZERO)
    }

    pub(crate) fn cut(&mut self, a: NodeId, b: NodeId) -> bool {
        self.cuts.insert(ordered(self.host(a), self.host(b)))
    }

    pub(crate) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts.contains(&ordered(self.host(from), self.host(to))) || self.fault(from, to).is_cut
    }

    /// The node that stands for a node's process: of one that is broker and controller, the broker.
    pub(crate) fn host(&self, node: NodeId) -> NodeId {
        match node {
            NodeId::Controller(id) if self.combined => NodeId::Broker(BrokerId(id.0)),
            node => node,
        }
    }

    /// The pairs between which nothing passes, either way.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        self.cuts.iter().copied()
    }

    /// When a message arrives that is sent now, and kept back by `late_by` on its way.
    fn arrival(&mut self, now: Time, from: NodeId, to: NodeId, late_by: Span) -> Time {
        let added = self.fault(from, to).added_latency;
        let latency = self.latency;
        let is_local = self.host(from) == self.host(to);
        let link = self.link(from, to);
        if is_local {
            // Within a process nothing goes over the network.
            link.last_delivery = (now + LOOPBACK).max(link.last_delivery);
            return link.last_delivery;
        }
        // A fifth of the latency at most comes on top, so that links differ as real ones do.
        let jitter = Span(link.jitter.below(latency.0 / 5 + 1));
        let due = (now + latency + added + jitter + late_by).max(link.last_delivery);
        link.last_delivery = due;
        due
    }

    fn link(&mut self, from: NodeId, to: NodeId) -> &mut Link {
        let seed = self.seed;
        self.links.entry((from, to)).or_insert_with(|| Link {
            jitter: seed.stream("latency", pair_number(from, to)),
            loss: seed.stream("loss", pair_number(from, to)),
            last_delivery: Time::ZERO,
        })
    }

    fn fault(&self, from: NodeId, to: NodeId) -> WayFault {
        self.faults.get(&(self.host(from), self.host(to))).copied().unwrap_or_default()
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
