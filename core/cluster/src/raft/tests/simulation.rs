//! Voters on a network of their own, with faults, and what must hold after each step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use highwater_log::{LeaderEpoch, Offset, TimestampMs};

use crate::cluster_spec::ClusterSpec;
use crate::event::EventKind;
use crate::ids::{BrokerEpoch, BrokerId, ControllerId, CorrelationId, NodeId, TimerId};
use crate::input::ReplyTo;
use crate::message::{Body, Request, Response};
use crate::metadata::record::ProducerIdsRecord;
use crate::metadata::{
    MetadataRecord, SnapshotRecords, decode_batches, decode_snapshot, encode_batch,
};
use crate::raft::{Io, Raft, SnapshotId};
use crate::rng::{Seed, Stream};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// Voters, the network between them, and what is known to be committed.
pub(super) struct Simulation {
    voters: BTreeMap<ControllerId, Voter>,
    around: Around,
    /// Every batch that any voter knew to be committed, by its offset.
    committed: BTreeMap<Offset, Bytes>,
    leaders_by_epoch: BTreeMap<LeaderEpoch, ControllerId>,
    seed: u64,
    next_value: i64,
}

struct Voter {
    raft: Raft,
    /// Up to where its committed batches were looked at.
    looked_at: Offset,
}

/// All around the voters.
struct Around {
    now: Time,
    random: Stream,
    queue: BTreeMap<(Time, u64), Due>,
    timers: BTreeMap<TimerId, (Time, u64)>,
    next: u64,
    cuts: BTreeSet<(NodeId, NodeId)>,
    running: BTreeMap<ControllerId, u32>,
    last_delivery: BTreeMap<(NodeId, NodeId), Time>,
}

enum Due {
    Message { from: NodeId, to: NodeId, id: CorrelationId, body: Body, process: u32 },
    Timer { node: ControllerId, process: u32, timer: Timer, id: TimerId },
    Failed { node: ControllerId, process: u32, id: CorrelationId },
}

/// What one voter may do.
struct Hands<'a> {
    around: &'a mut Around,
    me: ControllerId,
}

impl Around {
    fn schedule(&mut self, at: Time, due: Due) -> (Time, u64) {
        self.next += 1;
        self.queue.insert((at, self.next), due);
        (at, self.next)
    }

    fn process(&self, node: NodeId) -> Option<u32> {
        let NodeId::Controller(id) = node else { unreachable!("there are only controllers") };
        self.running.get(&id).copied()
    }

    fn is_cut(&self, a: NodeId, b: NodeId) -> bool {
        self.cuts.contains(&(a.min(b), a.max(b)))
    }

    fn send(&mut self, from: NodeId, to: NodeId, id: CorrelationId, body: Body) {
        let after = Span(1_000 + self.random.below(20_000));
        let last = self.last_delivery.entry((from, to)).or_insert(Time::ZERO);
        let at = (self.now + after).max(*last);
        *last = at;
        let process = self.process(to).unwrap_or(u32::MAX);
        self.schedule(at, Due::Message { from, to, id, body, process });
    }
}

impl Io for Hands<'_> {
    fn now(&self) -> Time {
        self.around.now
    }

    fn timestamp(&self) -> TimestampMs {
        TimestampMs(self.around.now.millis() as i64)
    }

    fn random(&mut self, bound: u64) -> u64 {
        self.around.random.below(bound)
    }

    fn send(&mut self, to: NodeId, request: Request, timeout: Span) -> CorrelationId {
        self.around.next += 1;
        let id = CorrelationId(self.around.next as i32);
        let (node, process) = (self.me, self.around.running[&self.me]);
        let at = self.around.now + timeout;
        self.around.schedule(at, Due::Failed { node, process, id });
        self.around.send(NodeId::Controller(self.me), to, id, Body::Request(request));
        id
    }

    fn respond(&mut self, to: ReplyTo, response: Response) {
        let me = NodeId::Controller(self.me);
        self.around.send(me, to.node, to.correlation_id, Body::Response(response));
    }

    fn set_timer(&mut self, after: Span, timer: Timer) -> TimerId {
        let id = TimerId(self.around.next);
        let (node, process) = (self.me, self.around.running[&self.me]);
        let at = self.around.now + after;
        let key = self.around.schedule(at, Due::Timer { node, process, timer, id });
        self.around.timers.insert(id, key);
        id
    }

    fn cancel_timer(&mut self, timer: TimerId) {
        if let Some(key) = self.around.timers.remove(&timer) {
            self.around.queue.remove(&key);
        }
    }

    fn emit(&mut self, _kind: EventKind) {}
}

