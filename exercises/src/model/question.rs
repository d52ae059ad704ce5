//! A question whose right answer is found by running its scenario.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::expr::Expr;

/// A question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The stage of the road that it belongs to.
    pub stage: u8,
    /// How much it asks.
    pub level: Level,
    /// What it is about: concepts of the road, or other words.
    pub tags: Vec<String>,
    /// The situation and what is asked, with parameters in braces.
    pub text_html: String,
    /// What is right and why: for after the answer.
    pub explanation_html: String,
    /// What is to be done.
    pub task: Task,
    /// The run that answers it, unless nothing has to run.
    pub run: Option<Run>,
    /// What a template draws, by name.
    pub parameters: BTreeMap<String, Vec<Drawn>>,
    /// What must hold of what is drawn.
    pub require: Option<Expr>,
}

/// How much a question asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Knowing what a word means.
    Easy,
    /// Knowing what happens.
    Medium,
    /// Knowing what happens when several things come together.
    Hard,
}

/// A value that a template draws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Drawn {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

/// A run that answers a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The scenario, with parameters in braces.
    pub scenario: String,
    /// The moment that is shown while one makes up one's mind, in microseconds of virtual time.
    pub shows: u64,
    /// The beginning of the time that is looked at, in microseconds of virtual time.
    pub since: u64,
    /// The end of the time that is looked at, in microseconds of virtual time.
    pub until: u64,
    /// The sentence that tells what the run showed, with facts and parameters in braces.
    pub evidence: String,
    /// What the sentence tells.
    pub facts: BTreeMap<String, Expr>,
    /// How the same scenario is run again under other circumstances that do not matter.
    pub may_differ: Vec<String>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Choose the one that is right. Said before the run, it is a prediction.
    Choose(Vec<Choice>),
    /// The same, where the run is seen only afterwards.
    Predict(Vec<Choice>),
    /// Find what is wrong in a cluster that is there to be looked at.
    FindFault(Vec<Choice>),
    /// Choose all that are right.
    ChooseAll(Vec<Choice>),
    /// Put in order.
    Order(Vec<Item>),
    /// Type a number.
    Number {
        /// The answer.
        answer: Expr,
        /// What is counted, such as "records"; may be empty.
        unit: String,
        /// Answers that a wrong belief gives.
        wrong: Vec<Wrong>,
    },
    /// Point at something on the stage.
    Point {
        /// What kind of thing.
        at: Pointed,
        /// Which: a broker's id, a partition's as `orders-0`, a name.
        answer: Expr,
        /// Answers that a wrong belief gives.
        wrong: Vec<Wrong>,
    },
    /// Answer freely, and grade oneself.
    Open(Rubric),
}

/// What can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pointed {
    /// A broker, by its id.
    Broker,
    /// A partition, as `orders-0`.
    Partition,
    /// A topic.
    Topic,
    /// A producer.
    Producer,
    /// A consumer.
    Consumer,
    /// A group.
    Group,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What it claims.
    pub text: String,
    /// When the claim is true.
    pub when: Expr,
    /// The wrong belief that makes one choose it, by its id; the right choice has none.
    pub misconception: Option<String>,
    /// What to say to who chose it.
    pub reply_html: String,
}

/// Something to be put in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// What it says.
    pub text: String,
    /// Its place: a number that the run gives, the lowest first.
    pub at: Expr,
}

/// A wrong answer that a belief gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wrong {
    /// The answer.
    pub answer: Expr,
    /// The belief, by its id.
    pub misconception: String,
    /// What to say to who gave it.
    pub reply_html: String,
}

/// What a good answer has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rubric {
    /// What it contains.
    pub contains: Vec<String>,
    /// What separates a strong answer.
    pub separates: Vec<String>,
    /// What may be asked next.
    pub follow_ups: Vec<String>,
}

impl Task {
    /// Its word.
    pub fn name(&self) -> &'static str {
        match self {
            Task::Choose(_) => "choose",
            Task::Predict(_) => "predict",
            Task::FindFault(_) => "find_fault",
            Task::ChooseAll(_) => "choose_all",
            Task::Order(_) => "order",
            Task::Number { .. } => "number",
            Task::Point { .. } => "point",
            Task::Open(_) => "open",
        }
    }
}

impl Question {
    /// The choices, of a question that has some.
    pub fn choices(&self) -> &[Choice] {
        match &self.task {
            Task::Choose(choices)
            | Task::Predict(choices)
            | Task::FindFault(choices)
            | Task::ChooseAll(choices) => choices,
            _ => &[],
        }
    }

    /// Whether the engine finds the answer.
    pub fn is_computed(&self) -> bool {
        self.run.is_some()
    }

    /// Whether it is a template.
    pub fn is_template(&self) -> bool {
        !self.parameters.is_empty()
    }
}
