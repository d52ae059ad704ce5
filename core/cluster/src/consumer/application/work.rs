//! The work on records: which one is begun when, how long it takes, and what poll waits for.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use highwater_log::{Offset, Record};

use crate::consumer::application::config::WorkOrder;
use crate::consumer::application::headers::{ATTEMPTS, header_number};
use crate::consumer::application::outbox::OutgoingId;
use crate::consumer::completed_fetch::Run;
use crate::consumer::{Consumer, Phase};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{TopicName, TopicPartition};
use crate::time::{Span, Time};
use crate::timer::Timer;

use super::event::ApplicationEvent;
use super::progress::Done;

/// A record that the application got from poll.
#[derive(Clone, Debug)]
pub(in crate::consumer) struct Item {
    pub(in crate::consumer) partition: TopicPartition,
    pub(in crate::consumer) offset: Offset,
    /// What is in it, if the application looks.
    pub(in crate::consumer) record: Option<Arc<Record>>,
}

/// A record that is being worked on.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) item: Item,
    /// The attempt that it is at, from 1.
    pub(super) attempt: u32,
    pub(super) step: Step,
}

/// How far the work on a record is.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The handler runs until then.
    Handling(Time),
    /// It failed, and is tried again then.
    BackingOff(Time),
    /// It failed, and goes elsewhere; the answer of the producer is awaited.
    Sending { id: OutgoingId, to: TopicName, retry_after: Option<Span> },
    /// The producer has answered.
    Sent { to: TopicName, retry_after: Option<Span>, result: Result<(), Arc<str>> },
}

impl Job {
    fn due_at(&self, now: Time) -> Option<Time> {
        match self.step {
            Step::Handling(until) | Step::BackingOff(until) => Some(until),
            Step::Sending { .. } => None,
            Step::Sent { .. } => Some(now),
        }
    }
}

impl Consumer {
    /// Does what of the application's work is done by now, begins what can be begun, and polls again
    /// when there is nothing else to do.
    pub(in crate::consumer) fn work(&mut self, ctx: &mut Ctx<'_>) {
        let Phase::Open = self.phase else { return };
        if self.embedding.is_some() {
            return self.go_on_committing(ctx);
        }
        self.drop_lost_work(ctx);
        let mut done = Done::default();
        while let Phase::Open = self.phase {
            if let Some(place) = self.next_due_job(ctx.now()) {
                let job = self.application.jobs.remove(place);
                self.go_on_with(ctx, &mut done, job);
            } else if !self.begin_next(ctx, &mut done) {
                break;
            }
        }
        done.tell(ctx);
        if let Phase::Open = self.phase {
            self.go_on_with_commits(ctx);
            self.poll_again(ctx);
        }
        self.set_work_alarm(ctx);
    }

    /// The time is over that the application waited for.
    pub(in crate::consumer) fn wake_application(&mut self, ctx: &mut Ctx<'_>) {
        self.application.woken_at = Some(ctx.now());
        self.work(ctx);
    }

    /// Takes over what poll brought of a partition.
    pub(in crate::consumer) fn take_over(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: &TopicPartition,
        run: Run,
        records: Vec<Arc<Record>>,
    ) {
        let client = crate::consumer::my_id(ctx);
        let (first, last) = (run.first, run.last);
        let partition = partition.clone();
        let mut records = records.into_iter();
        self.application.queue.extend((first.0..=last.0).map(|offset| Item {
            partition: partition.clone(),
            offset: Offset(offset),
            record: records.next(),
        }));
        let polled = ApplicationEvent::RecordsPolled { client, partition, first, last };
        ctx.emit(EventKind::Application(polled));
    }

    /// Poll returned: the application does not poll again before `after`.
    pub(in crate::consumer) fn poll_returned(&mut self, ctx: &mut Ctx<'_>, after: Span) {
        self.application.end_poll(ctx.now());
        // Working on records takes some time at least: else nothing would stop an endless loop.
        self.application.next_poll_at = ctx.now() + after.max(Span(1));
        self.set_work_alarm(ctx);
    }

    /// Whether the thread that polls works on records: what goes wrong meanwhile, it learns when it polls.
    pub(in crate::consumer) fn is_at_work(&self) -> bool {
        self.config.application.workers == 0
            && self.application.is_busy()
            && !self.is_in_commit_sync()
    }

