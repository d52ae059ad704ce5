//! The records of share groups (KIP-932) in words, for those who look into them.

use std::collections::BTreeSet;

use crate::anatomy::Decoded;
use crate::group::server_assignor::Partitions;
use crate::group::share_group::ShareGroupRecord;
use crate::ids::{GroupId, MemberId, TopicId, TopicName};

type Fields = Vec<(&'static str, String)>;

impl ShareGroupRecord {
    /// What the record says, by the names of Kafka's record types.
    pub(in crate::group) fn told(&self, group: &GroupId) -> Decoded {
        let of_group = vec![("groupId", group.to_string())];
        let of_member = |member: &MemberId| {
            vec![("groupId", group.to_string()), ("memberId", member.to_string())]
        };
        let (schema, key, value): (_, _, Option<Fields>) = match self {
            Self::Epoch(value) => {
                let told = value.map(|(epoch, hash)| {
                    vec![("epoch", epoch.to_string()), ("metadataHash", hash.to_string())]
                });
                ("ShareGroupMetadata", of_group, told)
            }
            Self::Member(member, value) => {
                let told = value.as_ref().map(|said| {
                    let topics: Vec<_> = said.topics.iter().map(ToString::to_string).collect();
                    vec![
                        ("rackId", said.rack.as_deref().unwrap_or("null").to_owned()),
                        ("clientId", said.client_id.to_string()),
                        ("clientHost", said.client_host.to_string()),
                        ("subscribedTopicNames", topics.join(", ")),
                    ]
                });
                ("ShareGroupMemberMetadata", of_member(member), told)
            }
            Self::Assignment(value) => {
                let told = value.map(|epoch| vec![("assignmentEpoch", epoch.to_string())]);
                ("ShareGroupTargetAssignmentMetadata", of_group, told)
            }
            Self::Target(member, value) => {
                let told = value.as_ref().map(|own| vec![("topicPartitions", partitions(own))]);
                ("ShareGroupTargetAssignmentMember", of_member(member), told)
            }
            Self::Current(member, value) => {
                let told = value.as_ref().map(|(epoch, previous, own)| {
                    vec![
                        ("memberEpoch", epoch.to_string()),
                        ("previousMemberEpoch", previous.to_string()),
                        ("assignedPartitions", partitions(own)),
                    ]
                });
                ("ShareGroupCurrentMemberAssignment", of_member(member), told)
            }
            Self::Partitions(value) => {
                let told = value.as_ref().map(|all| {
                    vec![
                        ("initializingTopics", topics(&all.initializing)),
                        ("initializedTopics", topics(&all.initialized)),
                    ]
                });
                ("ShareGroupStatePartitionMetadata", of_group, told)
            }
        };
        Decoded::new(schema, group.as_str(), key, value)
    }
}

fn partitions(all: &Partitions) -> String {
    let all = all.iter().map(|(topic, own)| format!("{topic}: {}", indexes(own)));
    all.collect::<Vec<_>>().join("; ")
}

fn topics(all: &[(TopicId, TopicName, BTreeSet<i32>)]) -> String {
    let all = all.iter().map(|(_, name, own)| format!("{name}: {}", indexes(own)));
    all.collect::<Vec<_>>().join("; ")
}

fn indexes(own: &BTreeSet<i32>) -> String {
    own.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
