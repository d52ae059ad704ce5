//! Share partitions as a viewer sees them.

use crate::broker::Broker;
use crate::view::{InFlightView, ShareGroupView, SharePartitionView};

impl Broker {
    /// The share groups that this broker coordinates.
    pub(crate) fn share_group_views(&self) -> Vec<ShareGroupView> {
        self.process.groups.share_views(self.id, &self.process.image)
    }

    /// The share partitions that this broker leads.
    pub(crate) fn share_partition_views(&self) -> Vec<SharePartitionView> {
        let held = self.process.shares.held.iter();
        held.filter_map(|((group, partition), held)| {
            let known = held.partition.as_ref()?;
            let in_flight = known.runs().map(|(first, run)| InFlightView {
                first,
                last: run.last,
                state: run.now.state,
                delivery_count: run.now.delivery_count,
                member: run.now.held.as_ref().map(|(owner, _)| owner.member.clone()),
                client: run.now.held.as_ref().map(|(owner, _)| owner.client),
                is_being_written: run.before.is_some(),
            });
            Some(SharePartitionView {
                group: group.clone(),
                partition: partition.clone(),
                leader: self.id,
                start: known.start(),
                end: known.end(),
                in_flight: in_flight.collect(),
            })
        })
        .collect()
    }
}
