//! Answering a question by running its scenario.

use std::fmt;

use highwater_scenario::script::{Document, Micros};
use highwater_scenario::session::Session;

use crate::eval::{Drawn, Look, Value};
use crate::expr::Expr;
use crate::model::question::{Choice, Question, Run, Task, Wrong};
use crate::paced::at_once;
use crate::play::{Budget, begin, play};

/// A template has at most so many different questions in it.
const MOST_DRAWS: usize = 4_096;

/// More of a value is not told: a record may be a megabyte.
const LONGEST_VALUE: usize = 300;

/// An empty world, for what does not ask it.
const NOTHING_RUNS: &str = "highwater 1\nseed 1\ncluster --brokers 1\n";

/// What the run of a question's scenario showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What is right.
    pub solution: Solution,
    /// What wrong beliefs answer: the answer, and the place of the belief among the wrong ones.
    pub wrong: Vec<Value>,
    /// What the run showed, in a sentence with its numbers.
    pub evidence: String,
    /// The scenario, to be played and looked at; empty if nothing has to run.
    pub script: String,
}

/// What is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Solution {
    /// The index of the one option that holds.
    Choice(usize),
    /// The indexes of the options that hold.
    Choices(Vec<usize>),
    /// The indexes of the items, in their order.
    Order(Vec<usize>),
    /// The number.
    Number(i64),
    /// What is to be pointed at.
    Point(String),
    /// It is judged by who answers.
    Open,
}

/// Why a question has no answer. The proofs see to it that no question of the content is such a one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The scenario could not be played.
    Scenario(String),
    /// Not as many options hold as the kind of the question wants.
    Options {
        /// The indexes of those that hold.
        hold: Vec<usize>,
        /// What the run showed.
        evidence: String,
    },
    /// The run does not say what is asked.
    Unsaid(String),
}

impl Question {
    /// All that a template can draw; of another question, nothing, once.
    pub fn draws(&self) -> Vec<Drawn> {
        let mut draws = vec![Drawn::new()];
        for (name, values) in &self.parameters {
            let with = |draw: &Drawn, value: &crate::model::question::Drawn| {
                let mut draw = draw.clone();
                draw.insert(name.clone(), Value::from(value.clone()));
                draw
            };
            let more =
                draws.iter().flat_map(|draw| values.iter().map(move |value| with(draw, value)));
            draws = more.take(MOST_DRAWS).collect();
        }
        if let Some(require) = &self.require {
            let Ok(session) = begin(NOTHING_RUNS) else { return Vec::new() };
            draws.retain(|draw| Look::new(&session).drawn(draw, None).holds(require).is_ok());
        }
        draws
    }

    /// What a seed draws: the same for the same seed.
    pub fn draw(&self, seed: u64) -> Drawn {
        let mut draws = self.draws();
        match draws.len() {
            0 => Drawn::new(),
            count => draws.swap_remove(Self::place_of(seed, count)),
        }
    }

    /// The number after this one that draws something else, if anything else is to be drawn.
    pub fn next_draw(&self, draw: u32) -> u32 {
        /// Of two things to be drawn, so many tries in a row draw the same in one of a billion cases.
        const TRIES: u32 = 30;
        let count = self.draws().len();
        let place = |draw: u32| Self::place_of(u64::from(draw), count);
        let others = (1..=TRIES).map(|by| draw.wrapping_add(by));
        let mut unlike = others.filter(|other| place(*other) != place(draw));
        unlike.next().unwrap_or_else(|| draw.wrapping_add(1))
    }

