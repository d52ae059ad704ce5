//! What must always hold, checked after every event, and what Kafka allows but a learner must be
//! told: the loss of records that were acknowledged.

use std::fmt;

use highwater_cluster::event::Event;
use highwater_cluster::ids::{BrokerId, EventId, GroupId, TopicPartition};
use highwater_cluster::log::{LeaderEpoch, Offset};
use highwater_cluster::world::World;

mod acknowledged;
mod high_watermark;
mod leaders;
mod owners;

pub use acknowledged::Acknowledged;

/// All checkers, and what they found.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    leaders: leaders::Leaders,
    high_watermark: high_watermark::HighWatermark,
    owners: owners::Owners,
    acknowledged: Acknowledged,
    found: Vec<Finding>,
}

/// Something that a checker found, with the event that showed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The event that showed it.
    pub event: EventId,
    /// What it is.
    pub what: Anomaly,
}

/// What can be found.
#[derive(Clone, Debug, PartialEq)]
pub enum Anomaly {
    /// Two brokers lead a partition in one leader epoch.
    TwoLeaders { partition: TopicPartition, leader_epoch: LeaderEpoch, brokers: [BrokerId; 2] },
    /// The high watermark went back while its leader lived.
    HighWatermarkWentBack { partition: TopicPartition, from: Offset, to: Offset },
    /// A consumer read a record above the high watermark.
    ReadAboveHighWatermark { partition: TopicPartition, offset: Offset, high_watermark: Offset },
    /// Two members of a group own a partition in one generation.
    TwoOwners { group: GroupId, partition: TopicPartition },
    /// A record that a producer was told to be appended is gone.
    LostWrite {
        partition: TopicPartition,
        first: Offset,
        last: Offset,
        /// Whether it was on the whole ISR.
        was_committed: bool,
        /// Whether an unclean election took it.
        was_unclean: bool,
    },
}

impl Anomaly {
    /// Whether Kafka never lets this happen: if it does, the engine is wrong.
    pub fn is_violation(&self) -> bool {
        match self {
            Anomaly::TwoLeaders { .. }
            | Anomaly::HighWatermarkWentBack { .. }
            | Anomaly::ReadAboveHighWatermark { .. }
            | Anomaly::TwoOwners { .. } => true,
            // Lost although it was on the whole ISR. Kafka allows it only by an unclean election.
            Anomaly::LostWrite { was_committed, was_unclean, .. } => {
                *was_committed && !*was_unclean
            }
        }
    }
}

impl Invariants {
    /// Looks at an event, right after it happened.
    pub fn observe(&mut self, event: &Event, world: &World) {
        let found = &mut self.found;
        let mut report = |what: Anomaly| found.push(Finding { event: event.id, what });
        self.leaders.observe(&event.kind, &mut report);
        self.high_watermark.observe(&event.kind, &mut report);
        self.owners.observe(&event.kind, &mut report);
        self.acknowledged.observe(event, world, &mut report);
    }

    /// What was found, in order.
    pub fn found(&self) -> &[Finding] {
        &self.found
    }

    /// What producers were told, and what is left of it.
    pub fn acknowledged(&self) -> &Acknowledged {
        &self.acknowledged
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Anomaly::TwoLeaders { partition, leader_epoch, brokers: [a, b] } => {
                write!(
                    f,
                    "{partition} is led by brokers {a} and {b} in leader epoch {leader_epoch}"
                )
            }
            Anomaly::HighWatermarkWentBack { partition, from, to } => {
                write!(f, "the high watermark of {partition} went back from {from} to {to}")
            }
            Anomaly::ReadAboveHighWatermark { partition, offset, high_watermark } => write!(
                f,
                "a consumer read offset {offset} of {partition}, at or above the high watermark {high_watermark}"
            ),
            Anomaly::TwoOwners { group, partition } => {
                write!(f, "two members of group {group} own {partition} in one generation")
            }
            Anomaly::LostWrite { partition, first, last, was_unclean, .. } => {
                let how = if *was_unclean { ", by an unclean election" } else { "" };
                write!(f, "acknowledged records lost: {partition}@{first}..={last}{how}")
            }
        }
    }
}
