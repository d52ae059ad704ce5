//! The log cleaner: a thread of the broker that compacts the logs whose `cleanup.policy` says so, the filthiest first, and
//! rests for `log.cleaner.backoff.ms` when none is due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use highwater_log::{CleanerPass, DEFAULT_MAX_KEYS, LogToClean};

use crate::broker::Broker;
use crate::broker::retention::at_least_a_moment;
use crate::ctx::Ctx;
use crate::event::EventKind;
use crate::ids::TopicPartition;
use crate::timer::Timer;

/// What the cleaner holds in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Cleaner {
    /// Partitions with a batch that could not be read: they are left alone until the broker starts anew.
    uncleanable: BTreeSet<TopicPartition>,
    /// What the last pass over each log did, to be looked at.
    passes: BTreeMap<TopicPartition, Arc<CleanerPass>>,
}

impl Cleaner {
    /// The partition is no longer here.
    pub(super) fn forget(&mut self, partition: &TopicPartition) {
        self.uncleanable.remove(partition);
        self.passes.remove(partition);
    }
}

impl Broker {
    /// Cleans log after log, until none is due.
    pub(super) fn run_cleaner(&mut self, ctx: &mut Ctx<'_>) {
        while let Some((partition, chosen)) = self.filthiest_log(ctx) {
            self.clean(ctx, &partition, &chosen);
        }
        // Compacted logs have segments below the log start too, and `compact,delete` has retention besides.
        self.delete_old_segments(ctx, true);
        ctx.set_timer(at_least_a_moment(self.config.log_cleaner_backoff), Timer::LogCleaner);
    }

    /// What the last pass of the cleaner over a log did.
    pub(crate) fn last_cleaning(&self, partition: &TopicPartition) -> Option<&CleanerPass> {
        self.process.cleaner.passes.get(partition).map(Arc::as_ref)
    }

    /// The log with the greatest part to clean, of those that are due.
    fn filthiest_log(&self, ctx: &Ctx<'_>) -> Option<(TopicPartition, LogToClean)> {
        let cleaner = &self.process.cleaner;
        let candidates = self.replicas.iter().filter(|(partition, replica)| {
            replica.log.config().compact && !cleaner.uncleanable.contains(*partition)
        });
        let due = candidates.filter_map(|(partition, replica)| {
            let chosen = replica.log.log_to_clean(ctx.timestamp());
            let is_due = chosen.is_due(replica.log.config().min_cleanable_dirty_ratio);
            is_due.then_some((partition, chosen))
        });
        let filthiest = due.max_by(|(_, one), (_, other)| one.cmp_by_ratio(other));
        filthiest.map(|(partition, chosen)| (partition.clone(), chosen))
    }

    fn clean(&mut self, ctx: &mut Ctx<'_>, partition: &TopicPartition, chosen: &LogToClean) {
        let replica = self.replicas.get_mut(partition).expect("it was chosen from them");
        let Ok(pass) = replica.log.clean(chosen, DEFAULT_MAX_KEYS, ctx.timestamp()) else {
            self.process.cleaner.uncleanable.insert(partition.clone());
            return;
        };
        let (before, after) = (pass.size_before() as u64, pass.size_after() as u64);
        ctx.note_log_shrink(before.saturating_sub(after));
        ctx.emit(EventKind::LogCompacted {
            broker: self.id,
            partition: partition.clone(),
            from: chosen.first_dirty_offset,
            to: pass.end_offset,
            kept: pass.kept() as u64,
            dropped: pass.dropped() as u64,
            size_before_bytes: before,
            size_after_bytes: after,
        });
        self.process.cleaner.passes.insert(partition.clone(), Arc::new(pass));
    }
}