impl Simulation {
    pub(super) fn new(seed: u64, voters: i32, configs: &[(&str, &str)]) -> Self {
        let mut spec = ClusterSpec::default();
        let configs = configs.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value)));
        spec.configs.extend(configs);
        let ids: Vec<ControllerId> = (1..=voters).map(ControllerId).collect();
        let voter = |id: &ControllerId| {
            let raft = Raft::new(*id, ids.clone(), &spec);
            (*id, Voter { raft, looked_at: Offset(0) })
        };
        let mut simulation = Self {
            voters: ids.iter().map(voter).collect(),
            around: Around {
                now: Time::ZERO,
                random: Seed(seed).stream("simulation", 0),
                queue: BTreeMap::new(),
                timers: BTreeMap::new(),
                next: 0,
                cuts: BTreeSet::new(),
                running: BTreeMap::new(),
                last_delivery: BTreeMap::new(),
            },
            committed: BTreeMap::new(),
            leaders_by_epoch: BTreeMap::new(),
            seed,
            next_value: 0,
        };
        ids.into_iter().for_each(|id| simulation.start(id));
        simulation
    }

    pub(super) fn ids(&self) -> Vec<ControllerId> {
        self.voters.keys().copied().collect()
    }

    /// Who leads, of those that run.
    pub(super) fn leaders(&self) -> Vec<ControllerId> {
        let leads = |id: &ControllerId| {
            self.around.running.contains_key(id) && self.voters[id].raft.is_leader()
        };
        self.ids().into_iter().filter(leads).collect()
    }

    /// The end of what is committed.
    pub(super) fn committed(&self) -> Offset {
        self.voters.values().map(|voter| voter.looked_at).max().expect("there is a voter")
    }

    pub(super) fn run(&mut self, span: Span) {
        let until = self.around.now + span;
        while self.around.queue.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.step();
        }
        self.around.now = until;
    }

    /// Faults come every few hundred milliseconds, and so do records to be written.
    pub(super) fn run_with_faults(&mut self, until: Time) {
        while self.around.now < until {
            let pause = Span(self.around.random.below(600_000));
            self.run(pause);
            let ids = self.ids();
            let some = ids[self.around.random.below(ids.len() as u64) as usize];
            let other = ids[self.around.random.below(ids.len() as u64) as usize];
            match self.around.random.below(12) {
                0 => self.kill(some),
                1 | 2 => self.start(some),
                3 => self.isolate(some),
                4 if some != other => self.cut(some, other),
                5 | 6 => self.around.cuts.clear(),
                7 => self.shut_down(some),
                8 => self.take_snapshot(some),
                _ => self.propose(),
            }
        }
    }

    pub(super) fn heal(&mut self) {
        self.around.cuts.clear();
        self.ids().into_iter().for_each(|id| self.start(id));
    }

    pub(super) fn isolate(&mut self, id: ControllerId) {
        let others = self.ids().into_iter().filter(|other| *other != id);
        others.for_each(|other| self.cut(id, other));
    }

    pub(super) fn kill(&mut self, id: ControllerId) {
        if self.around.running.remove(&id).is_some() {
            self.voters.get_mut(&id).expect("it is a voter").raft.process_ended();
        }
    }

    pub(super) fn propose(&mut self) {
        self.leaders().into_iter().for_each(|leader| self.propose_to(leader));
    }

    pub(super) fn propose_to(&mut self, leader: ControllerId) {
        self.next_value += 1;
        let record: MetadataRecord = ProducerIdsRecord {
            broker: BrokerId(leader.0),
            epoch: BrokerEpoch(0),
            next_producer_id: self.next_value,
        }
        .into();
        let now = TimestampMs(self.around.now.millis() as i64);
        let batch = encode_batch(&[record], now);
        self.with(leader, |raft, io| {
            raft.append(io, &batch);
        });
    }

    /// All voters have the same log up to there, but for what is in a snapshot.
    #[track_caller]
    pub(super) fn assert_all_agree(&self, end: Offset) {
        for (id, voter) in &self.voters {
            assert!(voter.looked_at >= end, "seed {}: {id} lags behind {end}", self.seed);
        }
    }

    fn cut(&mut self, a: ControllerId, b: ControllerId) {
        let (a, b) = (NodeId::Controller(a), NodeId::Controller(b));
        self.around.cuts.insert((a.min(b), a.max(b)));
    }

    fn start(&mut self, id: ControllerId) {
        if !self.around.running.contains_key(&id) {
            self.around.next += 1;
            self.around.running.insert(id, self.around.next as u32);
            self.with(id, |raft, io| raft.start(io));
        }
    }

    fn shut_down(&mut self, id: ControllerId) {
        if self.around.running.contains_key(&id) {
            self.with(id, |raft, io| raft.shut_down(io));
            self.run(Span(200_000));
            self.kill(id);
        }
    }

    fn take_snapshot(&mut self, id: ControllerId) {
        if !self.around.running.contains_key(&id) {
            return;
        }
        self.with(id, |raft, io| {
            let mut records = SnapshotRecords::default();
            let former = raft.latest_snapshot();
            let from = former.map_or(Offset(0), |(former, _)| former.end_offset);
            if let Some((_, bytes)) = former {
                decode_snapshot(bytes).into_iter().for_each(|record| records.add(record));
            }
            let batches: Vec<_> = raft.committed_batches(from).cloned().collect();
            let Some(last) = batches.last().map(|batch| *batch.header()) else { return };
            for batch in batches {
                let decoded = decode_batches(batch.bytes().clone()).expect("it was just written");
                decoded.into_iter().for_each(|(_, record)| records.add(record));
            }
            let end = last.next_offset();
            let id = SnapshotId { end_offset: end, epoch: last.leader_epoch };
            raft.keep_snapshot(io, id, records.encode(last.max_timestamp));
        });
    }

    fn step(&mut self) {
        let ((at, _), due) = self.around.queue.pop_first().expect("something is due");
        self.around.now = at;
        match due {
            Due::Message { from, to, id, body, process } => {
                let is_there = self.around.process(to) == Some(process);
                if self.around.is_cut(from, to) {
                    return;
                }
                if !is_there {
                    self.refuse(from, id, &body);
                    return;
                }
                let NodeId::Controller(me) = to else { unreachable!("see above") };
                let from = ReplyTo { node: from, correlation_id: id, on_behalf_of: None };
                self.with(me, |raft, io| match body {
                    Body::Request(request) => {
                        assert!(raft.handle_request(io, from, &request), "it knows its requests");
                    }
                    Body::Response(response) => raft.handle_response(io, id, &response),
                });
            }
            Due::Timer { node, process, timer, id } => {
                self.around.timers.remove(&id);
                if self.around.running.get(&node) == Some(&process) {
                    self.with(node, |raft, io| match timer {
                        Timer::Quorum(timer) => raft.handle_timer(io, timer),
                        Timer::DelayedFetch(id) => raft.held_fetch_expired(io, id),
                        other => unreachable!("a voter sets no {other:?}"),
                    });
                }
            }
            Due::Failed { node, process, id } => {
                if self.around.running.get(&node) == Some(&process) {
                    self.with(node, |raft, io| raft.handle_failure(io, id));
                }
            }
        }
    }

    /// Nobody is there: the sender learns of it one way over the network later.
    fn refuse(&mut self, from: NodeId, id: CorrelationId, body: &Body) {
        let (NodeId::Controller(node), false) = (from, body.is_response()) else { return };
        if let Some(process) = self.around.process(from) {
            let at = self.around.now + Span(1_000);
            self.around.schedule(at, Due::Failed { node, process, id });
        }
    }

    fn with(&mut self, id: ControllerId, act: impl FnOnce(&mut Raft, &mut dyn Io)) {
        let voter = self.voters.get_mut(&id).expect("it is a voter");
        act(&mut voter.raft, &mut Hands { around: &mut self.around, me: id });
        self.check(id);
    }

    /// What must hold, after a voter did something.
    #[track_caller]
    fn check(&mut self, id: ControllerId) {
        let seed = self.seed;
        let voter = self.voters.get_mut(&id).expect("it is a voter");
        let raft = &voter.raft;
        if raft.is_leader() {
            let first = *self.leaders_by_epoch.entry(raft.epoch()).or_insert(id);
            assert_eq!(first, id, "seed {seed}: two leaders in epoch {}", raft.epoch());
        }
        // What came in a snapshot was committed by others before; the batches are not there to compare.
        let from = voter.looked_at.max(raft.log_start_offset());
        for batch in raft.committed_batches(from) {
            let bytes = batch.bytes();
            let known = self.committed.entry(batch.base_offset()).or_insert_with(|| bytes.clone());
            assert!(known == bytes, "seed {seed}: {id} commits something else at {from}");
        }
        voter.looked_at = voter.looked_at.max(raft.high_watermark());
        // One that was cut off leads on for a while, and knows nothing of what its successor commits.
        let latest = self.leaders_by_epoch.last_key_value().map(|(epoch, _)| *epoch);
        if raft.is_leader() && latest == Some(raft.epoch()) {
            let start = raft.log_start_offset();
            let mut own = raft.log().batches_from(start);
            for (offset, bytes) in self.committed.range(start..) {
                let batch = own.next();
                let has = batch.is_some_and(|batch| batch.bytes() == bytes);
                assert!(has, "seed {seed}: leader {id} lacks what was committed at {offset}");
            }
        }
    }
}
