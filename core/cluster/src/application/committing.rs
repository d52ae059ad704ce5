//! Committing: before the work, after it, or together with it.

use crate::application::{AppEvent, Application, Guarantee, Step, my_id};
use crate::client::errors::kafka_name;
use crate::ctx::Ctx;
use crate::event::EventKind;

impl Application {
    /// At most once: what was polled is worked on only once its offsets are committed.
    pub(super) fn go_on_committing_first(&mut self, ctx: &mut Ctx<'_>) -> bool {
        match self.consumer.take_committed() {
            None => false,
            Some(Ok(())) => {
                self.committed(ctx, self.queue.len() as u64);
                self.work_on(ctx);
                true
            }
            Some(Err(error)) => {
                self.go_back(ctx, &kafka_name(error));
                true
            }
        }
    }

    /// Settles what was made so far: it is to be written, then committed.
    pub(super) fn begin_commit(&mut self, ctx: &mut Ctx<'_>) {
        self.step = Step::Flushing;
        ctx.as_part(|ctx| self.producer.flush(ctx));
    }

    /// What was sent has to be written before anything is committed.
    pub(super) fn go_on_flushing(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if !self.producer.take_flushed() {
            return false;
        }
        let has_lost_some = self.producer.records_given_up() > self.given_up_before;
        if has_lost_some && self.config.guarantee != Guarantee::AtMostOnce {
            let error = self.producer.last_failure().unwrap_or_else(|| "not written".into());
            self.go_back(ctx, &error);
        } else if self.is_to_crash() {
            self.crash(ctx);
        } else if self.uncommitted == 0 {
            self.poll_again(ctx);
        } else {
            self.step = Step::Committing;
            ctx.as_part(|ctx| self.consumer.commit_sync(ctx));
        }
        true
    }

    /// At least once: what was written is committed.
    pub(super) fn go_on_committing(&mut self, ctx: &mut Ctx<'_>) -> bool {
        match self.consumer.take_committed() {
            None => false,
            Some(Ok(())) => {
                self.committed(ctx, self.uncommitted);
                self.uncommitted = 0;
                self.consumer.hold_partitions(false);
                self.poll_again(ctx);
                true
            }
            Some(Err(error)) => {
                self.go_back(ctx, &kafka_name(error));
                true
            }
        }
    }

    /// Reads on from where the group has got to, as if what came since had not been read.
    pub(super) fn go_back(&mut self, ctx: &mut Ctx<'_>, error: &str) {
        let client = my_id(ctx);
        let records = self.uncommitted + self.queue.len() as u64;
        let error: std::sync::Arc<str> = error.into();
        self.last_error = Some(error.clone());
        self.totals.times_gone_back += 1;
        ctx.emit(EventKind::App(AppEvent::WentBack { client, records, error }));
        self.queue.clear();
        self.outgoing.clear();
        self.blocked_since = None;
        self.uncommitted = 0;
        self.given_up_before = self.producer.records_given_up();
        self.consumer.hold_partitions(false);
        self.consumer.seek_to_committed();
        self.poll_again(ctx);
    }

    fn committed(&mut self, ctx: &mut Ctx<'_>, records: u64) {
        self.totals.commits += 1;
        self.committed_at = ctx.now();
        self.given_up_before = self.producer.records_given_up();
        let client = my_id(ctx);
        ctx.emit(EventKind::App(AppEvent::Committed { client, records }));
    }
}
