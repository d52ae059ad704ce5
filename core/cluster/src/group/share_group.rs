//! Share groups at their coordinator (KIP-932): who is in them, and which partitions each member fetches from. A
//! partition may be several members', so nobody ever waits for another to give one up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use highwater_log::TimestampMs;
use kafka_protocol::ResponseError;

use crate::event::{EpochReason, EventKind, GroupState};
use crate::group::server_assignor::Partitions;
use crate::group::server_assignor::simple::{self, ShareMemberSpec};
use crate::group::turn::Turn;
use crate::ids::{Generation, GroupId, MemberId, NodeId, TimerId, TopicId, TopicName};
use crate::metadata::{MetadataImage, TopicImage};

mod admin;
mod describe;
mod heartbeat;
mod initialize;
mod load;
mod records;
mod told;
mod write;

pub(super) use admin::delete;
pub(super) use heartbeat::{answer, refused};
pub(super) use load::share_groups;
pub(crate) use records::ShareGroupRecord;

/// The assignor of all share groups.
pub(super) const ASSIGNOR: &str = "simple";

pub(super) type ShareGroups = BTreeMap<GroupId, ShareGroup>;

/// A share group.
#[derive(Clone, Debug)]
pub(super) struct ShareGroup {
    pub(super) id: GroupId,
    /// Its partition of `__consumer_offsets`.
    pub(super) partition: i32,
    pub(super) state: GroupState,
    /// One higher with each change of members, subscriptions or topics.
    pub(super) epoch: Generation,
    /// Tells one state of the subscribed topics from another.
    metadata_hash: i64,
    /// The group epoch that the target assignment was computed for.
    assignment_epoch: Generation,
    assigned_at: Option<TimestampMs>,
    target: BTreeMap<MemberId, Partitions>,
    pub(super) members: BTreeMap<MemberId, ShareMember>,
    /// The partitions whose state is being written down for the first time.
    initializing: Partitions,
    /// Those whose state is written down: only these are assigned.
    initialized: Partitions,
}

/// A member of a share group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ShareMember {
    pub(super) id: MemberId,
    rack: Option<Arc<str>>,
    client_id: Arc<str>,
    pub(super) client: NodeId,
    topics: BTreeSet<TopicName>,
    pub(super) epoch: Generation,
    previous_epoch: Generation,
    assigned: Partitions,
    session_timer: Option<TimerId>,
}

/// A change of a share group that is under way. Nothing of it counts unless it could be written.
#[derive(Debug)]
struct Change {
    next: ShareGroup,
    records: Vec<ShareGroupRecord>,
    events: Vec<EventKind>,
}

impl ShareGroup {
    fn new(id: GroupId, partition: i32) -> Self {
        Self {
            id,
            partition,
            state: GroupState::Empty,
            epoch: Generation(0),
            metadata_hash: 0,
            assignment_epoch: Generation(0),
            assigned_at: None,
            target: BTreeMap::new(),
            members: BTreeMap::new(),
            initializing: Partitions::new(),
            initialized: Partitions::new(),
        }
    }

    fn state_of_members(&self) -> GroupState {
        if self.members.is_empty() { GroupState::Empty } else { GroupState::Stable }
    }

    /// The topics that members subscribe to and that exist.
    fn subscribed<'a>(&self, image: &'a MetadataImage) -> BTreeMap<&'a TopicName, &'a TopicImage> {
        let topics = self.members.values().flat_map(|member| &member.topics);
        topics.filter_map(|topic| image.topics.get_key_value(topic)).collect()
    }

    /// A number that changes with the topics that are subscribed to. Kafka's is another, of the same things.
    fn subscribed_topics_hash(&self, image: &MetadataImage) -> i64 {
        // FNV-1a.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for (name, topic) in self.subscribed(image) {
            let count = topic.partitions.len() as u64;
            let bytes = name.as_str().bytes().chain(topic.id.0.to_be_bytes());
            for byte in bytes.chain(count.to_be_bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        hash.cast_signed()
    }

    /// The partitions that members may get: they exist, someone subscribes to them, and their state is
    /// written down.
    fn assignable(&self, image: &MetadataImage) -> Partitions {
        let mut assignable = Partitions::new();
        for topic in self.subscribed(image).into_values() {
            let ready = self.initialized.get(&topic.id).into_iter().flatten().copied();
            let ready: BTreeSet<i32> = ready
                .filter(|partition| topic.partitions.keys().any(|index| index.0 == *partition))
                .collect();
            if !ready.is_empty() {
                assignable.insert(topic.id, ready);
            }
        }
        assignable
    }

    /// Whether partitions may be assigned by now that nobody has.
    fn has_unassigned(&self, image: &MetadataImage) -> bool {
        let is_assigned = |topic: &TopicId, partition: &i32| {
            self.target
                .values()
                .any(|own| own.get(topic).is_some_and(|own| own.contains(partition)))
        };
        !self.members.is_empty()
            && self
                .assignable(image)
                .iter()
                .any(|(topic, own)| own.iter().any(|partition| !is_assigned(topic, partition)))
    }
}

