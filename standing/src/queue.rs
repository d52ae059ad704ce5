//! What is to be asked on a day.

use std::collections::BTreeMap;

use crate::clock::Day;
use crate::recall::Recall;

/// What is to be asked on a day, and what after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// The questions that are due, by id: those that are most likely forgotten come first.
    pub due: Vec<String>,
    /// The next day after this one on which something is due, and how much: what is answered in between aside.
    pub next: Option<(Day, usize)>,
}

/// The queue of a day. Only what the bank still knows is in it.
pub fn queue(
    schedule: &BTreeMap<String, Recall>,
    is_known: impl Fn(&str) -> bool,
    day: Day,
) -> Queue {
    let known = || schedule.iter().filter(|(id, _)| is_known(id));
    let mut due: Vec<(&String, &Recall)> =
        known().filter(|(_, recall)| recall.due <= day).collect();
    due.sort_by(|a, b| a.1.chance(day).total_cmp(&b.1.chance(day)).then(a.0.cmp(b.0)));
    let later = known().map(|(_, recall)| recall.due).filter(|due| *due > day);
    let next = later.min().map(|next| (next, known().filter(|it| it.1.due == next).count()));
    Queue { due: due.into_iter().map(|(id, _)| id.clone()).collect(), next }
}

/// The questions whose last answer was not right, the one answered last first.
pub fn wrong_last(
    schedule: &BTreeMap<String, Recall>,
    is_known: impl Fn(&str) -> bool,
) -> Vec<String> {
    let wrong = schedule.iter().filter(|(id, recall)| !recall.was_right && is_known(id));
    let mut wrong: Vec<_> = wrong.collect();
    wrong.sort_by_key(|(_, recall)| std::cmp::Reverse(recall.answered));
    wrong.into_iter().map(|(id, _)| id.clone()).collect()
}
