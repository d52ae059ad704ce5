//! Groups as the log tells of them, when a broker becomes their coordinator, and their end when it no
//! longer is.

use std::collections::BTreeMap;

use bytes::Bytes;
use highwater_log::TimestampMs;
use kafka_protocol::ResponseError;

use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::GroupState;
use crate::group::answers::{joined_not, synced_not};
use crate::group::classic_group::Group;
use crate::group::member::Member;
use crate::group::records::{GroupMetadata, GroupRecord};
use crate::ids::{Generation, GroupId};
use crate::timer::Timer;

/// The groups that follow from the records of a partition, in the order of the log.
pub(super) fn groups(
    ctx: &Ctx<'_>,
    partition: i32,
    records: impl IntoIterator<Item = (Bytes, Option<Bytes>)>,
) -> Vec<Group> {
    let mut groups: BTreeMap<GroupId, Group> = BTreeMap::new();
    let now = ctx.timestamp();
    let records = records.into_iter();
    for record in records.filter_map(|(key, value)| GroupRecord::decode(&key, value.as_ref())) {
        match record {
            GroupRecord::Offset { .. } if ctx.has_bug(Bug::LostCommit) => {}
            GroupRecord::Offset { group, partition: of, value: Some(value) } => {
                let group = groups
                    .entry(group)
                    .or_insert_with_key(|id| Group::new(id.clone(), partition, now));
                group.offsets.insert(of, value);
            }
            GroupRecord::Offset { group, partition: of, value: None } => {
                if let Some(group) = groups.get_mut(&group) {
                    group.offsets.remove(&of);
                }
            }
            GroupRecord::Group { group, value: Some(value) } => {
                let before = groups.remove(&group);
                let mut loaded = Group::loaded(group, partition, &value);
                loaded.offsets = before.map(|before| before.offsets).unwrap_or_default();
                groups.insert(loaded.id.clone(), loaded);
            }
            GroupRecord::Group { group, value: None } => {
                // The tombstone is also what a group leaves that went over to the other protocol.
                if let Some(Group { offsets, .. }) = groups.remove(&group)
                    && !offsets.is_empty()
                {
                    let mut kept = Group::new(group, partition, now);
                    kept.offsets = offsets;
                    groups.insert(kept.id.clone(), kept);
                }
            }
            GroupRecord::Share { .. } => {}
            GroupRecord::Consumer { group, record } => {
                let is_known = groups.contains_key(&group);
                if record.is_tombstone() && !is_known {
                    continue;
                }
                let known = groups
                    .entry(group.clone())
                    .or_insert_with_key(|id| Group::new(id.clone(), partition, now));
                known.replay(record);
                if known.is_nothing() {
                    groups.remove(&group);
                }
            }
        }
    }
    groups.into_values().collect()
}

impl GroupMetadata {
    /// A group into which nobody has come yet.
    pub(super) fn empty(now: TimestampMs) -> Self {
        Self {
            protocol_type: "".into(),
            generation: Generation(0),
            protocol: None,
            leader: None,
            state_changed_at: now,
            members: Vec::new(),
        }
    }
}

impl Group {
    fn loaded(id: GroupId, partition: i32, metadata: &GroupMetadata) -> Self {
        let mut group = Group::new(id, partition, metadata.state_changed_at);
        let is_empty = metadata.members.is_empty();
        group.state = if is_empty { GroupState::Empty } else { GroupState::Stable };
        group.previous_state = group.state;
        group.generation = metadata.generation;
        group.protocol_type =
            Some(metadata.protocol_type.clone()).filter(|protocol_type| !protocol_type.is_empty());
        group.protocol = metadata.protocol.clone();
        group.leader = metadata.leader.clone();
        for member in &metadata.members {
            // A record from a foreign hand might name an instance twice: the later one counts.
            let instance = member.instance.as_ref();
            if let Some(before) =
                instance.and_then(|instance| group.static_members.remove(instance))
            {
                group.members.remove(&before);
            }
            group.add(Member::loaded(member, metadata.protocol.as_ref()));
        }
        group
    }

    /// The members that the log names have their session's time to find the new coordinator.
    pub(super) fn begin_sessions(&mut self, ctx: &mut Ctx<'_>) {
        for (id, member) in &mut self.members {
            let timer = Timer::GroupSession(self.id.clone(), id.clone());
            member.session_timer = Some(ctx.set_timer(member.session_timeout, timer));
        }
    }

    /// Stops what a group waits for even while it has no member.
    pub(super) fn stop_pending_timers(&self, ctx: &mut Ctx<'_>) {
        for timer in self.pending_members.values().copied().chain(self.rebalance_timer) {
            ctx.cancel_timer(timer);
        }
    }

    /// The broker no longer coordinates the group: nothing of it remains here.
    pub(super) fn drop_all(&mut self, ctx: &mut Ctx<'_>, error: ResponseError) {
        let timers = self.members.values().filter_map(|member| member.session_timer);
        for timer in timers {
            ctx.cancel_timer(timer);
        }
        self.stop_pending_timers(ctx);
        self.stop_consumer_timers(ctx);
        for (id, member) in &mut self.members {
            if let Some(reply) = member.awaiting_join.take() {
                ctx.respond(reply, joined_not(&id.0, error));
            }
            if let Some(reply) = member.awaiting_sync.take() {
                ctx.respond(reply, synced_not(error));
            }
        }
    }
}