impl Change {
    fn of(group: &ShareGroup) -> Self {
        Self { next: group.clone(), records: Vec::new(), events: Vec::new() }
    }

    fn write(&mut self, record: ShareGroupRecord) {
        self.records.push(record);
    }

    fn tell(&mut self, event: EventKind) {
        self.events.push(event);
    }

    fn bump_epoch(&mut self, reason: EpochReason) {
        self.next.epoch.0 += 1;
        let epoch = self.next.epoch;
        self.write(ShareGroupRecord::Epoch(Some((epoch, self.next.metadata_hash))));
        self.tell(EventKind::GroupEpochBumped { group: self.next.id.clone(), epoch, reason });
    }

    /// The group epoch goes up if there is a reason, if the topics have changed, or if there is more to assign.
    fn bump_if_needed(&mut self, image: &MetadataImage, reason: Option<EpochReason>) {
        let hash = self.next.subscribed_topics_hash(image);
        let has_changed = hash != self.next.metadata_hash || self.next.has_unassigned(image);
        self.next.metadata_hash = hash;
        let is_ahead = self.next.epoch > self.next.assignment_epoch;
        let topics = (has_changed && !is_ahead).then_some(EpochReason::TopicsChanged);
        if let Some(reason) = reason.or(topics) {
            self.bump_epoch(reason);
        }
    }

    /// Computes a new target assignment if the group epoch is ahead of it, at most once in
    /// `group.share.assignment.interval.ms`.
    fn assign_if_due(&mut self, turn: &Turn<'_, '_>) {
        let now = turn.ctx.timestamp();
        let interval = turn.config().group_share_assignment_interval.millis().cast_signed();
        let is_due =
            self.next.assigned_at.is_none_or(|at| !(0..interval).contains(&(now.0 - at.0)));
        if !is_due || self.next.epoch <= self.next.assignment_epoch {
            return;
        }
        let image = turn.log.image();
        let members = self.next.members.iter().map(|(id, member)| {
            let topics = member.topics.iter().filter_map(|topic| image.topics.get(topic));
            let topics = topics.map(|topic| topic.id).collect();
            let current = self.next.target.get(id).cloned().unwrap_or_default();
            (id.clone(), ShareMemberSpec { topics, current })
        });
        let target = simple::assign(&self.next.assignable(image), &members.collect());
        for (id, own) in &target {
            if self.next.target.get(id) != Some(own) {
                self.write(ShareGroupRecord::Target(id.clone(), Some(own.clone())));
            }
        }
        self.next.target = target;
        self.next.assignment_epoch = self.next.epoch;
        self.next.assigned_at = Some(now);
        self.write(ShareGroupRecord::Assignment(Some(self.next.epoch)));
        let (group, epoch) = (self.next.id.clone(), self.next.epoch);
        self.tell(EventKind::TargetAssigned { group, epoch, assignor: ASSIGNOR });
    }

    /// Nothing of a member remains.
    fn remove_member(&mut self, id: &MemberId, timed_out: bool) {
        self.write(ShareGroupRecord::Current(id.clone(), None));
        self.write(ShareGroupRecord::Target(id.clone(), None));
        self.write(ShareGroupRecord::Member(id.clone(), None));
        self.next.members.remove(id);
        self.next.target.remove(id);
        let (group, member) = (self.next.id.clone(), id.clone());
        self.tell(EventKind::MemberLeft { group, member, timed_out });
    }
}

/// What is asked about a share group that is none.
fn not_found(id: &GroupId, is_other: bool) -> (ResponseError, String) {
    let message = match is_other {
        true => format!("Group {id} is not a share group."),
        false => format!("Group {id} not found."),
    };
    (ResponseError::GroupIdNotFound, message)
}
