//! What somebody has done to learn, as the page noted it, and what can be said of it. All of it stays with who learns.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::HintLevel;

/// So many deeds are kept: years of them. Beyond it the oldest go.
pub const MOST: usize = 20_000;

/// What was done, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learning {
    /// The deeds.
    pub deeds: Vec<Noted>,
}

/// Something that was done, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Milliseconds since 1970, by the clock of who learns.
    pub at_ms: u64,
    /// What was done.
    #[serde(flatten)]
    pub deed: Deed,
}

/// Something that was done. Exercises, checks, questions and beliefs by their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "snake_case")]
pub enum Deed {
    /// The page was opened for the first time.
    Arrived,
    /// A record of one's own was written to a topic for the first time.
    FirstRecord,
    /// An exercise was begun, or begun anew.
    Began {
        /// Which.
        exercise: String,
    },
    /// A line of its checklist was met for the first time since it was begun.
    Met {
        /// Of which exercise.
        exercise: String,
        /// Which line.
        check: String,
    },
    /// A hint was shown.
    Hint {
        /// Of which exercise.
        exercise: String,
        /// For which line.
        check: String,
        /// How much it said.
        level: HintLevel,
    },
    /// A guess was locked in, and the run has answered.
    Guessed {
        /// Of which exercise.
        exercise: String,
        /// Which guess.
        prediction: String,
        /// What was chosen, from 0.
        option: usize,
        /// How sure one was: guessing, fairly sure, certain.
        sure: u8,
        /// Whether it came so.
        is_right: bool,
        /// The belief that the option stands for.
        belief: Option<String>,
    },
    /// An exercise was solved.
    Solved {
        /// Which.
        exercise: String,
    },
    /// A question was answered.
    Answered {
        /// Which.
        question: String,
        /// How much of it was right, in a hundred.
        share: u8,
        /// Whether all of it was.
        is_right: bool,
        /// The wrong beliefs that the answer shows.
        beliefs: Vec<String>,
    },
}

/// What can be said of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Seconds from the first visit to the first record.
    pub seconds_to_first_record: Option<u64>,
    /// Exercises that were begun, in the order in which they were begun first.
    pub exercises: Vec<OfExercise>,
    /// Where one stopped: the exercise that was begun last and not solved.
    pub stopped_at: Option<String>,
    /// Guesses and questions that were answered.
    pub answered: usize,
    /// Of them: right at the first try.
    pub right_at_first_try: usize,
    /// How often each wrong belief was chosen.
    pub beliefs: BTreeMap<String, u32>,
}

/// What can be said of one exercise.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OfExercise {
    /// Which.
    pub exercise: String,
    /// How often it was begun.
    pub begun: u32,
    /// Seconds from where it was begun last before it was solved.
    pub seconds_to_solve: Option<u64>,
    /// How many hints were shown for each line of its checklist.
    pub hints: BTreeMap<String, u32>,
    /// The line that was met last, if it is not solved.
    pub last_met: Option<String>,
}

impl Learning {
    /// Reads what was kept; none if it is not such a text.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// As a text to keep.
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("it is plain data")
    }

    /// Notes what was done. What can be done once only is noted once.
    pub fn note(&mut self, at_ms: u64, deed: Deed) {
        let happens_once = matches!(deed, Deed::Arrived | Deed::FirstRecord);
        if happens_once && self.deeds.iter().any(|noted| noted.deed == deed) {
            return;
        }
        self.deeds.push(Noted { at_ms, deed });
        if self.deeds.len() > MOST {
            self.deeds.remove(0);
        }
    }

    /// Whether an exercise was solved.
    pub fn has_solved(&self, exercise: &str) -> bool {
        self.deeds.iter().any(
            |noted| matches!(&noted.deed, Deed::Solved { exercise: known } if known == exercise),
        )
    }

    /// What can be said of it.
    pub fn report(&self) -> Report {
        let mut report = Report::default();
        let mut arrived = None;
        let mut began = BTreeMap::<String, u64>::new();
        let mut tried = BTreeSet::new();
        for Noted { at_ms, deed } in &self.deeds {
            match deed {
                Deed::Arrived => arrived = Some(*at_ms),
                Deed::FirstRecord => {
                    let since = arrived.map(|arrived| at_ms.saturating_sub(arrived) / 1_000);
                    report.seconds_to_first_record = since;
                }
                Deed::Began { exercise } => {
                    let one = report.of(exercise);
                    one.begun += 1;
                    one.last_met = None;
                    began.insert(exercise.clone(), *at_ms);
                }
                Deed::Met { exercise, check } => {
                    report.of(exercise).last_met = Some(check.clone());
                }
                Deed::Hint { exercise, check, .. } => {
                    *report.of(exercise).hints.entry(check.clone()).or_default() += 1;
                }
                Deed::Solved { exercise } => {
                    let since = began.get(exercise).map(|began| at_ms.saturating_sub(*began));
                    let one = report.of(exercise);
                    one.seconds_to_solve =
                        one.seconds_to_solve.or(since.map(|since| since / 1_000));
                    one.last_met = None;
                }
                Deed::Guessed { exercise, prediction, is_right, belief, .. } => {
                    let is_first = tried.insert(format!("{exercise}/{prediction}"));
                    report.count(is_first, *is_right, belief.as_slice());
                }
                Deed::Answered { question, is_right, beliefs, .. } => {
                    let is_first = tried.insert(question.clone());
                    report.count(is_first, *is_right, beliefs);
                }
            }
        }
        let open = began.iter().filter(|(id, _)| {
            report
                .exercises
                .iter()
                .any(|one| one.exercise == **id && one.seconds_to_solve.is_none())
        });
        report.stopped_at = open.max_by_key(|(_, at_ms)| **at_ms).map(|(id, _)| id.clone());
        report
    }
}

