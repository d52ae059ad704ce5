//! A set of offsets, kept as the runs that it is made of: it grows with the gaps, not with the records.

use std::collections::BTreeMap;

use highwater_cluster::log::Offset;

/// A set of offsets.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    /// From the first offset of each run to the one after its last. No two of them touch.
    runs: BTreeMap<Offset, Offset>,
}

impl Runs {
    /// Adds the offsets from `first` up to and without `end`. Returns the runs of those that were there.
    pub(super) fn add(&mut self, first: Offset, end: Offset) -> Vec<(Offset, Offset)> {
        if first >= end {
            return Vec::new();
        }
        let before = self.runs.range(..first).next_back().filter(|(_, until)| **until >= first);
        let touching = before.into_iter().chain(self.runs.range(first..=end));
        let touching: Vec<(Offset, Offset)> =
            touching.map(|(from, until)| (*from, *until)).collect();
        let (mut from, mut until) = (first, end);
        for (start, stop) in &touching {
            self.runs.remove(start);
            from = from.min(*start);
            until = until.max(*stop);
        }
        self.runs.insert(from, until);
        let common = touching.iter().map(|(start, stop)| (first.max(*start), end.min(*stop)));
        common.filter(|(start, stop)| start < stop).collect()
    }

    /// Takes out what lies at `from` or beyond.
    pub(super) fn cut(&mut self, from: Offset) {
        self.runs.retain(|start, _| *start < from);
        self.runs.values_mut().for_each(|until| *until = (*until).min(from));
    }

    pub(super) fn has(&self, offset: Offset) -> bool {
        self.runs.range(..=offset).next_back().is_some_and(|(_, until)| offset < *until)
    }

    /// The offset after the last; the first of all if there is none.
    pub(super) fn end(&self) -> Offset {
        self.runs.last_key_value().map_or(Offset(0), |(_, until)| *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds runs one after the other: what the last of them met, and what there is then.
    #[track_caller]
    fn check(added: &[(i64, i64)], met: &[(i64, i64)], then: &[(i64, i64)]) {
        let pair = |(first, end): &(i64, i64)| (Offset(*first), Offset(*end));
        let mut runs = Runs::default();
        let mut last = Vec::new();
        for run in added {
            let (first, end) = pair(run);
            last = runs.add(first, end);
        }
        assert_eq!(last, met.iter().map(pair).collect::<Vec<_>>(), "{added:?}");
        let are: Vec<_> = runs.runs.iter().map(|(first, end)| (*first, *end)).collect();
        assert_eq!(are, then.iter().map(pair).collect::<Vec<_>>(), "{added:?}");
    }

    #[test]
    fn runs_that_touch_become_one_and_what_was_there_is_told() {
        check(&[(3, 3)], &[], &[]);
        check(&[(0, 5), (5, 9)], &[], &[(0, 9)]);
        check(&[(5, 9), (0, 5)], &[], &[(0, 9)]);
        check(&[(0, 5), (7, 9), (3, 8)], &[(3, 5), (7, 8)], &[(0, 9)]);
        check(&[(0, 9), (2, 4)], &[(2, 4)], &[(0, 9)]);
        check(&[(2, 4), (0, 9)], &[(2, 4)], &[(0, 9)]);
        check(&[(0, 2), (6, 8), (3, 5)], &[], &[(0, 2), (3, 5), (6, 8)]);
    }

    #[test]
    fn a_cut_takes_out_what_lies_beyond() {
        let mut runs = Runs::default();
        runs.add(Offset(0), Offset(5));
        runs.add(Offset(7), Offset(9));
        runs.cut(Offset(3));
        assert!(runs.has(Offset(2)) && !runs.has(Offset(3)) && !runs.has(Offset(7)));
        assert_eq!(runs.end(), Offset(3));
    }
}
