//! What can be asked of tiered storage.

use highwater_cluster::view::RemotePartitionView;

use super::cluster::chosen;
use super::{Arguments, Look, Unmet, Value};

impl Look<'_> {
    pub(super) fn of_tiers(
        &self,
        name: &str,
        with: &Arguments<'_>,
    ) -> Option<Result<Value, Unmet>> {
        let partitions = || {
            let topic = self.topic(&with.text(0))?;
            Ok(chosen(topic, with.may_number(1)))
        };
        let tiers = |measure: &dyn Fn(&RemotePartitionView) -> u64| {
            let partitions = partitions()?.into_iter();
            let tiers =
                partitions.filter_map(|partition| self.view.remote.partition(&partition.partition));
            let sum = tiers.map(measure).sum::<u64>();
            Ok(Value::Number(i64::try_from(sum).unwrap_or(i64::MAX)))
        };
        Some(match name {
            "local_log_start" => partitions().map(|partitions| {
                let leaders = partitions.into_iter().filter_map(|it| self.leading(it));
                Value::Number(leaders.map(|replica| replica.local_log_start_offset.0).sum())
            }),
            "remote_segments" => tiers(&|tier| tier.copied().count() as u64),
            "remote_bytes" => tiers(&|tier| tier.copied().map(|segment| segment.size_bytes).sum()),
            "copy_lag" => tiers(&|tier| u64::from(tier.copy_lag_segments)),
            _ => return None,
        })
    }
}
