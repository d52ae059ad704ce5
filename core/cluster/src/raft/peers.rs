//! The other voters, as this one talks to them: one request at a time to each, and a pause after
//! one that failed. Kafka's `RequestManager`.

use highwater_log::LeaderEpoch;

use super::{Io, QuorumTimer, Raft, Role};
use crate::ids::{ControllerId, CorrelationId, NodeId};
use crate::message::Request;
use crate::time::Span;

/// The longest pause after failures: `reconnect.backoff.max.ms` of the quorum's channel.
const LONGEST_PAUSE: Span = Span(500_000);

/// Another voter, as this one talks to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    in_flight: Option<CorrelationId>,
    /// Requests that failed since the last that was answered.
    failures: u32,
    is_backing_off: bool,
}

/// A request that awaits its answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sent {
    Vote { pre_vote: bool, epoch: LeaderEpoch },
    BeginEpoch,
    EndEpoch,
    Fetch,
    FetchSnapshot,
}

impl Raft {
    /// Asks every other voter what the role wants asked.
    pub(super) fn ask_peers(&mut self, io: &mut dyn Io) {
        for peer in self.others().collect::<Vec<_>>() {
            self.ask_peer(io, peer);
        }
    }

    /// Asks a voter what the role wants asked, if it is time to.
    pub(super) fn ask_peer(&mut self, io: &mut dyn Io, peer: ControllerId) {
        let state = self.memory.peers.entry(peer).or_default();
        if state.in_flight.is_some() || state.is_backing_off {
            return;
        }
        let Some((sent, request)) = self.next_request(peer) else { return };
        let id = io.send(NodeId::Controller(peer), request, self.config.request_timeout);
        self.memory.peers.entry(peer).or_default().in_flight = Some(id);
        self.memory.requests.insert(id, (peer, sent));
    }

    pub(super) fn peer_answered(&mut self, peer: ControllerId, id: CorrelationId) {
        let state = self.memory.peers.entry(peer).or_default();
        if state.in_flight == Some(id) {
            state.in_flight = None;
            state.failures = 0;
        }
    }

    pub(super) fn peer_failed(&mut self, io: &mut dyn Io, peer: ControllerId, id: CorrelationId) {
        let state = self.memory.peers.entry(peer).or_default();
        if state.in_flight == Some(id) {
            state.in_flight = None;
            self.pause(io, peer);
        }
    }

    /// Lets a voter alone for a while: it did not answer, or not as was hoped.
    pub(super) fn pause(&mut self, io: &mut dyn Io, peer: ControllerId) {
        let state = self.memory.peers.entry(peer).or_default();
        let pause = Span(self.config.retry_backoff.0 << state.failures.min(16)).min(LONGEST_PAUSE);
        state.failures += 1;
        state.is_backing_off = true;
        self.set_timer(io, QuorumTimer::Retry(peer), pause.max(self.config.retry_backoff));
    }

    pub(super) fn peer_may_be_asked(&mut self, io: &mut dyn Io, peer: ControllerId) {
        self.memory.peers.entry(peer).or_default().is_backing_off = false;
        self.ask_peer(io, peer);
    }

    fn next_request(&self, peer: ControllerId) -> Option<(Sent, Request)> {
        let epoch = self.election.epoch;
        match &self.memory.role {
            Role::Prospective(votes) | Role::Candidate(votes) => {
                let is_over = votes.is_rejected(self.voters.len(), self.majority());
                let pre_vote = matches!(self.memory.role, Role::Prospective(_));
                let wanted = !is_over && !votes.has_heard_of(peer);
                wanted.then(|| (Sent::Vote { pre_vote, epoch }, self.vote_request(peer, pre_vote)))
            }
            Role::Leader(leader) if leader.is_to_be_told(peer) => {
                Some((Sent::BeginEpoch, self.begin_epoch_request(peer)))
            }
            Role::Resigned { unacknowledged, successors } if unacknowledged.contains(&peer) => {
                Some((Sent::EndEpoch, self.end_epoch_request(successors)))
            }
            Role::Follower { snapshot, .. } if self.election.leader == Some(peer) => {
                Some(match snapshot {
                    Some(snapshot) => (Sent::FetchSnapshot, self.fetch_snapshot_request(snapshot)),
                    None => (Sent::Fetch, self.fetch_request()),
                })
            }
            _ => None,
        }
    }
}
