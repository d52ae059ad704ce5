//! When a question is to be asked again: spaced repetition as FSRS reckons it.
//!
//! A day counts once for a question, by its worst answer: who tries until it is right has not known it, and nobody gains
//! by being asked twice on a day. Only days are handed to FSRS, so the order in which answers were noted does not matter.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use highwater_exercises::learning::{Deed, Learning};
use rs_fsrs::{Card, FSRS, Parameters, Rating, State};

use crate::clock::{Clock, Day};

/// From this share on, in a hundred, an answer that is not right was nearly so.
const NEARLY: u8 = 75;

/// What is known of how well a question is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Recall {
    /// The day on which it was answered last.
    pub answered: Day,
    /// The day from which on it is to be asked again: always later than that.
    pub due: Day,
    /// On how many days it was answered.
    pub days: u32,
    /// Whether the answer that was given last was right.
    pub was_right: bool,
    /// FSRS's measure: the days after which nine of ten would still know it.
    stability: f64,
}

impl Recall {
    /// How likely it is known on a day, between 0 and 1.
    pub fn chance(&self, day: Day) -> f64 {
        Parameters::forgetting_curve(day.since(self.answered) as f64, self.stability.max(0.1))
    }

    /// Whether it stays: right when it was last asked, and not to be asked for a week.
    pub fn is_kept(&self) -> bool {
        self.was_right && self.due.since(self.answered) >= 7
    }
}

/// What is known of each question that was ever answered.
pub fn schedule(learning: &Learning, clock: Clock) -> BTreeMap<String, Recall> {
    let mut answers: BTreeMap<&str, Answers> = BTreeMap::new();
    for noted in &learning.deeds {
        let Deed::Answered { question, share, is_right, .. } = &noted.deed else { continue };
        let of = answers.entry(question).or_default();
        let day = clock.day_of(noted.at_ms);
        let rating = rating(*share, *is_right);
        let worst = of.worst.entry(day).or_insert(rating);
        if (rating as u8) < (*worst as u8) {
            *worst = rating;
        }
        if noted.at_ms >= of.last_ms {
            (of.last_ms, of.was_right) = (noted.at_ms, *is_right);
        }
    }
    answers.into_iter().map(|(id, answers)| (id.to_owned(), answers.reckon())).collect()
}

/// The answers to one question.
#[derive(Default)]
struct Answers {
    worst: BTreeMap<Day, Rating>,
    last_ms: u64,
    was_right: bool,
}

impl Answers {
    fn reckon(&self) -> Recall {
        // No steps within a day, and nothing left to chance.
        let parameters =
            Parameters { enable_short_term: false, enable_fuzz: false, ..Parameters::default() };
        let fsrs = FSRS::new(parameters);
        let mut card = Card { state: State::New, ..Card::default() };
        let mut answered = Day(0);
        for (day, rating) in &self.worst {
            card = fsrs.next(card, date(*day), *rating).card;
            answered = *day;
        }
        Recall {
            answered,
            due: answered.plus(card.scheduled_days.max(1)),
            days: u32::try_from(self.worst.len()).unwrap_or(u32::MAX),
            was_right: self.was_right,
            stability: card.stability,
        }
    }
}

fn rating(share: u8, is_right: bool) -> Rating {
    match (is_right, share) {
        (true, _) => Rating::Good,
        (false, NEARLY..) => Rating::Hard,
        (false, _) => Rating::Again,
    }
}

fn date(day: Day) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(day.noon_ms()).unwrap_or_default()
}
