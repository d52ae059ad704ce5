//! Breakpoints: conditions at which a run is to pause. They are plain data, evaluated from the events as
//! these are made: the same run hits them at the same events, however it is cut into pieces.

use std::sync::Arc;

use highwater_cluster::event::{Event, EventKind, GroupState, TransactionState};
use highwater_cluster::ids::EventId;
use highwater_cluster::metadata::is_kept_by_kafka;
use highwater_cluster::time::Time;

use crate::session::Session;

mod lags;
#[cfg(test)]
mod tests;

use lags::Lags;

/// What a run pauses at. Of topics of Kafka's own, elections and ISRs are passed over: there are dozens
/// of their partitions, and nobody waits for them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The ISR of a partition changed.
    IsrChanged,
    /// A partition got a leader after it had another, or none; or lost it.
    LeaderElected,
    /// A group began to rebalance; in the consumer protocol (KIP-848), its epoch went up.
    RebalanceBegan,
    /// A record is gone that a producer took to be written.
    RecordLost,
    /// A group is more than so many records behind the high watermark of a partition. It is hit when
    /// the lag becomes greater, not while it stays so.
    LagOver(u64),
    /// A line of the script took effect that says this.
    LineRan(Arc<str>),
    /// A response left that carries an error.
    ErrorAnswered,
    /// A coordinator wrote down that a transaction is aborted.
    TransactionAborted,
}

/// A breakpoint that was hit.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Which condition was met.
    pub condition: Condition,
    /// The event that met it.
    pub event: EventId,
    /// When.
    pub at: Time,
    /// The condition in words.
    pub said: String,
    /// What happened, in a sentence.
    pub why: String,
}

/// The conditions at which a run is to pause.
#[derive(Clone, Debug, Default)]
pub struct Breakpoints {
    conditions: Vec<Condition>,
    lags: Lags,
}

/// How much of a run has been seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    event: EventId,
    findings: usize,
}

impl Seen {
    pub(crate) fn of(session: &Session) -> Self {
        Self { event: session.causes().next_id(), findings: session.invariants().found().len() }
    }
}

impl Condition {
    /// The id of its words in the catalogue.
    pub fn id(&self) -> &'static str {
        match self {
            Condition::IsrChanged => "break.isr-changed",
            Condition::LeaderElected => "break.leader-elected",
            Condition::RebalanceBegan => "break.rebalance-began",
            Condition::RecordLost => "break.record-lost",
            Condition::LagOver(_) => "break.lag-over",
            Condition::LineRan(_) => "break.line-ran",
            Condition::ErrorAnswered => "break.error-answered",
            Condition::TransactionAborted => "break.transaction-aborted",
        }
    }

    /// It in words.
    pub fn words(&self, session: &Session) -> String {
        let arguments = match self {
            Condition::LagOver(most) => vec![("most", most.to_string())],
            Condition::LineRan(line) => vec![("line", line.to_string())],
            _ => Vec::new(),
        };
        session.catalogue().say(self.id(), &arguments)
    }

    /// Whether an event meets it by itself.
    fn is_met_by(&self, kind: &EventKind) -> bool {
        match (self, kind) {
            (Condition::IsrChanged, EventKind::IsrChanged { partition, .. })
            | (Condition::LeaderElected, EventKind::LeaderElected { partition, .. }) => {
                !is_kept_by_kafka(&partition.topic)
            }
            (Condition::RebalanceBegan, EventKind::GroupStateChanged { to, .. }) => {
                *to == GroupState::PreparingRebalance
            }
            (Condition::RebalanceBegan, EventKind::GroupEpochBumped { .. }) => true,
            (Condition::LineRan(line), EventKind::EntryApplied { text, .. }) => line == text,
            (Condition::ErrorAnswered, EventKind::MessageSent { error, .. }) => error.is_some(),
            (Condition::TransactionAborted, EventKind::TransactionStateChanged { to, .. }) => {
                *to == TransactionState::PrepareAbort
            }
            _ => false,
        }
    }
}

impl Breakpoints {
    /// The conditions that are on, in the order in which they were switched on.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Replaces the conditions.
    pub fn set(&mut self, conditions: Vec<Condition>) {
        if conditions != self.conditions {
            self.lags = Lags::default();
            self.conditions = conditions;
        }
    }

    /// From here on a run is watched that stands at another moment than the one watched last.
    pub fn begin(&mut self, session: &Session) {
        self.lags = match self.most_lag() {
            Some(most) => Lags::of(session, most),
            None => Lags::default(),
        };
    }

    /// Looks at what came since something was seen. Returns the first breakpoint that was hit.
    pub(crate) fn look(&mut self, session: &Session, seen: Seen) -> Option<Hit> {
        if self.conditions.is_empty() {
            return None;
        }
        let mut first = None;
        let mut number = seen.event;
        while let Some(event) = session.causes().event(number) {
            // Lags are followed to the end of the step, whatever was hit before.
            let hit = self.look_at(session, event);
            first = first.or(hit);
            number = EventId(number.0 + 1);
        }
        first.or_else(|| self.lost(session, seen.findings))
    }

    fn look_at(&mut self, session: &Session, event: &Event) -> Option<Hit> {
        let hit = |condition: &Condition, why: String| Hit {
            condition: condition.clone(),
            event: event.id,
            at: event.at,
            said: condition.words(session),
            why,
        };
        if let Some(most) = self.most_lag()
            && let Some(over) = self.lags.observe(&event.kind, most)
        {
            let why = session.catalogue().say("break.lag-over.because", &over);
            return Some(hit(&Condition::LagOver(most), why));
        }
        let met = self.conditions.iter().find(|condition| condition.is_met_by(&event.kind))?;
        let why = session.told(event).map_or_else(String::new, |line| line.sentence);
        Some(hit(met, why))
    }

    fn lost(&self, session: &Session, known: usize) -> Option<Hit> {
        let condition = self.conditions.iter().find(|known| **known == Condition::RecordLost)?;
        let found = session.invariants().found().get(known..)?;
        let (finding, why) = found.iter().find_map(|found| Some((found, session.loss(found)?)))?;
        Some(Hit {
            condition: condition.clone(),
            event: finding.event,
            at: session.now(),
            said: condition.words(session),
            why,
        })
    }

    fn most_lag(&self) -> Option<u64> {
        self.conditions.iter().find_map(|condition| match condition {
            Condition::LagOver(most) => Some(*most),
            _ => None,
        })
    }
}