impl Report {
    /// As a text to give to somebody.
    pub fn write(&self) -> String {
        serde_json::to_string_pretty(self).expect("it is plain data")
    }

    fn of(&mut self, exercise: &str) -> &mut OfExercise {
        let index = self.exercises.iter().position(|one| one.exercise == exercise);
        let index = index.unwrap_or_else(|| {
            self.exercises
                .push(OfExercise { exercise: exercise.to_owned(), ..OfExercise::default() });
            self.exercises.len() - 1
        });
        &mut self.exercises[index]
    }

    fn count(&mut self, is_first: bool, is_right: bool, beliefs: &[String]) {
        if is_first {
            self.answered += 1;
            self.right_at_first_try += usize::from(is_right);
        }
        for belief in beliefs {
            *self.beliefs.entry(belief.clone()).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learning(deeds: Vec<(u64, Deed)>) -> Learning {
        let mut learning = Learning::default();
        for (second, deed) in deeds {
            learning.note(second * 1_000, deed);
        }
        learning
    }

    fn began(exercise: &str) -> Deed {
        Deed::Began { exercise: exercise.to_owned() }
    }

    fn hint(check: &str) -> Deed {
        let level = HintLevel::Where;
        Deed::Hint { exercise: "a".to_owned(), check: check.to_owned(), level }
    }

    fn answered(is_right: bool, belief: &str) -> Deed {
        let beliefs = if is_right { vec![] } else { vec![belief.to_owned()] };
        Deed::Answered { question: "q".to_owned(), share: 0, is_right, beliefs }
    }

    #[test]
    fn the_report_says_how_it_went() {
        let learning = learning(vec![
            (0, Deed::Arrived),
            (9, Deed::Arrived),
            (10, began("a")),
            (41, Deed::FirstRecord),
            (50, hint("one")),
            (55, hint("one")),
            (60, Deed::Met { exercise: "a".to_owned(), check: "one".to_owned() }),
            (100, Deed::Solved { exercise: "a".to_owned() }),
            (110, began("b")),
            (120, Deed::Met { exercise: "b".to_owned(), check: "first".to_owned() }),
            (130, answered(false, "isr-is-a-majority")),
            (140, answered(true, "")),
        ]);
        let report = learning.report();
        assert_eq!(report.seconds_to_first_record, Some(41));
        let [a, b] = &report.exercises[..] else { panic!("{report:?}") };
        assert_eq!((a.begun, a.seconds_to_solve, a.hints["one"]), (1, Some(90), 2));
        assert_eq!((b.seconds_to_solve, b.last_met.as_deref()), (None, Some("first")));
        assert_eq!(report.stopped_at.as_deref(), Some("b"));
        assert_eq!((report.answered, report.right_at_first_try), (1, 0));
        assert_eq!(report.beliefs["isr-is-a-majority"], 1);
        assert!(learning.has_solved("a") && !learning.has_solved("b"));
    }

    #[test]
    fn it_comes_back_as_it_was_kept() {
        let learning = learning(vec![(1, Deed::Arrived), (2, began("a")), (3, hint("one"))]);
        assert_eq!(Learning::read(&learning.write()), Some(learning));
        assert_eq!(Learning::read("{\"deeds\": 3}"), None);
    }

    #[test]
    fn the_oldest_goes_when_there_is_too_much() {
        let mut learning = Learning::default();
        for second in 0..=MOST as u64 {
            learning.note(second, began("a"));
        }
        assert_eq!((learning.deeds.len(), learning.deeds[0].at_ms), (MOST, 1));
    }
}
