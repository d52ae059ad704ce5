//! `--cancel`: calls reassignments off.

use highwater_cluster::ctx::Ctx;
use highwater_cluster::ids::TopicPartition;

use super::execute::alter_reassignments;
use super::facts::{self, Facts};
use super::plan::Plan;
use super::throttle::Throttle;
use super::{Outcome, text};
use crate::programs::json_file::Exception;

/// Reassignments that are to be called off.
#[derive(Clone, Debug)]
pub(super) struct Cancel {
    plan: Plan,
    preserve_throttles: bool,
    throttle: Option<Throttle>,
}

impl Cancel {
    pub(super) fn new(text: &str, preserve_throttles: bool) -> Result<Self, Exception> {
        Ok(Self { plan: Plan::read(text)?, preserve_throttles, throttle: None })
    }

    pub(super) fn next(
        &mut self,
        ctx: &mut Ctx<'_>,
        facts: &mut Facts,
    ) -> Result<Outcome, Exception> {
        let Some(ongoing) = &facts.ongoing else {
            let asked: Vec<TopicPartition> = self.plan.sorted().into_keys().collect();
            return Ok(facts::list_reassignments(Some(&asked)));
        };
        // Kafka's tool passes over reassignments that only add replicas: so does this one.
        let is_taken = |removing: &[i32], adding: &[i32]| adding.is_empty() || !removing.is_empty();
        let moving: Vec<TopicPartition> = ongoing
            .iter()
            .filter(|(_, ongoing)| is_taken(&ongoing.removing, &ongoing.adding))
            .map(|(name, _)| name.clone())
            .collect();
        if !moving.is_empty() && facts.refused.is_none() {
            let none = moving.iter().map(|name| (name, None));
            return Ok(alter_reassignments(none, true));
        }
        if let Some(refused) = facts.refused.as_ref().filter(|refused| !refused.is_empty()) {
            return Ok(Outcome::Terse(format!(
                "Error cancelling partition reassignment{} for:\n{}",
                text::plural(refused.len()),
                text::errors(refused)
            )));
        }
        let Some(brokers) = facts.brokers.as_ref() else { return Ok(facts::describe_cluster()) };
        let throttle = match &mut self.throttle {
            Some(throttle) => throttle,
            None => {
                let first = match moving.as_slice() {
                    [] => "None of the specified partition reassignments are active.".to_owned(),
                    moving => format!(
                        "Successfully cancelled partition reassignment{} for: {}",
                        text::plural(moving.len()),
                        text::names(moving)
                    ),
                };
                ctx.print(&first);
                // Kafka's tool ends this sentence with no line of its own.
                let moves = "None of the specified partition moves are active.";
                if self.preserve_throttles {
                    ctx.print(moves);
                    return Ok(Outcome::Done);
                }
                let lifted = Throttle::lifted_after(ctx, moves, &self.plan, brokers.keys());
                self.throttle.insert(lifted)
            }
        };
        Ok(throttle.next(ctx, facts.configs_altered).unwrap_or(Outcome::Done))
    }
}
