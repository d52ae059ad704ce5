//! How long things took: a count for each length, and what follows from the counts.

use std::collections::BTreeMap;

use highwater_cluster::time::Span;

/// The bits of a length that are kept: two lengths that differ by less than a 64th are one.
const KEPT_BITS: u32 = 7;

/// How long things took. Percentiles are as exact as a 64th of what they say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Durations {
    counts: BTreeMap<Span, u64>,
    /// How many are in `counts`.
    remembered: u64,
    count: u64,
    sum: Span,
    max: Span,
}

impl Durations {
    /// So many things took so long.
    pub(crate) fn add(&mut self, took: Span, times: u64) {
        *self.counts.entry(rounded(took)).or_default() += times;
        self.remembered += times;
        self.count += times;
        self.sum = self.sum + Span(took.0.saturating_mul(times));
        self.max = self.max.max(took);
    }

    /// What is old counts half from here on; count, sum and maximum stay.
    pub(crate) fn fade(&mut self) {
        self.counts.values_mut().for_each(|count| *count /= 2);
        self.counts.retain(|_, count| *count > 0);
        self.remembered = self.counts.values().sum();
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How long they took together.
    pub fn sum(&self) -> Span {
        self.sum
    }

    /// How long the longest took.
    pub fn max(&self) -> Span {
        self.max
    }

    /// How long they took on average.
    pub fn mean(&self) -> Span {
        Span(self.sum.0 / self.count.max(1))
    }

    /// The shortest time within which that many of a thousand were done; zero if there were none.
    pub fn percentile(&self, per_mille: u64) -> Span {
        let rank = (self.remembered * per_mille).div_ceil(1_000).max(1);
        let mut done = 0;
        for (took, count) in &self.counts {
            done += count;
            if done >= rank {
                return *took;
            }
        }
        Span::ZERO
    }
}

/// A length without its last bits.
fn rounded(took: Span) -> Span {
    let bits = u64::BITS - took.0.leading_zeros();
    let dropped = bits.saturating_sub(KEPT_BITS);
    Span(took.0 >> dropped << dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each percentile of the lengths `1..=most`, beside the exact one.
    fn check(most: u64) {
        let mut durations = Durations::default();
        (1..=most).for_each(|took| durations.add(Span(took), 1));
        assert_eq!(durations.count(), most);
        assert_eq!(durations.max(), Span(most));
        assert_eq!(durations.sum(), Span(most * (most + 1) / 2));
        for per_mille in [1, 500, 750, 950, 990, 999, 1_000] {
            let exact = (most * per_mille).div_ceil(1_000).max(1);
            let said = durations.percentile(per_mille).0;
            assert!(said <= exact && exact - said <= exact / 64, "{per_mille}: {said}, {exact}");
        }
    }

    #[test]
    fn percentiles_are_as_exact_as_they_say() {
        [1, 2, 99, 127, 128, 1_000, 50_000].into_iter().for_each(check);
    }

    #[test]
    fn nothing_took_no_time_and_what_is_old_fades() {
        let mut durations = Durations::default();
        assert_eq!((durations.percentile(990), durations.mean()), (Span::ZERO, Span::ZERO));
        durations.add(Span(10), 3);
        durations.add(Span(20), 1);
        durations.fade();
        assert_eq!(durations.percentile(1_000), Span(10), "the one of 20 is forgotten");
        assert_eq!((durations.count(), durations.max()), (4, Span(20)));
    }
}
