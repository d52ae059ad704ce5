//! Offsets do not stay forever: those of a topic that was deleted go with it, and once a group is empty, or no longer reads a topic, they are gone after
//! `offsets.retention.minutes`, and with the last of them goes a group that is empty.

use std::collections::BTreeSet;

use highwater_log::TimestampMs;
use kafka_protocol::ResponseError;

use crate::configs::BrokerConfig;
use crate::consumer::protocol::{PROTOCOL_TYPE, decode_subscription};
use crate::ctx::Ctx;
use crate::event::GroupState;
use crate::group::classic_group::Group;
use crate::group::records::{CommittedOffset, GroupRecord};
use crate::group::turn::{self, Turn};
use crate::group::{GroupCoordinator, OffsetsLog, admin};
use crate::ids::{GroupId, TopicName, TopicPartition};
use crate::metadata::MetadataImage;
use crate::time::Span;
use crate::timer::Timer;

impl GroupCoordinator {
    /// From the first partition on that the broker leads, it looks for what is too old.
    pub(super) fn watch_expiration(&mut self, ctx: &mut Ctx<'_>, config: &BrokerConfig) {
        if self.expiration.is_none() {
            let interval = config.offsets_retention_check_interval.max(Span::from_millis(1));
            self.expiration = Some(ctx.set_timer(interval, Timer::OffsetsExpiration));
        }
    }

    pub(super) fn expire_offsets(&mut self, ctx: &mut Ctx<'_>, log: &mut dyn OffsetsLog) {
        self.expiration = None;
        let config = turn::config(ctx);
        self.watch_expiration(ctx, &config);
        let ids: Vec<GroupId> = self.groups.keys().cloned().collect();
        let mut turn = Turn { ctx, log, writes: &mut self.writes };
        for id in ids {
            let Some(group) = self.groups.get_mut(&id) else { continue };
            // What cannot be written now is too old the next time as well.
            let is_all = group.expire_offsets(&mut turn, config.offsets_retention_minutes);
            if is_all == Ok(true) && group.state == GroupState::Empty {
                let _ = admin::forget(&mut self.groups, &mut turn, &id, true);
            }
        }
    }
}

impl GroupCoordinator {
    /// Topics were deleted: what was committed for them is gone (`onPartitionsDeleted`).
    pub(crate) fn topics_deleted(
        &mut self,
        ctx: &mut Ctx<'_>,
        topics: &BTreeSet<TopicName>,
        log: &mut dyn OffsetsLog,
    ) {
        let mut turn = Turn { ctx, log, writes: &mut self.writes };
        for group in self.groups.values_mut() {
            let of_topics = group.offsets.keys().filter(|key| topics.contains(&key.topic));
            let gone: Vec<TopicPartition> = of_topics.cloned().collect();
            let tombstones: Vec<GroupRecord> =
                gone.iter().map(|partition| group.offset_tombstone(partition)).collect();
            // What cannot be written stays until it is too old.
            if !gone.is_empty() && group.write_all(&mut turn, &tombstones).is_ok() {
                group.remove_offsets(&mut turn, gone, false);
            }
        }
    }
}

impl Group {
    /// Whether no offset is left.
    fn expire_offsets(
        &mut self,
        turn: &mut Turn<'_, '_>,
        retention_minutes: i64,
    ) -> Result<bool, ResponseError> {
        let now = turn.ctx.timestamp();
        let retention_ms = retention_minutes.saturating_mul(60_000);
        let image = turn.log.image();
        let is_old = |partition: &TopicPartition, offset: &CommittedOffset| {
            let since = self.kept_since(offset);
            since.is_some_and(|since| now.0.saturating_sub(since.0) >= retention_ms)
                && !self.is_subscribed(&partition.topic, image)
                // What an open transaction is to commit is in use.
                && !self.pending_offsets.has(partition)
        };
        let offsets = self.offsets.iter();
        let expired: Vec<TopicPartition> = offsets
            .filter(|(partition, offset)| is_old(partition, offset))
            .map(|(partition, _)| partition.clone())
            .collect();
        if !expired.is_empty() {
            let tombstones: Vec<GroupRecord> =
                expired.iter().map(|partition| self.offset_tombstone(partition)).collect();
            self.write_all(turn, &tombstones)?;
            self.remove_offsets(turn, expired, true);
        }
        Ok(self.offsets.is_empty() && self.pending_offsets.partitions().next().is_none())
    }

    /// From when on an offset has been kept for nothing; none if it is in use.
    fn kept_since(&self, offset: &CommittedOffset) -> Option<TimestampMs> {
        let is_classic = self.consumer.is_none();
        match &self.protocol_type {
            Some(_) if is_classic && self.state == GroupState::Empty => Some(self.state_changed_at),
            Some(name) if is_classic => {
                let is_reading = self.state == GroupState::Stable && &**name == PROTOCOL_TYPE;
                is_reading.then_some(offset.committed_at)
            }
            _ => Some(offset.committed_at),
        }
    }

    /// Whether a member reads a topic, or may: one of the classic protocol says so in its own words.
    pub(super) fn is_subscribed(&self, topic: &TopicName, image: &MetadataImage) -> bool {
        if let Some(consumer) = &self.consumer {
            return consumer.is_subscribed(topic, image);
        }
        if self.protocol_type.as_deref() != Some(PROTOCOL_TYPE) || self.members.is_empty() {
            return false;
        }
        let Some(protocol) = &self.protocol else { return true };
        self.members.values().any(|member| {
            let subscription = decode_subscription(&member.subscription(protocol));
            subscription.is_none_or(|subscription| subscription.topics.contains(topic))
        })
    }
}
