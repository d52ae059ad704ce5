//! `--generate`: proposes where the replicas of topics could lie on some brokers.

use std::collections::BTreeMap;

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{TopicName, TopicPartition};

use super::Outcome;
use super::facts::{self, Facts};
use super::plan::{self, Replica};
use super::{placement, text};
use crate::programs::json_file::Exception;
use highwater_cluster::protocol::error::ResponseError;

/// A proposal that is to be made.
#[derive(Clone, Debug)]
pub(super) struct Generate {
    topics: Vec<TopicName>,
    brokers: Vec<i32>,
    rack_aware: bool,
}

impl Generate {
    pub(super) fn new(topics: &str, brokers: &str, rack_aware: bool) -> Result<Self, Exception> {
        let brokers = plan::broker_list(brokers)?;
        Ok(Self { topics: plan::topics_to_move(topics)?, brokers, rack_aware })
    }

    pub(super) fn next(
        &mut self,
        ctx: &mut Ctx<'_>,
        facts: &mut Facts,
    ) -> Result<Outcome, Exception> {
        let Some(current) = facts.replicas.clone() else {
            return Ok(facts::describe_topics(&self.topics));
        };
        check_topics(&self.topics, &current)?;
        let Some(alive) = facts.brokers.clone() else { return Ok(facts::describe_cluster()) };
        let wanted: Vec<Replica> = replicas_of(&current);
        if let Some(question) = facts.ask_for_log_dirs(&wanted) {
            return Ok(question);
        }
        let usable: Vec<(i32, Option<String>)> = alive
            .into_iter()
            .filter(|(id, _)| self.brokers.contains(id))
            .map(|(id, rack)| (id, rack.filter(|_| self.rack_aware)))
            .collect();
        let rackless = usable.iter().filter(|(_, rack)| rack.is_none()).count();
        if rackless != 0 && rackless != usable.len() {
            return Err(Exception::operation(
                "Not all brokers have rack information. Add --disable-rack-aware in command line to make \
                 replica assignment without rack information.",
            ));
        }
        let proposed = self.propose(ctx, &current, &usable)?;
        ctx.print("Current partition replica assignment");
        ctx.print(&text::as_json(&current, &facts.log_dirs));
        ctx.print("");
        ctx.print("Proposed partition reassignment configuration");
        ctx.print(&text::as_json(&proposed, &BTreeMap::new()));
        Ok(Outcome::Done)
    }

    /// `calculateAssignment`: each topic keeps its replication factor.
    fn propose(
        &self,
        ctx: &mut Ctx<'_>,
        current: &BTreeMap<TopicPartition, Vec<i32>>,
        brokers: &[(i32, Option<String>)],
    ) -> Result<BTreeMap<TopicPartition, Vec<i32>>, Exception> {
        let mut topics: BTreeMap<&TopicName, Vec<&Vec<i32>>> = BTreeMap::new();
        for (partition, replicas) in current {
            topics.entry(&partition.topic).or_default().push(replicas);
        }
        let mut proposed = BTreeMap::new();
        for (topic, partitions) in topics {
            let replicas = partitions.first().map_or(0, |first| first.len());
            let placed = placement::place(ctx, brokers, partitions.len(), replicas)?;
            let names = (0..).map(|index| TopicPartition::new(topic, index));
            proposed.extend(names.zip(placed));
        }
        Ok(proposed)
    }
}

/// Topics that are asked about and do not exist.
pub(super) fn check_topics(
    topics: &[TopicName],
    found: &BTreeMap<TopicPartition, Vec<i32>>,
) -> Result<(), Exception> {
    let is_there = |topic: &&TopicName| found.keys().any(|name| name.topic == **topic);
    let Some(missing) = topics.iter().find(|topic| !is_there(topic)) else { return Ok(()) };
    let error = ResponseError::UnknownTopicOrPartition;
    Err(Exception::in_future(error, Some(&format!("Topic {missing} not found."))))
}

/// The replicas of an assignment, one by one.
pub(super) fn replicas_of(assignment: &BTreeMap<TopicPartition, Vec<i32>>) -> Vec<Replica> {
    let each = |(name, ids): (&TopicPartition, &Vec<i32>)| {
        ids.iter().map(|id| (name.clone(), *id)).collect::<Vec<_>>()
    };
    assignment.iter().flat_map(each).collect()
}
