//! A share group as ShareGroupDescribe and a viewer see it.

use kafka_protocol::messages::share_group_describe_response::{
    Assignment, DescribedGroup, Member, TopicPartitions,
};

use crate::client::names;
use crate::group::answers::str_bytes;
use crate::group::consumer_group::named;
use crate::group::identity;
use crate::group::server_assignor::Partitions;
use crate::group::share_group::{ASSIGNOR, ShareGroup, ShareMember};
use crate::ids::BrokerId;
use crate::metadata::MetadataImage;
use crate::view::{ShareGroupView, ShareMemberView};

/// Operations that were not asked for.
const NO_OPERATIONS: i32 = i32::MIN;

impl ShareGroup {
    /// The group as ShareGroupDescribe tells of it.
    pub(in crate::group) fn described(&self, image: &MetadataImage) -> DescribedGroup {
        let members = self.members.values().map(|member| described(member, image));
        DescribedGroup::default()
            .with_group_id(kafka_protocol::messages::GroupId(str_bytes(self.id.as_str())))
            .with_group_state(str_bytes(self.state.name()))
            .with_group_epoch(self.epoch.0)
            .with_assignment_epoch(self.assignment_epoch.0)
            .with_assignor_name(str_bytes(ASSIGNOR))
            .with_members(members.collect())
            .with_authorized_operations(NO_OPERATIONS)
    }

    /// The group as a viewer sees it. Its share partitions are their leaders' to tell of.
    pub(in crate::group) fn view(
        &self,
        coordinator: BrokerId,
        image: &MetadataImage,
    ) -> ShareGroupView {
        let members = self.members.values().map(|member| ShareMemberView {
            id: member.id.clone(),
            client: member.client,
            epoch: member.epoch,
            assignment: named(&member.assigned, image),
        });
        ShareGroupView {
            id: self.id.clone(),
            state: self.state,
            epoch: self.epoch,
            assignment_epoch: self.assignment_epoch,
            coordinator,
            members: members.collect(),
            partitions: Vec::new(),
        }
    }
}

fn described(member: &ShareMember, image: &MetadataImage) -> Member {
    Member::default()
        .with_member_id(str_bytes(member.id.as_str()))
        .with_rack_id(member.rack.as_deref().map(str_bytes))
        .with_member_epoch(member.epoch.0)
        .with_client_id(str_bytes(&member.client_id))
        .with_client_host(str_bytes(&identity::host_of_node(member.client)))
        .with_subscribed_topic_names(member.topics.iter().map(names::to_kafka).collect())
        .with_assignment(assignment(&member.assigned, image))
}

fn assignment(partitions: &Partitions, image: &MetadataImage) -> Assignment {
    let topics = partitions.iter().filter_map(|(id, own)| {
        let name = image.topic_names.get(id)?;
        Some(
            TopicPartitions::default()
                .with_topic_id(uuid::Uuid::from_u128(id.0))
                .with_topic_name(names::to_kafka(name))
                .with_partitions(own.iter().copied().collect()),
        )
    });
    Assignment::default().with_topic_partitions(topics.collect())
}
