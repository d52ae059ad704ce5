//! How a leader takes a share partition up: it reads what is written down of it, and where nothing is,
//! `share.auto.offset.reset` says where it starts.

use highwater_log::{Offset, TimestampMs};
use kafka_protocol::ResponseError;

use crate::broker::Broker;
use crate::broker::share::persister::{Operation, Then, persister_error};
use crate::broker::share::settings::ShareOffsetReset;
use crate::broker::share::{Held, ShareName};
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::share::ShareKey;
use crate::share::event::ShareEvent;
use crate::share::partition::SharePartition;
use crate::share::state::{ShareState, UNINITIALIZED_START};

impl Broker {
    /// Somebody fetches from a share partition that this leader has not taken up yet.
    pub(super) fn begin_share(&mut self, ctx: &mut Ctx<'_>, name: &ShareName) {
        let replica = &self.replicas[&name.1];
        let leader_epoch = replica.leader_epoch;
        let partition = name.1.partition.0;
        let key = ShareKey { group: name.0.clone(), topic: replica.topic_id, partition };
        let held = Held { key: key.clone(), partition: None, locks: Default::default() };
        self.process.shares.held.insert(name.clone(), held);
        self.persist(ctx, key, Operation::Read { leader_epoch }, Then::Load(name.clone()));
    }

    /// What is written down of a share partition was read, or could not be.
    pub(super) fn share_state_read(
        &mut self,
        ctx: &mut Ctx<'_>,
        name: &ShareName,
        key: &ShareKey,
        answered: Result<Option<ShareState>, ResponseError>,
    ) {
        let Some(held) = self.process.shares.held.get(name) else { return };
        if held.partition.is_some() || held.key != *key {
            return;
        }
        let is_leader = self.replicas.get(&name.1).is_some_and(|own| own.leader().is_some());
        match answered {
            Ok(Some(state)) if is_leader => self.take_share_up(ctx, name, state),
            answered => {
                self.process.shares.held.remove(name);
                let error = answered.err().unwrap_or(ResponseError::NotLeaderOrFollower);
                self.share_failed(ctx, name, persister_error(error));
            }
        }
    }

    fn take_share_up(&mut self, ctx: &mut Ctx<'_>, name: &ShareName, mut state: ShareState) {
        let replica = &self.replicas[&name.1];
        let leader_epoch = replica.leader_epoch;
        if state.start == UNINITIALIZED_START {
            state.start = self.first_share_offset(ctx, name);
        }
        let mut partition = SharePartition::load(leader_epoch, &state);
        partition.log_start_moved(replica.log.log_start_offset());
        let (start, end) = (partition.start(), partition.end());
        let held = self.process.shares.held.get_mut(name).expect("it is being taken up");
        held.partition = Some(partition);
        let (broker, (group, partition)) = (self.id, name.clone());
        let loaded =
            ShareEvent::PartitionLoaded { broker, group, partition, leader_epoch, start, end };
        ctx.emit(EventKind::Share(loaded));
        self.resume_dead_letters(ctx, name);
        self.share_changed(ctx, &name.1);
    }

    fn first_share_offset(&self, ctx: &Ctx<'_>, name: &ShareName) -> Offset {
        let log = &self.replicas[&name.1].log;
        match self.share_settings(&name.0).offset_reset {
            ShareOffsetReset::Earliest => log.log_start_offset(),
            ShareOffsetReset::Latest => log.high_watermark(),
            ShareOffsetReset::ByDuration(ms) => {
                let from = TimestampMs(ctx.timestamp().0.saturating_sub(ms));
                let found = log.offset_for_timestamp(from);
                found.map_or(log.high_watermark(), |(_, offset, ..)| offset)
            }
        }
    }
}
