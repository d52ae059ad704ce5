//! What the application does about a record that it fails on.

use std::sync::Arc;

use crate::consumer::Consumer;
use crate::consumer::application::config::{Exception, OnError};
use crate::consumer::application::event::ApplicationEvent;
use crate::consumer::application::headers::{RETRY_COUNT, header_number};
use crate::consumer::application::outbox::{Failed, Outgoing, OutgoingId};
use crate::consumer::application::work::{Item, Job, Step};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::TopicName;
use crate::time::Span;

/// The class of the exception that a handler throws.
const HANDLER_EXCEPTION: &str = "java.lang.IllegalStateException";
/// The class of the exception that poll throws when a deserialiser fails.
const DESERIALIZATION_EXCEPTION: &str =
    "org.apache.kafka.common.errors.RecordDeserializationException";

impl Consumer {
    /// What is to be produced for the application. Whoever takes it tells of each record what became of
    /// it, by [`Self::outgoing_settled`]: until then the application is not done with what it stands for.
    pub(crate) fn take_outgoing(&mut self) -> Vec<Outgoing> {
        self.application.outbox.take()
    }

    /// A record that was to be produced is acknowledged, or given up with this exception.
    pub(crate) fn outgoing_settled(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: OutgoingId,
        result: Result<(), Arc<str>>,
    ) {
        let is_it = |job: &&mut Job| matches!(&job.step, Step::Sending { id: of, .. } if *of == id);
        let Some(job) = self.application.jobs.iter_mut().find(is_it) else { return };
        if let Step::Sending { to, retry_after, .. } = &job.step {
            job.step = Step::Sent { to: to.clone(), retry_after: *retry_after, result };
        }
        self.run(ctx);
    }

    /// The handler threw on a record.
    pub(super) fn handler_failed(&mut self, ctx: &mut Ctx<'_>, job: Job) {
        self.note_failure(ctx, &job.item, job.attempt, false);
        let (item, attempt) = (&job.item, job.attempt);
        let message = format!("the handler fails on {} at offset {}", item.partition, item.offset);
        match self.what_to_do(item, attempt) {
            OnError::Retry { backoff, .. } => {
                self.plan_retry(ctx, item, backoff);
                let until = ctx.now() + backoff.max(Span(1));
                self.application.jobs.push(Job { step: Step::BackingOff(until), ..job });
            }
            what => self.give_up(ctx, job, &what, HANDLER_EXCEPTION, &message),
        }
    }

    /// Poll threw on a record that cannot be read. Returns how long the application waits until it
    /// polls again and gets the same; none if the record is out of the way.
    pub(super) fn poll_threw(
        &mut self,
        ctx: &mut Ctx<'_>,
        item: Item,
        attempt: u32,
    ) -> Option<Span> {
        self.note_failure(ctx, &item, attempt, true);
        let message = format!(
            "Error deserializing VALUE for partition {} at offset {}. If needed, please seek past the record to continue consumption.",
            item.partition, item.offset
        );
        match self.what_to_do(&item, attempt) {
            OnError::Retry { backoff, .. } => {
                self.plan_retry(ctx, &item, backoff);
                Some(backoff)
            }
            what => {
                let job = Job { item, attempt, step: Step::Handling(ctx.now()) };
                self.give_up(ctx, job, &what, DESERIALIZATION_EXCEPTION, &message);
                None
            }
        }
    }

    /// A record that failed was to be produced elsewhere, and the producer has answered.
    pub(super) fn sent_elsewhere(
        &mut self,
        ctx: &mut Ctx<'_>,
        item: &Item,
        topic: TopicName,
        retry_after: Option<Span>,
        result: Result<(), Arc<str>>,
    ) {
        if let Err(exception) = result {
            // To go on would lose the record.
            return self.fail_with(ctx, &exception);
        }
        let (client, partition) = (crate::consumer::my_id(ctx), item.partition.clone());
        let offset = item.offset;
        let event = match retry_after {
            None => {
                self.application.counts.dead_lettered += 1;
                ApplicationEvent::DeadLettered { client, partition, offset, topic }
            }
            Some(delay) => {
                self.application.counts.sent_to_retry += 1;
                ApplicationEvent::SentToRetry { client, partition, offset, topic, delay }
            }
        };
        ctx.emit(EventKind::Application(event));
        self.settled(1);
    }

    /// The first way out that is not used up.
    fn what_to_do(&self, item: &Item, attempt: u32) -> OnError {
        let ways = &self.config.application.on_error;
        let forwarded = item.record.as_ref().map_or(0, |record| header_number(record, RETRY_COUNT));
        let is_left = |way: &&OnError| match way {
            OnError::Retry { times: Some(times), .. } => attempt <= *times,
            OnError::RetryTopic { times, .. } => forwarded < i64::from(*times),
            _ => true,
        };
        // Who tried, and got nowhere, logs the record and goes on, as Spring's default handler does.
        let last = if ways.is_empty() { OnError::Stop } else { OnError::Skip };
        ways.iter().find(is_left).cloned().unwrap_or(last)
    }

    fn give_up(&mut self, ctx: &mut Ctx<'_>, job: Job, what: &OnError, class: &str, message: &str) {
        let exception: Exception = format!("{}: {message}", simple_name(class)).into();
        self.application.counts.last_exception = Some(exception.clone());
        match what {
            OnError::DeadLetter(topic) => self.send_on(ctx, job, topic, None, (class, message)),
            OnError::RetryTopic { topic, delay, .. } => {
                self.send_on(ctx, job, topic, Some(*delay), (class, message));
            }
            OnError::Skip => {
                self.application.counts.skipped += 1;
                let (client, partition) = (crate::consumer::my_id(ctx), job.item.partition);
                let offset = job.item.offset;
                let skipped = ApplicationEvent::RecordSkipped { client, partition, offset };
                ctx.emit(EventKind::Application(skipped));
                self.settled(1);
            }
            OnError::Stop | OnError::Retry { .. } => self.fail_with(ctx, &exception),
        }
    }

    fn send_on(
        &mut self,
        ctx: &mut Ctx<'_>,
        job: Job,
        topic: &TopicName,
        retry_after: Option<Span>,
        (class, message): (&str, &str),
    ) {
        let record = job.item.record.as_ref().expect("who fails on a record has looked at it");
        let due = |delay: Span| ctx.timestamp().0.saturating_add(delay.millis() as i64);
        let failed = Failed {
            partition: &job.item.partition,
            record,
            class,
            message,
            attempts: job.attempt,
            due_ms: retry_after.map(due),
        };
        let id = self.application.outbox.push(topic, &failed);
        let step = Step::Sending { id, to: topic.clone(), retry_after };
        self.application.jobs.push(Job { step, ..job });
    }

    fn note_failure(&mut self, ctx: &mut Ctx<'_>, item: &Item, attempt: u32, is_unreadable: bool) {
        self.application.counts.failed += 1;
        let client = crate::consumer::my_id(ctx);
        let (partition, offset) = (item.partition.clone(), item.offset);
        let failed =
            ApplicationEvent::RecordFailed { client, partition, offset, attempt, is_unreadable };
        ctx.emit(EventKind::Application(failed));
    }

    fn plan_retry(&self, ctx: &mut Ctx<'_>, item: &Item, backoff: Span) {
        let client = crate::consumer::my_id(ctx);
        let (partition, offset) = (item.partition.clone(), item.offset);
        let planned = ApplicationEvent::RetryPlanned { client, partition, offset, backoff };
        ctx.emit(EventKind::Application(planned));
    }
}

fn simple_name(class: &str) -> &str {
    class.rsplit_once('.').map_or(class, |(_, name)| name)
}
