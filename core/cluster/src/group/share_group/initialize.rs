//! Partitions that a share group reads for the first time: their state is written down by a share coordinator before
//! any member gets them.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;

use crate::event::EventKind;
use crate::group::consumer_group::named;
use crate::group::server_assignor::Partitions;
use crate::group::share_group::{Change, ShareGroup, ShareGroupRecord};
use crate::group::turn::Turn;
use crate::ids::TopicId;
use crate::share::ShareKey;
use crate::share::event::ShareEvent;
use crate::share::state::UNINITIALIZED_START;
use crate::timer::Timer;

impl Change {
    /// Notes the partitions that are subscribed to and whose state nobody has begun to write down.
    pub(super) fn begin_initializing(&mut self, turn: &Turn<'_, '_>) -> Partitions {
        let mut missing = Partitions::new();
        for topic in self.next.subscribed(turn.log.image()).into_values() {
            let begun = |all: &Partitions, index: i32| {
                all.get(&topic.id).is_some_and(|own| own.contains(&index))
            };
            let indexes: BTreeSet<i32> = topic
                .partitions
                .keys()
                .map(|index| index.0)
                .filter(|index| !begun(&self.next.initializing, *index))
                .filter(|index| !begun(&self.next.initialized, *index))
                .collect();
            if !indexes.is_empty() {
                missing.insert(topic.id, indexes);
            }
        }
        self.note_initializing(turn, &missing);
        missing
    }

    pub(super) fn note_initializing(&mut self, turn: &Turn<'_, '_>, partitions: &Partitions) {
        if partitions.is_empty() {
            return;
        }
        for (topic, own) in partitions {
            self.next.initializing.entry(*topic).or_default().extend(own);
        }
        self.write_partitions(turn);
    }

    pub(super) fn write_partitions(&mut self, turn: &Turn<'_, '_>) {
        let record = ShareGroupRecord::partitions(&self.next, turn.log.image());
        self.write(record);
    }
}

impl ShareGroup {
    /// Asks share coordinators to begin with partitions.
    pub(super) fn initialize(&self, turn: &mut Turn<'_, '_>, partitions: Partitions) {
        if partitions.is_empty() {
            return;
        }
        for (topic, own) in partitions {
            for partition in own {
                let key = ShareKey { group: self.id.clone(), topic, partition };
                turn.log.initialize_share(key, self.epoch.0, UNINITIALIZED_START);
            }
        }
        let again = turn.config().group_share_initialize_retry_interval;
        turn.ctx.set_timer(again, Timer::ShareGroupInitialize(self.id.clone()));
    }

    /// What share coordinators have not answered for long is asked again.
    pub(in crate::group) fn initialize_again(&self, turn: &mut Turn<'_, '_>) {
        self.initialize(turn, self.initializing.clone());
    }

    /// A share coordinator has begun with a partition, or has not: then it is asked again.
    pub(in crate::group) fn initialized(
        &mut self,
        turn: &mut Turn<'_, '_>,
        (topic, partition): (TopicId, i32),
        error: Option<ResponseError>,
    ) {
        let is_open = self.initializing.get(&topic).is_some_and(|own| own.contains(&partition));
        if !is_open || error.is_some() {
            return;
        }
        let mut change = Change::of(self);
        take(&mut change.next.initializing, topic, partition);
        change.next.initialized.entry(topic).or_default().insert(partition);
        change.write_partitions(turn);
        let one = Partitions::from([(topic, BTreeSet::from([partition]))]);
        let partitions = named(&one, turn.log.image());
        let group = self.id.clone();
        change.tell(EventKind::Share(ShareEvent::PartitionsInitialized { group, partitions }));
        // If it cannot be written, it stays open, and is asked for again.
        let _ = self.apply(turn, change);
    }

    /// An administrator lets the group begin anew in partitions. The state epoch of that comes back.
    pub(in crate::group) fn begin_anew(
        &mut self,
        turn: &mut Turn<'_, '_>,
        partitions: &[(TopicId, i32)],
    ) -> Result<i32, ResponseError> {
        let mut change = Change::of(self);
        change.next.epoch.0 += 1;
        let epoch = change.next.epoch;
        change.next.assignment_epoch = epoch;
        change.write(ShareGroupRecord::Epoch(Some((epoch, change.next.metadata_hash))));
        change.write(ShareGroupRecord::Assignment(Some(epoch)));
        for (topic, partition) in partitions {
            change.next.initialized.entry(*topic).or_default().insert(*partition);
        }
        change.write_partitions(turn);
        self.apply(turn, change).map_err(|(error, _)| error)?;
        Ok(epoch.0)
    }

    /// The state of partitions is gone.
    pub(in crate::group) fn state_deleted(
        &mut self,
        turn: &mut Turn<'_, '_>,
        partitions: &[(TopicId, i32)],
    ) {
        let mut change = Change::of(self);
        for (topic, partition) in partitions {
            take(&mut change.next.initializing, *topic, *partition);
            take(&mut change.next.initialized, *topic, *partition);
        }
        change.write_partitions(turn);
        let _ = self.apply(turn, change);
    }

    /// The partitions whose state is written down.
    pub(in crate::group) fn known_partitions(&self) -> Vec<(TopicId, i32)> {
        let known = self.initialized.iter();
        known.flat_map(|(topic, own)| own.iter().map(|index| (*topic, *index))).collect()
    }
}

fn take(all: &mut Partitions, topic: TopicId, partition: i32) {
    let Some(own) = all.get_mut(&topic) else { return };
    own.remove(&partition);
    if own.is_empty() {
        all.remove(&topic);
    }
}
