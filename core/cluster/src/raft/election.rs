//! Elections: standing for one, winning and losing it (KIP-595), and asking first whether it would
//! be won (KIP-996), so that a voter that was cut off does not unseat a leader when it comes back.

use highwater_log::LeaderEpoch;
use kafka_protocol::messages as kafka;

use super::role::Votes;
use super::{ElectionState, Io, QuorumTimer, Raft, Role};
use crate::event::EventKind;
use crate::ids::ControllerId;
use crate::time::Span;

impl Raft {
    /// Begins to wait for a leader or a candidate: up to twice the election timeout, by chance.
    pub(super) fn restart_election_timer(&mut self, io: &mut dyn Io) {
        let timeout = self.config.election_timeout;
        let chance = Span(io.random(timeout.0));
        self.set_timer(io, QuorumTimer::Election, Span(timeout.0 + chance.0));
    }

    pub(super) fn election_timed_out(&mut self, io: &mut dyn Io) {
        match self.memory.role {
            Role::Unattached | Role::Candidate(_) => self.become_prospective(io),
            Role::Prospective(_) => self.lose_pre_vote(io),
            Role::Resigned { .. } => {
                let next = LeaderEpoch(self.election.epoch.0 + 1);
                self.become_unattached(io, next);
            }
            Role::Leader(_) | Role::Follower { .. } => {}
        }
    }

    /// Asks whether it would be elected. The epoch stays, and so does what is known of it.
    pub(super) fn become_prospective(&mut self, io: &mut dyn Io) {
        if self.memory.is_shutting_down {
            return;
        }
        self.enter(io, Role::Prospective(Votes::of(self.me)));
        if !self.is_only_voter() {
            self.restart_election_timer(io);
        }
        self.count_votes(io);
    }

    /// Waits in a new epoch, in which it has not voted yet.
    pub(super) fn become_unattached(&mut self, io: &mut dyn Io, epoch: LeaderEpoch) {
        assert!(epoch > self.election.epoch, "an epoch is entered once");
        self.election = ElectionState { epoch, leader: None, voted: None };
        self.enter(io, Role::Unattached);
        // One who waits for an election already does not wait anew: else candidates that cannot win
        // could keep those back that can.
        if !self.memory.timers.contains_key(&QuorumTimer::Election) {
            self.restart_election_timer(io);
        }
    }

    /// Follows the leader of an epoch.
    pub(super) fn become_follower(
        &mut self,
        io: &mut dyn Io,
        epoch: LeaderEpoch,
        leader: ControllerId,
    ) {
        assert_ne!(leader, self.me, "no voter follows itself");
        // A vote in this epoch stays known: nobody votes twice.
        let voted = self.election.voted.filter(|_| epoch == self.election.epoch);
        self.election = ElectionState { epoch, leader: Some(leader), voted };
        self.enter(io, Role::Follower { has_fetched: false, snapshot: None });
        self.cancel_timer(io, QuorumTimer::Election);
        self.set_timer(io, QuorumTimer::Fetch, self.config.fetch_timeout);
    }

    pub(super) fn on_vote_response(
        &mut self,
        io: &mut dyn Io,
        peer: ControllerId,
        (pre_vote, epoch): (bool, LeaderEpoch),
        body: &kafka::VoteResponse,
    ) {
        let answer = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let Some(answer) = answer.filter(|_| body.error_code == 0) else {
            return self.pause(io, peer);
        };
        if answer.error_code != 0 {
            self.pause(io, peer);
        }
        let told = (answer.leader_id.0, answer.leader_epoch);
        if self.follow_what_is_told(io, told, answer.error_code) {
            return;
        }
        let votes = match &mut self.memory.role {
            Role::Prospective(votes) if pre_vote => votes,
            Role::Candidate(votes) if !pre_vote => votes,
            _ => return,
        };
        if self.election.epoch == epoch {
            votes.record(peer, answer.vote_granted);
            self.count_votes(io);
        }
    }

    fn count_votes(&mut self, io: &mut dyn Io) {
        let (all, majority) = (self.voters.len(), self.majority());
        match &self.memory.role {
            Role::Prospective(votes) if votes.is_granted(majority) => self.become_candidate(io),
            Role::Prospective(votes) if votes.is_rejected(all, majority) => self.lose_pre_vote(io),
            Role::Candidate(votes) if votes.is_granted(majority) => {
                let granting = votes.granting().into_iter().collect();
                self.become_leader(io, granting);
            }
            // A candidate that cannot win any more waits for the end of its time.
            _ => {}
        }
    }

    fn become_candidate(&mut self, io: &mut dyn Io) {
        self.election = ElectionState {
            epoch: LeaderEpoch(self.election.epoch.0 + 1),
            leader: None,
            voted: Some(self.me),
        };
        self.enter(io, Role::Candidate(Votes::of(self.me)));
        if !self.is_only_voter() {
            self.restart_election_timer(io);
        }
        self.count_votes(io);
    }

    /// It would not be elected: it goes on as before, with the leader that it knows or none.
    fn lose_pre_vote(&mut self, io: &mut dyn Io) {
        match self.election.leader {
            Some(leader) if leader != self.me => {
                self.become_follower(io, self.election.epoch, leader);
            }
            _ => {
                self.enter(io, Role::Unattached);
                self.restart_election_timer(io);
            }
        }
    }

    fn become_leader(&mut self, io: &mut dyn Io, granting: Vec<ControllerId>) {
        self.election.leader = Some(self.me);
        self.enter_as_leader(io);
        io.emit(EventKind::ControllerElected {
            controller: self.me,
            epoch: self.election.epoch,
            votes: granting.clone(),
        });
        self.cancel_timer(io, QuorumTimer::Election);
        if !self.is_only_voter() {
            self.set_timer(io, QuorumTimer::CheckQuorum, self.config.check_quorum_timeout());
            self.set_timer(io, QuorumTimer::BeginEpoch, self.config.begin_epoch_interval());
        }
        self.append_leader_change(io, &granting);
    }
}
