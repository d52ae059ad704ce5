//! The begin and the end of a leader's epoch, as it tells them to the other voters, and what voters
//! learn of epochs in passing.

use std::collections::BTreeSet;

use highwater_log::LeaderEpoch;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;

use super::messages::{begin_epoch_response, end_epoch_response};
use super::{Io, QuorumTimer, Raft, Role};
use crate::event::{EventKind, ResignReason};
use crate::ids::ControllerId;
use crate::input::ReplyTo;
use crate::time::Span;

/// How long a leader that shuts down waits for its successor: `KafkaRaftManager` waits so long.
const SHUTDOWN_TIMEOUT: Span = Span(5_000_000);

impl Raft {
    pub(super) fn on_begin_epoch(
        &mut self,
        io: &mut dyn Io,
        from: ReplyTo,
        body: &kafka::BeginQuorumEpochRequest,
    ) {
        let told = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let error = match told {
            Some(told) => self.hear_of_leader(io, told.leader_id.0, told.leader_epoch),
            None => Err(ResponseError::InvalidRequest),
        };
        io.respond(from, begin_epoch_response(self.told(), code(error)));
    }

    pub(super) fn on_end_epoch(
        &mut self,
        io: &mut dyn Io,
        from: ReplyTo,
        body: &kafka::EndQuorumEpochRequest,
    ) {
        let told = body.topics.iter().flat_map(|topic| &topic.partitions).next();
        let error = match told {
            Some(told) => self.hear_of_leader(io, told.leader_id.0, told.leader_epoch),
            None => Err(ResponseError::InvalidRequest),
        };
        if let (Ok(()), Some(told)) = (error, told)
            && matches!(self.memory.role, Role::Follower { .. })
            && self.election.leader == Some(ControllerId(told.leader_id.0))
        {
            let successors: Vec<i32> = told
                .preferred_candidates
                .iter()
                .map(|successor| successor.candidate_id.0)
                .collect();
            let place = successors.iter().position(|successor| *successor == self.me.0);
            let backoff = self.config.successor_backoff(place, successors.len());
            self.set_timer(io, QuorumTimer::Fetch, backoff);
        }
        io.respond(from, end_epoch_response(self.told(), code(error)));
    }

    pub(super) fn on_begin_epoch_response(
        &mut self,
        io: &mut dyn Io,
        peer: ControllerId,
        body: &kafka::BeginQuorumEpochResponse,
    ) {
        if let Role::Leader(leader) = &mut self.memory.role {
            leader.was_told(peer);
        }
        let answers = body.topics.iter().flat_map(|topic| &topic.partitions);
        for answer in answers {
            let told = (answer.leader_id.0, answer.leader_epoch);
            self.follow_what_is_told(io, told, answer.error_code);
        }
    }

    pub(super) fn on_end_epoch_response(
        &mut self,
        io: &mut dyn Io,
        peer: ControllerId,
        body: &kafka::EndQuorumEpochResponse,
    ) {
        let answers = body.topics.iter().flat_map(|topic| &topic.partitions);
        for answer in answers {
            let told = (answer.leader_id.0, answer.leader_epoch);
            self.follow_what_is_told(io, told, answer.error_code);
        }
        if let Role::Resigned { unacknowledged, .. } = &mut self.memory.role {
            unacknowledged.remove(&peer);
        }
    }

    /// Gives the leadership up, and tells the others, those first that are next to lead.
    pub(super) fn resign(&mut self, io: &mut dyn Io, reason: ResignReason) {
        let Role::Leader(leader) = &self.memory.role else { return };
        let successors = leader.successors();
        let unacknowledged: BTreeSet<ControllerId> = self.others().collect();
        let (controller, epoch) = (self.me, self.election.epoch);
        io.emit(EventKind::ControllerResigned { controller, epoch, reason });
        self.enter(io, Role::Resigned { unacknowledged, successors });
        self.restart_election_timer(io);
    }

    /// Begins to shut down. A leader resigns first and waits a while for its successor.
    pub(crate) fn shut_down(&mut self, io: &mut dyn Io) {
        if self.is_leader() && !self.is_only_voter() {
            self.memory.is_shutting_down = true;
            self.resign(io, ResignReason::ShuttingDown);
            self.cancel_timer(io, QuorumTimer::Election);
            self.set_timer(io, QuorumTimer::Shutdown, SHUTDOWN_TIMEOUT);
        }
    }

    /// Whether nothing keeps the process from ending, once it was asked to.
    pub(crate) fn may_end(&self) -> bool {
        !self.memory.is_shutting_down
            || matches!(self.memory.role, Role::Follower { .. } | Role::Leader(_))
    }

    /// Who leads, -1 for nobody that is known, and in which epoch: what every answer tells.
    pub(super) fn told(&self) -> (i32, i32) {
        (self.leader().map_or(-1, |leader| leader.0), self.election.epoch.0)
    }

    /// Takes in what an answer tells of leader and epoch. True if the answer is of no further use.
    pub(super) fn follow_what_is_told(
        &mut self,
        io: &mut dyn Io,
        (leader, epoch): (i32, i32),
        error_code: i16,
    ) -> bool {
        let is_stale = LeaderEpoch(epoch) < self.election.epoch;
        if is_stale || error_code == ResponseError::UnknownLeaderEpoch.code() {
            return true;
        }
        let is_newer = LeaderEpoch(epoch) > self.election.epoch;
        if self.hear_of_leader(io, leader, epoch).is_err() {
            return true;
        }
        is_newer || error_code != 0
    }

    /// Enters an epoch that was heard of, and follows its leader if that is known.
    fn hear_of_leader(
        &mut self,
        io: &mut dyn Io,
        leader: i32,
        epoch: i32,
    ) -> Result<(), ResponseError> {
        let epoch = LeaderEpoch(epoch);
        if epoch < self.election.epoch {
            return Err(ResponseError::FencedLeaderEpoch);
        }
        let leader = self.voters.iter().copied().find(|voter| voter.0 == leader);
        let leader = leader.filter(|leader| *leader != self.me);
        let is_newer = epoch > self.election.epoch;
        match leader {
            Some(leader) if is_newer || self.election.leader.is_none() => {
                self.give_up_leadership_for(io, epoch);
                self.become_follower(io, epoch, leader);
            }
            None if is_newer => {
                self.give_up_leadership_for(io, epoch);
                self.become_unattached(io, epoch);
            }
            _ => {}
        }
        Ok(())
    }

    /// A leader that hears of a later epoch leads no longer.
    pub(super) fn give_up_leadership_for(&mut self, io: &mut dyn Io, later: LeaderEpoch) {
        if self.is_leader() && later > self.election.epoch {
            let (controller, epoch) = (self.me, self.election.epoch);
            let reason = ResignReason::LaterEpoch;
            io.emit(EventKind::ControllerResigned { controller, epoch, reason });
        }
    }
}

fn code(result: Result<(), ResponseError>) -> i16 {
    result.map_or_else(|error| error.code(), |()| 0)
}
