//! Share groups as the log tells of them, when a broker becomes their coordinator.

use bytes::Bytes;

use crate::ctx::Ctx;
use crate::group::identity;
use crate::group::records::GroupRecord;
use crate::group::share_group::records::StatePartitions;
use crate::group::share_group::{ShareGroup, ShareGroupRecord, ShareGroups, ShareMember};
use crate::ids::Generation;
use crate::time::Span;
use crate::timer::Timer;

/// The share groups that the records of a partition, in the order of its log, tell of.
pub(in crate::group) fn share_groups(
    partition: i32,
    records: &[(Bytes, Option<Bytes>)],
) -> Vec<ShareGroup> {
    let mut groups = ShareGroups::new();
    for (key, value) in records {
        let Some(GroupRecord::Share { group, record }) = GroupRecord::decode(key, value.as_ref())
        else {
            continue;
        };
        if matches!(record, ShareGroupRecord::Epoch(None)) {
            groups.remove(&group);
            continue;
        }
        if let ShareGroupRecord::Epoch(Some(_)) = record {
            groups
                .entry(group.clone())
                .or_insert_with(|| ShareGroup::new(group.clone(), partition));
        }
        // The first record of a member comes before that of the epoch.
        let is_tombstone = record.is_tombstone();
        let known = match is_tombstone {
            true => groups.get_mut(&group),
            false => Some(
                groups.entry(group.clone()).or_insert_with(|| ShareGroup::new(group, partition)),
            ),
        };
        if let Some(known) = known {
            known.replay(record);
        }
    }
    let mut loaded: Vec<ShareGroup> = groups.into_values().collect();
    for group in &mut loaded {
        group.state = group.state_of_members();
    }
    loaded
}

impl ShareGroupRecord {
    fn is_tombstone(&self) -> bool {
        matches!(
            self,
            Self::Epoch(None)
                | Self::Member(_, None)
                | Self::Assignment(None)
                | Self::Target(_, None)
                | Self::Current(_, None)
                | Self::Partitions(None)
        )
    }
}

impl ShareGroup {
    fn replay(&mut self, record: ShareGroupRecord) {
        match record {
            ShareGroupRecord::Epoch(value) => {
                (self.epoch, self.metadata_hash) = value.unwrap_or_default();
            }
            ShareGroupRecord::Member(id, Some(said)) => {
                let client = identity::node_of_host(&said.client_host);
                let member =
                    self.members.entry(id.clone()).or_insert_with(|| ShareMember::new(id, client));
                member.client = client;
                member.rack = said.rack;
                member.client_id = said.client_id;
                member.topics = said.topics;
            }
            ShareGroupRecord::Member(id, None) => {
                self.members.remove(&id);
            }
            ShareGroupRecord::Assignment(value) => {
                self.assignment_epoch = value.unwrap_or_default();
            }
            ShareGroupRecord::Target(id, value) => match value {
                Some(own) => drop(self.target.insert(id, own)),
                None => drop(self.target.remove(&id)),
            },
            ShareGroupRecord::Current(id, value) => {
                let Some(member) = self.members.get_mut(&id) else { return };
                let current =
                    value.unwrap_or((Generation(0), Generation::NONE, Default::default()));
                (member.epoch, member.previous_epoch, member.assigned) = current;
            }
            ShareGroupRecord::Partitions(value) => {
                let all = value.as_ref();
                let of = |topics: Option<_>| {
                    topics.map(|topics: &Vec<_>| StatePartitions::by_id(topics))
                };
                self.initializing = of(all.map(|all| &all.initializing)).unwrap_or_default();
                self.initialized = of(all.map(|all| &all.initialized)).unwrap_or_default();
            }
        }
    }

    /// The members that the log names have their session's time to find the new coordinator; and what was not begun
    /// with is asked for again.
    pub(in crate::group) fn begin_sessions(&mut self, ctx: &mut Ctx<'_>, timeout: Span) {
        for (id, member) in &mut self.members {
            let timer = Timer::ShareGroupSession(self.id.clone(), id.clone());
            member.session_timer = Some(ctx.set_timer(timeout, timer));
        }
        if !self.initializing.is_empty() {
            ctx.set_timer(Span::ZERO, Timer::ShareGroupInitialize(self.id.clone()));
        }
    }

    /// The broker no longer coordinates the group.
    pub(in crate::group) fn stop_timers(&self, ctx: &mut Ctx<'_>) {
        for timer in self.members.values().filter_map(|member| member.session_timer) {
            ctx.cancel_timer(timer);
        }
    }
}
