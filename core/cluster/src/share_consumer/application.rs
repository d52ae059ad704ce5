//! The application around a share consumer: it polls, works on what that brought, and says what it made of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use highwater_log::{Offset, Record};

use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{BrokerId, TopicPartition};
use crate::share::session::PartitionId;
use crate::share::{AcknowledgeType, ShareEvent};
use crate::share_consumer::{AcknowledgementMode, OnFailure, ShareConsumer, my_id};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// A record that it got, and the leader that it got it from.
#[derive(Clone, Debug)]
pub(super) struct InHand {
    pub(super) leader: BrokerId,
    pub(super) id: PartitionId,
    pub(super) partition: TopicPartition,
    pub(super) record: Arc<Record>,
    pub(super) delivery_count: i16,
}

/// What the application has, and has made of records so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Application {
    /// What came while it worked, and the next poll brings.
    arrived: VecDeque<InHand>,
    /// What the last poll brought, and is not worked on yet; the first is under work.
    hand: VecDeque<InHand>,
    /// What is done, and will be accepted by the next poll.
    done: Vec<InHand>,
    /// Whether the time of work on the first record runs.
    is_working: bool,
    /// How much of that time is over, while it runs in pieces.
    worked: Span,
    /// How many records it has spoken of since it last called commitSync.
    uncommitted: u32,
    /// When it may poll next.
    pub(super) poll_at: Time,
    /// Whether it is a command's: that takes the records, and says what becomes of them.
    pub(super) is_program: bool,
    pub(super) delivered: u64,
    pub(super) accepted: u64,
    pub(super) released: u64,
    pub(super) rejected: u64,
    pub(super) too_late: u64,
}

impl Application {
    pub(super) fn arrived(&mut self, records: impl Iterator<Item = InHand>) {
        self.arrived.extend(records);
    }

    /// The record that is worked on.
    pub(super) fn works_on(&self) -> Option<(TopicPartition, Offset)> {
        let first = self.hand.front().filter(|_| self.is_working)?;
        Some((first.partition.clone(), first.record.offset))
    }

    pub(super) fn in_hand(&self) -> u64 {
        (self.hand.len() + self.arrived.len() + self.done.len()) as u64
    }

    /// The next record that a command has not taken.
    pub(super) fn take_next(&mut self) -> Option<InHand> {
        self.hand.pop_front()
    }

    pub(super) fn has_none(&self) -> bool {
        self.hand.is_empty()
    }

    pub(super) fn drop_all(&mut self) {
        self.arrived.clear();
        self.hand.clear();
        self.done.clear();
    }
}

impl ShareConsumer {
    /// The application polls, unless it works on what the last poll brought.
    pub(super) fn poll(&mut self, ctx: &mut Ctx<'_>) {
        if !self.application.hand.is_empty() || self.application.poll_at > ctx.now() {
            return;
        }
        self.accept_what_is_done();
        if self.application.arrived.is_empty() {
            return self.send_fetches(ctx);
        }
        self.say_what_waits(ctx);
        let arrived = std::mem::take(&mut self.application.arrived);
        self.application.delivered += arrived.len() as u64;
        tell_delivered(ctx, &arrived);
        self.application.hand = arrived;
        self.application.poll_at = ctx.now() + self.config.poll_interval;
        if !self.application.is_program {
            self.work(ctx);
        }
    }

    /// The time of work on a record, or of a piece of it, is over.
    pub(super) fn record_processed(&mut self, ctx: &mut Ctx<'_>) {
        if !self.application.is_working {
            return;
        }
        self.application.is_working = false;
        let rest = self.config.process_time.0.saturating_sub(self.application.worked.0);
        if rest > 0 {
            self.renew(ctx);
            return self.work(ctx);
        }
        self.application.worked = Span::ZERO;
        if let Some(done) = self.application.hand.pop_front() {
            self.finish(ctx, vec![done]);
        }
        self.work(ctx);
    }

    /// Works on the first record; or, if that takes no time, on all.
    fn work(&mut self, ctx: &mut Ctx<'_>) {
        if self.application.hand.is_empty() || self.phase != super::Phase::Open {
            return;
        }
        if self.config.process_time == Span::ZERO {
            let all: Vec<InHand> = std::mem::take(&mut self.application.hand).into();
            return self.finish(ctx, all);
        }
        let whole = self.config.process_time.0.saturating_sub(self.application.worked.0);
        let piece = self.config.renew_after.map_or(whole, |after| whole.min(after.0.max(1)));
        self.application.worked = Span(self.application.worked.0 + piece);
        self.application.is_working = true;
        ctx.set_timer(Span(piece), Timer::Processing);
    }

