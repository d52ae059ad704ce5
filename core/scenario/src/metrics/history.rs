//! The samples of a run: one for each second at first, and fewer of each stretch the longer the run is.

use std::sync::Arc;

use highwater_cluster::time::{Span, Time};

use super::SECOND;
use super::sample::Sample;

/// With more samples, each two become one, and the next stand for twice the time: a chart has no more
/// pixels than that.
const MOST: usize = 1_200;

/// The samples of a run, in order of time. A clone shares them.
#[derive(Clone, Debug)]
pub struct History {
    samples: Vec<Arc<Sample>>,
    stretch: Span,
}

impl Default for History {
    fn default() -> Self {
        Self { samples: Vec::new(), stretch: SECOND }
    }
}

impl History {
    /// The samples, in order of time.
    pub fn samples(&self) -> &[Arc<Sample>] {
        &self.samples
    }

    /// How much time the newest sample stands for; older ones stand for as much, or for half of it.
    pub fn stretch(&self) -> Span {
        self.stretch
    }

    /// The last sample that was taken at an instant or before it.
    pub fn at(&self, at: Time) -> Option<&Arc<Sample>> {
        let after = self.samples.partition_point(|sample| sample.at <= at);
        self.samples.get(after.checked_sub(1)?)
    }

    /// Whether a sample is to be taken at that instant.
    pub(super) fn wants(&self, at: Time) -> bool {
        at.0.is_multiple_of(self.stretch.0)
    }

    pub(super) fn push(&mut self, sample: Sample) {
        self.samples.push(Arc::new(sample));
        // Only where the last one ends a longer stretch, so that all stretches end where they should.
        let is_even = self.samples.len().is_multiple_of(2);
        if self.samples.len() > MOST && is_even {
            self.stretch = Span(self.stretch.0 * 2);
            let pairs = self.samples.chunks(2);
            self.samples = pairs.map(|pair| Arc::new(pair[0].joined(&pair[1]))).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Latency;

    /// Counts a run of so many seconds; returns the samples that are kept, and what each stands for.
    fn check(seconds: u64, kept: usize, stretch_s: u64) {
        let mut history = History::default();
        for second in 1..=seconds {
            let at = Time(second * 1_000_000);
            if history.wants(at) {
                let p99 = Span(second);
                let produce = Latency { count: 1, p99, ..Latency::default() };
                history.push(Sample {
                    at,
                    stretch: history.stretch(),
                    produce,
                    ..Sample::default()
                });
            }
        }
        assert_eq!((history.samples.len(), history.stretch.0), (kept, stretch_s * 1_000_000));
        for pair in history.samples.windows(2) {
            assert_eq!(pair[1].at.since(pair[0].at), pair[1].stretch, "no gap, no overlap");
            assert_eq!(
                pair[1].at.0 / 1_000_000,
                pair[1].produce.p99.0,
                "the worst of a stretch stays"
            );
        }
        let total: u64 = history.samples.iter().map(|sample| sample.stretch.0).sum();
        assert_eq!(total / 1_000_000, seconds / stretch_s * stretch_s);
        assert_eq!(history.at(Time(999_999)), None);
        let last = history.samples.last().expect("there is one").at;
        assert_eq!(history.at(Time(u64::MAX)).map(|sample| sample.at), Some(last));
    }

    #[test]
    fn a_long_run_is_thinned() {
        check(1, 1, 1);
        check(1_201, 1_201, 1);
        check(1_202, 601, 2);
        check(36_000, 1_125, 32);
    }
}
