//! Share groups on a broker (KIP-932): the share partitions whose leader it is, the requests that wait for
//! them, and the share coordinator of the partitions of `__share_group_state` that it leads.

use std::collections::{BTreeMap, BTreeSet};

use highwater_log::Offset;
use kafka_protocol::ResponseError;

use crate::broker::Broker;
use crate::bugs::Bug;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::{GroupId, TimerId, TopicPartition};
use crate::share::coordinator::ShareCoordinator;
use crate::share::event::{ShareEvent, ShareRecords};
use crate::share::partition::{How, Limits, LockId, Settled, SharePartition};
use crate::share::session::Sessions;
use crate::share::{AcknowledgeType, ArchiveReason, RecordState, ShareKey};

mod acknowledge;
mod answers;
mod coordinator_host;
mod dead_letters;
mod fetch;
mod load;
mod locks;
mod offsets;
mod persister;
mod sessions;
mod settings;
mod views;
mod waiting;

use dead_letters::DeadLetters;
pub(super) use persister::{Operation, Then as AfterPersisting};
use waiting::Waiting;

/// A partition as one share group sees it, by name.
pub(super) type ShareName = (GroupId, TopicPartition);

/// What a broker's process knows of share groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Shares {
    /// The share partitions that it leads and that somebody has fetched from.
    held: BTreeMap<ShareName, Held>,
    sessions: Sessions,
    /// Fetches and acknowledgements that are not answered yet.
    waiting: BTreeMap<u64, Waiting>,
    /// What share coordinators were asked.
    calls: BTreeMap<u64, persister::Call>,
    /// Questions about offsets that several share coordinators answer.
    questions: BTreeMap<u64, offsets::Question>,
    dead_letters: DeadLetters,
    coordinator: ShareCoordinator,
    next: u64,
}

/// A share partition on its leader.
#[derive(Clone, Debug)]
struct Held {
    key: ShareKey,
    /// None until what is written down of it is read.
    partition: Option<SharePartition>,
    locks: BTreeMap<LockId, TimerId>,
}

impl Shares {
    /// A number for the next thing that is to be found again.
    fn next_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn partition(&self, name: &ShareName) -> Option<&SharePartition> {
        self.held.get(name)?.partition.as_ref()
    }

    /// The share partitions of a group that wait for no share coordinator.
    fn idle_of_group(&self, group: &GroupId) -> Vec<ShareName> {
        let is_idle = |held: &Held| held.partition.as_ref().is_some_and(|it| !it.is_busy());
        let of_it = self.held.iter().filter(|((own, _), held)| own == group && is_idle(held));
        of_it.map(|(name, _)| name.clone()).collect()
    }

    /// The share partitions of a partition.
    fn of_partition(&self, partition: &TopicPartition) -> Vec<ShareName> {
        let of_it = self.held.keys().filter(|(_, own)| own == partition);
        of_it.cloned().collect()
    }
}

impl Broker {
    /// Lets something be done to a share partition, and tells if it starts further up after that. None
    /// if it is not there.
    fn with_share<T>(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        work: impl FnOnce(&mut SharePartition) -> T,
    ) -> Option<T> {
        let settle = |partition: &mut SharePartition| (work(partition), Vec::new());
        self.settle_share(ctx, name, settle)
    }

    /// As [`Broker::with_share`], and tells what became of records.
    fn settle_share<T>(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        work: impl FnOnce(&mut SharePartition) -> (T, Vec<Settled>),
    ) -> Option<T> {
        let held = self.process.shares.held.get_mut(name)?;
        let partition = held.partition.as_mut()?;
        let from = partition.start();
        let (done, settled) = work(partition);
        let to = partition.start();
        let kept: BTreeSet<LockId> = partition.locks().collect();
        let (gone, locks) =
            std::mem::take(&mut held.locks).into_iter().partition(|(lock, _)| !kept.contains(lock));
        held.locks = locks;
        let gone: BTreeMap<LockId, TimerId> = gone;
        for timer in gone.into_values() {
            ctx.cancel_timer(timer);
        }
        self.tell_settled(ctx, name, &settled);
        if to > from {
            self.tell_start(ctx, name, from, to);
        }
        Some(done)
    }

