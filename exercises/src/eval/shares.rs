//! What can be asked of share groups, and of what became of their records.

use highwater_cluster::log::Offset;
use highwater_cluster::view::{RecordState, ShareConsumerView, ShareGroupView, SharePartitionView};

use super::cluster::large;
use super::{Arguments, Look, Unmet, Value};
use crate::model::Reason;

impl Look<'_> {
    pub(super) fn of_shares(
        &self,
        name: &str,
        with: &Arguments<'_>,
    ) -> Option<Result<Value, Unmet>> {
        let first = with.text(0);
        let sum = |of: fn(&ShareConsumerView) -> u64| {
            let members =
                self.view.share_consumers.iter().filter(|one| one.group.as_str() == first);
            Ok(large(members.map(of).sum()))
        };
        Some(match name {
            "share_records" => {
                self.share_group(&first).map(|group| large(records(group, &with.text(1))))
            }
            "share_start" => self.share_offset(with, |partition| partition.start),
            "share_end" => self.share_offset(with, |partition| partition.end),
            "delivered" => sum(|one| one.records_delivered),
            "accepted" => sum(|one| one.accepted),
            "rejected" => sum(|one| one.rejected),
            "too_late" => sum(|one| one.too_late),
            _ => return None,
        })
    }

    /// How many records the newest share consumer of that name is done with.
    pub(super) fn done_by_share_consumer(&self, name: &str) -> Option<u64> {
        let newest = self.view.share_consumers.iter().rfind(|one| *one.name == *name);
        newest.map(|one| one.accepted + one.rejected)
    }

    pub(super) fn share_group(&self, id: &str) -> Result<&ShareGroupView, Unmet> {
        let group = self.view.share_groups.iter().find(|group| group.id.as_str() == id);
        group.ok_or_else(|| Unmet::no_group(id))
    }

    /// The sum over the partitions of a topic that somebody fetched from.
    fn share_offset(
        &self,
        with: &Arguments<'_>,
        of: fn(&SharePartitionView) -> Offset,
    ) -> Result<Value, Unmet> {
        let (group, topic) = (self.share_group(&with.text(0))?, with.text(1));
        let all = group.partitions.iter();
        let wanted: Vec<i64> = all
            .filter(|partition| partition.partition.topic.as_str() == topic)
            .map(|partition| of(partition).0)
            .collect();
        match wanted.is_empty() {
            true => {
                Err(Unmet::new(Reason::NotOwned).with("group", with.text(0)).with("topic", topic))
            }
            false => Ok(Value::Number(wanted.iter().sum())),
        }
    }
}

/// How many records between start and end offset are in the state of that name.
fn records(group: &ShareGroupView, state: &str) -> u64 {
    let named = RecordState::ALL.into_iter().find(|known| known.name() == state);
    named.map_or(0, |state| group.records(state))
}
