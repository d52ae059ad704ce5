//! A group of the consumer protocol goes back to the classic protocol: when all that remain speak that,
//! or when nobody is left and one of them comes (KIP-848, `group.consumer.migration.policy`).

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::ResponseError;

use crate::consumer::GroupProtocol;
use crate::consumer::protocol::{PROTOCOL_TYPE, encode_assignment};
use crate::event::{EventKind, GroupState};
use crate::group::classic_group::Group;
use crate::group::consumer_group::change::Change;
use crate::group::consumer_group::{ConsumerGroup, ConsumerMember, named};
use crate::group::member::Member;
use crate::group::records::{GroupMetadata, GroupRecord};
use crate::group::turn::Turn;
use crate::ids::MemberId;
use crate::time::Span;

impl ConsumerGroup {
    /// Whether only members of the classic protocol are in the group, and it may go back to that.
    pub(super) fn may_downgrade(&self, turn: &Turn<'_, '_>) -> bool {
        !self.members.is_empty()
            && self.members.values().all(|member| member.classic.is_some())
            && turn.may_downgrade()
    }

    /// The member in whose place one comes that is new; itself if it is not.
    fn predecessor_of<'a>(&'a self, member: &'a ConsumerMember) -> &'a MemberId {
        let instance = member.instance.as_deref();
        let holder = instance.and_then(|instance| self.static_member(instance));
        holder.map_or(&member.id, |holder| &holder.id)
    }
}

impl Group {
    /// A group that nobody is in goes back to the classic protocol when a member of that comes.
    pub(in crate::group) fn make_way_for_classic(
        &mut self,
        turn: &mut Turn<'_, '_>,
    ) -> Result<(), ResponseError> {
        let Some(consumer) = self.consumer.as_deref() else { return Ok(()) };
        let group = self.id.clone();
        let tombstones = consumer.tombstones().into_iter();
        let mut records: Vec<GroupRecord> = tombstones
            .map(|record| GroupRecord::Consumer { group: group.clone(), record })
            .collect();
        let now = turn.ctx.timestamp();
        records.push(GroupRecord::Group { group, value: Some(GroupMetadata::empty(now)) });
        self.write_all(turn, &records)?;
        self.become_classic(Group::new(self.id.clone(), self.partition, now));
        Ok(())
    }

    /// The group goes back to the classic protocol with the members that remain after `change`, all of
    /// them of that protocol; `change` also tells that nothing is left of the consumer protocol's side.
    /// As in Kafka, generation and assignment are what group epoch and target were before it, and who
    /// takes the place of a static member gets its target.
    pub(super) fn downgrade(
        &mut self,
        turn: &mut Turn<'_, '_>,
        change: Change,
    ) -> Result<(), ResponseError> {
        let before = self.consumer.as_deref().expect("it is such a group");
        let image = turn.log.image();
        let members = change.next.members.values();
        let assignment: BTreeMap<MemberId, Bytes> = members
            .map(|member| {
                let own = named(&before.target_of(before.predecessor_of(member)), image);
                (member.id.clone(), encode_assignment(&own))
            })
            .collect();
        let mut classic = Group::new(self.id.clone(), self.partition, turn.ctx.timestamp());
        classic.generation = before.epoch;
        classic.protocol_type = Some(PROTOCOL_TYPE.into());
        let members = change.next.members.values();
        for member in members.filter_map(|own| own.downgraded(assignment[&own.id].clone())) {
            classic.add(member);
        }
        classic.protocol = classic.select_protocol();
        let mut records = change.records;
        records.push(classic.record(&assignment));
        self.write_all(turn, &records)?;
        for event in change.events {
            turn.ctx.emit(event);
        }
        turn.ctx.emit(EventKind::GroupProtocolChanged {
            group: self.id.clone(),
            to: GroupProtocol::Classic,
            generation: classic.generation,
        });
        self.stop_consumer_timers(turn.ctx);
        classic.state = self.state;
        self.become_classic(classic);
        self.begin_sessions(turn.ctx);
        if self.state != GroupState::Stable {
            self.transition(turn, GroupState::Stable);
        }
        Ok(())
    }

    /// Whether the consumer protocol runs the group, and someone is in it.
    pub(in crate::group) fn has_consumer_members(&self) -> bool {
        self.consumer.as_ref().is_some_and(|consumer| !consumer.members.is_empty())
    }

    /// What is committed stays, and what is yet to be.
    fn become_classic(&mut self, mut classic: Group) {
        classic.offsets = std::mem::take(&mut self.offsets);
        classic.pending_offsets = std::mem::take(&mut self.pending_offsets);
        *self = classic;
    }
}

impl ConsumerMember {
    /// A member of the classic protocol as a group of that has it; none if it is of the other.
    fn downgraded(&self, assignment: Bytes) -> Option<Member> {
        let classic = self.classic.as_ref()?;
        Some(Member {
            id: self.id.clone(),
            instance: self.instance.clone(),
            client_id: self.client_id.clone(),
            client: self.client,
            rebalance_timeout: Span::from_millis(self.rebalance_timeout_ms.into()),
            session_timeout: Span::from_millis(classic.session_timeout_ms.into()),
            protocols: classic.protocols.clone(),
            assignment,
            is_new: false,
            awaiting_join: None,
            awaiting_sync: None,
            session_timer: None,
        })
    }
}
