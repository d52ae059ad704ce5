//! A change of a group: what it will be, what is written of it, and what is told of it. Nothing of it
//! counts unless it could be written.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;

use crate::event::{EpochReason, EventKind};
use crate::group::classic_group::Group;
use crate::group::consumer_group::leave::member_tombstones;
use crate::group::consumer_group::{ConsumerGroup, ConsumerMember, ConsumerRecord, named};
use crate::group::records::GroupRecord;
use crate::group::turn::Turn;
use crate::group::writes::Effect;
use crate::ids::{GroupId, MemberId};
use crate::metadata::MetadataImage;

/// A change of a group that is under way.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) group: GroupId,
    /// The group as it will be.
    pub(super) next: ConsumerGroup,
    pub(super) records: Vec<GroupRecord>,
    pub(super) events: Vec<EventKind>,
}

impl Change {
    /// A change of a group that is run by the consumer protocol.
    pub(super) fn of(group: &Group) -> Self {
        let next = group.consumer.as_deref().expect("only such a group is changed so");
        Self::to(group.id.clone(), next.clone())
    }

    pub(super) fn to(group: GroupId, next: ConsumerGroup) -> Self {
        Self { group, next, records: Vec::new(), events: Vec::new() }
    }

    pub(super) fn write(&mut self, record: ConsumerRecord) {
        self.records.push(GroupRecord::Consumer { group: self.group.clone(), record });
    }

    pub(super) fn write_all(&mut self, records: Vec<ConsumerRecord>) {
        for record in records {
            self.write(record);
        }
    }

    pub(super) fn tell(&mut self, event: EventKind) {
        self.events.push(event);
    }

    /// The group epoch goes up.
    pub(super) fn bump_epoch(&mut self, reason: EpochReason) {
        self.next.epoch.0 += 1;
        let epoch = self.next.epoch;
        self.write(ConsumerRecord::epoch(&self.next));
        self.tell(EventKind::GroupEpochBumped { group: self.group.clone(), epoch, reason });
    }

    /// A member is, or says, something else than before.
    pub(super) fn put_member(&mut self, member: ConsumerMember) {
        self.write(ConsumerRecord::member(&member));
        self.next.members.insert(member.id.clone(), member);
    }

    /// A member has come closer to its target.
    pub(super) fn put_reconciled(&mut self, member: ConsumerMember, image: &MetadataImage) {
        self.write(ConsumerRecord::current(&member));
        let revoking = super::without_epochs(&member.revoking);
        self.tell(EventKind::MemberReconciled {
            group: self.group.clone(),
            member: member.id.clone(),
            client: member.client,
            epoch: member.epoch,
            state: member.state,
            assigned: named(&super::without_epochs(&member.assigned), image),
            revoking: named(&revoking, image),
        });
        self.next.members.insert(member.id.clone(), member);
    }

    /// Nothing of a member remains.
    pub(super) fn remove_member(&mut self, id: &MemberId) {
        for tombstone in member_tombstones(id) {
            self.write(tombstone);
        }
        self.next.members.remove(id);
        self.next.target.remove(id);
    }
}

impl Group {
    /// Writes a change, and makes it so.
    pub(super) fn apply(
        &mut self,
        turn: &mut Turn<'_, '_>,
        change: Change,
    ) -> Result<(), ResponseError> {
        self.apply_with(turn, change, Vec::new())
    }

    /// The same, with records of another kind before it.
    pub(super) fn apply_with(
        &mut self,
        turn: &mut Turn<'_, '_>,
        change: Change,
        mut before: Vec<GroupRecord>,
    ) -> Result<(), ResponseError> {
        before.extend(change.records);
        if !before.is_empty() {
            let records = before.iter().map(GroupRecord::encode).collect();
            turn.write(self, records, Effect::Nothing).map_err(|(error, _)| error)?;
        }
        for event in change.events {
            turn.ctx.emit(event);
        }
        let was_classic = self.consumer.is_none();
        if was_classic {
            self.end_classic_side(turn);
        }
        self.generation = change.next.epoch;
        let state = change.next.state();
        self.stop_timers_of_others(turn, &change.next.members);
        self.consumer = Some(Box::new(change.next));
        if was_classic {
            self.watch_classic_sessions(turn);
        }
        if state != self.state {
            self.transition(turn, state);
        }
        Ok(())
    }

    /// Members that are no longer among `members` need no timers.
    fn stop_timers_of_others(
        &mut self,
        turn: &mut Turn<'_, '_>,
        members: &BTreeMap<MemberId, ConsumerMember>,
    ) {
        let before = self.consumer.iter().flat_map(|consumer| consumer.members.values());
        for member in before.filter(|member| !members.contains_key(&member.id)) {
            for timer in member.session_timer.into_iter().chain(member.rebalance_timer) {
                turn.ctx.cancel_timer(timer);
            }
        }
    }
}
