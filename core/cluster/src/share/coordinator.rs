//! The share coordinator of a broker: it keeps what leaders have it write down of their share partitions, in
//! the partitions of `__share_group_state` that the broker leads. Kafka's `ShareCoordinatorShard`.
//!
//! A request names one share partition, as those of Kafka's leaders do by the time they get here.

use std::collections::BTreeMap;

use bytes::Bytes;
use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::ResponseError;

use crate::bugs::Bug;
use crate::coordinator_error::write_error;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::group::java_hash;
use crate::ids::{NodeId, TopicPartition};
use crate::input::ReplyTo;
use crate::message::Request;
use crate::metadata::MetadataImage;
use crate::share::event::ShareEvent;
use crate::share::records::ShareRecord;
use crate::share::state::{ShareState, StateBatch, UNINITIALIZED_START};
use crate::share::{RecordState, ShareKey};

mod answers;
mod requests;

use answers::{Answer, response};
use requests::Asked;

/// Where a share coordinator writes: the partitions of `__share_group_state` on its broker.
pub(crate) trait ShareLog {
    /// Appends a record to a partition. Once it is replicated, or failed to be, the broker says so by
    /// [`ShareCoordinator::written`] with the token that this returns.
    fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        record: (Bytes, Option<Bytes>),
    ) -> Result<u64, ResponseError>;

    /// How many partitions `__share_group_state` has, or will have.
    fn partition_count(&self) -> i32;

    /// The metadata of the cluster, as far as the broker knows it.
    fn image(&self) -> &MetadataImage;

    /// After how many updates a snapshot is written
    /// (`share.coordinator.snapshot.update.records.per.snapshot`).
    fn updates_per_snapshot(&self) -> u32;
}

/// The share coordinator of a broker.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShareCoordinator {
    /// What is known of the partitions of `__share_group_state` that the broker leads.
    partitions: BTreeMap<i32, BTreeMap<ShareKey, Known>>,
    /// What is not on the whole ISR yet.
    writes: BTreeMap<u64, Write>,
}

/// What is known of a share partition.
#[derive(Clone, Debug)]
struct Known {
    state: ShareState,
    /// Updates since the last snapshot.
    updates: u32,
}

/// A write under way, with what is answered once it is done.
#[derive(Clone, Debug)]
struct Write {
    partition: i32,
    waiting: Vec<(ReplyTo, Request, Answer)>,
}

/// The partition of `__share_group_state` that a share partition belongs to.
pub(crate) fn partition_for(key: &str, partition_count: i32) -> i32 {
    (java_hash::hash_code(key) & i32::MAX) % partition_count
}

impl ShareCoordinator {
    /// Answers a request about the state of a share partition, now or once it is written.
    pub(crate) fn handle(
        &mut self,
        ctx: &mut Ctx<'_>,
        reply: ReplyTo,
        request: &Request,
        log: &mut dyn ShareLog,
    ) {
        let (key, asked) = requests::read(request);
        let partition = partition_for(&key.text(), log.partition_count());
        let done = self.answer(ctx, partition, &key, asked, log);
        let (answer, token) = done.unwrap_or_else(|error| (Answer::Refused(error), None));
        let last = || {
            let of_it = self.writes.iter().rev().find(|(_, write)| write.partition == partition);
            of_it.map(|(token, _)| *token)
        };
        // Nobody is to learn of a state that a failover would take back.
        let Some(token) = token.or_else(last) else {
            return ctx.respond(reply, response(request, &key, &answer));
        };
        let write = Write { partition, waiting: Vec::new() };
        let write = self.writes.entry(token).or_insert(write);
        write.waiting.push((reply, request.clone(), answer));
    }

    /// A write was replicated, or failed: whoever waited for it is answered.
    pub(crate) fn written(&mut self, ctx: &mut Ctx<'_>, token: u64, error: Option<ResponseError>) {
        let Some(write) = self.writes.remove(&token) else { return };
        for (reply, request, answer) in write.waiting {
            let (key, _) = requests::read(&request);
            let answer = error.map_or(answer, |error| Answer::Refused(write_error(error)));
            ctx.respond(reply, response(&request, &key, &answer));
        }
    }

