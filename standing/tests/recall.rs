//! When questions come back, and what of them is asked on a day.

use std::collections::BTreeSet;

use highwater_exercises::learning::{Deed, Learning, Noted};
use highwater_standing::{Clock, Day, Recall, queue, schedule, wrong_last};
use proptest::prelude::*;

const DAY_MS: u64 = 86_400_000;
const CLOCK: Clock = Clock { now_ms: 0, minutes_east: 0 };

fn answered(at_ms: u64, question: &str, share: u8) -> Noted {
    let (question, is_right) = (question.to_owned(), share == 100);
    Noted { at_ms, deed: Deed::Answered { question, share, is_right, beliefs: vec![] } }
}

fn of_days(days: &[(u64, u8)]) -> Learning {
    let deeds = days.iter().map(|(day, share)| answered(day * DAY_MS, "q", *share));
    Learning { deeds: deeds.collect() }
}

/// Answers on days, each with its share, and the day on which the question is due after them.
fn check(days: &[(u64, u8)], due: i64) {
    let recall = schedule(&of_days(days), CLOCK).remove("q").expect("it was answered");
    assert_eq!(recall.due, Day(due), "{days:?}");
}

#[test]
fn questions_come_back_later_each_time_they_are_known() {
    // The days are those of FSRS 5 with its usual weights.
    check(&[(100, 100)], 103);
    check(&[(100, 0)], 101);
    check(&[(100, 80)], 102);
    check(&[(100, 100), (103, 100)], 114);
    check(&[(100, 100), (103, 0)], 104);
    check(&[(100, 100), (103, 100), (114, 100)], 150);
    // Too soon is not much worth; late and still known is worth more.
    check(&[(100, 100), (101, 100)], 107);
    check(&[(100, 100), (113, 100)], 144);
    // A day counts once, by its worst answer.
    check(&[(100, 0), (100, 100), (100, 100)], 101);
    check(&[(100, 100), (100, 0)], 101);
}

#[test]
fn what_went_wrong_stays_until_it_is_right() {
    let wrong = |days: &[(u64, u8)]| wrong_last(&schedule(&of_days(days), CLOCK), |_| true);
    assert_eq!(wrong(&[(100, 0)]), ["q"]);
    assert_eq!(wrong(&[(100, 80)]), ["q"]);
    assert!(wrong(&[(100, 0), (100, 100)]).is_empty());
    assert_eq!(wrong(&[(100, 100), (105, 0)]), ["q"]);
    // What the bank does not know any more is not asked.
    assert!(wrong_last(&schedule(&of_days(&[(100, 0)]), CLOCK), |_| false).is_empty());
}

#[test]
fn a_queue_tells_what_is_forgotten_first_and_when_more_comes() {
    let noted = [("old", 1, 100), ("new", 9, 0), ("later", 9, 100), ("gone", 1, 0)];
    let deeds = noted.map(|(id, day, share)| answered(day * DAY_MS, id, share));
    let schedule = schedule(&Learning { deeds: deeds.to_vec() }, CLOCK);
    let of = |day| queue(&schedule, |id| id != "gone", Day(day));
    assert_eq!(of(10).due, ["old", "new"]);
    assert_eq!(of(10).next, Some((Day(12), 1)));
    // What was not known is forgotten faster than what was.
    assert_eq!(of(12).due, ["new", "old", "later"]);
    assert_eq!(of(12).next, None);
    assert!(of(1).due.is_empty());
    assert_eq!(of(1).next, Some((Day(4), 1)));
}

#[test]
fn the_day_is_the_one_where_one_is() {
    // Ten in the evening in New York is the next day in London.
    let deeds = vec![answered(100 * DAY_MS + 3 * 3_600_000, "q", 100)];
    let learning = Learning { deeds };
    let due = |minutes_east| schedule(&learning, Clock { now_ms: 0, minutes_east })["q"].due;
    assert_eq!(due(-300), Day(102));
    assert_eq!(due(0), Day(103));
}

fn deeds() -> impl Strategy<Value = Vec<Noted>> {
    let one = (any::<u64>(), 0_u64..400, 0..4_usize, 0..=100_u8, any::<bool>());
    let one = one.prop_map(|(odd, day, which, share, is_odd)| {
        // Now and then a clock that is wrong by ages.
        let at_ms = if is_odd && day % 7 == 0 { odd } else { day * DAY_MS / 2 };
        answered(at_ms, ["a", "b", "c", "d"][which], share)
    });
    prop::collection::vec(one, 0..40)
}

/// The last day of a question, as a history that ends with one more answer.
fn with(deeds: &[Noted], at_ms: u64, share: u8) -> Recall {
    let mut deeds = deeds.to_vec();
    deeds.push(answered(at_ms, "a", share));
    schedule(&Learning { deeds }, CLOCK).remove("a").expect("it was answered")
}

proptest! {
    #[test]
    fn nothing_is_due_twice_and_nothing_on_the_day_it_was_answered(deeds in deeds(), day in 0_i64..400) {
        let schedule = schedule(&Learning { deeds }, CLOCK);
        let queue = queue(&schedule, |_| true, Day(day));
        let unlike: BTreeSet<&String> = queue.due.iter().collect();
        prop_assert_eq!(unlike.len(), queue.due.len());
        for recall in schedule.values() {
            prop_assert!(recall.due > recall.answered);
        }
        for id in &queue.due {
            prop_assert!(schedule[id].answered < Day(day));
        }
    }

    #[test]
    fn everything_that_was_answered_is_due_some_day(deeds in deeds()) {
        let schedule = schedule(&Learning { deeds }, CLOCK);
        let last = schedule.values().map(|recall| recall.due).max().unwrap_or_default();
        prop_assert_eq!(queue(&schedule, |_| true, last).due.len(), schedule.len());
    }

    #[test]
    fn the_next_day_told_is_the_first_with_more(deeds in deeds(), day in 0_i64..400) {
        let schedule = schedule(&Learning { deeds }, CLOCK);
        let of = |day: Day| queue(&schedule, |_| true, day).due.len();
        if let Some((next, count)) = queue(&schedule, |_| true, Day(day)).next {
            prop_assert!(next > Day(day));
            prop_assert_eq!(of(Day(next.0 - 1)), of(Day(day)));
            prop_assert_eq!(of(next), of(Day(day)) + count);
        }
    }

    #[test]
    fn a_wrong_answer_comes_back_no_later_than_a_right_one(deeds in deeds(), later in 0_u64..100, share in 0..100_u8) {
        let last = deeds.iter().map(|noted| noted.at_ms).max().unwrap_or_default();
        let at_ms = last.saturating_add(later * DAY_MS);
        let (wrong, nearly, right) =
            (with(&deeds, at_ms, 0), with(&deeds, at_ms, share), with(&deeds, at_ms, 100));
        prop_assert!(wrong.due <= nearly.due && nearly.due <= right.due);
    }

    #[test]
    fn the_order_in_which_answers_were_noted_does_not_matter(deeds in deeds(), seed in any::<u64>()) {
        let mut turned = deeds.clone();
        let by = usize::try_from(seed).unwrap_or(0).checked_rem(deeds.len()).unwrap_or(0);
        turned.rotate_left(by);
        let due = |deeds: &[Noted]| -> Vec<Day> {
            schedule(&Learning { deeds: deeds.to_vec() }, CLOCK).values().map(|it| it.due).collect()
        };
        prop_assert_eq!(due(&deeds), due(&turned));
    }
}
