//! What is wrong with the ways between nodes.

use super::{Network, ordered};
use crate::fault::LinkView;
use crate::ids::NodeId;
use crate::time::Span;

/// What is wrong with the way from one node to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct WayFault {
    pub(super) is_cut: bool,
    pub(super) added_latency: Span,
    pub(super) loss_percent: u32,
    pub(super) lost_answers_percent: u32,
}

impl Network {
    /// Lets messages between two nodes take longer, either way.
    pub(crate) fn add_latency(&mut self, a: NodeId, b: NodeId, added: Span) {
        self.change_both_ways(a, b, |fault| fault.added_latency = added);
    }

    /// Lets the network lose some of what two nodes send each other.
    pub(crate) fn lose(&mut self, a: NodeId, b: NodeId, percent: u32) {
        self.change_both_ways(a, b, |fault| fault.loss_percent = percent);
    }

    /// Whether the network loses some of what two nodes send each other.
    pub(crate) fn loses(&self, a: NodeId, b: NodeId) -> bool {
        self.fault(a, b).loss_percent > 0 || self.fault(b, a).loss_percent > 0
    }

    /// Lets connections between two nodes break before some of the answers arrive.
    pub(crate) fn lose_answers(&mut self, a: NodeId, b: NodeId, percent: u32) {
        self.change_both_ways(a, b, |fault| fault.lost_answers_percent = percent);
    }

    /// Lets nothing pass one way. False if nothing does already.
    pub(crate) fn cut_one_way(&mut self, from: NodeId, to: NodeId) -> bool {
        if self.is_cut(from, to) {
            return false;
        }
        self.change(from, to, |fault| fault.is_cut = true);
        true
    }

    /// Makes the link between two nodes as it was. False if nothing is wrong with it.
    pub(crate) fn heal(&mut self, a: NodeId, b: NodeId) -> bool {
        let (a, b) = (self.host(a), self.host(b));
        let was_cut = self.cuts.remove(&ordered(a, b));
        let there = self.faults.remove(&(a, b)).is_some();
        let back = self.faults.remove(&(b, a)).is_some();
        was_cut || there || back
    }

    /// The pairs of nodes whose link is not as it was made.
    pub(crate) fn faulty_links(&self) -> Vec<(NodeId, NodeId)> {
        let faulty = self.faults.keys().map(|(from, to)| ordered(*from, *to));
        let mut links: Vec<_> = self.cuts().chain(faulty).collect();
        links.sort_unstable();
        links.dedup();
        links
    }

    /// What is wrong with each way between nodes, where it is not cut both ways.
    pub(crate) fn link_views(&self) -> Vec<LinkView> {
        let view = |(&(from, to), fault): (&(NodeId, NodeId), &WayFault)| LinkView {
            from,
            to,
            added_latency: fault.added_latency,
            loss_percent: fault.loss_percent,
            lost_answers_percent: fault.lost_answers_percent,
            is_cut: fault.is_cut,
        };
        self.faults.iter().map(view).collect()
    }

    fn change_both_ways(&mut self, a: NodeId, b: NodeId, set: impl Fn(&mut WayFault)) {
        self.change(a, b, &set);
        self.change(b, a, &set);
    }

    fn change(&mut self, from: NodeId, to: NodeId, set: impl Fn(&mut WayFault)) {
        let (from, to) = (self.host(from), self.host(to));
        let mut fault = self.fault(from, to);
        set(&mut fault);
        if fault == WayFault::default() {
            self.faults.remove(&(from, to));
        } else {
            self.faults.insert((from, to), fault);
        }
    }
}
