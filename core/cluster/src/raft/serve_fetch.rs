//! Answering those who fetch the metadata log: voters get all of it and may have to take back what
//! diverges; brokers get what is committed. A fetch at the end is held until there is more.

use std::collections::BTreeMap;

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::fetch_response::{
    EpochEndOffset, FetchableTopicResponse, PartitionData, SnapshotId,
};

use super::messages::{fetch_answer, fetch_response};
use super::{Io, Raft, Role};
use crate::ids::{ControllerId, NodeId, TimerId};
use crate::input::ReplyTo;
use crate::message::Response;
use crate::metadata::METADATA_TOPIC_ID;
use crate::time::Span;
use crate::timer::Timer;

/// Fetches that wait for records.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldFetches {
    next: u64,
    held: BTreeMap<u64, (Fetch, TimerId)>,
}

/// A fetch of the metadata log.
#[derive(Clone, Copy, Debug)]
struct Fetch {
    from: ReplyTo,
    /// The `node.id` of who fetches; -1 if it does not say.
    replica: i32,
    is_voter: bool,
    offset: Offset,
    epoch: LeaderEpoch,
    last_epoch: LeaderEpoch,
    high_watermark: i64,
    max_bytes: usize,
}

/// How what a fetcher has compares with the leader's log: `ValidOffsetAndEpoch`.
enum Compared {
    Valid,
    Diverging(LeaderEpoch, Offset),
    Snapshot(Offset, LeaderEpoch),
}

impl Raft {
    pub(super) fn on_fetch(&mut self, io: &mut dyn Io, from: ReplyTo, body: &kafka::FetchRequest) {
        let asked =
            body.topics.iter().find(|topic| topic.topic_id.as_u128() == METADATA_TOPIC_ID.0);
        let Some(partition) = asked.and_then(|topic| topic.partitions.first()) else {
            return io.respond(from, unknown_topics(body));
        };
        self.forget_fetch_of(io, from.node);
        let replica = body.replica_state.replica_id.0;
        let fetch = Fetch {
            from,
            replica,
            is_voter: matches!(from.node, NodeId::Controller(id) if self.voters.contains(&id)),
            offset: Offset(partition.fetch_offset),
            epoch: LeaderEpoch(partition.current_leader_epoch),
            last_epoch: LeaderEpoch(partition.last_fetched_epoch),
            high_watermark: partition.high_watermark,
            max_bytes: usize::try_from(partition.partition_max_bytes).unwrap_or(0),
        };
        if let Err(error) = self.check_leads_in(fetch.epoch) {
            let mut data = fetch_answer(self.told());
            data.error_code = error.code();
            return io.respond(from, fetch_response(data));
        }
        self.serve(io, fetch, body.max_wait_ms);
    }

    /// A held fetch has waited long enough.
    pub(crate) fn held_fetch_expired(&mut self, io: &mut dyn Io, id: u64) {
        let Some((fetch, _)) = self.memory.held.held.remove(&id) else { return };
        let (data, _) = self.read_for(&fetch);
        io.respond(fetch.from, fetch_response(data));
    }

    /// There is more than there was: those are answered for whom it is something new.
    pub(super) fn answer_held_fetches(&mut self, io: &mut dyn Io) {
        let ids: Vec<u64> = self.memory.held.held.keys().copied().collect();
        for id in ids {
            let (fetch, timer) = self.memory.held.held[&id];
            let (data, has_news) = self.read_for(&fetch);
            if has_news {
                self.memory.held.held.remove(&id);
                io.cancel_timer(timer);
                io.respond(fetch.from, fetch_response(data));
            }
        }
    }

    /// It leads no longer: who waits is to look for the leader.
    pub(super) fn refuse_held_fetches(&mut self, io: &mut dyn Io) {
        for (_, (fetch, timer)) in std::mem::take(&mut self.memory.held.held) {
            io.cancel_timer(timer);
            let mut data = fetch_answer(self.told());
            data.error_code = ResponseError::NotLeaderOrFollower.code();
            io.respond(fetch.from, fetch_response(data));
        }
    }

    /// Whether it leads in the epoch that a request names: `validateLeaderOnlyRequest`.
    pub(super) fn check_leads_in(&self, epoch: LeaderEpoch) -> Result<(), ResponseError> {
        if epoch < self.election.epoch {
            Err(ResponseError::FencedLeaderEpoch)
        } else if epoch > self.election.epoch {
            Err(ResponseError::UnknownLeaderEpoch)
        } else if self.is_leader() {
            Ok(())
        } else {
            Err(ResponseError::NotLeaderOrFollower)
        }
    }