    /// A person asks the application to end. It finishes what it has begun; a pause between attempts
    /// ends it at once.
    pub(in crate::consumer) fn stop_application(&mut self, ctx: &mut Ctx<'_>) {
        let is_backing_off = |job: &Job| matches!(job.step, Step::BackingOff(_));
        let gives_up = self.application.jobs.iter().any(is_backing_off);
        if gives_up || (!self.application.is_busy() && !self.has_own_commits()) {
            return self.close(ctx);
        }
        self.application.is_stopping = true;
        self.application.is_polling = false;
        self.application.next_poll_at = Time::ZERO;
        self.work(ctx);
    }

    fn next_due_job(&self, now: Time) -> Option<usize> {
        let due = self.application.jobs.iter().enumerate().filter_map(|(place, job)| {
            job.due_at(now).filter(|at| *at <= now).map(|at| (at, place))
        });
        due.min().map(|(_, place)| place)
    }

    fn go_on_with(&mut self, ctx: &mut Ctx<'_>, done: &mut Done, mut job: Job) {
        match job.step {
            Step::BackingOff(_) => {
                job.attempt = job.attempt.saturating_add(1);
                job.step = Step::Handling(ctx.now() + self.config.application.process_time);
                self.application.counts.retried += 1;
                self.application.jobs.push(job);
            }
            Step::Sent { to, retry_after, result } => {
                done.tell(ctx);
                self.sent_elsewhere(ctx, &job.item, to, retry_after, result);
            }
            _ if self.fails(&job.item, job.attempt) => {
                done.tell(ctx);
                self.handler_failed(ctx, job);
            }
            _ => self.succeeded(ctx, done, job.item),
        }
    }

    fn fails(&self, item: &Item, attempt: u32) -> bool {
        let Some(record) = &item.record else { return false };
        let mut rules = self.config.application.fail_on.iter().filter(|rule| !rule.is_unreadable);
        // What a retry topic brings has been tried elsewhere.
        let before = header_number(record, ATTEMPTS);
        let attempt = attempt.saturating_add(u32::try_from(before).unwrap_or(0));
        rules.any(|rule| rule.fails(record, attempt))
    }

    fn succeeded(&mut self, ctx: &mut Ctx<'_>, done: &mut Done, item: Item) {
        if let (Some(dedupe), Some(record)) = (&self.config.application.dedupe, &item.record)
            && let Some(id) = dedupe.id_of(record)
        {
            self.application.seen.remember(id, dedupe.window);
        }
        done.add(ctx, &item.partition, Run { first: item.offset, last: item.offset });
        self.application.counts.processed += 1;
        self.settled(1);
    }

    /// The application is done with records, one way or another.
    pub(in crate::consumer) fn settled(&mut self, records: u32) {
        let commits = &mut self.application.commits;
        commits.settled_since = commits.settled_since.saturating_add(records);
    }

    /// Begins the next record that may be begun. False if there is none.
    fn begin_next(&mut self, ctx: &mut Ctx<'_>, done: &mut Done) -> bool {
        if self.application.jobs.len() >= self.config.application.workers.max(1) as usize
            || self.waits_for_own_commit(ctx)
        {
            return false;
        }
        let Some(place) = self.next_startable() else { return false };
        let item = self.application.queue.remove(place).expect("it was found there");
        if self.is_duplicate(&item) {
            done.tell(ctx);
            self.application.counts.duplicates += 1;
            let (client, partition) = (crate::consumer::my_id(ctx), item.partition.clone());
            let offset = item.offset;
            let known = ApplicationEvent::DuplicateSkipped { client, partition, offset };
            ctx.emit(EventKind::Application(known));
            self.settled(1);
            return true;
        }
        let until = ctx.now() + self.config.application.process_time;
        self.application.jobs.push(Job { item, attempt: 1, step: Step::Handling(until) });
        true
    }

    /// The first record in the queue that need not wait for one before it.
    fn next_startable(&self) -> Option<usize> {
        let (queue, jobs) = (&self.application.queue, &self.application.jobs);
        let order = self.config.application.order;
        if order == WorkOrder::None {
            return (!queue.is_empty()).then_some(0);
        }
        let mut before: BTreeSet<Lane<'_>> =
            jobs.iter().filter_map(|job| lane(order, &job.item)).collect();
        // In a lane of its own nothing is in the way.
        queue.iter().position(|item| lane(order, item).is_none_or(|lane| before.insert(lane)))
    }

