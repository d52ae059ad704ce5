//! How far groups are behind, followed from the events.

use std::collections::{BTreeMap, BTreeSet};

use highwater_cluster::event::EventKind;
use highwater_cluster::ids::{GroupId, TopicPartition};
use highwater_cluster::log::Offset;
use highwater_cluster::view::ReplicaRole;

use crate::session::Session;

/// The lag of groups: how many offsets lie between what a group has committed and the high watermark.
/// Of a group that has committed nothing of a partition, nothing is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Lags {
    high_watermarks: BTreeMap<TopicPartition, Offset>,
    committed: BTreeMap<TopicPartition, BTreeMap<GroupId, Offset>>,
    /// Where it is greater than allowed, and was hit for it.
    over: BTreeSet<(TopicPartition, GroupId)>,
}

impl Lags {
    /// What they are now. What is behind already does not count as becoming so.
    pub(super) fn of(session: &Session, most: u64) -> Self {
        let view = session.view();
        let mut lags = Self::default();
        let replicas = view.brokers.iter().flat_map(|broker| &broker.replicas);
        for replica in replicas.filter(|replica| replica.role == ReplicaRole::Leader) {
            lags.high_watermarks.insert(replica.partition.clone(), replica.high_watermark);
        }
        for group in &view.groups {
            for (partition, offset) in &group.committed {
                lags.commit(partition, &group.id, *offset);
                lags.over_at(partition, &group.id, most);
            }
        }
        lags
    }

    /// Takes an event in. If it puts a group further behind than allowed, what is to be said of it.
    pub(super) fn observe(
        &mut self,
        kind: &EventKind,
        most: u64,
    ) -> Option<Vec<(&'static str, String)>> {
        match kind {
            EventKind::HighWatermarkAdvanced { partition, to, is_leader: true, .. } => {
                self.high_watermarks.insert(partition.clone(), *to);
                let groups: Vec<GroupId> = self.committed.get(partition)?.keys().cloned().collect();
                // All are looked at, so that each is known to be over; the first is told.
                let over: Vec<_> = groups
                    .iter()
                    .filter_map(|group| self.over_at(partition, group, most))
                    .collect();
                over.into_iter().next()
            }
            EventKind::OffsetCommitted { group, partition, offset } => {
                self.commit(partition, group, *offset);
                self.over_at(partition, group, most)
            }
            EventKind::OffsetsRemoved { group, partitions, .. } => {
                for partition in partitions {
                    if let Some(groups) = self.committed.get_mut(partition) {
                        groups.remove(group);
                    }
                    self.over.remove(&(partition.clone(), group.clone()));
                }
                None
            }
            _ => None,
        }
    }

    fn commit(&mut self, partition: &TopicPartition, group: &GroupId, offset: Offset) {
        self.committed.entry(partition.clone()).or_default().insert(group.clone(), offset);
    }

    /// Whether a group got further behind than allowed, and was not before.
    fn over_at(
        &mut self,
        partition: &TopicPartition,
        group: &GroupId,
        most: u64,
    ) -> Option<Vec<(&'static str, String)>> {
        let end = self.high_watermarks.get(partition)?;
        let committed = self.committed.get(partition)?.get(group)?;
        let lag = u64::try_from(end.0.saturating_sub(committed.0)).unwrap_or(0);
        let place = (partition.clone(), group.clone());
        if lag <= most {
            self.over.remove(&place);
            return None;
        }
        self.over.insert(place).then(|| {
            vec![
                ("group", group.to_string()),
                ("partition", partition.to_string()),
                ("lag", lag.to_string()),
            ]
        })
    }
}
