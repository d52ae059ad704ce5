//! A group of the consumer protocol as ConsumerGroupDescribe and a viewer see it.

use kafka_protocol::messages::consumer_group_describe_response::{
    Assignment, DescribedGroup, Member, TopicPartitions,
};

use crate::client::names;
use crate::group::answers::str_bytes;
use crate::group::classic_group::Group;
use crate::group::consumer_group::{ConsumerGroup, ConsumerMember, named, without_epochs};
use crate::group::identity;
use crate::group::server_assignor::{Partitions, ServerAssignor};
use crate::metadata::MetadataImage;
use crate::view::{MemberView, ReconciliationView};

/// Operations that were not asked for.
const NO_OPERATIONS: i32 = i32::MIN;

impl Group {
    /// The group as ConsumerGroupDescribe tells of it; none if it is of the classic protocol.
    pub(in crate::group) fn consumer_described(
        &self,
        image: &MetadataImage,
        default: ServerAssignor,
    ) -> Option<DescribedGroup> {
        let consumer = self.consumer.as_deref()?;
        let members = consumer.members.values().map(|member| described(consumer, member, image));
        Some(
            DescribedGroup::default()
                .with_group_id(kafka_protocol::messages::GroupId(str_bytes(self.id.as_str())))
                .with_group_state(str_bytes(consumer.state().name()))
                .with_group_epoch(consumer.epoch.0)
                .with_assignment_epoch(consumer.assignment_epoch.0)
                .with_assignor_name(str_bytes(consumer.assignor(default).name()))
                .with_members(members.collect())
                .with_authorized_operations(NO_OPERATIONS),
        )
    }
}

impl ConsumerGroup {
    /// The members as a viewer sees them.
    pub(in crate::group) fn member_views(&self, image: &MetadataImage) -> Vec<MemberView> {
        let view = |member: &ConsumerMember| MemberView {
            id: member.id.clone(),
            client: member.client,
            is_leader: false,
            assignment: named(&member.held(), image),
            reconciliation: Some(ReconciliationView {
                epoch: member.epoch,
                state: member.state,
                revoking: named(&without_epochs(&member.revoking), image),
                target: named(&self.target_of(&member.id), image),
                is_classic: member.classic.is_some(),
            }),
        };
        self.members.values().map(view).collect()
    }
}

fn described(group: &ConsumerGroup, member: &ConsumerMember, image: &MetadataImage) -> Member {
    Member::default()
        .with_member_id(str_bytes(member.id.as_str()))
        .with_instance_id(member.instance.as_deref().map(str_bytes))
        .with_rack_id(member.rack.as_deref().map(str_bytes))
        .with_member_epoch(member.epoch.0)
        .with_client_id(str_bytes(&member.client_id))
        .with_client_host(str_bytes(&identity::host_of_node(member.client)))
        .with_subscribed_topic_names(member.topics.iter().map(names::to_kafka).collect())
        .with_subscribed_topic_regex(Some(str_bytes(&member.regex)))
        .with_assignment(assignment(&member.held(), image))
        .with_target_assignment(assignment(&group.target_of(&member.id), image))
        .with_member_type(if member.classic.is_some() { 0 } else { 1 })
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
