//! Questions: say first, then let the cluster answer.

mod asking;
mod bank;
mod evening;
mod fields;
mod hub;
mod led;
mod mock;
mod mock_panel;
mod panel;
mod report;
mod row;
mod spoken;
mod verdict;

pub use fields::escaped;
pub use hub::{InterviewPage, NextSteps};
pub use led::LedTo;
pub use mock::{MockPage, start};
pub use mock_panel::MockPanel;
pub use panel::QuestionPanel;
pub use row::begin;
pub use verdict::{LOOK_LEAD, LOOK_SPEED};

use highwater_cluster::time::Time;
use highwater_exercises::{Level, Question, Task};

use crate::learn::stage_name;
use crate::play::Desk;
use crate::save::Keeper;
use crate::sim::EMPTY_SCRIPT;

/// Has the cluster stand as a question shows it, under the name of a place.
pub fn set_the_stage(desk: Desk, keeper: Keeper, question: &Question, draw: u32, name: &str) {
    let shown = question.run.as_ref().map(|run| Time(run.shows));
    let situation = question.situation_drawn(&question.draw(u64::from(draw)));
    let begins = if situation.is_empty() { EMPTY_SCRIPT } else { &situation };
    keeper.open_at(name, begins, shown);
    desk.clear();
}

/// The stage of a question, and what is to be done.
fn said_of(question: &Question) -> String {
    let stage = stage_name(question.stage);
    if question.is_computed() {
        t!("interview.predict-then-run", stage = stage)
    } else {
        t!("interview.say-then-read", stage = stage)
    }
}

/// A level in a word.
fn level_name(level: Level) -> &'static str {
    match level {
        Level::Easy => t!("bank.easy"),
        Level::Medium => t!("bank.medium"),
        Level::Hard => t!("bank.hard"),
    }
}

/// What is to be done, in a word or two.
fn kind_name(task: &Task) -> &'static str {
    match task {
        Task::Choose(_) => t!("bank.choose"),
        Task::Predict(_) => t!("bank.predict"),
        Task::FindFault(_) => t!("bank.find-fault"),
        Task::ChooseAll(_) => t!("bank.choose-all"),
        Task::Order(_) => t!("bank.order"),
        Task::Number { .. } => t!("bank.number"),
        Task::Point { .. } => t!("bank.point"),
        Task::Open(_) => t!("bank.open"),
    }
}
