//! What TCP makes of a network that loses segments. Nothing that a node sends is lost in silence: it
//! is sent again until it arrives, and all that was sent after it on the same connection waits for
//! it; after many attempts in vain the connection is given up. As Linux does it: the first attempt
//! after the round trip and 200 ms, each further one after twice the time, at most 2 minutes
//! (`TCP_RTO_MIN`, `TCP_RTO_MAX`), fifteen attempts in all (`net.ipv4.tcp_retries2`).

use super::Network;
use crate::ids::NodeId;
use crate::time::{Span, Time};

/// The least that is waited for an acknowledgement, on top of the round trip.
const LEAST_TIMEOUT: Span = Span(200_000);
/// The most that is waited for one.
const MOST_TIMEOUT: Span = Span(120_000_000);
/// `net.ipv4.tcp_retries2`.
const RETRIES: u32 = 15;

/// How a message gets over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    /// When it arrives, or when the sender gives the connection up.
    pub(crate) at: Time,
    /// How often it is sent again.
    pub(crate) retransmissions: u32,
    /// By how much that makes it late.
    pub(crate) late_by: Span,
    /// Whether every attempt is lost, and the connection with them.
    pub(crate) is_given_up: bool,
}

impl Network {
    /// Sends a message over a link now.
    pub(crate) fn carry(&mut self, now: Time, from: NodeId, to: NodeId) -> Carried {
        let fault = self.fault(from, to);
        let mut timeout = self.first_timeout(from, to);
        let (mut lost, mut late_by) = (0, Span::ZERO);
        while fault.loss_percent > 0 && lost <= RETRIES {
            if self.link(from, to).loss.below(100) >= u64::from(fault.loss_percent) {
                break;
            }
            lost += 1;
            late_by = late_by + timeout;
            timeout = doubled(timeout);
        }
        Carried {
            at: self.arrival(now, from, to, late_by),
            retransmissions: lost.min(RETRIES),
            late_by,
            is_given_up: lost > RETRIES,
        }
    }

    /// When TCP next sends a message again that was first sent at `sent`, and which attempt that is.
    pub(crate) fn next_attempt(
        &self,
        now: Time,
        sent: Time,
        from: NodeId,
        to: NodeId,
    ) -> (Time, u32) {
        let mut timeout = self.first_timeout(from, to);
        let (mut attempt, mut number) = (sent + timeout, 1);
        while attempt < now {
            timeout = doubled(timeout);
            attempt += timeout;
            number += 1;
        }
        (attempt, number)
    }

    /// When a message arrives that TCP sends again at this instant, and that is not lost this time.
    pub(crate) fn arrival_of_attempt(&mut self, at: Time, from: NodeId, to: NodeId) -> Time {
        self.arrival(at, from, to, Span::ZERO)
    }

    /// What is sent over a link from now on does not wait for what was sent before.
    pub(crate) fn forget_order(&mut self, now: Time, from: NodeId, to: NodeId) {
        if let Some(link) = self.links.get_mut(&(from, to)) {
            link.last_delivery = link.last_delivery.min(now);
        }
    }

    /// Whether the connection breaks before an answer that is sent now arrives.
    pub(crate) fn loses_answer(&mut self, from: NodeId, to: NodeId) -> bool {
        let percent = self.fault(from, to).lost_answers_percent;
        percent > 0 && self.link(from, to).loss.below(100) < u64::from(percent)
    }

    /// The nodes talk over a new connection from now on: what is sent over it does not wait for what
    /// the old one still sends again.
    pub(crate) fn reconnect(&mut self, now: Time, a: NodeId, b: NodeId) {
        for (from, to) in [(a, b), (b, a)] {
            // Later than any message on a link that loses nothing.
            let usual = now + self.latency + self.latency + self.fault(from, to).added_latency;
            if let Some(link) =
                self.links.get_mut(&(from, to)).filter(|it| it.last_delivery > usual)
            {
                link.last_delivery = now;
            }
        }
    }

    /// How long TCP waits for the first acknowledgement.
    fn first_timeout(&self, from: NodeId, to: NodeId) -> Span {
        let one_way = self.latency + self.fault(from, to).added_latency;
        LEAST_TIMEOUT + one_way + one_way
    }
}

/// Each attempt waits for twice as long as the one before.
fn doubled(timeout: Span) -> Span {
    Span(timeout.0.saturating_mul(2).min(MOST_TIMEOUT.0))
}
