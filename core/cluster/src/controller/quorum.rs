//! The controller and the quorum that it votes in: it becomes the active one when its voter leads
//! and knows all that is committed, answers when what it decided is committed, and takes its
//! decisions back when it loses the lead before that (KIP-500: Kafka's `QuorumController`).

use std::collections::VecDeque;

use highwater_log::{LeaderEpoch, Offset};

use super::Controller;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::BrokerId;
use crate::input::ReplyTo;
use crate::message::{Request, Response};
use crate::metadata::{MetadataImage, MetadataRecord, decode_batches, decode_snapshot};
use crate::shared::Shared;

/// How far the controller is with the metadata log.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// The epoch in which it is the active controller; none if it is not.
    active_in: Option<LeaderEpoch>,
    /// The end of what it has applied and knows to be committed.
    applied: Offset,
    /// The image of what is committed, while it is active and others have to agree. One who is
    /// alone never has anything to take back.
    committed: Option<Shared<MetadataImage>>,
    /// What it wrote that is not committed yet: where each batch ends, and its records.
    pending: VecDeque<(Offset, Vec<MetadataRecord>)>,
    /// Answers that wait until all before an offset is committed.
    deferred: VecDeque<Deferred>,
    /// Bytes of records that were committed since the last snapshot.
    pub(super) bytes_since_snapshot: u64,
    /// Whether the process is to end as soon as it may.
    pub(super) is_stopping: bool,
}

/// An answer that waits until what it tells of is committed.
#[derive(Clone, Debug)]
struct Deferred {
    up_to: Offset,
    from: ReplyTo,
    request: Request,
    response: Response,
}

impl Standing {
    pub(super) fn is_active(&self) -> bool {
        self.active_in.is_some()
    }

    /// The end of what is applied and known to be committed.
    pub(super) fn applied(&self) -> Offset {
        self.applied
    }

    /// The controller wrote records, up to an offset.
    pub(super) fn wrote(&mut self, end: Offset, records: &[MetadataRecord], bytes: usize) {
        if self.committed.is_some() {
            self.pending.push_back((end, records.to_vec()));
        }
        self.bytes_since_snapshot += bytes as u64;
    }
}

impl Controller {
    /// Does what follows from what the voter has learnt.
    pub(super) fn follow_quorum(&mut self, ctx: &mut Ctx<'_>) {
        let leads_in = self.quorum.is_leader().then(|| self.quorum.epoch());
        if self.standing.is_active() && self.standing.active_in != leads_in {
            self.renounce(ctx);
        }
        self.apply_committed();
        if !self.standing.is_active() && self.has_all_that_is_committed() {
            self.claim(ctx);
        }
        self.answer_deferred(ctx);
        self.take_snapshot_if_due(ctx);
        if self.standing.is_stopping && self.quorum.may_end() {
            ctx.controller_stopped(self.id);
            self.process_ended();
        }
    }

    /// Handles a request as the active controller. Answers wait until what they tell of is
    /// committed, and so do those that only read: they may have read what is not.
    pub(super) fn handle_deferred(&mut self, ctx: &mut Ctx<'_>, from: ReplyTo, request: Request) {
        if self.quorum.is_only_voter() {
            return self.handle_active(ctx, from, request);
        }
        ctx.hold_responses();
        self.handle_active(ctx, from, request.clone());
        let up_to = self.quorum.log_end_offset();
        for (from, response) in ctx.release_responses() {
            let request = request.clone();
            self.standing.deferred.push_back(Deferred { up_to, from, request, response });
        }
    }

    /// The voter leads, and all that earlier leaders committed is applied: that is so once the
    /// record by which it tells of its lead is committed itself.
    fn has_all_that_is_committed(&self) -> bool {
        self.quorum.epoch_start().is_some_and(|start| self.standing.applied > start)
    }

