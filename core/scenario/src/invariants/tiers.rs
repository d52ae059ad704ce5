//! Tiered storage (KIP-405) loses nothing: what lies between a leader's log start and its disk is in the remote store, and
//! what is said to be copied has no gap. Both along the leader epochs of the leader's log.

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{BrokerId, TopicPartition};
use highwater_cluster::log::{LeaderEpoch, Offset};
use highwater_cluster::remote::event::RemoteEvent;
use highwater_cluster::remote::{RemoteSegment, RemoteSegmentState};
use highwater_cluster::world::World;

use super::{Anomaly, Facts, Look};

/// The topic that says what is in the remote store.
const METADATA_TOPIC: &str = "__remote_log_metadata";

/// Looks at a leader's tiers whenever something of them moved.
#[derive(Clone, Debug, Default)]
pub(super) struct Tiers;

impl Tiers {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        let EventKind::Remote(event) = look.kind() else { return };
        let (RemoteEvent::DeletedLocally { partition, .. }
        | RemoteEvent::Copied { partition, .. }
        | RemoteEvent::Deleted { partition, .. }) = &**event
        else {
            return;
        };
        // Nobody knows any more what is there.
        if look.facts.may_have_lost(METADATA_TOPIC) {
            return;
        }
        let leader = look.registration(partition).and_then(|registered| registered.leader);
        if let Some(found) = leader.and_then(|leader| hole(look.world, leader, partition)) {
            look.report(found, []);
        }
    }
}

impl Tiers {
    /// Looks at the tiers of all partitions.
    pub(super) fn scan(&self, world: &World, facts: &Facts) -> Vec<Anomaly> {
        let Some(image) = world.metadata().filter(|_| !facts.may_have_lost(METADATA_TOPIC)) else {
            return Vec::new();
        };
        let leaders = image.partitions().filter_map(|(partition, registered)| {
            let leader = registered.leader?;
            hole(world, leader, &partition)
        });
        leaders.collect()
    }
}

/// The first offset that a leader believes to be in the remote store, and that is not.
fn hole(world: &World, broker: BrokerId, partition: &TopicPartition) -> Option<Anomaly> {
    // A leader that is new first finds out what is there.
    if !world.is_running(broker) || !world.looks_after_remote_log(broker, partition) {
        return None;
    }
    let log = world.log(broker, partition)?;
    let mut segments = world.remote_segments(broker, partition);
    segments.retain(|segment| {
        segment.state == RemoteSegmentState::CopyFinished
            && world.remote_object(segment.id).is_some()
    });
    let copied = log.highest_offset_in_remote().map_or(Offset(0), Offset::next);
    let (mut offset, end) = (log.log_start_offset(), log.local_log_start_offset().max(copied));
    while offset < end {
        let epoch = log.epoch_cache().epoch_for_offset(offset);
        let held = |epoch| segments.iter().find_map(|segment| holds(segment, epoch, offset));
        let Some(next) = epoch.and_then(held) else {
            let partition = partition.clone();
            return Some(if offset < log.local_log_start_offset() {
                Anomaly::Unreadable { partition, broker, offset }
            } else {
                Anomaly::RemoteGap { partition, broker, offset }
            });
        };
        offset = next;
    }
    None
}

/// The offset after what a segment holds of a leader epoch, if it holds that offset of it.
fn holds(segment: &RemoteSegment, epoch: LeaderEpoch, offset: Offset) -> Option<Offset> {
    let place = segment.epochs.iter().position(|entry| entry.epoch == epoch)?;
    let begins = segment.epochs[place].start_offset;
    let ends =
        segment.epochs.get(place + 1).map_or(segment.end_offset.next(), |it| it.start_offset);
    (begins <= offset && offset < ends).then_some(ends)
}
