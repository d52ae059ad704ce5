//! Why something does not hold.

use highwater_cluster::ids::EventId;
use highwater_cluster::time::Time;

use super::{Look, Value};
use crate::expr::Expr;
use crate::model::Reason;

/// Why something does not hold.
#[derive(Clone, Debug)]
pub struct Unmet {
    /// The reason.
    pub reason: Reason,
    /// What its sentence is filled with.
    pub arguments: Vec<(&'static str, String)>,
    /// It can no longer hold: the moment since which that is so.
    pub broke: Option<Moment>,
}

/// A moment of a run, to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The event.
    pub event: EventId,
    /// When it happened, if that is known still.
    pub at: Option<Time>,
}

impl Unmet {
    /// For a reason.
    pub fn new(reason: Reason) -> Self {
        Self { reason, arguments: Vec::new(), broke: None }
    }

    /// What its sentence says of something; what is said first holds.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        if !self.arguments.iter().any(|(known, _)| *known == name) {
            self.arguments.push((name, value.to_string()));
        }
        self
    }

    pub(super) fn no_topic(topic: &str) -> Self {
        Self::new(Reason::NoTopic).with("topic", topic)
    }

    pub(super) fn no_group(group: &str) -> Self {
        Self::new(Reason::NoGroup).with("group", group)
    }

    pub(super) fn no_client(name: &str) -> Self {
        Self::new(Reason::NoClient).with("name", name)
    }
}

impl Look<'_> {
    /// A reason that says more than that a number is too low: what is in the way.
    pub(super) fn own_reason(
        &self,
        expr: &Expr,
        compared: Option<(&Value, &Value)>,
    ) -> Option<Unmet> {
        let Expr::Call(name, given) = expr else { return None };
        let arguments = &super::Arguments { look: self, given };
        let topic = arguments.text(0);
        let numbers = match compared {
            Some((Value::Number(found), Value::Number(wanted))) => Some((*found, *wanted)),
            _ => None,
        };
        match (name.as_str(), numbers) {
            ("topic_exists", _) => Some(Unmet::no_topic(&topic)),
            ("group_exists", _) => Some(Unmet::no_group(&topic)),
            ("replication", Some((found, wanted))) if found < wanted => {
                let reason = if found == 1 { Reason::OneCopy } else { Reason::TooFewReplicas };
                Some(Unmet::new(reason).with("topic", topic))
            }
            ("min_isr", Some((found, wanted))) => {
                let is_low = found < wanted;
                let reason =
                    if is_low { Reason::MinInsyncTooLow } else { Reason::MinInsyncTooHigh };
                Some(Unmet::new(reason).with("topic", topic))
            }
            ("acks", _) => self.other_acks(&topic),
            ("in_sync", _) => self.not_in_sync(&topic),
            ("was_down", _) => Some(Unmet::new(Reason::NoBrokerDownYet).with("topic", topic)),
            ("acknowledged_while_down", Some(_)) => self.why_not_written(&topic).ok(),
            ("lost", Some((found, wanted))) if found > wanted => self.what_is_lost(&topic),
            ("all_owned", _) => self.not_owned(&topic, &arguments.text(1)),
            _ => None,
        }
    }
}
