//! `--execute`: begins a reassignment, with a throttle if one is wanted.

use std::collections::BTreeMap;

use highwater_cluster::client::names::to_kafka;
use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::protocol::error::ResponseError;
use highwater_cluster::protocol::messages as kafka;
use highwater_cluster::protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use highwater_cluster::protocol::messages::alter_replica_log_dirs_request::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic,
};
use highwater_cluster::protocol::protocol::StrBytes;
use highwater_cluster::time::{Span, Time};

use super::arguments::ExecuteOptions;
use super::facts::{self, Facts};
use super::generate::{check_topics, replicas_of};
use super::plan::{Plan, Replica};
use super::throttle::Throttle;
use super::{Outcome, text};
use crate::admin::To;
use crate::programs::json_file::Exception;

/// `default.api.timeout.ms` of the admin client.
const TIMEOUT_MS: i32 = 60_000;

/// A reassignment that is to begin.
#[derive(Clone, Debug)]
pub(super) struct Execute {
    plan: Plan,
    options: ExecuteOptions,
    /// The changes of settings that a throttle needs, once they are known.
    throttle: Option<Throttle>,
    has_begun: bool,
    /// The replicas whose log directories are still to be chosen.
    to_move: Vec<Replica>,
    gives_up_at: Time,
}

impl Execute {
    pub(super) fn new(text: &str, options: ExecuteOptions, now: Time) -> Result<Self, Exception> {
        let plan = Plan::read(text)?;
        plan.check()?;
        let to_move = plan.log_dirs.keys().cloned().collect();
        let gives_up_at = now + Span::from_millis(options.timeout_ms.max(0));
        Ok(Self { plan, options, throttle: None, has_begun: false, to_move, gives_up_at })
    }

    pub(super) fn next(
        &mut self,
        ctx: &mut Ctx<'_>,
        facts: &mut Facts,
    ) -> Result<Outcome, Exception> {
        let Some(ongoing) = &facts.ongoing else { return Ok(facts::list_reassignments(None)) };
        if !self.options.additional && !ongoing.is_empty() {
            return Ok(Outcome::Terse(
                "Cannot execute because there is an existing partition assignment.  Use --additional to override \
                 this and create a new partition assignment in addition to the existing one. The --additional flag \
                 can also be used to change the throttle by resubmitting the current reassignment."
                    .to_owned(),
            ));
        }
        let Some(alive) = &facts.brokers else { return Ok(facts::describe_cluster()) };
        let wanted = self.plan.targets.iter().flat_map(|(_, ids)| ids);
        if let Some(unknown) = wanted.filter(|id| !alive.contains_key(id)).min() {
            return Err(Exception::failed(format!("Unknown broker id {unknown}")));
        }
        let Some(replicas) = &facts.replicas else {
            return Ok(facts::describe_topics(&self.plan.topics()));
        };
        let current = self.current(replicas)?;
        if let Some(question) = facts.ask_for_log_dirs(&replicas_of(&current)) {
            return Ok(question);
        }
        if self.throttle.is_none() {
            self.tell_current(ctx, &current, facts);
        }
        let throttle = self.throttle.get_or_insert_with(|| match self.options.throttle {
            Some(rate) => {
                let ongoing = facts.ongoing.as_ref().expect("it was asked for first");
                Throttle::of_moves(ongoing, &self.plan.sorted(), &current, rate)
            }
            None => Throttle::default(),
        });
        if let Some(change) = throttle.next(ctx, facts.configs_altered) {
            return Ok(change);
        }
        self.begin(ctx, facts)
    }

    /// The replicas of the partitions now; all must exist.
    fn current(
        &self,
        replicas: &BTreeMap<TopicPartition, Vec<i32>>,
    ) -> Result<BTreeMap<TopicPartition, Vec<i32>>, Exception> {
        check_topics(&self.plan.topics(), replicas)?;
        let targets = self.plan.sorted();
        let missing: Vec<String> = targets
            .keys()
            .filter(|name| !replicas.contains_key(name))
            .map(ToString::to_string)
            .collect();
        if !missing.is_empty() {
            let message = format!("Unable to find partition: {}", missing.join(", "));
            let error = ResponseError::UnknownTopicOrPartition;
            return Err(Exception::in_future(error, Some(&message)));
        }
        let wanted = replicas.iter().filter(|(name, _)| targets.contains_key(name));
        Ok(wanted.map(|(name, ids)| (name.clone(), ids.clone())).collect())
    }

