//! One voter of the quorum that keeps the metadata log: Kafka's Raft (KIP-595), with pre-votes
//! (KIP-996) and a fixed set of voters.
//!
//! It does no input or output of its own: what reaches it are calls, and what it does goes through
//! [`Io`]. The controller that hosts it reads, after each call, who leads and how far the log is
//! committed. Election state, log and snapshots are on the disk and outlive the process; everything
//! else is [`Memory`].

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use highwater_log::{Batch, LeaderEpoch, Log, LogConfig, Offset};

use crate::cluster_spec::ClusterSpec;
use crate::event::{EventKind, ResignReason};
use crate::ids::{ControllerId, CorrelationId, TimerId};
use crate::input::ReplyTo;
use crate::message::{Request, Response};
use crate::rng::Seed;
use crate::time::Span;
use crate::timer::Timer;

mod config;
mod describe;
mod election;
mod epochs;
mod follower;
mod io;
mod leader;
mod messages;
mod peers;
mod role;
mod serve_fetch;
mod snapshots;
#[cfg(test)]
mod tests;
mod views;
mod vote;

pub(crate) use config::QuorumConfig;
pub(crate) use io::Io;
pub(crate) use messages::{Fetched, fetch_request, fetch_snapshot_request};
pub use role::QuorumRole;
pub(crate) use snapshots::SnapshotId;
pub use views::FollowerView;

use leader::Leader;
use peers::{Peer, Sent};
use role::Votes;
use serve_fetch::HeldFetches;
use snapshots::{SnapshotFetch, Snapshots};

/// What a voter sets timers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuorumTimer {
    /// No leader was found or elected in time.
    Election,
    /// The leader could not be fetched from for too long.
    Fetch,
    /// The leader looks whether a majority still fetches from it.
    CheckQuorum,
    /// The leader tells voters that do not fetch from it that it leads.
    BeginEpoch,
    /// A request to that voter failed, and may be sent again.
    Retry(ControllerId),
    /// A leader that shuts down has waited long enough for its successor.
    Shutdown,
}

impl QuorumTimer {
    /// The Kafka setting that gives its length.
    pub(crate) fn name(self) -> &'static str {
        match self {
            QuorumTimer::Election => "controller.quorum.election.timeout.ms",
            QuorumTimer::Fetch | QuorumTimer::CheckQuorum | QuorumTimer::BeginEpoch => {
                "controller.quorum.fetch.timeout.ms"
            }
            QuorumTimer::Retry(_) => "controller.quorum.retry.backoff.ms",
            QuorumTimer::Shutdown => "graceful shutdown",
        }
    }
}

/// What a voter has written down of the elections: the file `quorum-state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ElectionState {
    epoch: LeaderEpoch,
    /// Who leads in that epoch, if that is known.
    leader: Option<ControllerId>,
    /// Whom it gave its vote in that epoch.
    voted: Option<ControllerId>,
}

/// What a voter is to the quorum just now.
#[derive(Clone, Debug)]
enum Role {
    /// It waits to hear of a leader or of a candidate.
    Unattached,
    /// It asks whether it would be elected, before it begins an epoch (KIP-996).
    Prospective(Votes),
    /// It asks for votes.
    Candidate(Votes),
    /// It leads.
    Leader(Box<Leader>),
    /// It fetches from the leader; perhaps a snapshot first.
    Follower { has_fetched: bool, snapshot: Option<SnapshotFetch> },
    /// It led, and does not any more; these voters have not yet answered its word of that.
    Resigned { unacknowledged: BTreeSet<ControllerId>, successors: Vec<ControllerId> },
}

/// A voter.
#[derive(Clone, Debug)]
pub(crate) struct Raft {
    me: ControllerId,
    voters: Vec<ControllerId>,
    config: QuorumConfig,
    seed: Seed,
    election: ElectionState,
    log: Log,
    snapshots: Snapshots,
    memory: Memory,
}

/// What the process holds in memory.
#[derive(Clone, Debug)]
struct Memory {
    role: Role,
    /// Up to where the log is known to be committed; none before the first word of it.
    high_watermark: Option<Offset>,
    timers: BTreeMap<QuorumTimer, TimerId>,
    peers: BTreeMap<ControllerId, Peer>,
    requests: BTreeMap<CorrelationId, (ControllerId, Sent)>,
    held: HeldFetches,
    is_shutting_down: bool,
}