    /// It is done with records: it says so of each, or the next poll does.
    fn finish(&mut self, ctx: &mut Ctx<'_>, records: Vec<InHand>) {
        let mut runs: Vec<(InHand, Offset, u32, AcknowledgeType)> = Vec::new();
        for one in records {
            let Some(verdict) = self.verdict(&one) else {
                tell_processed(ctx, &runs);
                return self.crash(ctx);
            };
            self.count(verdict);
            let offset = one.record.offset;
            if self.config.acknowledgement_mode == AcknowledgementMode::Explicit {
                self.say(&one, verdict);
            } else {
                self.application.done.push(one.clone());
            }
            match runs.last_mut() {
                Some((first, last, count, kind))
                    if first.partition == one.partition
                        && *kind == verdict
                        && last.next() == offset =>
                {
                    (*last, *count) = (offset, *count + 1);
                }
                _ => runs.push((one, offset, 1, verdict)),
            }
        }
        tell_processed(ctx, &runs);
        if self.config.commit_every.is_some_and(|every| self.application.uncommitted >= every) {
            self.application.uncommitted = 0;
            self.say_what_waits(ctx);
        }
    }

    /// What it says of a record; none if it ends over it.
    fn verdict(&self, one: &InHand) -> Option<AcknowledgeType> {
        let attempt = u32::from(one.delivery_count.unsigned_abs());
        let fails = self.config.fail_on.iter().any(|rule| rule.fails(&one.record, attempt));
        match (fails, self.config.on_failure) {
            (false, _) => Some(self.config.verdict),
            (true, OnFailure::Release) => Some(AcknowledgeType::Release),
            (true, OnFailure::Reject) => Some(AcknowledgeType::Reject),
            (true, OnFailure::Crash) => None,
        }
    }

    pub(super) fn count(&mut self, verdict: AcknowledgeType) {
        let application = &mut self.application;
        match verdict {
            AcknowledgeType::Accept => application.accepted += 1,
            AcknowledgeType::Release => application.released += 1,
            AcknowledgeType::Reject => application.rejected += 1,
            AcknowledgeType::Gap | AcknowledgeType::Renew => {}
        }
    }

    /// What it says of a record goes with the next request to the leader that it came from.
    pub(super) fn say(&mut self, one: &InHand, verdict: AcknowledgeType) {
        self.application.uncommitted += 1;
        if let Some(leader) = self.leaders.get_mut(&one.leader) {
            leader.said.add(one.id, one.record.offset, one.record.offset, verdict);
        }
    }

    /// Asks for more time for the record that it works on.
    fn renew(&mut self, ctx: &mut Ctx<'_>) {
        let Some(one) = self.application.hand.front().cloned() else { return };
        if let Some(leader) = self.leaders.get_mut(&one.leader) {
            let offset = one.record.offset;
            leader.said.add(one.id, offset, offset, AcknowledgeType::Renew);
        }
        self.say_what_waits(ctx);
    }

    /// Calling poll accepts what the last one brought (`share.acknowledgement.mode=implicit`).
    fn accept_what_is_done(&mut self) {
        for one in std::mem::take(&mut self.application.done) {
            self.say(&one, AcknowledgeType::Accept);
        }
    }

    /// Says what waits to every leader that no request is under way to.
    fn say_what_waits(&mut self, ctx: &mut Ctx<'_>) {
        let ready = self.leaders.iter().filter(|(_, leader)| {
            !leader.said.is_empty() && !leader.is_awaited && leader.has_session()
        });
        for broker in ready.map(|(broker, _)| *broker).collect::<Vec<_>>() {
            self.send_said(ctx, broker, false);
        }
    }
}

/// Tells what a poll brought, run by run.
fn tell_delivered(ctx: &mut Ctx<'_>, records: &VecDeque<InHand>) {
    let client = my_id(ctx);
    let mut runs: BTreeMap<(TopicPartition, Offset), (Offset, u32, i16)> = BTreeMap::new();
    let mut current: Option<(TopicPartition, Offset)> = None;
    for one in records {
        let offset = one.record.offset;
        let goes_on = current.as_ref().filter(|key| {
            let (last, _, count) = runs[*key];
            key.0 == one.partition && last.next() == offset && count == one.delivery_count
        });
        match goes_on.and_then(|key| runs.get_mut(key)) {
            Some((last, count, _)) => (*last, *count) = (offset, *count + 1),
            None => {
                let key = (one.partition.clone(), offset);
                runs.insert(key.clone(), (offset, 1, one.delivery_count));
                current = Some(key);
            }
        }
    }
    for ((partition, first), (last, count, delivery_count)) in runs {
        let told = ShareEvent::Delivered { client, partition, first, last, count, delivery_count };
        ctx.emit(EventKind::Share(told));
    }
}

fn tell_processed(ctx: &mut Ctx<'_>, runs: &[(InHand, Offset, u32, AcknowledgeType)]) {
    let client = my_id(ctx);
    for (one, last, count, how) in runs {
        ctx.emit(EventKind::Share(ShareEvent::Processed {
            client,
            partition: one.partition.clone(),
            first: one.record.offset,
            last: *last,
            count: *count,
            how: *how,
        }));
    }
}
