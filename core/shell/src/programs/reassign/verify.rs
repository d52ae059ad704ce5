//! `--verify`: tells how far a reassignment is, and lifts the throttles once nothing moves any more.

use highwater_cluster::ctx::Ctx;

use super::Outcome;
use super::facts::{self, Facts};
use super::plan::{Plan, Replica, joined};
use super::throttle::Throttle;
use crate::programs::json_file::Exception;

/// A reassignment that is asked about.
#[derive(Clone, Debug)]
pub(super) struct Verify {
    plan: Plan,
    preserve_throttles: bool,
    throttle: Option<Throttle>,
}

impl Verify {
    pub(super) fn new(text: &str, preserve_throttles: bool) -> Result<Self, Exception> {
        Ok(Self { plan: Plan::read(text)?, preserve_throttles, throttle: None })
    }

    pub(super) fn next(
        &mut self,
        ctx: &mut Ctx<'_>,
        facts: &mut Facts,
    ) -> Result<Outcome, Exception> {
        let Some(ongoing) = &facts.ongoing else { return Ok(facts::list_reassignments(None)) };
        let is_ongoing = !ongoing.is_empty();
        if facts.replicas.is_none() {
            return Ok(facts::describe_topics(&self.plan.topics()));
        }
        if facts.brokers.is_none() {
            return Ok(facts::describe_cluster());
        }
        let wanted: Vec<Replica> = self.plan.log_dirs.keys().cloned().collect();
        if let Some(question) = facts.ask_for_log_dirs(&wanted) {
            return Ok(question);
        }
        if self.throttle.is_none() {
            self.tell(ctx, facts);
        }
        if is_ongoing || self.preserve_throttles {
            return Ok(Outcome::Done);
        }
        let brokers = facts.brokers.as_ref().expect("they were asked for");
        let throttle =
            self.throttle.get_or_insert_with(|| Throttle::lifted(ctx, &self.plan, brokers.keys()));
        Ok(throttle.next(ctx, facts.configs_altered).unwrap_or(Outcome::Done))
    }

    fn tell(&self, ctx: &mut Ctx<'_>, facts: &Facts) {
        let (Some(ongoing), Some(replicas)) = (&facts.ongoing, &facts.replicas) else { return };
        ctx.print("Status of partition reassignment:");
        for (partition, target) in self.plan.sorted() {
            if ongoing.contains_key(&partition) {
                ctx.print(&format!("Reassignment of partition {partition} is still in progress."));
                continue;
            }
            let current = replicas.get(&partition).cloned().unwrap_or_default();
            ctx.print(&if current == target {
                format!("Reassignment of partition {partition} is completed.")
            } else {
                format!(
                    "There is no active reassignment of partition {partition}, but replica set is {} rather than {}.",
                    joined(&current, ","),
                    joined(&target, ",")
                )
            });
        }
        let mut lines: Vec<(i32, String)> = Vec::new();
        for ((partition, broker), dir) in &self.plan.log_dirs {
            let found = facts.log_dirs.get(&(partition.clone(), *broker));
            let line = match found {
                Some(found) if found == dir => {
                    format!("Reassignment of replica {partition}-{broker} completed successfully.")
                }
                Some(found) => format!(
                    "Partition {partition} on broker {broker} is not being moved from log dir {found} to {dir}."
                ),
                None => format!(
                    "Partition {partition} is not found in any live log dir on broker {broker}. There is likely an \
                     offline log directory on the broker."
                ),
            };
            lines.push((*broker, line));
        }
        // Brokers first, and for each its partitions in order.
        lines.sort_by_key(|(broker, _)| *broker);
        let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
        ctx.print(&lines.join("\n"));
    }
}