    fn serve(&mut self, io: &mut dyn Io, fetch: Fetch, max_wait_ms: i32) {
        let mut is_more_committed = false;
        if matches!(self.compare(&fetch), Compared::Valid) {
            if fetch.is_voter {
                is_more_committed =
                    self.voter_fetched(io, ControllerId(fetch.replica), fetch.offset);
            } else if fetch.replica >= 0 {
                self.observer_fetched(fetch.replica, fetch.offset, io.now());
            }
        }
        let (data, has_news) = self.read_for(&fetch);
        if has_news || max_wait_ms <= 0 {
            io.respond(fetch.from, fetch_response(data));
        } else {
            let id = self.memory.held.next;
            self.memory.held.next += 1;
            let wait = Span::from_millis(max_wait_ms.into());
            let timer = io.set_timer(wait, Timer::DelayedFetch(id));
            self.memory.held.held.insert(id, (fetch, timer));
        }
        if is_more_committed {
            self.answer_held_fetches(io);
        }
    }

    /// What is answered to a fetch now, and whether it is anything new to the fetcher.
    fn read_for(&self, fetch: &Fetch) -> (PartitionData, bool) {
        let high_watermark = match &self.memory.role {
            Role::Leader(leader) => leader.high_watermark,
            _ => None,
        };
        let mut data = fetch_answer(self.told());
        data.high_watermark = high_watermark.map_or(-1, |offset| offset.0);
        data.last_stable_offset = data.high_watermark;
        data.log_start_offset = self.log.log_start_offset().0;
        match self.compare(fetch) {
            Compared::Diverging(epoch, end) => {
                data.diverging_epoch =
                    EpochEndOffset::default().with_epoch(epoch.0).with_end_offset(end.0);
                return (data, true);
            }
            Compared::Snapshot(end, epoch) => {
                data.snapshot_id = SnapshotId::default().with_end_offset(end.0).with_epoch(epoch.0);
                return (data, true);
            }
            Compared::Valid => {}
        }
        // Brokers get what is committed, and so never have to take anything back.
        let end = if fetch.is_voter { self.log.log_end_offset() } else { self.high_watermark() };
        if fetch.offset > end {
            // A new leader does not know yet how much of what it has is committed.
            return (data, false);
        }
        match self.log.read(fetch.offset, fetch.max_bytes, true, end) {
            Ok(records) => {
                let is_news_committed = data.high_watermark > fetch.high_watermark;
                let has_news = !records.is_empty() || (fetch.is_voter && is_news_committed);
                data.records = Some(records);
                (data, has_news)
            }
            Err(_) => {
                data.error_code = ResponseError::OffsetOutOfRange.code();
                (data, true)
            }
        }
    }

    /// Compares what a fetcher has with the log: `ReplicatedLog.validateOffsetAndEpoch`.
    fn compare(&self, fetch: &Fetch) -> Compared {
        let start = self.log.log_start_offset();
        let latest = self.snapshots.latest().map(|(id, _)| id);
        if let Some(latest) = latest
            && (fetch.offset == Offset(0) || fetch.offset < start)
        {
            return Compared::Snapshot(latest.end_offset, latest.epoch);
        }
        if !fetch.is_voter || fetch.offset == Offset(0) {
            return Compared::Valid;
        }
        if let (Some(latest), Some(first)) = (latest, self.snapshots.earliest())
            && ((fetch.offset == start && fetch.last_epoch != first.epoch)
                || fetch.last_epoch < first.epoch)
        {
            return Compared::Snapshot(latest.end_offset, latest.epoch);
        }
        let (epoch, end) = self.end_of_epoch(fetch.last_epoch);
        if epoch == fetch.last_epoch && fetch.offset <= end {
            return Compared::Valid;
        }
        Compared::Diverging(epoch, end)
    }

    /// The greatest epoch that it has which is not above the one asked for, and where that ends.
    pub(super) fn end_of_epoch(&self, epoch: LeaderEpoch) -> (LeaderEpoch, Offset) {
        let own_end = (self.last_epoch(), self.log.log_end_offset());
        let (found, end) = self.log.end_offset_for_epoch(epoch).unwrap_or(own_end);
        match self.snapshots.earliest() {
            // Older than the log: it is compared with the snapshot that the log begins with.
            Some(first) if first.end_offset == end && found == epoch => (first.epoch, end),
            _ => (found, end),
        }
    }

    /// A node has one fetch under way: when it asks anew, it has given the other up.
    fn forget_fetch_of(&mut self, io: &mut dyn Io, node: NodeId) {
        self.memory.held.held.retain(|_, (fetch, timer)| {
            let stays = fetch.from.node != node;
            if !stays {
                io.cancel_timer(*timer);
            }
            stays
        });
    }
}

/// A controller hosts no topic but that of the metadata log.
fn unknown_topics(body: &kafka::FetchRequest) -> Response {
    let unknown = |index| {
        let mut data = PartitionData::default();
        data.partition_index = index;
        data.error_code = ResponseError::UnknownTopicId.code();
        data.high_watermark = -1;
        data
    };
    let topics = body.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| unknown(partition.partition));
        FetchableTopicResponse::default()
            .with_topic_id(topic.topic_id)
            .with_partitions(partitions.collect())
    });
    kafka::FetchResponse::default().with_responses(topics.collect()).into()
}