    /// The broker became leader of a partition: what its records, in the order of the log, tell is known.
    pub(crate) fn partition_loaded(
        &mut self,
        ctx: &Ctx<'_>,
        partition: i32,
        records: impl IntoIterator<Item = (Bytes, Option<Bytes>)>,
    ) {
        let mut known = BTreeMap::new();
        let records = records.into_iter();
        for record in records.filter_map(|(key, value)| ShareRecord::decode(&key, value.as_ref())) {
            replay(&mut known, record);
        }
        if ctx.has_bug(Bug::ForgetsAcknowledged) {
            for state in known.values_mut().map(|known: &mut Known| &mut known.state) {
                state.batches.retain(|batch| batch.state != RecordState::Acknowledged);
            }
        }
        self.partitions.insert(partition, known);
    }

    /// The broker no longer leads a partition: whoever waits is told.
    pub(crate) fn partition_unloaded(&mut self, ctx: &mut Ctx<'_>, partition: i32) {
        self.partitions.remove(&partition);
        let of_it = |write: &Write| write.partition == partition;
        let tokens: Vec<u64> =
            self.writes.iter().filter(|(_, write)| of_it(write)).map(|(token, _)| *token).collect();
        for token in tokens {
            self.written(ctx, token, Some(ResponseError::NotCoordinator));
        }
    }

    /// Does what is asked. With the answer comes the write that it waits for.
    fn answer(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        key: &ShareKey,
        asked: Asked,
        log: &mut dyn ShareLog,
    ) -> Result<(Answer, Option<u64>), ResponseError> {
        let all = self.partitions.get(&partition).ok_or(ResponseError::NotCoordinator)?;
        if !matches!(asked, Asked::Delete) && named(log.image(), key).is_none() {
            return Err(ResponseError::UnknownTopicOrPartition);
        }
        let (answer, record) = decide(key, all.get(key), asked, log.updates_per_snapshot())?;
        let Some(record) = record else { return Ok((answer, None)) };
        let token = log.append(ctx, partition, record.encode()).map_err(write_error)?;
        tell_written(ctx, log.image(), &record);
        let all = self.partitions.get_mut(&partition).expect("it was just there");
        replay(all, record);
        self.writes.insert(token, Write { partition, waiting: Vec::new() });
        Ok((answer, Some(token)))
    }
}

/// What a request is answered with, and what is written before that.
fn decide(
    key: &ShareKey,
    known: Option<&Known>,
    asked: Asked,
    updates_per_snapshot: u32,
) -> Result<(Answer, Option<ShareRecord>), ResponseError> {
    let snapshot = |state| Some(ShareRecord::Snapshot(key.clone(), state));
    Ok(match (asked, known) {
        (Asked::Initialize { state_epoch, start }, known) => {
            let state = initialized(known.map(|known| &known.state), state_epoch, start)?;
            (Answer::Done, state.and_then(|state| snapshot(Some(state))))
        }
        (Asked::Summary, known) => {
            (Answer::Summary(known.map(|known| Box::new(known.state.clone()))), None)
        }
        (Asked::Delete, known) => (Answer::Done, known.and_then(|_| snapshot(None))),
        // Its group has not initialized it.
        (Asked::Read { .. } | Asked::Write { .. }, None) => {
            return Err(ResponseError::InvalidRequest);
        }
        (Asked::Read { leader_epoch }, Some(Known { state, .. })) => {
            fence(state, leader_epoch, None)?;
            // A later leader is known from here on: what an earlier one says is refused.
            let is_news = leader_epoch > state.leader_epoch;
            let next = ShareState {
                leader_epoch,
                snapshot_epoch: state.snapshot_epoch + 1,
                ..state.clone()
            };
            let answer = Answer::State(Box::new(state.clone()));
            (answer, is_news.then(|| ShareRecord::Snapshot(key.clone(), Some(next))))
        }
        (Asked::Write { state_epoch, leader_epoch, start, batches }, Some(known)) => {
            fence(&known.state, leader_epoch, Some(state_epoch))?;
            (
                Answer::Done,
                Some(news(key, known, (leader_epoch, start, batches), updates_per_snapshot)),
            )
        }
    })
}

