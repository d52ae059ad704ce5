//! All that a browser keeps of one's learning, as one file to take along. A file is taken as it is or refused with the place
//! of the first mistake; what it changes is told.

use std::collections::BTreeSet;
use std::fmt::Write;

use highwater_exercises::Content;
use highwater_exercises::learning::{Deed, Learning, MOST, Noted};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::mock::Mock;
use crate::practice::Practice;

/// The version of the file that is written, and the only one that is read.
const VERSION: u64 = 1;

/// A file is not longer: so many deeds fit in it several times.
const MOST_BYTES: usize = 16_000_000;

/// A clock may be wrong by so much before a file is thought to be wrong.
const AHEAD_MS: u64 = 2 * 86_400_000;

/// All that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What was done. What is due follows from it.
    pub learning: Learning,
    /// The exercises that are marked as solved, by id.
    pub solved: BTreeSet<String>,
    /// The mock interview that is under way, or was last.
    pub mock: Option<Mock>,
    /// The row of questions that is under way.
    pub practice: Option<Practice>,
}

/// What a file is to do to what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Be added to it.
    Add,
    /// Take its place.
    Replace,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// How many deeds are new.
    pub added: usize,
    /// How many were there already.
    pub known: usize,
    /// How many that were there are there no longer.
    pub gone: usize,
    /// Exercises and questions that this version of the page does not know, by id. What is said of them is kept.
    pub unknown: Vec<String>,
    /// Whether a mock interview of the file was left out, because one is under way here.
    pub left_mock: bool,
}

