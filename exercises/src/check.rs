//! Whether the lines of a checklist are met, and if not, why not.

mod brokers;
mod look;
mod producers;
mod records;
mod topics;

use highwater_scenario::session::Session;

use crate::fill::fill;
use crate::model::{Check, Condition, Exercise, Hint};
use look::{Look, Unmet};
pub(crate) use records::{gone, not_enough_replicas};

/// Why the last line is unmet before the others are met.
const AT_THE_END: &str = "This is judged once all the lines above are met.";

/// How a line of the checklist stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckState {
    /// Its name within the exercise.
    pub id: String,
    /// What stands in the checklist.
    pub says: String,
    /// Whether it is met.
    pub met: bool,
    /// If it is unmet: why, with the numbers.
    pub why_not: Option<String>,
}

impl Exercise {
    /// How each line of the checklist stands at this moment of a run.
    pub fn check(&self, session: &Session) -> Vec<CheckState> {
        let look = Look::new(session);
        let mut states: Vec<CheckState> =
            self.checks.iter().map(|check| check.state(&look)).collect();
        if let Some((last, others)) = states.split_last_mut()
            && last.met
            && !others.iter().all(|check| check.met)
        {
            last.met = false;
            last.why_not = Some(AT_THE_END.to_owned());
        }
        states
    }

    /// Whether every line of the checklist is met.
    pub fn is_solved(&self, session: &Session) -> bool {
        self.check(session).iter().all(|check| check.met)
    }

    /// The hints for a line of the checklist, the one that gives away the least first.
    pub fn hints_for(&self, check: &str) -> impl Iterator<Item = &Hint> {
        self.hints.iter().filter(move |hint| hint.check == check)
    }
}

impl Check {
    fn state(&self, look: &Look<'_>) -> CheckState {
        let unmet = evaluate(&self.when, look).err();
        CheckState {
            id: self.id.clone(),
            says: self.says.clone(),
            met: unmet.is_none(),
            why_not: unmet.map(|unmet| self.tell(&unmet)),
        }
    }

    /// The sentence for a reason: the exercise's own if it has one.
    fn tell(&self, unmet: &Unmet) -> String {
        let own = self.unmet.get(&unmet.reason).map(String::as_str);
        fill(own.unwrap_or(unmet.reason.sentence()), &unmet.arguments)
    }
}

fn evaluate(condition: &Condition, look: &Look<'_>) -> Result<(), Unmet> {
    match condition {
        Condition::TopicReplication { topic, at_least } => {
            topics::replication(look, topic, *at_least)
        }
        Condition::TopicMinInsync { topic, at_least, at_most } => {
            topics::min_insync(look, topic, *at_least, *at_most)
        }
        Condition::IsrComplete { topic } => topics::isr_complete(look, topic),
        Condition::ProducerAcks { topic, acks } => producers::acks(look, topic, *acks),
        Condition::BrokerWasDown { topic } => brokers::was_down(look, topic),
        Condition::AcknowledgedWhileDown { topic, at_least } => {
            records::acknowledged_while_down(look, topic, *at_least)
        }
        Condition::NothingLost { topic, at_least_acknowledged } => {
            records::nothing_lost(look, topic, *at_least_acknowledged)
        }
    }
}