    /// Becomes the active controller.
    fn claim(&mut self, ctx: &mut Ctx<'_>) {
        self.standing.active_in = Some(self.quorum.epoch());
        if !self.quorum.is_only_voter() {
            self.standing.committed = Some(self.image.clone());
        }
        // Nobody knows when the brokers were last heard of: their sessions begin anew.
        self.heartbeats.forget_all();
        let brokers: Vec<(BrokerId, bool)> =
            self.image.brokers.iter().map(|(id, broker)| (*id, broker.fenced)).collect();
        for (broker, fenced) in brokers {
            self.begin_session(ctx, broker, fenced);
        }
        if self.image.end_offset == Offset(0) {
            self.write_first_records(ctx);
        }
        self.schedule_elections(ctx);
    }

    /// Is the active controller no longer: what was not committed never was.
    fn renounce(&mut self, ctx: &mut Ctx<'_>) {
        self.standing.active_in = None;
        if let Some(committed) = self.standing.committed.take() {
            self.image = committed;
        }
        let last = self.standing.applied - 1;
        self.registered_at.values_mut().for_each(|offset| *offset = (*offset).min(last));
        if let Some((to, _)) = self.standing.pending.back() {
            let (controller, from, to) = (self.id, self.standing.applied, *to);
            ctx.emit(EventKind::UncommittedDecisionsDropped { controller, from, to });
        }
        self.standing.pending.clear();
        for timer in self.heartbeats.forget_all() {
            ctx.cancel_timer(timer);
        }
        self.unschedule_elections(ctx);
        for deferred in std::mem::take(&mut self.standing.deferred) {
            self.refuse(ctx, deferred.from, &deferred.request);
        }
    }

    fn apply_committed(&mut self) {
        let committed = self.quorum.high_watermark();
        if self.standing.is_active() {
            while let Some((end, _)) = self.standing.pending.front()
                && *end <= committed
            {
                let (end, records) = self.standing.pending.pop_front().expect("it was just there");
                let image = self.standing.committed.as_mut().expect("others have to agree");
                let base = end - records.len() as i64;
                for (record, offset) in records.iter().zip(base.0..) {
                    image.apply(record, Offset(offset));
                }
            }
            self.standing.applied = committed.max(self.standing.applied);
            return;
        }
        self.load_snapshot_if_needed();
        let from = self.standing.applied;
        let mut decoded = Vec::new();
        for batch in self.quorum.committed_batches(from) {
            let records = decode_batches(batch.bytes().clone());
            decoded.extend(records.expect("a controller writes records that can be read"));
            self.standing.applied = batch.header().next_offset();
            self.standing.bytes_since_snapshot += batch.size_in_bytes() as u64;
        }
        for (offset, record) in decoded {
            self.apply(&record, offset);
        }
    }

    /// Begins with the newest snapshot, if the log does not reach back to where it stands.
    fn load_snapshot_if_needed(&mut self) {
        let Some((id, bytes)) = self.quorum.latest_snapshot() else { return };
        let is_new = self.standing.applied == Offset(0);
        let is_gone = self.standing.applied < self.quorum.log_start_offset();
        if !(is_new || is_gone) || id.end_offset > self.quorum.high_watermark() {
            return;
        }
        let records = decode_snapshot(bytes);
        self.image = Shared::default();
        self.registered_at.clear();
        for record in records {
            self.apply(&record, id.end_offset - 1);
        }
        self.standing.applied = id.end_offset;
        self.standing.bytes_since_snapshot = 0;
    }

    fn apply(&mut self, record: &MetadataRecord, offset: Offset) {
        self.image.apply(record, offset);
        if let MetadataRecord::RegisterBroker(record) = record {
            self.registered_at.insert(record.broker, offset);
        }
    }

    fn answer_deferred(&mut self, ctx: &mut Ctx<'_>) {
        let committed = self.quorum.high_watermark();
        while let Some(first) = self.standing.deferred.front()
            && first.up_to <= committed
        {
            let first = self.standing.deferred.pop_front().expect("it was just there");
            ctx.respond(first.from, first.response);
        }
    }
}
