//! A queue that forgets its oldest. A clone shares what is old: checkpoints hold many of them.

use std::collections::VecDeque;
use std::sync::Arc;

/// How many items are shared, and forgotten, at once.
const CHUNK: usize = 512;

/// The last items of a sequence, each with its number in it.
#[derive(Clone, Debug)]
pub struct Recent<T> {
    /// Full chunks.
    old: VecDeque<Arc<[T]>>,
    new: Vec<T>,
    /// The number of the first item that is kept.
    first: u64,
    /// How many items are kept at least.
    most: usize,
}

impl<T: Clone> Recent<T> {
    /// A queue that keeps the last `most` items, and up to a chunk more.
    pub(crate) fn new(most: usize) -> Self {
        Self { old: VecDeque::new(), new: Vec::new(), first: 0, most }
    }

    /// The same queue after all its items have been forgotten: numbers go on from there.
    pub(crate) fn emptied(&self) -> Self {
        Self { first: self.total(), ..Self::new(self.most) }
    }

    /// Adds an item.
    pub(crate) fn push(&mut self, item: T) {
        self.new.push(item);
        if self.new.len() == CHUNK {
            self.old.push_back(std::mem::take(&mut self.new).into());
        }
        if self.len() >= self.most + CHUNK && self.old.pop_front().is_some() {
            self.first += CHUNK as u64;
        }
    }

    /// How many items there have been.
    pub fn total(&self) -> u64 {
        self.first + self.len() as u64
    }

    /// How many items are kept.
    pub fn len(&self) -> usize {
        self.old.len() * CHUNK + self.new.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item of a number, counted from 0, if it is kept.
    pub fn get(&self, number: u64) -> Option<&T> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        match self.old.get(index / CHUNK) {
            Some(chunk) => chunk.get(index % CHUNK),
            None => self.new.get(index - self.old.len() * CHUNK),
        }
    }

    /// What is kept from a number on, the oldest first.
    pub(crate) fn since(&self, number: u64) -> impl Iterator<Item = &T> {
        (number.max(self.first)..self.total()).filter_map(|number| self.get(number))
    }

    /// What is kept, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.old.iter().flat_map(|chunk| chunk.iter()).chain(&self.new)
    }

    /// The last that was added.
    pub fn last(&self) -> Option<&T> {
        self.iter().next_back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and last number that are kept, of so many items.
    fn check(items: u64, first: u64, len: usize) {
        let mut recent = Recent::new(1_000);
        (0..items).for_each(|item| recent.push(item));
        assert_eq!(recent.total(), items);
        assert_eq!(recent.len(), len);
        assert_eq!(recent.iter().copied().collect::<Vec<_>>(), (first..items).collect::<Vec<_>>());
        assert_eq!(recent.last().copied(), items.checked_sub(1));
        for number in 0..=items {
            let kept = (first..items).contains(&number).then_some(number);
            assert_eq!(recent.get(number).copied(), kept, "{number} of {items}");
            assert!(recent.since(number).copied().eq(number.max(first)..items));
        }
    }

    #[test]
    fn the_last_are_kept_and_found_by_their_numbers() {
        check(0, 0, 0);
        check(511, 0, 511);
        check(512, 0, 512);
        check(1_511, 0, 1_511);
        check(1_512, 512, 1_000);
        check(5_000, 3_584, 1_416);
    }
}
