//! Throttles (KIP-73): the settings that slow the moving replicas down, and their removal.

use std::collections::{BTreeMap, BTreeSet};

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{BrokerId, TopicName, TopicPartition};
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use highwater_cluster::protocol::protocol::StrBytes;

use super::Outcome;
use super::facts::Ongoing;
use super::plan::Plan;
use super::text;
use crate::admin::To;
use crate::java::{grown_hash_order, string_hash};

/// `ConfigResource.Type`
const TOPIC: i8 = 2;
const BROKER: i8 = 4;
/// `AlterConfigOp.OpType`
const SET: i8 = 0;
const DELETE: i8 = 1;

const BROKER_RATES: [&str; 3] = [
    "leader.replication.throttled.rate",
    "follower.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
];
const TOPIC_REPLICAS: [&str; 2] =
    ["leader.replication.throttled.replicas", "follower.replication.throttled.replicas"];

/// Changes of settings that are still to be made, one request after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Throttle {
    /// Each with whom it is for: a broker takes its own settings only.
    requests: Vec<(To, kafka::IncrementalAlterConfigsRequest)>,
    /// What is said after the last one.
    finally: Option<String>,
    /// How many changes were answered before the first of these.
    answered_before: Option<u32>,
}

/// Where a partition moves from and to.
#[derive(Clone, Debug)]
struct Move {
    sources: BTreeSet<i32>,
    destinations: BTreeSet<i32>,
}

impl Throttle {
    /// What slows down the moves to the targets, and those that go on already: `rate` bytes a second
    /// for each broker, as a leader and as a follower.
    pub(super) fn of_moves(
        ongoing: &BTreeMap<TopicPartition, Ongoing>,
        targets: &BTreeMap<TopicPartition, Vec<i32>>,
        current: &BTreeMap<TopicPartition, Vec<i32>>,
        rate: i64,
    ) -> Self {
        let moves = moves(ongoing, targets, current);
        let mut topics: BTreeMap<&TopicName, [BTreeSet<String>; 2]> = BTreeMap::new();
        let mut brokers = BTreeSet::new();
        for (partition, one) in &moves {
            let index = partition.partition;
            let name = |broker: &i32| format!("{index}:{broker}");
            let [leaders, followers] = topics.entry(&partition.topic).or_default();
            leaders.extend(one.sources.iter().map(name));
            followers.extend(one.destinations.iter().map(name));
            brokers.extend(one.sources.iter().chain(&one.destinations).copied());
        }
        let topics = topics.into_iter().map(|(topic, lists)| {
            let lists = lists.map(|list| list.into_iter().collect::<Vec<_>>().join(","));
            let given = TOPIC_REPLICAS.into_iter().zip(lists.map(Some));
            resource(TOPIC, topic.as_str(), given)
        });
        let rate = rate.to_string();
        let brokers = brokers.into_iter().map(|broker| {
            let given = BROKER_RATES[..2].iter().map(|name| (*name, Some(rate.clone())));
            (broker, resource(BROKER, &broker.to_string(), given))
        });
        let of_topics = (To::Controller, request(topics.collect()));
        Self {
            requests: std::iter::once(of_topics).chain(brokers.map(to_broker)).collect(),
            finally: Some(format!("The inter-broker throttle limit was set to {rate} B/s")),
            answered_before: None,
        }
    }

