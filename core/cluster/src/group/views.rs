//! Groups as a viewer sees them.

use crate::consumer::protocol::decode_assignment;
use crate::group::classic_group::Group;
use crate::group::member::Member;
use crate::ids::BrokerId;
use crate::view::{GroupView, MemberView};

impl Group {
    pub(super) fn view(&self, coordinator: BrokerId) -> GroupView {
        GroupView {
            id: self.id.clone(),
            state: self.state,
            generation: self.generation,
            coordinator,
            assignor: self.protocol.clone(),
            members: self.members.values().map(|member| self.member_view(member)).collect(),
            committed: self
                .offsets
                .iter()
                .map(|(partition, committed)| (partition.clone(), committed.offset))
                .collect(),
        }
    }

    fn member_view(&self, member: &Member) -> MemberView {
        MemberView {
            id: member.id.clone(),
            client: member.client,
            is_leader: self.is_leader(&member.id),
            assignment: decode_assignment(&member.assignment).unwrap_or_default(),
        }
    }
}
