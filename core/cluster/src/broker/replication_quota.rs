//! Throttled replication (KIP-73): how fast a broker may send and copy partitions that are moving.
//! `ReplicationQuotaManager`.
//!
//! The rate is measured over the last eleven seconds. As long as it lies above the limit, throttled
//! partitions are left out of what is fetched, but for replicas that are in sync: a throttle never
//! costs a replica its place in the ISR.

use crate::broker::Broker;
use crate::broker::rate::{Rate, WINDOW};
use crate::broker::replica::Replica;
use crate::ids::{BrokerId, TopicPartition};
use crate::time::Time;

/// In which part a broker is throttled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Leader,
    Follower,
}

impl Part {
    /// The topic's setting that names the throttled replicas.
    fn replicas_config(self) -> &'static str {
        match self {
            Part::Leader => "leader.replication.throttled.replicas",
            Part::Follower => "follower.replication.throttled.replicas",
        }
    }

    /// The broker's setting that limits them.
    fn rate_config(self) -> &'static str {
        match self {
            Part::Leader => "leader.replication.throttled.rate",
            Part::Follower => "follower.replication.throttled.rate",
        }
    }
}

/// What was sent as a leader and copied as a follower of throttled partitions.
#[derive(Clone, Debug, Default)]
pub(super) struct ReplicationQuotas {
    leader: Rate,
    follower: Rate,
}

impl Broker {
    /// Whether a follower's fetch finds nothing of a partition, since it moves too fast already.
    pub(super) fn throttles_follower(
        &self,
        partition: &TopicPartition,
        replica: &Replica,
        follower: BrokerId,
        now: Time,
    ) -> bool {
        let is_in_sync = replica.leader().is_some_and(|leader| leader.isr.contains(&follower));
        !is_in_sync && self.is_over_quota(partition, Part::Leader, now)
    }

    /// Whether this broker moves a throttled partition too fast already.
    pub(super) fn is_over_quota(&self, partition: &TopicPartition, part: Part, now: Time) -> bool {
        if !self.is_throttled(partition, part) {
            return false;
        }
        let limit = self.process.image.broker_config(self.id, part.rate_config());
        let limit = limit.and_then(|text| text.parse::<u64>().ok());
        limit.is_some_and(|limit| exceeds(self.rate(part), limit, now))
    }

    /// Notes bytes of a partition that were sent or copied, if it is throttled.
    pub(super) fn note_replicated(
        &mut self,
        partition: &TopicPartition,
        part: Part,
        bytes: usize,
        now: Time,
    ) {
        if self.is_throttled(partition, part) {
            let quotas = &mut self.process.quotas;
            let rate = match part {
                Part::Leader => &mut quotas.leader,
                Part::Follower => &mut quotas.follower,
            };
            rate.record(i64::try_from(bytes).unwrap_or(i64::MAX), now);
        }
    }

    /// Whether the topic names this broker's replica: as `partition:broker`, or all with `*`.
    fn is_throttled(&self, partition: &TopicPartition, part: Part) -> bool {
        let image = &self.process.image;
        let Some(named) = image.topic_config(&partition.topic, part.replicas_config()) else {
            return false;
        };
        let own = format!("{}:{}", partition.partition, self.id);
        named.trim() == "*" || named.split(',').any(|replica| replica.trim() == own)
    }

    fn rate(&self, part: Part) -> &Rate {
        match part {
            Part::Leader => &self.process.quotas.leader,
            Part::Follower => &self.process.quotas.follower,
        }
    }
}

/// Whether more than `limit` bytes a second were recorded, over at least one window: `SimpleRate`.
fn exceeds(rate: &Rate, limit: u64, now: Time) -> bool {
    let elapsed = rate.elapsed(now).max(WINDOW);
    let bytes = u64::try_from(rate.amount(now)).unwrap_or(0);
    u128::from(bytes) * 1_000_000 > u128::from(limit) * u128::from(elapsed.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is recorded, as milliseconds and bytes, exceeds a limit of 100 B/s at `at_ms`, or does not.
    fn check(recorded: &[(u64, i64)], at_ms: u64, expected: bool) {
        let mut rate = Rate::default();
        for (ms, bytes) in recorded {
            rate.record(*bytes, Time(ms * 1_000));
        }
        assert_eq!(
            exceeds(&rate, 100, Time(at_ms * 1_000)),
            expected,
            "{recorded:?} at {at_ms} ms"
        );
    }

    #[test]
    fn the_rate_is_that_of_the_time_since_the_oldest_sample() {
        check(&[], 0, false);
        // The first window counts as a whole one.
        check(&[(0, 100)], 0, false);
        check(&[(0, 101)], 0, true);
        check(&[(0, 500)], 4_999, true);
        check(&[(0, 500)], 5_000, false);
        check(&[(0, 500), (4_000, 500)], 9_999, true);
        check(&[(0, 500), (4_000, 500)], 10_000, false);
        // After eleven seconds without a byte a sample is forgotten.
        check(&[(0, 5_000)], 10_999, true);
        check(&[(0, 5_000)], 11_000, false);
        check(&[(0, 5_000), (10_900, 1)], 11_000, false);
    }
}