    /// Lifts all throttles of the plan's topics and of all brokers, and says so.
    pub(super) fn lifted<'a>(
        ctx: &mut Ctx<'_>,
        plan: &Plan,
        alive: impl Iterator<Item = &'a i32>,
    ) -> Self {
        Self::lifted_after(ctx, "", plan, alive)
    }

    /// The same, the first line beginning with what was said before.
    pub(super) fn lifted_after<'a>(
        ctx: &mut Ctx<'_>,
        before: &str,
        plan: &Plan,
        alive: impl Iterator<Item = &'a i32>,
    ) -> Self {
        let targets = plan.targets.iter().flat_map(|(_, ids)| ids);
        let brokers: BTreeSet<i32> = alive.copied().chain(targets.copied()).collect();
        let mut brokers: Vec<i32> = brokers.into_iter().collect();
        grown_hash_order(&mut brokers, |id| *id as u32);
        ctx.print(&format!(
            "{before}Clearing broker-level throttles on broker{} {}",
            text::plural(brokers.len()),
            super::plan::joined(&brokers, ",")
        ));
        let mut topics = plan.topics();
        grown_hash_order(&mut topics, |topic| string_hash(topic.as_str()));
        ctx.print(&format!(
            "Clearing topic-level throttles on topic{} {}",
            text::plural(topics.len()),
            super::plan::joined(&topics, ",")
        ));
        let lift = |kind, name: &str, settings: &[&'static str]| {
            resource(kind, name, settings.iter().map(|setting| (*setting, None)))
        };
        let brokers = brokers.iter().map(|id| (*id, lift(BROKER, &id.to_string(), &BROKER_RATES)));
        let topics = topics.iter().map(|topic| lift(TOPIC, topic.as_str(), &TOPIC_REPLICAS));
        let of_topics = (To::Controller, request(topics.collect()));
        let requests = brokers.map(to_broker).chain(std::iter::once(of_topics)).collect();
        Self { requests, finally: None, answered_before: None }
    }

    /// The next change; none if all are made. `answered` is how many changes were answered so far.
    pub(super) fn next(&mut self, ctx: &mut Ctx<'_>, answered: u32) -> Option<Outcome> {
        let before = *self.answered_before.get_or_insert(answered);
        let done = (answered - before) as usize;
        match self.requests.get(done) {
            Some((to, request)) => {
                let request = request.clone();
                Some(Outcome::Call("incrementalAlterConfigs", request.into(), *to))
            }
            None => {
                if let Some(line) = self.finally.take() {
                    ctx.print(&line);
                }
                None
            }
        }
    }
}

/// `calculateProposedMoveMap`: what goes on, and what is to begin.
fn moves(
    ongoing: &BTreeMap<TopicPartition, Ongoing>,
    targets: &BTreeMap<TopicPartition, Vec<i32>>,
    current: &BTreeMap<TopicPartition, Vec<i32>>,
) -> BTreeMap<TopicPartition, Move> {
    let mut moves: BTreeMap<TopicPartition, Move> = ongoing
        .iter()
        .map(|(name, ongoing)| {
            let is_source = |id: &&i32| !ongoing.adding.contains(id);
            let sources = ongoing.replicas.iter().filter(is_source).copied().collect();
            (name.clone(), Move { sources, destinations: ongoing.adding.iter().copied().collect() })
        })
        .collect();
    for (name, target) in targets {
        let sources: BTreeSet<i32> = match moves.get(name) {
            Some(known) => known.sources.clone(),
            None => current.get(name).into_iter().flatten().copied().collect(),
        };
        let destinations = target.iter().copied().filter(|id| !sources.contains(id)).collect();
        moves.insert(name.clone(), Move { sources, destinations });
    }
    moves
}

/// Settings of a topic or broker; those without a value are taken away.
fn resource(
    kind: i8,
    name: &str,
    settings: impl Iterator<Item = (&'static str, Option<String>)>,
) -> AlterConfigsResource {
    let settings = settings.map(|(name, value)| {
        AlterableConfig::default()
            .with_name(StrBytes::from_static_str(name))
            .with_config_operation(if value.is_some() { SET } else { DELETE })
            .with_value(value.map(StrBytes::from_string))
    });
    AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(StrBytes::from_string(name.to_owned()))
        .with_configs(settings.collect())
}

fn to_broker(
    (id, resource): (i32, AlterConfigsResource),
) -> (To, kafka::IncrementalAlterConfigsRequest) {
    (To::Broker(BrokerId(id)), request(vec![resource]))
}

fn request(resources: Vec<AlterConfigsResource>) -> kafka::IncrementalAlterConfigsRequest {
    kafka::IncrementalAlterConfigsRequest::default().with_resources(resources)
}
