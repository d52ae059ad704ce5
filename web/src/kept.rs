//! What this browser keeps of one's way through the interview, beside what is noted in `learning.rs`: the mock interview, the
//! row of questions that is under way, and the answer that was given last in this tab.

use std::collections::{BTreeMap, BTreeSet};

use highwater_exercises::learning::{Deed, Learning, Noted};
use highwater_exercises::{Given, Question};
use highwater_standing::{Clock, Day, Mock, Practice, Progress, Recall};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::learning;
use crate::packs;
use crate::save::storage::{self, StorageError};

const MOCK: &str = "highwater.mock";
const PRACTICE: &str = "highwater.practice";
const SOLVED: &str = "highwater.solved.";
const GIVEN: &str = "highwater.given";

/// Now, and where on earth.
pub fn clock() -> Clock {
    let now = js_sys::Date::new_0();
    Clock { now_ms: now.get_time() as u64, minutes_east: -(now.get_timezone_offset() as i32) }
}

/// What is known of one's learning at a moment.
pub struct Standing {
    /// What was done.
    pub learning: Learning,
    /// When each question is to be asked again.
    pub schedule: BTreeMap<String, Recall>,
    /// The day.
    pub today: Day,
}

/// Where one stands now. What is marked as solved counts as solved, even if nobody knows when.
pub fn standing() -> Standing {
    let clock = clock();
    let mut learning = learning::noted();
    for exercise in solved() {
        if !learning.has_solved(&exercise) {
            learning.deeds.insert(0, Noted { at_ms: 0, deed: Deed::Solved { exercise } });
        }
    }
    let schedule = highwater_standing::schedule(&learning, clock);
    Standing { learning, schedule, today: clock.today() }
}

/// The question of that id.
pub fn question(id: &str) -> Option<&'static Question> {
    packs::question(id)
}

/// Whether the bank, or a pack, has it.
pub fn is_known(id: &str) -> bool {
    question(id).is_some()
}

/// The address of a question, with other numbers each time that it is asked.
pub fn address(id: &str, learning: &Learning) -> String {
    let is_answer =
        |noted: &&Noted| matches!(&noted.deed, Deed::Answered { question, .. } if question == id);
    let times = learning.deeds.iter().filter(is_answer).count();
    match question(id) {
        Some(question) if question.is_template() && times > 0 => {
            format!("#/interview/{id}/{times}")
        }
        _ => format!("#/interview/{id}"),
    }
}

/// The mock interview that is under way, or was last.
pub fn mock() -> Option<Mock> {
    let mock = read::<Mock>(MOCK)?.known(is_known);
    (!mock.slots.is_empty()).then_some(mock)
}

/// Keeps it.
pub fn keep_mock(mock: &Mock) -> Result<(), StorageError> {
    write(MOCK, mock)
}

/// The row of questions that is under way.
pub fn practice() -> Option<Practice> {
    let row = read::<Practice>(PRACTICE)?.known(is_known);
    (!row.questions.is_empty()).then_some(row)
}

/// Keeps it. Where nothing can be stored, no question leads on to the next; each can still be answered.
pub fn keep_practice(row: &Practice) {
    let _ = write(PRACTICE, row);
}

/// Forgets the row.
pub fn end_practice() {
    storage::remove(PRACTICE);
}

/// The answer that was given in this tab to a question with these numbers, if it was the last one.
pub fn given(question: &str, draw: u32) -> Option<Given> {
    let text = storage::of_tab(GIVEN)?;
    let (id, of, given) = serde_json::from_str::<(String, u32, Given)>(&text).ok()?;
    (id == question && of == draw).then_some(given)
}

/// Lets this tab remember an answer; none lets it forget the one before.
pub fn keep_given(question: &str, draw: u32, given: Option<&Given>) {
    let text = given.and_then(|given| serde_json::to_string(&(question, draw, given)).ok());
    storage::set_of_tab(GIVEN, &text.unwrap_or_default());
}

/// All that is kept, as it goes into a file.
pub fn progress() -> Progress {
    Progress {
        learning: learning::noted(),
        solved: solved(),
        mock: read(MOCK),
        practice: read(PRACTICE),
    }
}

/// Keeps all this in the place of what is there.
pub fn keep_progress(progress: &Progress) -> Result<(), StorageError> {
    // What is largest comes first: if there is no room for it, all stays as it was.
    learning::keep(&progress.learning)?;
    for key in storage::keys(SOLVED) {
        storage::remove(&key);
    }
    for exercise in &progress.solved {
        storage::set(&format!("{SOLVED}{exercise}"), "1")?;
    }
    match &progress.mock {
        Some(mock) => write(MOCK, mock)?,
        None => storage::remove(MOCK),
    }
    match &progress.practice {
        Some(row) => write(PRACTICE, row)?,
        None => storage::remove(PRACTICE),
    }
    Ok(())
}

/// Texts that are kept here and cannot be read, by their keys. They were put aside rather than written over.
pub fn unreadable() -> Vec<(String, String)> {
    let keys = storage::keys(ASIDE).into_iter();
    keys.filter_map(|key| Some((key.clone(), storage::get(&key)?))).collect()
}

const ASIDE: &str = "highwater.unreadable.";

/// Puts what cannot be read aside.
pub fn put_aside(key: &str, text: &str) {
    if storage::set(&format!("{ASIDE}{key}"), text).is_ok() {
        storage::remove(key);
    }
}

fn solved() -> BTreeSet<String> {
    let keys = storage::keys(SOLVED).into_iter();
    keys.filter_map(|key| key.strip_prefix(SOLVED).map(str::to_owned)).collect()
}

/// What is kept under a key; what cannot be read is put aside.
pub fn read<T: DeserializeOwned>(key: &str) -> Option<T> {
    let text = storage::get(key)?;
    let read = serde_json::from_str(&text).ok();
    if read.is_none() {
        put_aside(key, &text);
    }
    read
}

/// Keeps something under a key.
pub fn write(key: &str, value: &impl Serialize) -> Result<(), StorageError> {
    storage::set(key, &serde_json::to_string(value).unwrap_or_default())
}