    /// In which order the options are shown: who writes a question mostly writes what is right first.
    pub fn shown_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.choices().len()).collect();
        let mix = |index: usize| {
            let bytes = self.id.bytes().chain(index.to_string().into_bytes());
            // FNV-1a: the same everywhere, and other for each question.
            bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        };
        order.sort_by_key(|index| mix(*index).rotate_left(29));
        order
    }

    /// Which of so many a seed draws, from 0.
    pub fn place_of(seed: u64, count: usize) -> usize {
        // SplitMix64's last steps: neighbouring seeds are to draw different things.
        let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % count.max(1) as u64).unwrap_or(0)
    }

    /// A text of the question with what was drawn.
    pub fn with(&self, text: &str, drawn: &Drawn) -> String {
        fill_known(text, drawn)
    }

    /// Runs the scenario and finds out what is right.
    ///
    /// # Panics
    /// The question has no answer, which the proof of the content rules out.
    pub fn ask(&self) -> Answer {
        self.try_ask().unwrap_or_else(|error| panic!("question {}: {error}", self.id))
    }

    /// Runs the scenario as it is first drawn, and finds out what is right.
    ///
    /// # Errors
    /// The run does not say it.
    pub fn try_ask(&self) -> Result<Answer, NoAnswer> {
        self.try_ask_drawn(&self.draw(0))
    }

    /// Runs the scenario with what was drawn, and finds out what is right.
    ///
    /// # Errors
    /// The run does not say it.
    pub fn try_ask_drawn(&self, drawn: &Drawn) -> Result<Answer, NoAnswer> {
        let script = self.run.as_ref().map(|run| fill_known(&run.scenario, drawn));
        at_once(self.answer(drawn, script.as_deref().unwrap_or_default()))
    }

    /// What is right by a scenario: the question's own, or one that differs in what does not matter.
    pub(crate) async fn answer(&self, drawn: &Drawn, script: &str) -> Result<Answer, NoAnswer> {
        let Some(run) = &self.run else {
            // Nothing runs: an empty world answers, and expressions do not ask it.
            let session = begin(NOTHING_RUNS).map_err(NoAnswer::Scenario)?;
            let look = Look::new(&session).drawn(drawn, None);
            return self.judged(&look, String::new(), String::new());
        };
        let (before, after) = played(run, script).await.map_err(NoAnswer::Scenario)?;
        let before = Look::new(&before).drawn(drawn, None);
        let look = Look::new(&after).drawn(drawn, Some(&before));
        let mut said = drawn.clone();
        for (name, expr) in &run.facts {
            said.insert(name.clone(), value(&look, expr)?);
        }
        let evidence = fill_known(&run.evidence, &said);
        self.judged(&look, evidence, script.to_owned())
    }

    fn judged(
        &self,
        look: &Look<'_>,
        evidence: String,
        script: String,
    ) -> Result<Answer, NoAnswer> {
        let hold = |choices: &[Choice]| -> Vec<usize> {
            let choices = choices.iter().enumerate();
            choices
                .filter(|(_, one)| look.holds(&one.when).is_ok())
                .map(|(index, _)| index)
                .collect()
        };
        let (solution, wrong): (_, &[Wrong]) = match &self.task {
            Task::Choose(choices) | Task::Predict(choices) | Task::FindFault(choices) => {
                match hold(choices)[..] {
                    [right] => (Solution::Choice(right), &[]),
                    ref hold => {
                        return Err(NoAnswer::Options { hold: hold.to_vec(), evidence });
                    }
                }
            }
            Task::ChooseAll(choices) => match hold(choices) {
                hold if hold.is_empty() => return Err(NoAnswer::Options { hold, evidence }),
                hold => (Solution::Choices(hold), &[]),
            },
            Task::Order(items) => {
                let mut places = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    places.push((value(look, &item.at)?, index));
                }
                places.sort();
                if let Some(same) = places.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                    return Err(NoAnswer::Unsaid(format!(
                        "two items have the place {}",
                        same[0].0
                    )));
                }
                (Solution::Order(places.into_iter().map(|(_, index)| index).collect()), &[])
            }
            Task::Number { answer, wrong, .. } => match value(look, answer)? {
                Value::Number(number) => (Solution::Number(number), wrong),
                other => return Err(NoAnswer::Unsaid(format!("{other} is no number"))),
            },
            Task::Point { answer, wrong, .. } => {
                (Solution::Point(value(look, answer)?.to_string()), wrong)
            }
            Task::Open(_) => (Solution::Open, &[]),
        };
        let wrong =
            wrong.iter().map(|wrong| value(look, &wrong.answer)).collect::<Result<_, _>>()?;
        Ok(Answer { solution, wrong, evidence, script })
    }

    /// The scenario up to the moment at which one is asked: what comes after it is to be predicted.
    pub fn situation(&self) -> String {
        self.situation_drawn(&self.draw(0))
    }

    /// The same with what was drawn.
    pub fn situation_drawn(&self, drawn: &Drawn) -> String {
        let Some(run) = &self.run else { return String::new() };
        let script = fill_known(&run.scenario, drawn);
        Document::parse(&script).up_to(Micros(run.shows)).print()
    }
}

/// The run at the beginning and at the end of the time that is looked at.
async fn played(run: &Run, script: &str) -> Result<(Session, Session), String> {
    let mut session = begin(script)?.quiet();
    let mut budget = Budget::default();
    play(&mut session, run.since, &mut budget).await?;
    let before = session.clone();
    play(&mut session, run.until, &mut budget).await?;
    Ok((before, session))
}

fn value(look: &Look<'_>, expr: &Expr) -> Result<Value, NoAnswer> {
    look.value(expr).map_err(|unmet| {
        NoAnswer::Unsaid(highwater_texts::fill(unmet.reason.sentence(), &unmet.arguments))
    })
}

/// A text in which what was drawn stands for its names in braces; other braces stay. What is filled in is not filled in
/// itself: it may be what somebody's records say.
pub(crate) fn fill_known(text: &str, drawn: &Drawn) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('{') {
        filled.push_str(before);
        let named = from.split_once('}').and_then(|(name, after)| Some((drawn.get(name)?, after)));
        match named {
            Some((value, after)) => {
                filled.extend(value.to_string().chars().take(LONGEST_VALUE));
                rest = after;
            }
            None => {
                filled.push('{');
                rest = from;
            }
        }
    }
    filled.push_str(rest);
    filled
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoAnswer::Scenario(error) => f.write_str(error),
            NoAnswer::Unsaid(what) => write!(f, "the run does not say what is asked: {what}"),
            NoAnswer::Options { hold, evidence } if hold.is_empty() => {
                write!(f, "no option holds; the run showed: {evidence}")
            }
            NoAnswer::Options { hold, evidence } => {
                write!(f, "the options at {hold:?} hold all at once; the run showed: {evidence}")
            }
        }
    }
}
