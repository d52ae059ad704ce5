//! From poll to send: records come in, something is made of each, and it goes out.

use std::sync::Arc;

use highwater_log::Record;

use crate::application::transform::transform;
use crate::application::{Application, Guarantee, LEAST_WORK, Step};
use crate::ctx::Ctx;
use crate::ids::TopicPartition;
use crate::time::Time;

impl Application {
    /// Poll returns with records, or with nothing if it is time to do something else.
    pub(super) fn go_on_polling(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let polled = self.consumer.take_polled();
        if !polled.is_empty() {
            self.begin_work(ctx, polled);
            return true;
        }
        let is_due = self.uncommitted > 0 && self.next_commit() <= ctx.now();
        let has_to_stop = self.closes_by.is_some() || self.consumer.is_asked_to_let_go();
        if is_due || has_to_stop {
            self.consumer.wake_up(ctx.now());
            self.begin_commit(ctx);
            return true;
        }
        false
    }

    /// Works on the records one after the other.
    pub(super) fn go_on_working(&mut self, ctx: &mut Ctx<'_>, done_at: Time) -> bool {
        if self.output.is_in_call() {
            return false;
        }
        if let Some(record) = self.outgoing.pop_front() {
            self.totals.records_out += 1;
            self.output.send(ctx, record);
            return true;
        }
        if self.queue.is_empty() || self.is_to_crash() {
            self.end_work(ctx);
            return true;
        }
        if ctx.now() < done_at {
            return false;
        }
        let Some((partition, record)) = self.queue.pop_front() else { return false };
        self.outgoing.extend(transform(&self.config, &partition, &record));
        self.totals.records_in += 1;
        self.uncommitted += 1;
        if self.config.guarantee == Guarantee::AtMostOnce && self.is_to_crash() {
            // The offset is committed, and what was made of the record never leaves the process.
            self.crash(ctx);
            return false;
        }
        self.step = Step::Working { done_at: ctx.now() + self.config.process };
        true
    }

    /// Polls again, unless it is to end.
    pub(super) fn poll_again(&mut self, ctx: &mut Ctx<'_>) {
        if self.closes_by.is_some() {
            return self.close_parts(ctx);
        }
        self.step = Step::Polling;
        ctx.as_part(|ctx| self.consumer.resume_poll(ctx));
    }

    fn begin_work(&mut self, ctx: &mut Ctx<'_>, polled: Vec<(TopicPartition, Arc<Record>)>) {
        let count = polled.len() as u64;
        self.queue.extend(polled);
        if self.config.guarantee == Guarantee::AtMostOnce {
            self.step = Step::CommittingFirst;
            ctx.as_part(|ctx| self.consumer.commit_sync(ctx));
        } else {
            self.consumer.hold_partitions(true);
            if self.config.guarantee == Guarantee::ExactlyOnce {
                self.begin_transaction(ctx);
            }
            self.work_on(ctx);
        }
        // If the bound is reached, the run stands still; nothing more is done in this instant anyway.
        let _ = ctx.charge(count);
    }

    /// Begins with the first record of what was polled.
    pub(super) fn work_on(&mut self, ctx: &Ctx<'_>) {
        let done_at = ctx.now() + self.config.process.max(LEAST_WORK);
        self.step = Step::Working { done_at };
    }

    /// All that was polled is worked on and handed to the producer.
    fn end_work(&mut self, ctx: &mut Ctx<'_>) {
        let is_due = self.next_commit() <= ctx.now() || self.closes_by.is_some();
        if self.config.guarantee == Guarantee::AtMostOnce {
            // What was given up is lost, as it may be.
            self.take_failure();
            self.uncommitted = 0;
            self.poll_again(ctx);
        } else if is_due || self.is_to_crash() {
            self.begin_commit(ctx);
        } else {
            self.poll_again(ctx);
        }
    }
}
