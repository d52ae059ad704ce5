//! Committing: before the work, or after it. See `transaction.rs` for both in one.

use std::sync::Arc;

use crate::application::{AppEvent, Application, Guarantee, Step, my_id};
use crate::client::errors::kafka_name;
use crate::ctx::Ctx;
use crate::event::EventKind;

impl Application {
    /// At most once: what was polled is worked on only once its offsets are committed.
    pub(super) fn go_on_committing_first(&mut self, ctx: &mut Ctx<'_>) -> bool {
        match self.consumer.take_committed() {
            None => return false,
            Some(Ok(())) => {
                self.committed(ctx, self.queue.len() as u64);
                self.work_on(ctx);
            }
            Some(Err(error)) => self.go_back(ctx, &kafka_name(error)),
        }
        true
    }

    /// Settles what was made so far: it is to be written, then committed, or both at once.
    pub(super) fn begin_commit(&mut self, ctx: &mut Ctx<'_>) {
        if self.config.guarantee == Guarantee::ExactlyOnce {
            return self.send_offsets(ctx);
        }
        self.step = Step::Flushing;
        self.output.flush(ctx);
    }

    /// What was sent has to be written before anything is committed.
    pub(super) fn go_on_flushing(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if !self.output.is_settled() {
            return false;
        }
        let failure = self.take_failure();
        match failure.filter(|_| self.config.guarantee != Guarantee::AtMostOnce) {
            Some(error) => self.go_back(ctx, &error),
            None if self.is_to_crash() => self.crash(ctx),
            None if self.uncommitted == 0 => self.poll_again(ctx),
            None => {
                self.step = Step::Committing;
                ctx.as_part(|ctx| self.consumer.commit_sync(ctx));
            }
        }
        true
    }

    /// At least once: what was written is committed.
    pub(super) fn go_on_committing(&mut self, ctx: &mut Ctx<'_>) -> bool {
        match self.consumer.take_committed() {
            None => return false,
            Some(Ok(())) => self.settled(ctx),
            Some(Err(error)) => self.go_back(ctx, &kafka_name(error)),
        }
        true
    }

    /// All that was worked on is committed: the partitions may go.
    pub(super) fn settled(&mut self, ctx: &mut Ctx<'_>) {
        self.committed(ctx, self.uncommitted);
        self.uncommitted = 0;
        self.consumer.hold_partitions(false);
        self.poll_again(ctx);
    }

    /// Reads on from where the group has got to, as if what came since had not been read.
    pub(super) fn go_back(&mut self, ctx: &mut Ctx<'_>, error: &str) {
        let client = my_id(ctx);
        let records = self.uncommitted + self.queue.len() as u64;
        let error: Arc<str> = error.into();
        self.last_error = Some(error.clone());
        self.totals.times_gone_back += 1;
        ctx.emit(EventKind::App(AppEvent::WentBack { client, records, error }));
        self.queue.clear();
        self.outgoing.clear();
        self.uncommitted = 0;
        self.failure = None;
        self.consumer.hold_partitions(false);
        self.consumer.seek_to_committed();
        self.poll_again(ctx);
    }

    /// Why a record that was sent since the last commit was given up, if one was.
    pub(super) fn take_failure(&mut self) -> Option<Arc<str>> {
        self.note_settled();
        self.failure.take()
    }

    /// Looks at what became of the records that were sent.
    pub(super) fn note_settled(&mut self) {
        for (_, result) in self.output.take_settled() {
            if let Err(error) = result {
                self.failure.get_or_insert(error.to_string().into());
            }
        }
    }

    fn committed(&mut self, ctx: &mut Ctx<'_>, records: u64) {
        self.totals.commits += 1;
        self.committed_at = ctx.now();
        let client = my_id(ctx);
        ctx.emit(EventKind::App(AppEvent::Committed { client, records }));
    }
}