    fn tell_start(&self, ctx: &mut Ctx<'_>, name: &ShareName, from: Offset, to: Offset) {
        let (group, partition) = name.clone();
        let broker = self.id;
        ctx.emit(EventKind::Share(ShareEvent::StartMoved { broker, group, partition, from, to }));
    }

    /// Tells what became of records.
    fn tell_settled(&self, ctx: &mut Ctx<'_>, name: &ShareName, settled: &[Settled]) {
        for one in settled {
            let records = self.share_records(name, (one.first, one.last), one.delivery_count);
            let is_archiving = one.state == RecordState::Archiving;
            let archived = |reason| match (records.clone(), is_archiving) {
                (records, true) => ShareEvent::Archiving { records, reason },
                (records, false) => ShareEvent::Archived { records, reason, was_archiving: false },
            };
            let limit = one.archive_reason().map(archived);
            let member = one.owner.as_ref().map(|owner| owner.member.clone());
            let member = member.unwrap_or_else(|| "".into());
            let records = records.clone();
            let (told, then) = match one.how {
                How::Told(AcknowledgeType::Accept) => {
                    (ShareEvent::Acknowledged { records, member }, None)
                }
                How::Told(AcknowledgeType::Release) => {
                    (ShareEvent::Released { records, member }, limit)
                }
                How::Told(AcknowledgeType::Renew) => {
                    (ShareEvent::Renewed { records, member }, None)
                }
                How::Told(AcknowledgeType::Reject) => (archived(ArchiveReason::Rejected), None),
                How::Told(AcknowledgeType::Gap) => (archived(ArchiveReason::Gap), None),
                How::Filtered => (archived(ArchiveReason::Aborted), None),
                How::SessionEnded => (ShareEvent::SessionEnded { records, member }, None),
                How::Expired => (ShareEvent::LockExpired { records, member }, limit),
            };
            let told = ctx.emit(EventKind::Share(told));
            if let Some(then) = then {
                ctx.emit_because(told, EventKind::Share(then));
            }
        }
    }

    fn share_records(
        &self,
        (group, partition): &ShareName,
        (first, last): (Offset, Offset),
        delivery_count: i16,
    ) -> ShareRecords {
        ShareRecords {
            broker: self.id,
            group: group.clone(),
            partition: partition.clone(),
            first,
            last,
            delivery_count,
        }
    }

    /// What the settings of a group and of this broker allow.
    fn share_limits(&self, ctx: &Ctx<'_>, group: &GroupId) -> Limits {
        let settings = self.share_settings(group);
        let delivery_count = if ctx.has_bug(Bug::NoDeliveryLimit) {
            i16::MAX
        } else {
            settings.delivery_count_limit
        };
        let has_dead_letters = settings.has_dead_letters;
        Limits { delivery_count, record_locks: settings.max_record_locks, has_dead_letters }
    }

    /// This broker leads a partition no longer: its share partitions are another's.
    pub(super) fn drop_shares_of(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition) {
        for name in self.process.shares.of_partition(partition) {
            self.drop_share(ctx, &name);
        }
        self.share_changed(ctx, partition);
    }

    /// Forgets a share partition: whoever fetches from it next begins with what is written down.
    fn drop_share(&mut self, ctx: &mut Ctx<'_>, name: &ShareName) {
        let Some(held) = self.process.shares.held.remove(name) else { return };
        for timer in held.locks.into_values() {
            ctx.cancel_timer(timer);
        }
        if held.partition.is_some() {
            let (group, partition) = name.clone();
            let dropped = ShareEvent::PartitionDropped { broker: self.id, group, partition };
            ctx.emit(EventKind::Share(dropped));
        }
        self.forget_share_writes(ctx, name, ResponseError::NotLeaderOrFollower);
    }
}
