//! Each member of the ISR has all that is committed, and the controller takes a change of the ISR only
//! from a leader that knows the partition as it is (KIP-497).

use std::collections::BTreeMap;

use highwater_cluster::event::{EventKind, IsrChangeReason};
use highwater_cluster::ids::{
    BrokerId, EventId, MessageId, PartitionEpoch, PartitionIndex, TopicPartition,
};
use highwater_cluster::message::{Body, Request};

use super::{Anomaly, Look};

/// The changes of ISRs that are asked for and have not been answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Isr(BTreeMap<MessageId, Asked>);

#[derive(Clone, Debug)]
struct Asked {
    event: EventId,
    partitions: Vec<(PartitionIndex, PartitionEpoch)>,
}

/// Requests that are remembered: those that were lost on their way are never asked for.
const MOST_ASKED: usize = 64;

impl Isr {
    pub(super) fn observe(&mut self, look: &mut Look<'_>) {
        match look.kind() {
            EventKind::MessageSent { message, is_response: false, .. } => {
                self.remember(look, *message);
            }
            EventKind::IsrChanged { partition, isr, previous, partition_epoch, reason } => {
                self.check_epoch(look, partition, *partition_epoch);
                if *reason != IsrChangeReason::Election {
                    let joined = isr.iter().filter(|id| !previous.contains(id)).copied();
                    check_complete(look, partition, joined);
                }
            }
            EventKind::HighWatermarkAdvanced { broker, partition, is_leader: true, .. } => {
                let Some(registered) = look.registration(partition) else { return };
                let epoch = look.facts.role(*broker, partition).map(|role| role.leader_epoch);
                // A leader that was replaced may not know of it yet; whoever is in sync with it is not.
                if registered.leader == Some(*broker) && epoch == Some(registered.leader_epoch) {
                    check_complete(look, partition, registered.isr.iter().copied());
                }
            }
            _ => {}
        }
    }

    fn remember(&mut self, look: &Look<'_>, message: MessageId) {
        let Some(Body::Request(Request::AlterPartition(body))) = look.sent(message) else { return };
        let parts = body.topics.iter().flat_map(|topic| &topic.partitions).map(|part| {
            (PartitionIndex(part.partition_index), PartitionEpoch(part.partition_epoch))
        });
        let asked = Asked { event: look.event.id, partitions: parts.collect() };
        self.0.insert(message, asked);
        if self.0.len() > MOST_ASKED {
            self.0.pop_first();
        }
    }

    fn check_epoch(
        &self,
        look: &mut Look<'_>,
        partition: &TopicPartition,
        partition_epoch: PartitionEpoch,
    ) {
        let Some(delivery) = look.delivery() else { return };
        let Some(asked) = self.0.get(&delivery.message) else { return };
        let was = PartitionEpoch(partition_epoch.0 - 1);
        let of = asked.partitions.iter().find(|(index, _)| *index == partition.partition);
        if let Some((_, asked_epoch)) = of.filter(|(_, epoch)| *epoch != was) {
            let (partition, asked_epoch) = (partition.clone(), *asked_epoch);
            let what = Anomaly::StaleIsrChange { partition, asked: asked_epoch, was };
            look.report(what, [asked.event, delivery.event]);
        }
    }
}

/// Each of `members` has all below the leader's high watermark.
fn check_complete(
    look: &mut Look<'_>,
    partition: &TopicPartition,
    members: impl Iterator<Item = BrokerId>,
) {
    let Some(leader) = look.registration(partition).and_then(|registered| registered.leader) else {
        return;
    };
    // A power loss takes from a member what it had; the controller learns of it later.
    if look.facts.unflushed(partition).is_some() {
        return;
    }
    let Some(log) = look.world.log(leader, partition) else { return };
    let needs = log.high_watermark();
    for broker in members {
        let Some(member) = look.world.log(broker, partition) else { continue };
        let has = member.log_end_offset();
        if has < needs {
            let partition = partition.clone();
            look.report(Anomaly::IncompleteIsr { partition, broker, has, needs }, []);
        }
    }
}
