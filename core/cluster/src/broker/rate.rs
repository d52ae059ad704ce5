//! What went through in the last eleven seconds, in windows of one: the samples behind `Rate` and `SimpleRate`.

use std::collections::VecDeque;

use crate::time::{Span, Time};

/// `quota.window.size.seconds`, `replication.quota.window.size.seconds`
pub(super) const WINDOW: Span = Span(1_000_000);
/// `quota.window.num`, `replication.quota.window.num`
pub(super) const WINDOWS: u64 = 11;

/// Bytes over time, or the nanoseconds of a thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Rate {
    samples: VecDeque<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    start: Time,
    last: Time,
    amount: i64,
}

impl Rate {
    /// Counts an amount; less than none takes back what was counted.
    pub(super) fn record(&mut self, amount: i64, now: Time) {
        self.samples.retain(|sample| is_recent(sample, now));
        match self.samples.back_mut().filter(|sample| now.since(sample.start) < WINDOW) {
            Some(sample) => {
                sample.amount += amount;
                sample.last = now;
            }
            None => self.samples.push_back(Sample { start: now, last: now, amount }),
        }
    }

    /// How much is remembered.
    pub(super) fn amount(&self, now: Time) -> i64 {
        self.recent(now).map(|sample| sample.amount).sum()
    }

    /// The time since the oldest of them, or none.
    pub(super) fn elapsed(&self, now: Time) -> Span {
        now.since(self.recent(now).map(|sample| sample.start).min().unwrap_or(now))
    }

    /// Whether nothing is remembered any more.
    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        self.recent(now).next().is_none()
    }

    fn recent(&self, now: Time) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(move |sample| is_recent(sample, now))
    }
}

/// Samples that overlap what is measured are kept, even if they began before it.
fn is_recent(sample: &Sample, now: Time) -> bool {
    now.since(sample.last).0 < WINDOWS * WINDOW.0
}
