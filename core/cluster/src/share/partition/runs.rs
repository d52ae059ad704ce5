//! Runs cut and joined, so that a change concerns whole runs, and what is alike is one.

use highwater_log::Offset;

use crate::share::partition::{Run, SharePartition};

impl SharePartition {
    /// Lets a run begin at `offset`, if one lies over it.
    pub(super) fn split_at(&mut self, offset: Offset) {
        let before = self.runs.range_mut(..offset).next_back();
        let Some((_, run)) = before.filter(|(_, run)| run.last >= offset) else { return };
        let rest = run.clone();
        run.last = offset - 1;
        self.runs.insert(offset, rest);
    }

    /// Changes the runs of some offsets, and nothing else.
    pub(super) fn change(
        &mut self,
        first: Offset,
        last: Offset,
        mut change: impl FnMut(Offset, &mut Run),
    ) {
        if first > last {
            return;
        }
        self.split_at(first);
        self.split_at(last.next());
        for (first, run) in self.runs.range_mut(first..=last) {
            change(*first, run);
        }
        self.join_runs();
    }

    /// Runs that lie together and are alike become one.
    pub(super) fn join_runs(&mut self) {
        let mut firsts = self.runs.keys().copied().collect::<Vec<_>>().into_iter();
        let Some(mut current) = firsts.next() else { return };
        for first in firsts {
            let (left, right) = (&self.runs[&current], &self.runs[&first]);
            if left.now == right.now && left.before == right.before {
                let last = right.last;
                self.runs.remove(&first);
                self.runs.get_mut(&current).expect("it is the run before").last = last;
            } else {
                current = first;
            }
        }
    }
}
