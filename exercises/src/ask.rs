//! Answering a question by running its scenario.

use std::fmt;

use highwater_cluster::ids::TopicName;
use highwater_scenario::script::{Document, Micros};
use highwater_scenario::session::Session;

use crate::check::{gone, not_enough_replicas};
use crate::fill::fill;
use crate::model::question::Amount;
use crate::model::{Outcome, Question};
use crate::play::{begin, play};

/// What the run of a question's scenario showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The index of the option that is right.
    pub right: usize,
    /// What the run showed, in a sentence with its numbers.
    pub evidence: String,
    /// The scenario, to be played and looked at.
    pub script: String,
}

/// Why a question has no answer. The proofs see to it that no question of the content is such a one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The scenario could not be played.
    Scenario(String),
    /// Not exactly one option holds.
    Options {
        /// The indexes of those that hold.
        hold: Vec<usize>,
        /// What the run showed.
        evidence: String,
    },
}

/// What happened to the records of a topic: the numbers behind [`Outcome`].
struct Facts {
    acknowledged: u64,
    not_enough_replicas: u64,
    failed: u64,
    waiting: u64,
    lost: u64,
}

impl Question {
    /// Runs the scenario and finds out which option is right.
    ///
    /// # Panics
    /// The question has no answer, which the proof of the content rules out.
    pub fn ask(&self) -> Answer {
        self.try_ask().unwrap_or_else(|error| panic!("question {}: {error}", self.id))
    }

    /// Runs the scenario and finds out which option is right, if exactly one is.
    pub fn try_ask(&self) -> Result<Answer, NoAnswer> {
        let facts = self.facts().map_err(NoAnswer::Scenario)?;
        let evidence = fill(&self.evidence, &facts.arguments());
        let options = self.options.iter().enumerate();
        let hold: Vec<usize> =
            options.filter(|(_, option)| facts.are(&option.when)).map(|(index, _)| index).collect();
        match hold[..] {
            [right] => Ok(Answer { right, evidence, script: self.scenario.clone() }),
            _ => Err(NoAnswer::Options { hold, evidence }),
        }
    }

    /// The scenario up to the moment at which one is asked: what comes after it is to be predicted.
    pub fn situation(&self) -> String {
        Document::parse(&self.scenario).up_to(Micros(self.shows)).print()
    }

    fn facts(&self) -> Result<Facts, String> {
        let mut session = begin(&self.scenario)?;
        let topic = TopicName::from(self.topic.as_str());
        play(&mut session, self.since)?;
        let before = Facts::of(&session, &topic);
        play(&mut session, self.until)?;
        let after = Facts::of(&session, &topic);
        Ok(Facts {
            acknowledged: after.acknowledged - before.acknowledged,
            not_enough_replicas: after.not_enough_replicas - before.not_enough_replicas,
            failed: after.failed - before.failed,
            ..after
        })
    }
}

impl Facts {
    /// What happened from the beginning of a run to its present moment.
    fn of(session: &Session, topic: &TopicName) -> Self {
        let history = session.progress().topics.get(topic).cloned().unwrap_or_default();
        let view = session.view();
        let producers = view.producers.iter().filter(|producer| producer.topic == *topic);
        Self {
            acknowledged: history.acknowledged,
            not_enough_replicas: not_enough_replicas(session, topic),
            failed: history.failed,
            waiting: producers
                .map(|producer| producer.records_waiting + producer.records_in_flight)
                .sum(),
            lost: gone(session, topic),
        }
    }

    fn arguments(&self) -> [(&'static str, String); 5] {
        let Self { acknowledged, not_enough_replicas, failed, waiting, lost } = self;
        let numbers = [acknowledged, not_enough_replicas, failed, waiting, lost];
        let mut numbers = numbers.into_iter();
        Outcome::NAMES.map(|name| (name, numbers.next().map_or_else(String::new, u64::to_string)))
    }

    fn are(&self, outcome: &Outcome) -> bool {
        let Outcome { acknowledged, not_enough_replicas, failed, waiting, lost } = outcome;
        let claims = [
            (acknowledged, self.acknowledged),
            (not_enough_replicas, self.not_enough_replicas),
            (failed, self.failed),
            (waiting, self.waiting),
            (lost, self.lost),
        ];
        claims.iter().all(|(claim, found)| match claim {
            Option::None => true,
            Some(Amount::None) => *found == 0,
            Some(Amount::Some) => *found > 0,
        })
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoAnswer::Scenario(error) => f.write_str(error),
            NoAnswer::Options { hold, evidence } if hold.is_empty() => {
                write!(f, "no option holds; the run showed: {evidence}")
            }
            NoAnswer::Options { hold, evidence } => {
                write!(f, "the options at {hold:?} hold all at once; the run showed: {evidence}")
            }
        }
    }
}
