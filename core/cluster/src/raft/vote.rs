//! Giving a vote, or not: `handleVoteRequest`.

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;

use super::messages::vote_response;
use super::{Io, Raft, Role};
use crate::event::EventKind;
use crate::ids::ControllerId;
use crate::input::ReplyTo;

impl Raft {
    pub(super) fn on_vote(&mut self, io: &mut dyn Io, from: ReplyTo, body: &kafka::VoteRequest) {
        let asked = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let result = match asked {
            Some(asked) => self.vote(io, asked),
            None => Err(ResponseError::InvalidRequest),
        };
        let (error, granted) = match result {
            Ok(granted) => (0, granted),
            Err(error) => (error.code(), false),
        };
        io.respond(from, vote_response(self.told(), error, granted));
    }

    /// Whether the vote is given.
    fn vote(
        &mut self,
        io: &mut dyn Io,
        asked: &kafka::vote_request::PartitionData,
    ) -> Result<bool, ResponseError> {
        let epoch = LeaderEpoch(asked.replica_epoch);
        let candidate = ControllerId(asked.replica_id.0);
        let last_epoch = LeaderEpoch(asked.last_offset_epoch);
        let is_from_the_future =
            if asked.pre_vote { last_epoch > epoch } else { last_epoch >= epoch };
        if asked.last_offset < 0 || last_epoch.0 < 0 || is_from_the_future {
            return Err(ResponseError::InvalidRequest);
        }
        if epoch < self.election.epoch {
            return Err(ResponseError::FencedLeaderEpoch);
        }
        if !self.voters.contains(&candidate) || candidate == self.me {
            return Err(ResponseError::InvalidRequest);
        }
        if epoch > self.election.epoch {
            self.give_up_leadership_for(io, epoch);
            self.become_unattached(io, epoch);
        }
        let mine = (self.last_epoch(), self.log.log_end_offset());
        let is_up_to_date = (last_epoch, Offset(asked.last_offset)) >= mine;
        let granted = self.can_grant(candidate, is_up_to_date, asked.pre_vote);
        io.emit(EventKind::VoteCast {
            voter: self.me,
            candidate,
            epoch,
            granted,
            pre_vote: asked.pre_vote,
        });
        if granted && !asked.pre_vote && self.election.voted.is_none() {
            // Written down before it is answered: who crashes now does not vote twice.
            self.election.voted = Some(candidate);
            // Whoever got the vote is as likely to be elected as this voter: it gets its time.
            self.restart_election_timer(io);
        }
        Ok(granted)
    }

    fn can_grant(&self, candidate: ControllerId, is_up_to_date: bool, pre_vote: bool) -> bool {
        match self.memory.role {
            Role::Unattached | Role::Prospective(_) if !pre_vote => match self.election.voted {
                Some(voted) => voted == candidate,
                None => self.election.leader.is_none() && is_up_to_date,
            },
            Role::Unattached
            | Role::Prospective(_)
            | Role::Candidate(_)
            | Role::Resigned { .. } => pre_vote && is_up_to_date,
            // A follower that could fetch has no reason to wish for another leader.
            Role::Follower { has_fetched, .. } => pre_vote && is_up_to_date && !has_fetched,
            Role::Leader(_) => false,
        }
    }
}