impl Raft {
    pub(crate) fn new(me: ControllerId, voters: Vec<ControllerId>, spec: &ClusterSpec) -> Self {
        assert!(voters.contains(&me), "controller {me} is a voter");
        // A batch holds all records of one decision, however many; what is deleted is decided by
        // snapshots.
        let config =
            LogConfig { max_message_bytes: usize::MAX, retention_ms: -1, ..LogConfig::default() };
        Self {
            me,
            voters,
            config: QuorumConfig::new(spec),
            seed: Seed(spec.seed),
            election: ElectionState { epoch: LeaderEpoch(0), leader: None, voted: None },
            log: Log::new(config),
            snapshots: Snapshots::default(),
            memory: Memory::new(),
        }
    }

    /// The process begins, with what is on its disk.
    pub(crate) fn start(&mut self, io: &mut dyn Io) {
        self.memory = Memory::new();
        let start = self.log.log_start_offset();
        self.log.set_high_watermark(start);
        if self.is_only_voter() {
            return self.become_prospective(io);
        }
        if self.election.leader == Some(self.me) {
            // It led when it ended. It may not vote in that epoch: it knows of its leader.
            let others = self.others().collect::<BTreeSet<_>>();
            let successors = Vec::new();
            self.enter(io, Role::Resigned { unacknowledged: others, successors });
            return self.restart_election_timer(io);
        }
        if self.election.voted == Some(self.me) {
            // It was a candidate. Its epoch may have a leader by now: it asks for votes again.
            self.enter(io, Role::Candidate(Votes::of(self.me)));
            return self.restart_election_timer(io);
        }
        match self.election.leader {
            Some(leader) => self.become_follower(io, self.election.epoch, leader),
            None => {
                self.enter(io, Role::Unattached);
                self.restart_election_timer(io);
            }
        }
    }

    /// The process was killed, or has ended: its memory is gone.
    pub(crate) fn process_ended(&mut self) {
        self.memory = Memory::new();
    }

    pub(crate) fn handle_response(
        &mut self,
        io: &mut dyn Io,
        id: CorrelationId,
        response: &Response,
    ) {
        let Some((peer, sent)) = self.memory.requests.remove(&id) else { return };
        self.peer_answered(peer, id);
        match (sent, response) {
            (Sent::Vote { pre_vote, epoch }, Response::Vote(body)) => {
                self.on_vote_response(io, peer, (pre_vote, epoch), body);
            }
            (Sent::BeginEpoch, Response::BeginQuorumEpoch(body)) => {
                self.on_begin_epoch_response(io, peer, body);
            }
            (Sent::EndEpoch, Response::EndQuorumEpoch(body)) => {
                self.on_end_epoch_response(io, peer, body);
            }
            (Sent::Fetch, Response::Fetch(body)) => self.on_fetched(io, peer, body),
            (Sent::FetchSnapshot, Response::FetchSnapshot(body)) => {
                self.on_snapshot_fetched(io, peer, body);
            }
            (sent, response) => unreachable!("{:?} does not answer {sent:?}", response.api_key()),
        }
        self.ask_peer(io, peer);
    }

    /// A request of its own will not be answered.
    pub(crate) fn handle_failure(&mut self, io: &mut dyn Io, id: CorrelationId) {
        let Some((peer, _)) = self.memory.requests.remove(&id) else { return };
        self.peer_failed(io, peer, id);
    }

    /// Answers a request, if it is one of the quorum's own.
    pub(crate) fn handle_request(
        &mut self,
        io: &mut dyn Io,
        from: ReplyTo,
        request: &Request,
    ) -> bool {
        match request {
            Request::Vote(body) => self.on_vote(io, from, body),
            Request::BeginQuorumEpoch(body) => self.on_begin_epoch(io, from, body),
            Request::EndQuorumEpoch(body) => self.on_end_epoch(io, from, body),
            Request::Fetch(body) => self.on_fetch(io, from, body),
            Request::FetchSnapshot(body) => self.on_fetch_snapshot(io, from, body),
            Request::DescribeQuorum(_) => self.on_describe(io, from),
            _ => return false,
        }
        true
    }

    pub(crate) fn handle_timer(&mut self, io: &mut dyn Io, timer: QuorumTimer) {
        self.memory.timers.remove(&timer);
        match timer {
            QuorumTimer::Election => self.election_timed_out(io),
            QuorumTimer::Fetch => self.become_prospective(io),
            QuorumTimer::CheckQuorum => self.resign(io, ResignReason::QuorumLost),
            QuorumTimer::BeginEpoch => self.begin_epoch_again(io),
            QuorumTimer::Retry(peer) => self.peer_may_be_asked(io, peer),
            // The controller looks for itself whether it may end.
            QuorumTimer::Shutdown => self.memory.is_shutting_down = false,
        }
    }

