//! What must always hold, checked after every event, and what Kafka allows but a learner must be
//! told: losses, repetitions, jumps. A checker works from the events, so that a step costs little; what
//! events do not show is looked at by [`Invariants::scan`] when the world is quiet.

use std::collections::BTreeMap;

use highwater_cluster::event::Event;
use highwater_cluster::ids::{EventId, GroupId};
use highwater_cluster::world::World;

use crate::anomalies::{Pipelines, Reading, Writes};
use crate::deliveries::{Delivered, Deliveries};

mod acknowledged;
mod anomaly;
mod commits;
mod committed;
mod controllers;
mod dead_letters;
mod elections;
mod facts;
mod high_watermark;
mod isr;
mod leaders;
mod logs;
mod metadata;
mod offsets;
mod owners;
mod reads;
mod scan;
mod shares;
mod tiers;
mod transactions;

pub use crate::anomalies::{PipelineCount, PipelinePartition};
pub use acknowledged::Acknowledged;
pub use anomaly::{Anomaly, LossCause};
pub use dead_letters::DeadLetterCount;
pub(crate) use facts::{Cut, Facts, Look};

/// The findings that are kept: a fault that goes on would fill the memory.
const MOST_FINDINGS: usize = 1_000;

/// All checkers, and what they found.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    facts: Facts,
    leaders: leaders::Leaders,
    controllers: controllers::Controllers,
    metadata: metadata::Metadata,
    elections: elections::Elections,
    isr: isr::Isr,
    high_watermark: high_watermark::HighWatermark,
    reads: reads::Reads,
    logs: logs::Logs,
    committed: committed::Committed,
    owners: owners::Owners,
    offsets: offsets::Offsets,
    shares: shares::Shares,
    dead_letters: dead_letters::DeadLetters,
    tiers: tiers::Tiers,
    transactions: transactions::Transactions,
    commits: commits::Commits,
    acknowledged: Acknowledged,
    writes: Writes,
    reading: Reading,
    pipelines: Pipelines,
    deliveries: Deliveries,
    found: Vec<Finding>,
}

/// Something that a checker found, with the event that showed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The event that showed it.
    pub event: EventId,
    /// What it is.
    pub what: Anomaly,
    /// The events that led there, as far as the checker knows them, in order.
    pub evidence: Vec<EventId>,
}

impl Invariants {
    /// Looks at an event, right after the step in which it happened.
    pub fn observe(&mut self, event: &Event, world: &World) {
        self.facts.observe(event, world);
        let look = &mut Look::new(event, world, &self.facts, &mut self.found);
        self.leaders.observe(look);
        self.controllers.observe(look);
        self.metadata.observe(look);
        self.elections.observe(look);
        self.isr.observe(look);
        self.high_watermark.observe(look);
        self.reads.observe(look);
        self.logs.observe(look);
        let cut = self.committed.observe(look);
        self.owners.observe(look);
        self.offsets.observe(look);
        self.shares.observe(look);
        self.dead_letters.observe(look);
        self.tiers.observe(look);
        self.transactions.observe(look);
        self.commits.observe(look);
        self.acknowledged.observe(look);
        self.writes.observe(look);
        self.reading.observe(look, cut.as_ref());
        self.pipelines.observe(look);
        self.deliveries.observe(event, &self.facts, cut.as_ref());
        self.found.truncate(MOST_FINDINGS);
    }

    /// Looks at the whole world, which is to be quiet: nothing is under way. This takes as long as the
    /// logs are.
    pub fn scan(&mut self, world: &World) {
        let event = EventId(world.event_count().saturating_sub(1));
        let holes = self.tiers.scan(world, &self.facts);
        let differ = scan::scan(world).into_iter().chain(holes);
        self.found.extend(differ.map(|what| Finding { event, what, evidence: Vec::new() }));
        self.found.truncate(MOST_FINDINGS);
    }

    /// What was found, in order.
    pub fn found(&self) -> &[Finding] {
        &self.found
    }

    /// What was found that Kafka never lets happen.
    pub fn violations(&self) -> impl Iterator<Item = &Finding> {
        self.found.iter().filter(|finding| finding.what.is_violation())
    }

    /// What applications made of what they read, as it stands in the logs now. This takes as long as the
    /// topics are.
    pub fn pipelines(&self, world: &World) -> Vec<PipelineCount> {
        self.pipelines.count(world)
    }

    /// How often each group has processed its records so far. This takes as long as the logs are.
    pub fn delivered(&self, world: &World) -> BTreeMap<GroupId, Delivered> {
        self.deliveries.count(&self.facts, world)
    }

    /// How much came into the dead-letter queues of share groups.
    pub fn dead_letters(&self) -> DeadLetterCount {
        self.dead_letters.count
    }

    /// What producers were told, and what is left of it.
    pub fn acknowledged(&self) -> &Acknowledged {
        &self.acknowledged
    }
}
