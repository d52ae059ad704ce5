//! Which offsets of a partition a group is done with: ranges, few as long as it works in order.

use std::collections::BTreeMap;

use highwater_cluster::log::Offset;

/// A set of offsets, as ranges that neither touch nor overlap.
#[derive(Clone, Debug, Default)]
pub(super) struct Settled(BTreeMap<i64, i64>);

impl Settled {
    /// Adds the offsets from `first` up to, but without, `end`.
    pub(super) fn add(&mut self, first: Offset, end: Offset) {
        let (mut first, mut end) = (first.0, end.0);
        if first >= end {
            return;
        }
        while let Some((&from, &to)) = self.0.range(..=end).next_back()
            && to >= first
        {
            self.0.remove(&from);
            (first, end) = (first.min(from), end.max(to));
        }
        self.0.insert(first, end);
    }

    /// Takes out all offsets from `from` on.
    pub(super) fn cut(&mut self, from: Offset) {
        self.0.split_off(&from.0);
        if let Some((_, end)) = self.0.iter_mut().next_back() {
            *end = (*end).min(from.0);
        }
    }

    /// The range of offsets from `from` up to `end` that are in it, as the first of it and what follows
    /// on the last: the first such range.
    pub(super) fn first_within(&self, from: Offset, end: Offset) -> Option<(Offset, Offset)> {
        let before = self.0.range(..=from.0).next_back().filter(|(_, to)| **to > from.0);
        let (first, to) = before.or_else(|| self.0.range(from.0..).next())?;
        let range = ((*first).max(from.0), (*to).min(end.0));
        (range.0 < range.1).then_some((Offset(range.0), Offset(range.1)))
    }

    /// The first range of offsets from `from` up to `end` that are not in it.
    pub(super) fn first_missing(&self, from: Offset, end: Offset) -> Option<(Offset, Offset)> {
        let first = match self.first_within(from, end) {
            Some((first, to)) if first == from => to,
            _ => from,
        };
        if first >= end {
            return None;
        }
        let next = self.first_within(first, end).map_or(end, |(next, _)| next);
        Some((first, next))
    }

    /// What follows on the last offset in it.
    pub(super) fn end(&self) -> Option<Offset> {
        self.0.last_key_value().map(|(_, end)| Offset(*end))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a plain set of offsets.
        #[test]
        fn ranges_are_what_the_offsets_are(
            steps in proptest::collection::vec((0..30_i64, 0..6_i64, proptest::bool::weighted(0.8)), 0..12),
            from in 0..30_i64,
            length in 0..20_i64,
        ) {
            let (mut settled, mut model) = (Settled::default(), std::collections::BTreeSet::new());
            for (first, length, is_added) in steps {
                if is_added {
                    settled.add(Offset(first), Offset(first + length));
                    model.extend(first..first + length);
                } else {
                    settled.cut(Offset(first));
                    model.retain(|offset| *offset < first);
                }
            }
            let end = from + length;
            let run = |is_in: bool| {
                let first = (from..end).find(|offset| model.contains(offset) == is_in)?;
                let end = (first..end).find(|offset| model.contains(offset) != is_in).unwrap_or(end);
                Some((Offset(first), Offset(end)))
            };
            prop_assert_eq!(settled.first_within(Offset(from), Offset(end)), run(true));
            prop_assert_eq!(settled.first_missing(Offset(from), Offset(end)), run(false));
            prop_assert_eq!(settled.end(), model.last().map(|last| Offset(last + 1)));
        }
    }
}
