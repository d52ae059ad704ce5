//! The application: it polls, works on what it got, and polls again.

use highwater_log::Offset;

use crate::bugs::Bug;
use crate::client::Alarm;
use crate::consumer::assignment::Position;
use crate::consumer::commit::CommitReason;
use crate::consumer::completed_fetch::Run;
use crate::consumer::{Consumer, ConsumerConfig, Phase};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::TopicPartition;
use crate::time::{Span, Time};
use crate::timer::Timer;

/// The application behind a consumer.
#[derive(Clone, Debug, Default)]
pub(super) struct Application {
    /// Whether it waits in poll. If not, it works on what the last poll brought.
    is_polling: bool,
    /// When it last called poll.
    polled_at: Time,
    alarm: Alarm,
}

impl Application {
    /// When the application will have worked for too long; none while it polls.
    pub(super) fn poll_deadline(&self, config: &ConsumerConfig) -> Option<Time> {
        (!self.is_polling).then(|| self.polled_at + config.max_poll_interval())
    }
}

impl Consumer {
    /// The application has done its work and calls poll.
    pub(super) fn application_polls(&mut self, ctx: &Ctx<'_>) {
        self.application.is_polling = true;
        self.application.polled_at = ctx.now();
    }

    /// What goes on while the application waits in poll. With the first records it ends.
    pub(super) fn poll(&mut self, ctx: &mut Ctx<'_>) {
        if !self.application.is_polling {
            return;
        }
        self.rejoin_if_needed(ctx);
        self.auto_commit(ctx);
        self.find_positions(ctx);
        if !matches!(self.phase, Phase::Open) {
            return;
        }
        self.hand_out(ctx);
        // While the application works, the next records are already on their way.
        self.send_fetches(ctx);
    }

    /// Gives the application at most `max.poll.records` of what is there.
    fn hand_out(&mut self, ctx: &mut Ctx<'_>) {
        if self.assignment.is_pending_revocation {
            return;
        }
        let mut room = self.config.max_poll_records.unsigned_abs();
        let limit = room;
        let mut last: Option<(TopicPartition, Run)> = None;
        while room > 0
            && let Some(fetch) = self.fetcher.completed.front_mut()
        {
            let partition = fetch.partition.clone();
            let state = self.assignment.partitions.get(&partition);
            if state.and_then(|state| state.offset()) != Some(fetch.position) {
                // The position was changed meanwhile: what was fetched for the old one is of no use.
                self.fetcher.completed.pop_front();
                continue;
            }
            let taken = fetch.take(room);
            let next = fetch.next_offset();
            if taken.is_none() {
                self.fetcher.completed.pop_front();
            }
            self.advance(&partition, taken, next);
            let Some(run) = taken else { continue };
            room -= run.count();
            match &mut last {
                Some((before, records))
                    if *before == partition && records.last.next() == run.first =>
                {
                    records.last = run.last;
                }
                _ => {
                    if let Some((partition, records)) = last.replace((partition, run)) {
                        self.consumed(ctx, partition, records);
                    }
                }
            }
        }
        if let Some((partition, records)) = last {
            self.consumed(ctx, partition, records);
        }
        if room < limit {
            if ctx.has_bug(Bug::CommitsFirst) {
                self.send_commit(ctx, CommitReason::Interval);
            }
            self.application.is_polling = false;
            // Working on records takes some time at least: else nothing would stop an endless loop.
            let back = ctx.now() + self.config.poll_interval.max(Span(1));
            self.application.alarm.set(ctx, Some(back), &Timer::Poll);
        }
    }

    /// The application has got records of a partition, and goes on at `next`.
    fn advance(&mut self, partition: &TopicPartition, taken: Option<Run>, next: Offset) {
        let state = self.assignment.partitions.get_mut(partition);
        let state = state.expect("what was fetched is forgotten with the assignment");
        let position = state.offset().expect("only partitions with a position are fetched");
        let is_ascending = taken.is_none_or(|run| position <= run.first && run.last < next);
        assert!(
            is_ascending && position <= next,
            "{partition} goes from {position} to {next} by {taken:?}"
        );
        state.position = Position::At(next);
    }

    fn consumed(&mut self, ctx: &mut Ctx<'_>, partition: TopicPartition, records: Run) {
        let count = records.count();
        self.records_consumed += u64::from(count);
        ctx.emit(EventKind::RecordsConsumed {
            client: super::my_id(ctx),
            partition,
            first: records.first,
            last: records.last,
            count,
        });
    }
}
