//! Groups as a viewer sees them.

use std::sync::Arc;

use crate::consumer::protocol::decode_assignment;
use crate::group::classic_group::Group;
use crate::group::member::Member;
use crate::group::server_assignor::ServerAssignor;
use crate::ids::BrokerId;
use crate::metadata::MetadataImage;
use crate::view::{GroupView, MemberView};

impl Group {
    pub(super) fn view(&self, coordinator: BrokerId, image: &MetadataImage) -> GroupView {
        let consumer = self.consumer.as_deref();
        let default = ServerAssignor::ALL[0];
        let server_assignor = consumer.map(|group| Arc::from(group.assignor(default).name()));
        let members = match consumer {
            Some(group) => group.member_views(image),
            None => self.members.values().map(|member| self.member_view(member)).collect(),
        };
        GroupView {
            id: self.id.clone(),
            state: self.state,
            generation: self.generation,
            coordinator,
            assignment_epoch: consumer.map(|group| group.assignment_epoch),
            assignor: server_assignor.or_else(|| self.protocol.clone()),
            members,
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
            reconciliation: None,
        }
    }
}
