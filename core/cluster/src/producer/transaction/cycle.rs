//! The application behind a transactional producer that nobody drives by hand: it begins, sends, and
//! ends its transactions by itself.

use crate::client::Alarm;
use crate::ctx::Ctx;
use crate::producer::calls::ProducerCall;
use crate::producer::transaction::ProducerTransactionState;
use crate::producer::{Phase, Producer};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// How an application groups its records into transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionPlan {
    /// When a transaction is full.
    pub end_after: EndAfter,
    /// Which transactions it aborts rather than commits: every second, every third. None if it commits
    /// all.
    pub abort_every: Option<u64>,
}

/// When a transaction is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndAfter {
    /// After so many records.
    Records(u64),
    /// So long after it began.
    Time(Span),
}

/// Where the application is in its plan.
#[derive(Clone, Debug)]
pub(in crate::producer) struct Cycle {
    plan: TransactionPlan,
    began: Time,
    records: u64,
    /// How many transactions were begun.
    count: u64,
    end: Alarm,
}

impl Cycle {
    pub(in crate::producer) fn new(plan: TransactionPlan) -> Self {
        Self { plan, began: Time::ZERO, records: 0, count: 0, end: Alarm::default() }
    }

    /// A record of the transaction was sent.
    pub(in crate::producer) fn sent(&mut self) {
        self.records += 1;
    }

    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        self.began = ctx.now();
        self.records = 0;
        self.count += 1;
        if let EndAfter::Time(length) = self.plan.end_after {
            self.end.set(ctx, Some(self.began + length), &Timer::TransactionEnd);
        }
    }

    /// How many more records there may be in the transaction.
    fn room(&self, now: Time) -> u64 {
        match self.plan.end_after {
            EndAfter::Records(count) => count.saturating_sub(self.records),
            EndAfter::Time(length) if now.since(self.began) >= length => 0,
            EndAfter::Time(_) => u64::MAX,
        }
    }

    fn end_call(&self) -> ProducerCall {
        match self.plan.abort_every {
            Some(every) if self.count.is_multiple_of(every) => ProducerCall::AbortTransaction,
            _ => ProducerCall::CommitTransaction,
        }
    }
}

impl Producer {
    /// How many records the application may make now, as far as its transactions are concerned. It
    /// makes the calls that come first; none if one of them waits.
    pub(in crate::producer) fn records_allowed(&mut self, ctx: &mut Ctx<'_>) -> Option<u64> {
        let (Some(cycle), Some(manager)) = (&mut self.cycle, &self.transactions) else {
            return Some(u64::MAX);
        };
        if self.phase != Phase::Open || self.workload.is_blocked() {
            return Some(0);
        }
        let now = ctx.now();
        let repeated = manager.call_to_repeat().filter(|_| !self.application.is_busy());
        let call = match manager.state() {
            ProducerTransactionState::FatalError => {
                // What Kafka's documentation tells an application to do.
                self.close(ctx);
                return None;
            }
            _ if let Some(call) = repeated => call,
            ProducerTransactionState::Uninitialized => ProducerCall::InitTransactions,
            ProducerTransactionState::Ready if self.workload.is_due(now) => {
                cycle.begin(ctx);
                ProducerCall::BeginTransaction
            }
            ProducerTransactionState::InTransaction => {
                let room = cycle.room(now);
                if room > 0 && !self.workload.is_done() {
                    return Some(room);
                }
                cycle.end_call()
            }
            ProducerTransactionState::AbortableError => ProducerCall::AbortTransaction,
            _ => return Some(0),
        };
        self.enqueue_call(call);
        self.run_calls(ctx);
        if self.application.is_busy() {
            return None;
        }
        self.records_allowed(ctx)
    }
}
