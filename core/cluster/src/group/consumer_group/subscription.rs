//! What the members of a group subscribe to, and the target assignment that follows.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::EventKind;
use crate::group::consumer_group::change::Change;
use crate::group::consumer_group::{ConsumerGroup, ConsumerMember, ConsumerRecord};
use crate::group::server_assignor::{AssignmentSpec, MemberSpec, ServerAssignor};
use crate::group::topic_pattern::TopicPattern;
use crate::ids::{TopicId, TopicName};
use crate::metadata::{MetadataImage, TopicImage};
use highwater_log::TimestampMs;

impl ConsumerMember {
    /// The topics that it subscribes to and that exist.
    fn subscribed<'a>(&self, image: &'a MetadataImage) -> BTreeMap<&'a TopicName, &'a TopicImage> {
        let by_name = self.topics.iter().filter_map(|topic| image.topics.get_key_value(topic));
        // One that is no expression was refused when it came, and matches nothing.
        let pattern = (!self.regex.is_empty()).then(|| TopicPattern::parse(&self.regex).ok());
        let by_pattern = pattern.flatten().into_iter().flat_map(|pattern| {
            image.topics.iter().filter(move |(topic, _)| pattern.matches(topic.as_str()))
        });
        by_name.chain(by_pattern).collect()
    }
}

impl ConsumerGroup {
    /// Whether a member subscribes to a topic.
    pub(in crate::group) fn is_subscribed(&self, topic: &TopicName, image: &MetadataImage) -> bool {
        self.members.values().any(|member| {
            member.topics.contains(topic) || member.subscribed(image).contains_key(topic)
        })
    }

    /// A number that changes with the topics that are subscribed to: their ids and their partitions.
    /// Kafka's is another, of the same things.
    pub(super) fn subscribed_topics_hash(&self, image: &MetadataImage) -> i64 {
        let topics = self.subscribed(image);
        if topics.is_empty() {
            return 0;
        }
        // FNV-1a.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for (name, topic) in topics {
            let count = topic.partitions.len() as u64;
            let bytes = name.as_str().bytes().chain(topic.id.0.to_be_bytes());
            for byte in bytes.chain(count.to_be_bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        hash.cast_signed()
    }

    fn subscribed<'a>(&self, image: &'a MetadataImage) -> BTreeMap<&'a TopicName, &'a TopicImage> {
        self.members.values().flat_map(|member| member.subscribed(image)).collect()
    }

    fn assignment_spec(&self, image: &MetadataImage) -> AssignmentSpec {
        let count = |topic: &TopicImage| topic.partitions.len() as u32;
        let topics = self.subscribed(image).into_values();
        let members = self.members.values().map(|member| {
            let topics: BTreeSet<TopicId> =
                member.subscribed(image).into_values().map(|topic| topic.id).collect();
            let spec = MemberSpec {
                instance: member.instance.clone(),
                topics,
                current: self.target_of(&member.id),
            };
            (member.id.clone(), spec)
        });
        AssignmentSpec {
            topics: topics.map(|topic| (topic.id, count(topic))).collect(),
            members: members.collect(),
        }
    }
}

impl Change {
    /// Computes the target assignment of the group epoch, and writes what is new of it.
    pub(super) fn assign(
        &mut self,
        image: &MetadataImage,
        default: ServerAssignor,
        now: TimestampMs,
    ) {
        let assignor = self.next.assignor(default);
        let target = assignor.assign(&self.next.assignment_spec(image));
        for (id, own) in &target {
            if self.next.target.get(id) != Some(own) {
                self.write(ConsumerRecord::Target(id.clone(), Some(own.clone())));
            }
        }
        self.next.target = target;
        self.next.assignment_epoch = self.next.epoch;
        self.next.assigned_at = Some(now);
        self.write(ConsumerRecord::assignment(&self.next));
        self.tell(EventKind::TargetAssigned {
            group: self.group.clone(),
            epoch: self.next.epoch,
            assignor: assignor.name(),
        });
    }
}
