//! The application behind a consumer: it polls, works on what it got, commits, and polls again. The
//! thread that polls does the work itself, or hands it to workers.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::client::Alarm;
use crate::consumer::ConsumerConfig;
use crate::ids::TopicPartition;
use crate::time::Time;
use crate::view::ApplicationView;

mod commits;
pub(super) mod config;
pub(super) mod dedupe;
pub(super) mod event;
mod failure;
pub mod headers;
mod json_field;
pub(super) mod outbox;
mod progress;
pub(super) mod rule;
mod screen;
mod work;

pub(super) use progress::Done;
pub(super) use screen::Obstacle;
pub(super) use work::Item;

use commits::AppCommits;
use dedupe::SeenIds;
use outbox::Outbox;
use screen::Unreadable;
use work::Job;

/// The application behind a consumer.
#[derive(Clone, Debug, Default)]
pub(super) struct Application {
    /// Whether it waits in poll. If not, it works on what the last poll brought.
    pub(super) is_polling: bool,
    /// When it was last within poll.
    polled_at: Time,
    /// Before when it does not poll again, even with nothing to do.
    next_poll_at: Time,
    /// When its timer last ran out.
    woken_at: Option<Time>,
    /// What it has got from poll and not begun.
    queue: VecDeque<Item>,
    /// What it works on: one record, or one for each worker.
    jobs: Vec<Job>,
    /// What it has committed, and what not.
    pub(super) commits: AppCommits,
    outbox: Outbox,
    seen: SeenIds,
    /// The record on which poll throws, and how often it did.
    unreadable: Option<Unreadable>,
    /// Whether it is to close its consumer as soon as its work is done.
    is_stopping: bool,
    /// What went wrong while it worked: poll is to throw it when it is called next.
    pub(super) thrown_next: Option<Arc<str>>,
    counts: ApplicationView,
    alarm: Alarm,
}

impl Application {
    pub(super) fn begin_poll(&mut self, now: Time) {
        self.is_polling = true;
        self.polled_at = now;
    }

    /// Poll returns. Its time does not count as work, however long it waited for records or for a rebalance: an application
    /// whose poll comes back with nothing calls it again, and each call resets the timer (`ConsumerCoordinator.poll`).
    pub(super) fn end_poll(&mut self, now: Time) {
        self.is_polling = false;
        self.polled_at = self.polled_at.max(now);
    }

    /// When the application will have worked for too long; none while it polls.
    pub(super) fn poll_deadline(&self, config: &ConsumerConfig) -> Option<Time> {
        (!self.is_polling).then(|| self.polled_at + config.max_poll_interval())
    }

    /// How many records it can still take.
    pub(super) fn room(&self, config: &ConsumerConfig) -> u32 {
        let most = config.max_poll_records.unsigned_abs();
        // A pool that is behind lets the rest wait in its partitions.
        let waiting = u32::try_from(self.queue.len()).unwrap_or(u32::MAX);
        most.saturating_sub(waiting)
    }

    /// Whether it has records that it is not done with.
    pub(super) fn is_busy(&self) -> bool {
        !self.queue.is_empty() || !self.jobs.is_empty()
    }

    /// Nothing more is done with what it has.
    pub(super) fn abandon_work(&mut self) {
        self.queue.clear();
        self.jobs.clear();
    }

    /// Whether it may poll again. What else happens at the instant at which it is woken comes first.
    fn may_poll(&self, now: Time) -> bool {
        self.next_poll_at < now || (self.next_poll_at == now && self.woken_at == Some(now))
    }

    /// What of it can be seen.
    pub(super) fn view(&self) -> ApplicationView {
        let in_hand = u64::try_from(self.queue.len() + self.jobs.len()).unwrap_or(u64::MAX);
        ApplicationView { in_hand, ..self.counts.clone() }
    }

    /// The first offset of a partition that it is not done with.
    fn first_unfinished(&self, partition: &TopicPartition) -> Option<highwater_log::Offset> {
        let items = self.queue.iter().chain(self.jobs.iter().map(|job| &job.item));
        items.filter(|item| item.partition == *partition).map(|item| item.offset).min()
    }
}

#[cfg(test)]
mod tests;
