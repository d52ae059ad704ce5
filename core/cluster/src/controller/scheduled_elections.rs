//! Elections that nobody asks for: now and then, preferred leaders lead again, and partitions without
//! leader get an unclean one where that is allowed. The tasks of `QuorumController`.
//!
//! `leader.imbalance.per.broker.percentage` has no say in it: in KRaft every partition that its
//! preferred leader does not lead is looked at, however few they are.

use std::collections::BTreeMap;

use super::Controller;
use super::partition_change::Election;
use crate::configs::BrokerConfig;
use crate::ctx::Ctx;
use crate::event::IsrChangeReason;
use crate::ids::{TimerId, TopicPartition};
use crate::metadata::{MetadataRecord, PartitionRegistration};
use crate::time::Span;
use crate::timer::Timer;

/// How many leaders one turn may elect: `MAX_ELECTIONS_PER_IMBALANCE`.
const MAX_ELECTIONS: usize = 1_000;
/// When the next turn is, if this one had to leave some out.
const SOON: Span = Span(10_000);

/// When elections come without being asked for.
#[derive(Clone, Debug)]
pub(super) struct ScheduledElections {
    /// How often preferred leaders are elected; none with `auto.leader.rebalance.enable=false`.
    preferred_interval: Option<Span>,
    /// How often unclean leaders are looked for.
    unclean_interval: Span,
    timers: BTreeMap<Timer, TimerId>,
}

impl ScheduledElections {
    pub(super) fn new(config: &BrokerConfig) -> Self {
        let seconds = config.leader_imbalance_check_interval_seconds.max(1);
        let preferred = Span::from_millis(seconds.saturating_mul(1_000));
        Self {
            preferred_interval: config.auto_leader_rebalance.then_some(preferred),
            unclean_interval: config.unclean_election_interval.max(Span::from_millis(1)),
            timers: BTreeMap::new(),
        }
    }
}

impl Controller {
    /// Begins to count the intervals: this controller is the active one from here on.
    pub(super) fn schedule_elections(&mut self, ctx: &mut Ctx<'_>) {
        self.unschedule_elections(ctx);
        if let Some(interval) = self.scheduled_elections.preferred_interval {
            self.schedule(ctx, interval, Timer::LeaderImbalanceCheck);
        }
        self.schedule(ctx, self.scheduled_elections.unclean_interval, Timer::UncleanElectionCheck);
    }

    /// This controller is not the active one any more.
    pub(super) fn unschedule_elections(&mut self, ctx: &mut Ctx<'_>) {
        for timer in std::mem::take(&mut self.scheduled_elections.timers).into_values() {
            ctx.cancel_timer(timer);
        }
    }

    /// `maybeBalancePartitionLeaders`.
    pub(super) fn elect_preferred_leaders(&mut self, ctx: &mut Ctx<'_>) {
        let Some(interval) = self.scheduled_elections.preferred_interval else { return };
        let is_led_by_another = |_: &TopicPartition, part: &PartitionRegistration| {
            part.leader != part.replicas.first().copied()
        };
        self.take_turn(ctx, Election::Preferred, interval, is_led_by_another);
    }

    /// `maybeElectUncleanLeaders`. This, and not the change of the setting itself, is what elects
    /// when `unclean.leader.election.enable` is switched on while a partition has no leader.
    pub(super) fn elect_unclean_leaders(&mut self, ctx: &mut Ctx<'_>) {
        let interval = self.scheduled_elections.unclean_interval;
        let allowed = self.image.topics.keys().filter(|name| self.allows_unclean_election(name));
        let allowed: Vec<_> = allowed.cloned().collect();
        let may_be_elected = |id: &TopicPartition, part: &PartitionRegistration| {
            part.leader.is_none() && allowed.contains(&id.topic)
        };
        self.take_turn(ctx, Election::Unclean, interval, may_be_elected);
    }

    /// Elects in the partitions that are wanted, and sees to the next turn.
    fn take_turn(
        &mut self,
        ctx: &mut Ctx<'_>,
        election: Election,
        interval: Span,
        is_wanted: impl Fn(&TopicPartition, &PartitionRegistration) -> bool,
    ) {
        if !self.is_active() {
            return;
        }
        let mut records: Vec<MetadataRecord> = Vec::new();
        for (partition, registered) in self.image.partitions() {
            if records.len() < MAX_ELECTIONS && is_wanted(&partition, registered) {
                // Where nobody can be elected there is nobody to tell.
                let _ = self.elect(&partition, election, &mut records);
            }
        }
        self.tell_partition_changes(ctx, &records, IsrChangeReason::Election);
        let is_complete = records.len() < MAX_ELECTIONS;
        self.write(ctx, &records);
        let timer = match election {
            Election::Preferred => Timer::LeaderImbalanceCheck,
            Election::Online | Election::Unclean => Timer::UncleanElectionCheck,
        };
        self.schedule(ctx, if is_complete { interval } else { SOON }, timer);
    }

    fn schedule(&mut self, ctx: &mut Ctx<'_>, after: Span, timer: Timer) {
        let id = ctx.set_timer(after, timer.clone());
        self.scheduled_elections.timers.insert(timer, id);
    }
}
