//! The settings of a share group: its own, and where it has none those of the broker.

use crate::broker::Broker;
use crate::configs::boolean;
use crate::ids::GroupId;
use crate::time::Span;

/// Where a share group begins in a partition that it has never read (`share.auto.offset.reset`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ShareOffsetReset {
    /// At the first record that the log has.
    Earliest,
    /// After the last.
    #[default]
    Latest,
    /// At the first record that is so many milliseconds old or younger.
    ByDuration(i64),
}

/// The settings of a share group as they are in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShareSettings {
    /// `share.record.lock.duration.ms`
    pub(super) lock_duration: Span,
    /// `share.delivery.count.limit`
    pub(super) delivery_count_limit: i16,
    /// `share.partition.max.record.locks`
    pub(super) max_record_locks: i64,
    pub(super) offset_reset: ShareOffsetReset,
    /// Whether `share.isolation.level` is `read_committed`.
    pub(super) reads_committed: bool,
    /// Whether `errors.deadletterqueue.topic.name` names one.
    pub(super) has_dead_letters: bool,
    /// `errors.deadletterqueue.copy.record.enable`
    pub(super) copies_dead_letters: bool,
}

impl Broker {
    /// The settings of a share group as they are in force.
    pub(super) fn share_settings(&self, group: &GroupId) -> ShareSettings {
        let own = self.process.image.configs_of_group(group);
        let given = |name: &str| own.and_then(|configs| configs.get(name)).map(|value| &**value);
        let number = |name: &str, default: i64| {
            given(name).and_then(|value| value.trim().parse().ok()).unwrap_or(default)
        };
        let config = &self.config;
        let limit = number("share.delivery.count.limit", config.group_share_delivery_count_limit);
        let lock = config.group_share_record_lock_duration.millis().cast_signed();
        ShareSettings {
            lock_duration: Span::from_millis(number("share.record.lock.duration.ms", lock)),
            delivery_count_limit: i16::try_from(limit).unwrap_or(i16::MAX),
            max_record_locks: number(
                "share.partition.max.record.locks",
                config.group_share_partition_max_record_locks,
            ),
            offset_reset: given("share.auto.offset.reset")
                .map_or_else(Default::default, parse_reset),
            reads_committed: given("share.isolation.level") == Some("read_committed"),
            has_dead_letters: !self.dead_letter_topic(group).is_empty(),
            copies_dead_letters: given("errors.deadletterqueue.copy.record.enable")
                .and_then(boolean)
                .unwrap_or_default(),
        }
    }

    /// The topic of the dead-letter queue of a group, as `errors.deadletterqueue.topic.name` names it; empty if it
    /// has none.
    pub(super) fn dead_letter_topic(&self, group: &GroupId) -> &str {
        let own = self.process.image.configs_of_group(group);
        let given = own.and_then(|configs| configs.get("errors.deadletterqueue.topic.name"));
        given.map_or("", |name| name.trim())
    }
}

/// `earliest`, `latest` or `by_duration:PT1H`; who writes settings down has checked them.
fn parse_reset(text: &str) -> ShareOffsetReset {
    match text {
        "earliest" => ShareOffsetReset::Earliest,
        text => match text.strip_prefix("by_duration:").and_then(crate::consumer::duration_ms) {
            Some(ms) => ShareOffsetReset::ByDuration(ms),
            None => ShareOffsetReset::Latest,
        },
    }
}
