//! Who of a topic's subscribers gets the next partition, and who gives one away.

/// The subscribers of one topic, from the one that has least to the one that has most. At both ends lies
/// a level: members with the same number, of whom each takes, or gives, one partition before the level
/// moves and takes in more members.
#[derive(Debug)]
pub(super) struct Balancer {
    /// Places of members, in order of what they had when the balancing began.
    sorted: Vec<usize>,
    sizes: Vec<usize>,
    least: Least,
    most: Most,
}

#[derive(Debug)]
struct Least {
    end: usize,
    level: Option<usize>,
    next: usize,
}

/// The members `start..end`. Beyond the end are those that have none of the topic's partitions to give.
#[derive(Debug)]
struct Most {
    start: usize,
    end: usize,
    level: usize,
    /// One more than the place of the next to give.
    next: usize,
}

impl Balancer {
    /// For the subscribers of a topic, at least one; `sizes` says how many partitions every member has.
    pub(super) fn new(subscribers: &[usize], sizes: &[usize]) -> Self {
        let mut sorted = subscribers.to_vec();
        sorted.sort_by_key(|member| (sizes[*member], *member));
        let count = sorted.len();
        let highest = sizes[*sorted.last().expect("a topic that is balanced has subscribers")];
        Self {
            sizes: sorted.iter().map(|member| sizes[*member]).collect(),
            sorted,
            least: Least { end: 0, level: None, next: 0 },
            most: Most { start: count, end: count, level: highest + 1, next: count },
        }
    }

    /// How many partitions lie between the one that has most and the one that has least.
    pub(super) fn imbalance(&self) -> usize {
        self.sizes.last().zip(self.sizes.first()).map_or(0, |(most, least)| most - least)
    }

    /// The member that takes the next partition.
    pub(super) fn take(&mut self) -> usize {
        let least = &mut self.least;
        if least.next >= least.end {
            let level = least.level.map_or(self.sizes[0], |level| level + 1);
            least.level = Some(level);
            while self.sizes.get(least.end) == Some(&level) {
                least.end += 1;
            }
            least.next = 0;
        }
        let member = self.sorted[least.next];
        least.next += 1;
        member
    }

    /// The member that gives a partition away, of those that `can_give`; none if there is none left.
    pub(super) fn give(&mut self, can_give: impl Fn(usize) -> bool) -> Option<usize> {
        loop {
            let most = &mut self.most;
            if most.next <= most.start {
                most.level = match most.end <= most.start && most.start > 0 {
                    true => self.sizes[most.start - 1],
                    false => most.level.saturating_sub(1),
                };
                while most.start > 0 && self.sizes[most.start - 1] == most.level {
                    most.start -= 1;
                }
                most.next = most.end;
            }
            if most.next == 0 {
                return None;
            }
            most.next -= 1;
            let member = self.sorted[most.next];
            if can_give(member) {
                return Some(member);
            }
            // It leaves the level: the last of the level comes to stand in its place.
            most.end -= 1;
            self.sorted.swap(most.next, most.end);
            self.sizes.swap(most.next, most.end);
        }
    }

    /// Whether the two levels lie one apart at most.
    pub(super) fn is_balanced(&self) -> bool {
        self.least.level.is_some_and(|level| self.most.level <= level + 1)
    }
}
