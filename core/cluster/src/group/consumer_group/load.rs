//! A group of the consumer protocol as the log tells of it.

use crate::ctx::Ctx;
use crate::event::MemberState;
use crate::group::classic_group::Group;
use crate::group::consumer_group::records::{ConsumerRecord, CurrentAssignment, Subscription};
use crate::group::consumer_group::{ConsumerGroup, ConsumerMember};
use crate::group::identity;
use crate::ids::MemberId;
use crate::time::Span;
use crate::timer::Timer;

impl Group {
    /// Takes over a record, in the order of the log.
    pub(in crate::group) fn replay(&mut self, record: ConsumerRecord) {
        if let ConsumerRecord::Epoch(None) = record {
            self.consumer = None;
            return;
        }
        if record.is_tombstone() && self.consumer.is_none() {
            return;
        }
        let consumer = self.consumer.get_or_insert_with(|| Box::new(ConsumerGroup::new()));
        consumer.replay(record);
        self.generation = consumer.epoch;
        self.state = consumer.state();
        self.previous_state = self.state;
    }

    /// Whether neither protocol nor offsets give it a reason to be.
    pub(in crate::group) fn is_nothing(&self) -> bool {
        self.consumer.is_none() && self.protocol_type.is_none() && self.offsets.is_empty()
    }

    /// The members that the log names have the group's session timeout to find the new coordinator,
    /// whichever protocol they speak, and those that are to give something up have the time for that once
    /// more.
    pub(in crate::group) fn begin_consumer_sessions(&mut self, ctx: &mut Ctx<'_>, session: Span) {
        let Some(consumer) = &mut self.consumer else { return };
        for (id, member) in &mut consumer.members {
            let timer = Timer::ConsumerGroupSession(self.id.clone(), id.clone());
            member.session_timer = Some(ctx.set_timer(session, timer));
            if member.state == MemberState::UnrevokedPartitions {
                let timer = Timer::ConsumerGroupRebalance(self.id.clone(), id.clone());
                let timeout = Span::from_millis(member.rebalance_timeout_ms.into());
                member.rebalance_timer = Some(ctx.set_timer(timeout, timer));
            }
        }
    }

    pub(in crate::group) fn stop_consumer_timers(&self, ctx: &mut Ctx<'_>) {
        let members = self.consumer.iter().flat_map(|consumer| consumer.members.values());
        for member in members {
            for timer in member.session_timer.into_iter().chain(member.rebalance_timer) {
                ctx.cancel_timer(timer);
            }
        }
    }
}

impl ConsumerGroup {
    fn replay(&mut self, record: ConsumerRecord) {
        match record {
            ConsumerRecord::Epoch(value) => {
                if let Some((epoch, hash)) = value {
                    self.epoch = epoch;
                    self.metadata_hash = hash;
                }
            }
            ConsumerRecord::Assignment(Some((epoch, at))) => {
                self.assignment_epoch = epoch;
                self.assigned_at = at;
            }
            ConsumerRecord::Assignment(None) => self.assigned_at = None,
            ConsumerRecord::Member(id, Some(value)) => value.tell(self.known(id)),
            ConsumerRecord::Member(id, None) => {
                self.members.remove(&id);
            }
            ConsumerRecord::Target(id, Some(target)) => {
                self.target.insert(id, target);
            }
            ConsumerRecord::Target(id, None) => {
                self.target.remove(&id);
            }
            ConsumerRecord::Current(id, Some(value)) => value.tell(self.known(id)),
            ConsumerRecord::Current(id, None) => {
                if let Some(member) = self.members.get_mut(&id) {
                    let nothing = ConsumerMember::new(id, member.client);
                    CurrentAssignment::of(&nothing).tell(member);
                }
            }
        }
    }

    fn known(&mut self, id: MemberId) -> &mut ConsumerMember {
        let nobody = identity::node_of_host("");
        self.members.entry(id).or_insert_with_key(|id| ConsumerMember::new(id.clone(), nobody))
    }
}

impl Subscription {
    fn tell(self, member: &mut ConsumerMember) {
        member.instance = self.instance;
        member.rack = self.rack;
        member.client_id = self.client_id;
        member.client = identity::node_of_host(&self.client_host);
        member.topics = self.topics;
        member.regex = self.regex;
        member.rebalance_timeout_ms = self.rebalance_timeout_ms;
        member.assignor = self.assignor;
        member.classic = self.classic;
    }
}

impl CurrentAssignment {
    fn tell(self, member: &mut ConsumerMember) {
        member.epoch = self.epoch;
        member.previous_epoch = self.previous_epoch;
        member.state = self.state;
        member.assigned = self.assigned;
        member.revoking = self.revoking;
    }
}