/// Why a file is not taken. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is longer than any such file.
    TooLong,
    /// It is no such file.
    Another,
    /// Another version of the page wrote it.
    Version(u64),
    /// It cannot be read.
    Unreadable {
        /// Where.
        line: usize,
        /// In which column.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// Something of it cannot be so.
    Wrong {
        /// Where.
        line: usize,
        /// What: `deed 3`, `mock`.
        part: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Progress {
    /// As a file, with a deed a line.
    pub fn write(&self, now_ms: u64) -> String {
        let mut text =
            format!("{{\n\"highwater_progress\": {VERSION},\n\"written_at_ms\": {now_ms},\n");
        text.push_str("\"deeds\": [");
        for (index, noted) in self.learning.deeds.iter().enumerate() {
            let _ = write!(text, "{}\n{}", if index == 0 { "" } else { "," }, json(noted));
        }
        let _ = write!(
            text,
            "\n],\n\"solved\": {},\n\"mock\": {},\n\"practice\": {}\n}}\n",
            json(&self.solved),
            json(&self.mock),
            json(&self.practice)
        );
        text
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The first mistake in it, with its place.
    pub fn read(text: &str, now_ms: u64) -> Result<Self, Refused> {
        if text.len() > MOST_BYTES {
            return Err(Refused::TooLong);
        }
        let mark: Mark = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
        match mark.highwater_progress {
            Some(VERSION) => {}
            Some(other) => return Err(Refused::Version(other)),
            None => return Err(Refused::Another),
        }
        let file: File = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
        if file.deeds.len() > MOST {
            let why = format!("there are {} deeds, and at most {MOST} are kept", file.deeds.len());
            return Err(Refused::Wrong {
                line: line_of(text, file.deeds[MOST]),
                part: format!("deed {}", MOST + 1),
                why,
            });
        }
        let mut deeds = Vec::new();
        for (index, raw) in file.deeds.iter().enumerate() {
            let part = || format!("deed {}", index + 1);
            let noted: Noted = exact(text, raw, &part)?;
            if let Some(why) = trouble(&noted, now_ms) {
                return Err(Refused::Wrong { line: line_of(text, raw), part: part(), why });
            }
            deeds.push(noted);
        }
        deeds.sort_by_key(|noted| noted.at_ms);
        let mock = file.mock.map(|raw| exact(text, raw, &|| "mock".to_owned())).transpose()?;
        let practice =
            file.practice.map(|raw| exact(text, raw, &|| "practice".to_owned())).transpose()?;
        if let Some(id) = file.solved.iter().find(|id| !is_id(id)) {
            return Err(Refused::Wrong { line: 1, part: "solved".to_owned(), why: no_id(id) });
        }
        Ok(Self {
            learning: Learning { deeds },
            solved: file.solved.into_iter().collect(),
            mock,
            practice,
        })
    }

    /// Adds what a file holds, or puts it in the place of what is here.
    pub fn take(self, file: Self, how: Merge, content: &Content) -> (Self, Mended) {
        let mine = self.learning.deeds.clone();
        let theirs: BTreeSet<String> = file.learning.deeds.iter().map(json).collect();
        let unknown = unknown(&file, content);
        let (all, left_mock) = match how {
            Merge::Replace => (file, false),
            Merge::Add => self.and(file),
        };
        let before: BTreeSet<String> = mine.iter().map(json).collect();
        let now: BTreeSet<String> = all.learning.deeds.iter().map(json).collect();
        // What happens once is noted once: the earlier takes the place of the later, and nothing is lost by it.
        let happens_once = |noted: &&Noted| matches!(noted.deed, Deed::Arrived | Deed::FirstRecord);
        let lost = mine.iter().filter(|noted| !happens_once(noted) && !now.contains(&json(noted)));
        let mended = Mended {
            added: now.difference(&before).count(),
            known: theirs.intersection(&before).count(),
            gone: lost.count(),
            unknown,
            left_mock,
        };
        (all, mended)
    }

    /// All of both; whether the other's mock interview is left out.
    fn and(self, file: Self) -> (Self, bool) {
        let mine: BTreeSet<String> = self.learning.deeds.iter().map(json).collect();
        let mut deeds = self.learning.deeds;
        deeds.extend(file.learning.deeds.into_iter().filter(|noted| !mine.contains(&json(noted))));
        deeds.sort_by_key(|noted| noted.at_ms);
        let mut learning = Learning::default();
        for noted in deeds {
            learning.note(noted.at_ms, noted.deed);
        }
        let is_under_way = self.mock.as_ref().is_some_and(|mock| !mock.is_over());
        let left_mock = is_under_way && file.mock.is_some() && file.mock != self.mock;
        let mock = if is_under_way { self.mock } else { file.mock.or(self.mock) };
        let solved = self.solved.into_iter().chain(file.solved).collect();
        let practice = self.practice.or(file.practice);
        (Self { learning, solved, mock, practice }, left_mock)
    }
}

/// What makes a file one of these.
#[derive(Deserialize)]
struct Mark {
    highwater_progress: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "they have to be there, and right, and are not needed")]
struct File<'a> {
    highwater_progress: u64,
    written_at_ms: u64,
    #[serde(borrow)]
    deeds: Vec<&'a RawValue>,
    solved: Vec<String>,
    #[serde(borrow)]
    mock: Option<&'a RawValue>,
    #[serde(borrow)]
    practice: Option<&'a RawValue>,
}

/// A part of the file, which has to be what is written of it again: nothing in it is passed over.
fn exact<T: DeserializeOwned + serde::Serialize>(
    text: &str,
    raw: &RawValue,
    part: &dyn Fn() -> String,
) -> Result<T, Refused> {
    let wrong = |line: usize, why: String| Refused::Wrong { line, part: part(), why };
    // Counting lines is only for what is refused.
    let first = || line_of(text, raw);
    let value: T = serde_json::from_str(raw.get())
        .map_err(|error| wrong(first() + error.line().saturating_sub(1), reason(&error)))?;
    let given: serde_json::Value =
        serde_json::from_str(raw.get()).map_err(|error| wrong(first(), reason(&error)))?;
    let again = serde_json::to_value(&value).map_err(|error| wrong(first(), reason(&error)))?;
    if given != again {
        let why = match stranger(&given, &again) {
            Some(name) => format!("`{name}` is not known, or not as it is written"),
            None => "it has more in it than is known".to_owned(),
        };
        return Err(wrong(first(), why));
    }
    Ok(value)
}

/// The field that is not in what was understood.
fn stranger(given: &serde_json::Value, again: &serde_json::Value) -> Option<String> {
    let (given, again) = (given.as_object()?, again.as_object()?);
    given.iter().find(|(name, value)| again.get(*name) != Some(value)).map(|(name, _)| name.clone())
}

/// What of a deed cannot be so.
fn trouble(noted: &Noted, now_ms: u64) -> Option<String> {
    if noted.at_ms > now_ms.saturating_add(AHEAD_MS) {
        return Some("`at_ms` lies in the future".to_owned());
    }
    match &noted.deed {
        Deed::Answered { share, .. } if *share > 100 => {
            Some(format!("`share` is {share}, and at most 100"))
        }
        Deed::Guessed { sure, .. } if *sure > 2 => Some(format!("`sure` is {sure}, and at most 2")),
        deed => ids(deed).into_iter().find(|id| !is_id(id)).map(no_id),
    }
}

fn ids(deed: &Deed) -> Vec<&str> {
    match deed {
        Deed::Arrived | Deed::FirstRecord => vec![],
        Deed::Began { exercise } | Deed::Solved { exercise } => vec![exercise],
        Deed::Met { exercise, check } | Deed::Hint { exercise, check, .. } => vec![exercise, check],
        Deed::Guessed { exercise, prediction, belief, .. } => {
            let belief = belief.as_deref();
            [exercise.as_str(), prediction].into_iter().chain(belief).collect()
        }
        Deed::Answered { question, beliefs, .. } => {
            let beliefs = beliefs.iter().map(String::as_str);
            [question.as_str()].into_iter().chain(beliefs).collect()
        }
    }
}

fn is_id(id: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || "-_./".contains(letter);
    !id.is_empty() && id.len() <= 200 && id.chars().all(is_letter)
}

fn no_id(id: &str) -> String {
    let start: String = id.chars().take(40).collect();
    format!("`{start}` is no name of anything")
}

/// What the file speaks of and the content does not know.
fn unknown(file: &Progress, content: &Content) -> Vec<String> {
    let exercises: BTreeSet<&str> = content.exercises.iter().map(|it| it.id.as_str()).collect();
    let questions: BTreeSet<&str> = content.questions.iter().map(|it| it.id.as_str()).collect();
    let mut unknown = BTreeSet::new();
    for noted in &file.learning.deeds {
        let (id, known) = match &noted.deed {
            Deed::Answered { question, .. } => (question, &questions),
            Deed::Began { exercise }
            | Deed::Solved { exercise }
            | Deed::Met { exercise, .. }
            | Deed::Hint { exercise, .. }
            | Deed::Guessed { exercise, .. } => (exercise, &exercises),
            Deed::Arrived | Deed::FirstRecord => continue,
        };
        if !known.contains(id.as_str()) {
            unknown.insert(id.clone());
        }
    }
    unknown.extend(file.solved.iter().filter(|id| !exercises.contains(id.as_str())).cloned());
    unknown.into_iter().collect()
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("it is plain data")
}

fn unreadable(error: &serde_json::Error) -> Refused {
    Refused::Unreadable { line: error.line(), column: error.column(), why: reason(error) }
}

/// What is wrong, without the place, which counts from the part's beginning.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(why, _)| why.to_owned())
}

/// The line on which a part of the text begins.
fn line_of(text: &str, raw: &RawValue) -> usize {
    let start = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    text.as_bytes().iter().take(start).filter(|byte| **byte == b'\n').count() + 1
}