    fn is_duplicate(&self, item: &Item) -> bool {
        let (Some(dedupe), Some(record)) = (&self.config.application.dedupe, &item.record) else {
            return false;
        };
        dedupe.id_of(record).is_some_and(|id| self.application.seen.has(&id))
    }

    /// What the workers had not begun of partitions that were given back is nobody's business here.
    fn drop_lost_work(&mut self, ctx: &mut Ctx<'_>) {
        if self.config.application.workers == 0 {
            // The thread that polls gives partitions back, so it has no work then.
            return;
        }
        self.drop_queued(ctx, |consumer, item| {
            consumer.assignment.partitions.contains_key(&item.partition)
        });
    }

    /// Lets go of the records that are not begun, but for those that are kept.
    pub(super) fn drop_queued(
        &mut self,
        ctx: &mut Ctx<'_>,
        is_kept: impl Fn(&Self, &Item) -> bool,
    ) {
        if self.application.queue.iter().all(|item| is_kept(self, item)) {
            return;
        }
        let queue = std::mem::take(&mut self.application.queue);
        let (kept, dropped): (VecDeque<Item>, VecDeque<Item>) =
            queue.into_iter().partition(|item| is_kept(self, item));
        self.application.queue = kept;
        let mut lost: Vec<(TopicPartition, Run)> = Vec::new();
        for item in dropped {
            match lost.last_mut() {
                Some((partition, run))
                    if *partition == item.partition && run.last.next() == item.offset =>
                {
                    run.last = item.offset;
                }
                _ => lost.push((item.partition, Run { first: item.offset, last: item.offset })),
            }
        }
        let client = crate::consumer::my_id(ctx);
        for (partition, Run { first, last }) in lost {
            let dropped = ApplicationEvent::WorkDropped { client, partition, first, last };
            ctx.emit(EventKind::Application(dropped));
        }
    }

    /// Polls again, if the work that poll waits for is done and it is time to.
    fn poll_again(&mut self, ctx: &mut Ctx<'_>) {
        let application = &self.application;
        if application.is_polling {
            return self.note_results(ctx);
        }
        let waits_for_work = self.config.application.workers == 0 || application.is_stopping;
        let is_blocked = waits_for_work && application.is_busy();
        if is_blocked || !application.may_poll(ctx.now()) || self.waits_for_own_commit(ctx) {
            return;
        }
        if self.commit_before_poll(ctx) {
            return;
        }
        if self.application.is_stopping {
            return self.close(ctx);
        }
        if let Some(exception) = self.application.thrown_next.take() {
            return self.fail_with(ctx, &exception);
        }
        self.application_polls(ctx);
    }

    /// Workers are done with records while poll finds none: it returns empty, so that they can be
    /// committed.
    fn note_results(&mut self, ctx: &mut Ctx<'_>) {
        if self.config.application.workers > 0 && self.has_something_to_commit() {
            self.poll_returned(ctx, self.config.poll_interval);
        }
    }

    fn set_work_alarm(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        let application = &self.application;
        if !application.is_polling
            && application.next_poll_at == now
            && application.woken_at != Some(now)
        {
            // The timer of this very instant is still to come.
            return;
        }
        let jobs = self.application.jobs.iter().filter_map(|job| job.due_at(now));
        let poll = (!self.application.is_polling).then_some(self.application.next_poll_at);
        let all = jobs.chain(poll).chain(self.own_commit_alarm());
        let next = all.filter(|at| *at > now).min();
        let next = next.filter(|_| matches!(self.phase, Phase::Open));
        self.application.alarm.set(ctx, next, &Timer::Poll);
    }
}

/// Records of the same lane are worked on one after another.
type Lane<'a> = (Option<&'a TopicPartition>, &'a [u8]);

/// The lane of a record; none if it waits for no other.
fn lane(order: WorkOrder, item: &Item) -> Option<Lane<'_>> {
    match order {
        WorkOrder::None => None,
        WorkOrder::Partition => Some((Some(&item.partition), &[])),
        WorkOrder::Key => item.record.as_ref()?.key.as_deref().map(|key| (None, key)),
    }
}