/// The first state of a share partition, or the one with which it begins anew. None if it has begun already:
/// Kafka 4.3 lets it begin anew there too, whereby a late repetition of the first initialization makes it
/// forget what was acknowledged since.
fn initialized(
    known: Option<&ShareState>,
    state_epoch: i32,
    start: Offset,
) -> Result<Option<ShareState>, ResponseError> {
    if known.is_some_and(|known| known.state_epoch > state_epoch) {
        return Err(ResponseError::FencedStateEpoch);
    }
    let repeats =
        |known: &ShareState| start == UNINITIALIZED_START || known.state_epoch == state_epoch;
    if known.is_some_and(repeats) {
        return Ok(None);
    }
    Ok(Some(ShareState {
        snapshot_epoch: known.map_or(0, |known| known.snapshot_epoch + 1),
        state_epoch,
        leader_epoch: known.map_or(LeaderEpoch(0), |known| known.leader_epoch),
        start,
        batches: Vec::new(),
    }))
}

/// What is written of news: an update, or after many of them a snapshot of all.
fn news(
    key: &ShareKey,
    known: &Known,
    (leader_epoch, start, batches): (LeaderEpoch, Offset, Vec<StateBatch>),
    updates_per_snapshot: u32,
) -> ShareRecord {
    if known.updates < updates_per_snapshot {
        let snapshot_epoch = known.state.snapshot_epoch;
        let start = start.max(known.state.start);
        let update = ShareState { snapshot_epoch, state_epoch: -1, leader_epoch, start, batches };
        return ShareRecord::Update(key.clone(), update);
    }
    let mut state = ShareState {
        leader_epoch,
        snapshot_epoch: known.state.snapshot_epoch + 1,
        ..known.state.clone()
    };
    state.update(start, &batches);
    ShareRecord::Snapshot(key.clone(), Some(state))
}

/// Whoever speaks for an earlier leader, or of what was there before the group began anew, is refused.
fn fence(
    known: &ShareState,
    leader_epoch: LeaderEpoch,
    state_epoch: Option<i32>,
) -> Result<(), ResponseError> {
    if leader_epoch < known.leader_epoch {
        return Err(ResponseError::FencedLeaderEpoch);
    }
    if state_epoch.is_some_and(|epoch| epoch < known.state_epoch) {
        return Err(ResponseError::FencedStateEpoch);
    }
    Ok(())
}

/// Takes over what a record says.
fn replay(all: &mut BTreeMap<ShareKey, Known>, record: ShareRecord) {
    match record {
        ShareRecord::Snapshot(key, Some(state)) => {
            all.insert(key, Known { state, updates: 0 });
        }
        ShareRecord::Snapshot(key, None) => {
            all.remove(&key);
        }
        ShareRecord::Update(key, update) => {
            // Without the snapshot that it belongs to it says nothing.
            let Some(known) = all.get_mut(&key) else { return };
            known.state.leader_epoch = known.state.leader_epoch.max(update.leader_epoch);
            known.state.update(update.start, &update.batches);
            known.updates += 1;
        }
    }
}

/// The partition that a key is about, if there is one.
fn named(image: &MetadataImage, key: &ShareKey) -> Option<TopicPartition> {
    let (name, topic) = image.topic_by_id(key.topic)?;
    let partition = TopicPartition::new(name, key.partition);
    topic.partitions.contains_key(&partition.partition).then_some(partition)
}

fn tell_written(ctx: &mut Ctx<'_>, image: &MetadataImage, record: &ShareRecord) {
    let (key, state, is_snapshot) = match record {
        ShareRecord::Snapshot(key, Some(state)) => (key, state, true),
        ShareRecord::Update(key, state) => (key, state, false),
        ShareRecord::Snapshot(_, None) => return,
    };
    let (Some(partition), NodeId::Broker(broker)) = (named(image, key), ctx.me()) else { return };
    ctx.emit(EventKind::Share(ShareEvent::StateWritten {
        broker,
        group: key.group.clone(),
        partition,
        start: state.start,
        batches: state.batches.len() as u32,
        is_snapshot,
    }));
}
