//! What a line of a checklist asks of a run. The names are those that an author writes in `when`.

use serde::{Deserialize, Serialize};

use super::Reason;

/// What a line of a checklist asks of a run: of its state, or of its history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// Each partition of the topic has at least so many replicas.
    TopicReplication {
        /// The topic.
        topic: String,
        /// The lowest replication factor that will do.
        at_least: u32,
    },
    /// `min.insync.replicas`, as it is in force for the topic, lies within bounds.
    TopicMinInsync {
        /// The topic.
        topic: String,
        /// The lowest value that will do.
        at_least: Option<u32>,
        /// The highest value that will do.
        at_most: Option<u32>,
    },
    /// A producer with these acks writes or wrote to the topic, and none with others writes now.
    ProducerAcks {
        /// The topic.
        topic: String,
        /// The `acks` that it must have.
        acks: Acks,
    },
    /// A broker that holds a replica of the topic was stopped or killed.
    BrokerWasDown {
        /// The topic.
        topic: String,
    },
    /// Records were acknowledged while a broker with a replica of their partition was down.
    AcknowledgedWhileDown {
        /// The topic.
        topic: String,
        /// How many.
        at_least: u64,
    },
    /// Every replica of the topic is in sync, and at least one broker was down before.
    IsrComplete {
        /// The topic.
        topic: String,
    },
    /// All records that were acknowledged are still there.
    NothingLost {
        /// The topic.
        topic: String,
        /// So many must have been acknowledged, for this to say anything.
        at_least_acknowledged: u64,
    },
}

/// A producer's `acks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Acks {
    /// `acks=0`
    #[serde(rename = "0")]
    Zero,
    /// `acks=1`
    #[serde(rename = "1")]
    One,
    /// `acks=all`
    #[serde(rename = "all")]
    All,
}

impl Condition {
    /// Why it may be unmet.
    pub fn reasons(&self) -> &'static [Reason] {
        match self {
            Condition::TopicReplication { .. } => {
                &[Reason::NoTopic, Reason::OneCopy, Reason::TooFewReplicas]
            }
            Condition::TopicMinInsync { .. } => {
                &[Reason::NoTopic, Reason::MinInsyncTooLow, Reason::MinInsyncTooHigh]
            }
            Condition::ProducerAcks { .. } => &[Reason::NoProducer, Reason::OtherAcks],
            Condition::BrokerWasDown { .. } => &[Reason::NoTopic, Reason::NoBrokerDownYet],
            Condition::AcknowledgedWhileDown { .. } => &[
                Reason::NoTopic,
                Reason::NoBrokerDownYet,
                Reason::NotFencedYet,
                Reason::NoLeader,
                Reason::BelowMinInsync,
                Reason::WasRefused,
                Reason::NobodyWrites,
                Reason::NoBrokerDownNow,
                Reason::TooFewWhileDown,
            ],
            Condition::IsrComplete { .. } => &[
                Reason::NoTopic,
                Reason::NoBrokerDownYet,
                Reason::BrokerStillDown,
                Reason::CatchingUp,
            ],
            Condition::NothingLost { .. } => {
                &[Reason::RecordsLost, Reason::RecordsMissing, Reason::TooFewAcknowledged]
            }
        }
    }
}
