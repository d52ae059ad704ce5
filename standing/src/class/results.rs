//! What students answered, as files that the teacher lays together. A file says what was answered; whether it is right, the
//! engine says anew for whoever reads it.

use std::collections::BTreeMap;

use highwater_exercises::{Given, Grade, Playlist, Question, Task};
use serde::{Deserialize, Serialize};

use super::work::{MOST_STUDENTS, Work, draw_of};
use crate::mock::Mock;

/// The version of the file that is written, and the only one that is read.
const VERSION: u64 = 1;

/// A file is not longer.
const MOST_BYTES: usize = 512 << 10;

/// A name is not longer, in letters.
const MOST_OF_NAME: usize = 80;

/// A file has at most so many answers.
const MOST_ANSWERS: usize = 200;

/// What one student answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    highwater_class: u64,
    /// Whose it is, and of which playlist.
    pub of: Work,
    /// When it was written, in milliseconds since 1970.
    pub written_at_ms: u64,
    /// The answers, in the order of the questions.
    pub answers: Vec<Answered>,
}

/// What was answered to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The question, by id.
    pub question: String,
    /// What drew its numbers.
    pub draw: u32,
    /// What was answered; none if nothing was, or if it was answered in words only.
    pub given: Option<Given>,
    /// What was written in one's own words.
    pub words: String,
    /// How long it took.
    pub spent_ms: u64,
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultsRefused {
    /// It is longer than any such file.
    TooLong,
    /// It is no such file.
    Another,
    /// Another version of the page wrote it.
    Version(u64),
    /// It cannot be read. Lines are counted from 1.
    Unreadable {
        /// Where.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// It belongs to another playlist, by id.
    OtherPlaylist(String),
    /// It has a name, a number or answers that no such file has.
    OutOfBounds,
}

/// A class, as the files tell of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Class {
    /// By number and name.
    pub students: Vec<OfStudent>,
    /// In the order of the playlist.
    pub questions: Vec<OfQuestion>,
}

/// How it went for one student.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfStudent {
    /// Who.
    pub of: Work,
    /// How many answers are right.
    pub right: usize,
    /// Of how many that the engine can judge.
    pub judged: usize,
    /// Of each question of the playlist: whether it is right; none if nobody but the teacher can say, or nothing was answered.
    pub marks: Vec<Option<bool>>,
    /// Whether any answer is to other numbers than those of this student.
    pub has_other_numbers: bool,
}

/// How one question went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfQuestion {
    /// Which, by id.
    pub question: String,
    /// How many answers are right.
    pub right: usize,
    /// Of how many.
    pub judged: usize,
    /// How many did not answer it.
    pub unanswered: usize,
    /// The wrong beliefs that the answers show, and how often: the most frequent first.
    pub beliefs: Vec<(String, usize)>,
    /// What was written in own words, with who wrote it.
    pub words: Vec<(Work, String)>,
}

impl Results {
    /// What stands in a mock interview that a class gave; none if no class did.
    pub fn of(mock: &Mock, now_ms: u64) -> Option<Self> {
        let answers = mock.slots.iter().map(|slot| Answered {
            question: slot.question.clone(),
            draw: slot.draw,
            given: slot.given.clone(),
            words: slot.words.clone(),
            spent_ms: slot.spent_ms,
        });
        Some(Self {
            highwater_class: VERSION,
            of: mock.class.clone()?,
            written_at_ms: now_ms,
            answers: answers.collect(),
        })
    }

    /// As the text of a file.
    pub fn write(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).expect("it is plain data"))
    }

    /// Reads a file of a playlist.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn read(text: &str, playlist: &Playlist) -> Result<Self, ResultsRefused> {
        #[derive(Deserialize)]
        struct Versioned {
            highwater_class: u64,
        }
        if text.len() > MOST_BYTES {
            return Err(ResultsRefused::TooLong);
        }
        // Of another version only its number is known to be where it is.
        match serde_json::from_str::<Versioned>(text) {
            Ok(Versioned { highwater_class: VERSION }) => {}
            Ok(Versioned { highwater_class: other }) => return Err(ResultsRefused::Version(other)),
            Err(_) => return Err(ResultsRefused::Another),
        }
        let results: Self = serde_json::from_str(text).map_err(|error| {
            let sentence = error.to_string();
            let why = sentence.rsplit_once(" at line ").map_or(&*sentence, |(why, _)| why);
            let why = why.chars().take(120).collect();
            ResultsRefused::Unreadable { line: error.line(), why }
        })?;
        if results.of.playlist != playlist.id {
            return Err(ResultsRefused::OtherPlaylist(results.of.playlist));
        }
        let fits = (1..=MOST_STUDENTS).contains(&results.of.student)
            && results.of.name.chars().count() <= MOST_OF_NAME
            && results.answers.len() <= MOST_ANSWERS;
        if fits { Ok(results) } else { Err(ResultsRefused::OutOfBounds) }
    }
}

