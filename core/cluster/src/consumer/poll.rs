//! What goes on while the application waits in poll, and what it gets.

use std::sync::Arc;

use highwater_log::Record;

use crate::bugs::Bug;
use crate::consumer::application::event::ApplicationEvent;
use crate::consumer::application::{Done, Obstacle};
use crate::consumer::assignment::Position;
use crate::consumer::commit::CommitReason;
use crate::consumer::completed_fetch::{CompletedFetch, Run};
use crate::consumer::{Consumer, Phase};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::time::Time;

impl Consumer {
    /// The application has done its work and calls poll.
    pub(super) fn application_polls(&mut self, ctx: &Ctx<'_>) {
        self.application.begin_poll(ctx.now());
    }

    /// What goes on while the application waits in poll. With the first records it ends.
    pub(super) fn poll(&mut self, ctx: &mut Ctx<'_>) {
        if !self.application.is_polling {
            return;
        }
        if !self.is_self_assigned() {
            self.rejoin_if_needed(ctx);
        }
        self.auto_commit(ctx);
        self.find_positions(ctx);
        if !matches!(self.phase, Phase::Open) {
            return;
        }
        self.hand_out(ctx);
        if matches!(self.phase, Phase::Open) {
            // While the application works, the next records are already on their way.
            self.send_fetches(ctx);
        }
    }

    /// Gives the application at most `max.poll.records` of what is there.
    fn hand_out(&mut self, ctx: &mut Ctx<'_>) {
        if self.assignment.is_pending_revocation {
            return;
        }
        let limit = self.application.room(&self.config);
        let mut room = limit;
        let mut done = Done::default();
        while room > 0
            && let Some(place) = self.next_completed(ctx.now())
        {
            if !self.is_current(place) {
                // The position was changed meanwhile: what was fetched for the old one is of no use.
                self.fetcher.completed.remove(place);
                continue;
            }
            match self.screen(ctx, place, room) {
                (0, Some((record, Obstacle::NotDue(wait)))) => {
                    let partition = self.fetcher.completed[place].partition.clone();
                    self.wait_until_due(ctx, &partition, record.offset, wait);
                }
                (0, Some((record, Obstacle::Unreadable))) => {
                    // What came before is handed out first; the next poll throws.
                    if room == limit {
                        self.throw(ctx, place, record);
                    }
                    break;
                }
                (most, _) => room -= self.hand_out_from(ctx, place, most, &mut done),
            }
        }
        done.tell(ctx);
        if room < limit && self.embedding.is_some() {
            self.wake_up(ctx.now());
        } else if room < limit {
            if ctx.has_bug(Bug::CommitsFirst) {
                let offsets = self.assignment.consumed();
                self.send_commit(ctx, CommitReason::Interval, offsets);
            }
            self.poll_returned(ctx, self.config.poll_interval);
            self.commit_before_work(ctx);
            self.work(ctx);
        }
    }

    /// Gives the application at most `most` records of a fetch. Returns how many it got.
    fn hand_out_from(
        &mut self,
        ctx: &mut Ctx<'_>,
        place: usize,
        most: u32,
        done: &mut Done,
    ) -> u32 {
        let Some(run) = self.take_from(ctx, place, most) else { return 0 };
        self.records_consumed += u64::from(run.count());
        let fetch = &self.fetcher.completed[place];
        let partition = fetch.partition.clone();
        if self.embedding.is_some() {
            let records = fetch.records(run);
            self.hand_over(&partition, records);
            done.add(ctx, &partition, run);
        } else if self.config.application.is_plain() {
            self.settled(run.count());
            done.add(ctx, &partition, run);
        } else {
            let reads = self.config.application.reads_records();
            let records = if reads { fetch.records(run) } else { Vec::new() };
            self.take_over(ctx, &partition, run, records);
        }
        run.count()
    }

    /// Takes records off a fetch, and moves the position on. None if there are no more: the fetch is
    /// forgotten then.
    pub(super) fn take_from(&mut self, ctx: &mut Ctx<'_>, place: usize, most: u32) -> Option<Run> {
        let fetch = &mut self.fetcher.completed[place];
        let partition = fetch.partition.clone();
        let taken = fetch.take(most);
        let next = fetch.next_offset();
        let passed = fetch.take_passed();
        let epoch = taken.and_then(|run| fetch.leader_epoch_of(run.last));
        if taken.is_none() {
            self.fetcher.completed.remove(place);
        }
        let state = self.assignment.partitions.get_mut(&partition);
        let state = state.expect("what was fetched is forgotten with the assignment");
        let position = state.offset().expect("only partitions with a position are fetched");
        let is_ascending = taken.is_none_or(|run| position <= run.first && run.last < next);
        assert!(
            is_ascending && position <= next,
            "{partition} goes from {position} to {next} by {taken:?}"
        );
        state.position = Position::At(next);
        state.offset_epoch = epoch.unwrap_or(state.offset_epoch);
        for (Run { first, last }, is_aborted) in passed {
            let (client, partition) = (super::my_id(ctx), partition.clone());
            let passed =
                ApplicationEvent::PassedOver { client, partition, first, last, is_aborted };
            ctx.emit(EventKind::Application(passed));
        }
        taken
    }

    /// The fetch from which the application gets its next records; what is paused is left alone.
    fn next_completed(&self, now: Time) -> Option<usize> {
        let is_paused = |fetch: &CompletedFetch| {
            let state = self.assignment.partitions.get(&fetch.partition);
            state.is_some_and(|state| state.is_paused(now))
        };
        self.fetcher.completed.iter().position(|fetch| !is_paused(fetch))
    }

    fn is_current(&self, place: usize) -> bool {
        let fetch = &self.fetcher.completed[place];
        let state = self.assignment.partitions.get(&fetch.partition);
        state.and_then(|state| state.offset()) == Some(fetch.position)
    }

    /// How many of the next records of a fetch can be handed out, and what is in the way of the one
    /// behind them.
    fn screen(
        &self,
        ctx: &Ctx<'_>,
        place: usize,
        room: u32,
    ) -> (u32, Option<(Arc<Record>, Obstacle)>) {
        let fetch = &self.fetcher.completed[place];
        let next = fetch.peek(room).filter(|_| self.config.application.can_stop_poll());
        let Some(run) = next else { return (room, None) };
        let records = fetch.records(run);
        match self.obstacle(ctx, &fetch.partition, &records) {
            None => (room, None),
            Some((at, why)) => {
                let before = u32::try_from(at).expect("a poll brings fewer records");
                (before, Some((records[at].clone(), why)))
            }
        }
    }
}