    fn tell_current(
        &self,
        ctx: &mut Ctx<'_>,
        current: &BTreeMap<TopicPartition, Vec<i32>>,
        facts: &Facts,
    ) {
        ctx.print("Current partition replica assignment");
        ctx.print("");
        ctx.print(&text::as_json(current, &facts.log_dirs));
        ctx.print("");
        ctx.print("Save this to use as the --reassignment-json-file option during rollback");
        if self.options.throttle.is_some() || self.options.log_dirs_throttle.is_some() {
            ctx.print(
                "Warning: You must run --verify periodically, until the reassignment completes, to ensure the \
                 throttle is removed.",
            );
        }
        if let Some(rate) = self.options.log_dirs_throttle {
            // A broker has one log directory: nothing ever moves between two.
            ctx.print(&format!("The replica-alter-dir throttle limit was set to {rate} B/s"));
        }
    }

    fn begin(&mut self, ctx: &mut Ctx<'_>, facts: &mut Facts) -> Result<Outcome, Exception> {
        let targets = self.plan.sorted();
        let Some(refused) = &facts.refused else {
            let targets = targets.iter().map(|(name, ids)| (name, Some(ids.as_slice())));
            return Ok(alter_reassignments(targets, self.options.may_change_factor));
        };
        if !refused.is_empty() {
            let errors = text::errors(refused);
            return Ok(Outcome::Terse(format!("Error reassigning partition(s):\n{errors}")));
        }
        if !self.has_begun {
            self.has_begun = true;
            ctx.print(&format!(
                "Successfully started partition reassignment{} for {}",
                text::plural(targets.len()),
                text::names(targets.keys())
            ));
        }
        self.choose_log_dirs(ctx, facts)
    }

    /// `executeMoves`: as long as a replica is not on its broker yet, its directory is asked for again.
    fn choose_log_dirs(
        &mut self,
        ctx: &mut Ctx<'_>,
        facts: &mut Facts,
    ) -> Result<Outcome, Exception> {
        if let (Some(errors), Some(asked)) = (facts.moves.take(), self.to_move.first().cloned()) {
            let (partition, broker) = &asked;
            let dir = self.plan.log_dirs[&asked].clone();
            match errors.get(partition) {
                None => {
                    ctx.print(&format!(
                        "Successfully started moving log directory to {dir} for replica {partition} with broker {broker} "
                    ));
                    self.to_move.remove(0);
                }
                Some(ResponseError::ReplicaNotAvailable) if ctx.now() < self.gives_up_at => {
                    return Ok(Outcome::Wait);
                }
                Some(ResponseError::ReplicaNotAvailable) => {
                    let count = self.to_move.len();
                    let left: Vec<String> = self
                        .to_move
                        .iter()
                        .map(|(partition, broker)| format!("{partition}-{broker}"))
                        .collect();
                    return Ok(Outcome::Terse(format!(
                        "Timed out before log directory move{} could be started for: {}",
                        text::plural(count),
                        left.join(",")
                    )));
                }
                Some(_) => {
                    let message = format!("Failed to alter dir for {partition}-{broker}");
                    let mut exception = Exception::failed(message);
                    exception.hint = Some(format!("broker {broker} has no log directory {dir}"));
                    return Err(exception);
                }
            }
        }
        let Some(next) = self.to_move.first() else { return Ok(Outcome::Done) };
        Ok(alter_log_dir(next, &self.plan.log_dirs[next]))
    }
}

/// Asks for other replicas, or, where none are given, for the reassignment to be called off.
pub(super) fn alter_reassignments<'a>(
    targets: impl IntoIterator<Item = (&'a TopicPartition, Option<&'a [i32]>)>,
    may_change_factor: bool,
) -> Outcome {
    let mut topics: Vec<ReassignableTopic> = Vec::new();
    for (partition, replicas) in targets {
        let replicas = replicas.map(|ids| ids.iter().map(|id| kafka::BrokerId(*id)).collect());
        let asked = ReassignablePartition::default()
            .with_partition_index(partition.partition.0)
            .with_replicas(replicas);
        let name = to_kafka(&partition.topic);
        match topics.iter_mut().find(|topic| topic.name == name) {
            Some(topic) => topic.partitions.push(asked),
            None => topics
                .push(ReassignableTopic::default().with_name(name).with_partitions(vec![asked])),
        }
    }
    let request = kafka::AlterPartitionReassignmentsRequest::default()
        .with_timeout_ms(TIMEOUT_MS)
        .with_allow_replication_factor_change(may_change_factor)
        .with_topics(topics);
    Outcome::Call("alterPartitionReassignments", request.into(), To::Controller)
}

fn alter_log_dir((partition, broker): &Replica, dir: &str) -> Outcome {
    let topic = AlterReplicaLogDirTopic::default()
        .with_name(to_kafka(&partition.topic))
        .with_partitions(vec![partition.partition.0]);
    let dir = AlterReplicaLogDir::default()
        .with_path(StrBytes::from_string(dir.to_owned()))
        .with_topics(vec![topic]);
    let request = kafka::AlterReplicaLogDirsRequest::default().with_dirs(vec![dir]);
    Outcome::Call("alterReplicaLogDirs", request.into(), To::Broker(BrokerId(*broker)))
}