impl Class {
    /// Lays files together. Of two of the same student the later one counts.
    pub fn of(
        playlist: &Playlist,
        files: &[Results],
        find: impl Fn(&str) -> Option<&'static Question>,
    ) -> Self {
        let mut asked: Vec<&'static Question> = Vec::new();
        for question in playlist.questions().filter_map(|(id, _)| find(id)) {
            if !asked.iter().any(|known| known.id == question.id) {
                asked.push(question);
            }
        }
        let questions = asked.iter().map(|question| OfQuestion::of(question)).collect();
        let mut class = Self { students: Vec::new(), questions };
        for results in newest(files) {
            class.add(results, &asked);
        }
        for question in &mut class.questions {
            question.beliefs.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        }
        class
    }

    fn add(&mut self, results: &Results, asked: &[&'static Question]) {
        let mut student = OfStudent {
            of: results.of.clone(),
            right: 0,
            judged: 0,
            marks: Vec::new(),
            has_other_numbers: false,
        };
        for (question, line) in asked.iter().zip(&mut self.questions) {
            let answered = results.answers.iter().find(|one| one.question == question.id);
            student.has_other_numbers |=
                answered.is_some_and(|one| one.draw != draw_of(question, results.of.student));
            let mark = line.add(question, &results.of, answered);
            student.judged += usize::from(mark.is_some());
            student.right += usize::from(mark == Some(true));
            student.marks.push(mark);
        }
        self.students.push(student);
    }
}

impl OfQuestion {
    fn of(question: &Question) -> Self {
        let question = question.id.clone();
        let (beliefs, words) = (Vec::new(), Vec::new());
        Self { question, right: 0, judged: 0, unanswered: 0, beliefs, words }
    }

    /// Takes an answer in: whether it is right, if the engine can say.
    fn add(&mut self, question: &Question, of: &Work, answered: Option<&Answered>) -> Option<bool> {
        let said = answered.map_or("", |one| one.words.trim());
        if !said.is_empty() {
            self.words.push((of.clone(), said.to_owned()));
        }
        // Only who answers, or who teaches, can judge what was said in own words.
        if matches!(question.task, Task::Open(_)) {
            self.unanswered += usize::from(said.is_empty());
            return None;
        }
        let Some(grade) = answered.and_then(|one| grade(question, one)) else {
            self.unanswered += 1;
            return None;
        };
        self.judged += 1;
        self.right += usize::from(grade.is_right);
        for belief in grade.beliefs {
            match self.beliefs.iter_mut().find(|(known, _)| *known == belief) {
                Some((_, times)) => *times += 1,
                None => self.beliefs.push((belief, 1)),
            }
        }
        Some(grade.is_right)
    }
}

/// What the engine says of an answer; none if nothing was answered.
fn grade(question: &Question, answered: &Answered) -> Option<Grade> {
    let given = answered.given.as_ref()?;
    let answer = question.try_ask_drawn(&question.draw(u64::from(answered.draw))).ok()?;
    Some(question.grade(&answer, given))
}

/// The latest file of each student, by number and name.
fn newest(files: &[Results]) -> impl Iterator<Item = &Results> {
    let mut newest: BTreeMap<(u32, &str), &Results> = BTreeMap::new();
    for file in files {
        let of = (file.of.student, file.of.name.as_str());
        let known = newest.get(&of).map_or(0, |known| known.written_at_ms);
        if !newest.contains_key(&of) || known <= file.written_at_ms {
            newest.insert(of, file);
        }
    }
    newest.into_values()
}
