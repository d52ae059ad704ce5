//! The records of groups of the consumer protocol (KIP-848) in words, for those who look into them.

use std::fmt::Display;

use crate::anatomy::Decoded;
use crate::group::consumer_group::records::{ConsumerRecord, CurrentAssignment, Subscription};
use crate::ids::{GroupId, MemberId, TopicId};

type Fields = Vec<(&'static str, String)>;

impl ConsumerRecord {
    /// What the record says, by the names of Kafka's record types.
    pub(crate) fn told(&self, group: &GroupId) -> Decoded {
        let of_group = vec![("groupId", group.to_string())];
        let of_member = |member: &MemberId| {
            vec![("groupId", group.to_string()), ("memberId", member.to_string())]
        };
        let (schema, key, value) = match self {
            Self::Epoch(value) => {
                let told = value.map(|(epoch, hash)| {
                    vec![("epoch", epoch.to_string()), ("metadataHash", hash.to_string())]
                });
                ("ConsumerGroupMetadata", of_group, told)
            }
            Self::Member(member, value) => {
                let told = value.as_deref().map(Subscription::told);
                ("ConsumerGroupMemberMetadata", of_member(member), told)
            }
            Self::Assignment(value) => {
                let told = value.map(|(epoch, at)| {
                    let mut told = vec![("assignmentEpoch", epoch.to_string())];
                    told.extend(at.map(|at| ("assignmentTimestamp", at.to_string())));
                    told
                });
                ("ConsumerGroupTargetAssignmentMetadata", of_group, told)
            }
            Self::Target(member, value) => {
                let told = value.as_ref().map(|topics| {
                    partitions("topicPartitions", topics.iter().map(|(id, all)| (id, all.iter())))
                });
                ("ConsumerGroupTargetAssignmentMember", of_member(member), told)
            }
            Self::Current(member, value) => {
                let told = value.as_ref().map(CurrentAssignment::told);
                ("ConsumerGroupCurrentMemberAssignment", of_member(member), told)
            }
        };
        Decoded::new(schema, group.as_str(), key, value)
    }
}

impl Subscription {
    fn told(&self) -> Fields {
        let or_null = |text: Option<&str>| text.unwrap_or("null").to_owned();
        let topics: Vec<_> = self.topics.iter().map(ToString::to_string).collect();
        vec![
            ("instanceId", or_null(self.instance.as_deref())),
            ("rackId", or_null(self.rack.as_deref())),
            ("clientId", self.client_id.to_string()),
            ("clientHost", self.client_host.to_string()),
            ("subscribedTopicNames", topics.join(", ")),
            ("subscribedTopicRegex", format!("\"{}\"", self.regex)),
            ("rebalanceTimeoutMs", self.rebalance_timeout_ms.to_string()),
            ("serverAssignor", or_null(self.assignor.as_deref())),
        ]
    }
}

impl CurrentAssignment {
    fn told(&self) -> Fields {
        let mut told = vec![
            ("memberEpoch", self.epoch.to_string()),
            ("previousMemberEpoch", self.previous_epoch.to_string()),
            ("state", format!("{:?}", self.state)),
        ];
        let assigned = self.assigned.iter().map(|(id, all)| (id, all.keys()));
        told.extend(partitions("assignedPartitions", assigned));
        let revoking = self.revoking.iter().map(|(id, all)| (id, all.keys()));
        told.extend(partitions("partitionsPendingRevocation", revoking));
        told
    }
}

/// Each topic by its id, with its partitions.
fn partitions<'a, T: Display + 'a>(
    name: &'static str,
    topics: impl Iterator<Item = (&'a TopicId, impl Iterator<Item = T>)>,
) -> Fields {
    let one = |(id, all): (&TopicId, _)| {
        let all: Vec<_> = Iterator::map(all, |partition: T| partition.to_string()).collect();
        (name, format!("topic {id}, partitions {}", all.join(", ")))
    };
    topics.map(one).collect()
}
