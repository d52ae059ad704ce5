//! Transactions that take longer than their producer said, and transactional ids that nobody uses.

use highwater_log::TimestampMs;

use crate::ctx::Ctx;
use crate::ids::TransactionalId;
use crate::time::{Span, Time};
use crate::timer::Timer;
use crate::transaction::end::{End, Who};
use crate::transaction::metadata::TransactionMetadata;
use crate::transaction::writes::Effect;
use crate::transaction::{TransactionCoordinator, TransactionLog, TransactionState, Turn};

/// Whether the timers run. Kafka's run from the start of the broker on; here they are set once there is
/// something to look after, for the instants at which they would run out anyway.
#[derive(Clone, Debug, Default)]
pub(super) struct Ticks {
    looks_for_timeouts: bool,
    looks_for_unused_ids: bool,
}

impl TransactionCoordinator {
    /// Aborts the transactions that are open for longer than their `transaction.timeout.ms`, and fences
    /// their producers.
    pub(crate) fn abort_timed_out(&mut self, ctx: &mut Ctx<'_>, log: &mut dyn TransactionLog) {
        let turn = &mut Turn { ctx, log };
        self.ticks.looks_for_timeouts = false;
        let now = turn.ctx.timestamp();
        let late: Vec<TransactionalId> = self
            .partitions
            .values()
            .flat_map(|coordinated| coordinated.transactions.values())
            .filter(|it| it.pending.is_none() && is_timed_out(&it.metadata, now))
            .map(|it| it.id.clone())
            .collect();
        for id in late {
            let Ok((_, Some(transaction))) = self.transaction(turn, &id) else { continue };
            let producer_epoch = transaction.prepare_fence();
            let producer_id = transaction.metadata.producer_id;
            let version = turn.ctx.transaction_version();
            let who = Who::Fenced(None);
            let end = End { producer_id, producer_epoch, commit: false, version, who };
            // Whoever asks next finds the transaction open still, if it could not be ended.
            if self.end(turn, &id, end).is_err()
                && let Ok((_, Some(transaction))) = self.transaction(turn, &id)
            {
                transaction.pending = None;
            }
        }
        self.schedule_ticks(turn);
    }

    /// Forgets the transactional ids that were not used for `transactional.id.expiration.ms`.
    pub(crate) fn forget_unused(&mut self, ctx: &mut Ctx<'_>, log: &mut dyn TransactionLog) {
        let turn = &mut Turn { ctx, log };
        self.ticks.looks_for_unused_ids = false;
        let age_ms = turn.config().transactional_id_expiration_ms;
        let now = turn.ctx.timestamp();
        let mut unused = Vec::new();
        for (partition, coordinated) in &mut self.partitions {
            for transaction in coordinated.transactions.values_mut() {
                let metadata = &transaction.metadata;
                let is_old = metadata.updated_at.0.saturating_add(age_ms) <= now.0;
                if transaction.pending.is_none() && metadata.state.may_expire() && is_old {
                    transaction.prepare_dead();
                    unused.push((*partition, transaction.id.clone()));
                }
            }
        }
        for (partition, id) in unused {
            self.write(turn, partition, &id, None, Effect::Forgotten);
        }
        self.schedule_ticks(turn);
    }

    /// Sets the timers that there is work for.
    pub(super) fn schedule_ticks(&mut self, turn: &mut Turn<'_, '_>) {
        let mut transactions =
            self.partitions.values().flat_map(|coordinated| coordinated.transactions.values());
        let has_ids = transactions.clone().next().is_some();
        let has_open = transactions.any(|it| it.metadata.state == TransactionState::Ongoing);
        let config = turn.config();
        if has_open && !self.ticks.looks_for_timeouts {
            self.ticks.looks_for_timeouts = true;
            let interval = config.transaction_abort_timed_out_interval;
            turn.ctx.set_timer(until_tick(turn.ctx.now(), interval), Timer::TransactionTimeouts);
        }
        if has_ids && !self.ticks.looks_for_unused_ids {
            self.ticks.looks_for_unused_ids = true;
            let interval = config.transaction_remove_expired_interval;
            turn.ctx.set_timer(until_tick(turn.ctx.now(), interval), Timer::TransactionalIds);
        }
    }
}

fn is_timed_out(metadata: &TransactionMetadata, now: TimestampMs) -> bool {
    let until = metadata.started_at.0.saturating_add(i64::from(metadata.timeout_ms));
    metadata.state == TransactionState::Ongoing && until < now.0
}

/// How long it takes until the next multiple of an interval.
fn until_tick(now: Time, interval: Span) -> Span {
    let interval = interval.max(Span(1));
    Span(interval.0 - now.0 % interval.0)
}