    /// Its `node.id`.
    pub(crate) fn id(&self) -> ControllerId {
        self.me
    }

    /// Whether it leads.
    pub(crate) fn is_leader(&self) -> bool {
        matches!(self.memory.role, Role::Leader(_))
    }

    /// Whether it is all the quorum there is.
    pub(crate) fn is_only_voter(&self) -> bool {
        self.voters == [self.me]
    }

    /// Who leads, as far as it knows.
    pub(crate) fn leader(&self) -> Option<ControllerId> {
        match self.memory.role {
            Role::Resigned { .. } => None,
            _ => self.election.leader,
        }
    }

    /// The epoch that it is in.
    pub(crate) fn epoch(&self) -> LeaderEpoch {
        self.election.epoch
    }

    pub(crate) fn log_end_offset(&self) -> Offset {
        self.log.log_end_offset()
    }

    pub(crate) fn log_start_offset(&self) -> Offset {
        self.log.log_start_offset()
    }

    /// Up to where the log is known to be committed.
    pub(crate) fn high_watermark(&self) -> Offset {
        self.memory.high_watermark.unwrap_or(self.log.log_start_offset())
    }

    /// The batches from an offset on that are committed.
    pub(crate) fn committed_batches(&self, from: Offset) -> impl Iterator<Item = &Batch> {
        let end = self.high_watermark();
        let batches = self.log.batches_from(from);
        batches.take_while(move |batch| batch.header().next_offset() <= end)
    }

    /// The batches that are on its disk, committed or not.
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// Where its newest snapshot ends, and the bytes of it.
    pub(crate) fn latest_snapshot(&self) -> Option<(SnapshotId, &Bytes)> {
        self.snapshots.latest()
    }

    /// The epoch of the last record that it has, in the log or in a snapshot.
    fn last_epoch(&self) -> LeaderEpoch {
        let of_snapshot = || self.snapshots.latest().map(|(id, _)| id.epoch);
        self.log.latest_epoch().or_else(of_snapshot).unwrap_or(LeaderEpoch(0))
    }

    fn others(&self) -> impl Iterator<Item = ControllerId> {
        let me = self.me;
        self.voters.clone().into_iter().filter(move |voter| *voter != me)
    }

    fn majority(&self) -> usize {
        self.voters.len() / 2 + 1
    }

    /// Takes a role. What was asked in another one is not waited for any more.
    fn enter(&mut self, io: &mut dyn Io, role: Role) {
        self.memory.role = role;
        self.memory.requests.clear();
        for peer in self.memory.peers.values_mut() {
            *peer = Peer::default();
        }
        let kept = QuorumTimer::Election;
        let timers: Vec<QuorumTimer> =
            self.memory.timers.keys().copied().filter(|timer| *timer != kept).collect();
        timers.into_iter().for_each(|timer| self.cancel_timer(io, timer));
        self.refuse_held_fetches(io);
        if !self.is_only_voter() {
            io.emit(EventKind::QuorumRoleChanged {
                controller: self.me,
                role: self.role_name(),
                epoch: self.election.epoch,
                leader: self.leader(),
            });
        }
        self.ask_peers(io);
    }

    fn role_name(&self) -> QuorumRole {
        match self.memory.role {
            Role::Unattached => QuorumRole::Unattached,
            Role::Prospective(_) => QuorumRole::Prospective,
            Role::Candidate(_) => QuorumRole::Candidate,
            Role::Leader(_) => QuorumRole::Leader,
            Role::Follower { .. } => QuorumRole::Follower,
            Role::Resigned { .. } => QuorumRole::Resigned,
        }
    }

    /// Sets a timer, instead of the one of its kind that may run.
    fn set_timer(&mut self, io: &mut dyn Io, timer: QuorumTimer, after: Span) {
        self.cancel_timer(io, timer);
        let id = io.set_timer(after, Timer::Quorum(timer));
        self.memory.timers.insert(timer, id);
    }

    fn cancel_timer(&mut self, io: &mut dyn Io, timer: QuorumTimer) {
        if let Some(id) = self.memory.timers.remove(&timer) {
            io.cancel_timer(id);
        }
    }
}

impl Memory {
    fn new() -> Self {
        Self {
            role: Role::Unattached,
            high_watermark: None,
            timers: BTreeMap::new(),
            peers: BTreeMap::new(),
            requests: BTreeMap::new(),
            held: HeldFetches::default(),
            is_shutting_down: false,
        }
    }
}
