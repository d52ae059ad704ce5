//! The application behind a transactional producer that nobody drives by hand: it begins, sends, and
//! ends its transactions by itself.

use crate::client::Alarm;
use crate::ctx::Ctx;
use crate::producer::calls::{ProducerCall, Thrown};
use crate::producer::transaction::ProducerTransactionState;
use crate::producer::{Phase, Producer};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// To make a call again takes some time at least: else nothing would stop an endless loop where
/// `max.block.ms` is 0.
const LEAST_PAUSE: Span = Span(1_000);

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
    /// Before when it makes no call, since one gave up waiting.
    goes_on_at: Time,
    go_on: Alarm,
}

impl Cycle {
    pub(in crate::producer) fn new(plan: TransactionPlan) -> Self {
        Self {
            plan,
            began: Time::ZERO,
            records: 0,
            count: 0,
            end: Alarm::default(),
            goes_on_at: Time::ZERO,
            go_on: Alarm::default(),
        }
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
        if self.cycle.is_none() || self.transactions.is_none() {
            return Some(u64::MAX);
        }
        loop {
            self.deal_with_exception(ctx);
            let call = match self.next_step(ctx) {
                NextStep::Call(call) => call,
                NextStep::Records(most) => return Some(most),
                NextStep::Close => {
                    self.close(ctx);
                    return None;
                }
            };
            self.enqueue_call(call);
            self.run_calls(ctx);
            if self.application.is_busy() {
                return None;
            }
        }
    }

    /// What the application does about a call that threw: it makes one again that gave up waiting, aborts a
    /// transaction that could not be committed, and has no other answer than to close the producer, as
    /// Kafka's documentation says.
    fn deal_with_exception(&mut self, ctx: &mut Ctx<'_>) {
        let Some(Thrown { call, error }) = self.application.take_thrown() else { return };
        let (Some(cycle), Some(manager)) = (&mut self.cycle, &self.transactions) else { return };
        if let ProducerCall::Send(_) = call {
            // A person's: the record is lost, and that is all.
            return;
        }
        let can_abort = call == ProducerCall::CommitTransaction
            && manager.state() == ProducerTransactionState::AbortableError;
        if error.is_timeout() {
            cycle.goes_on_at = ctx.now() + LEAST_PAUSE;
            cycle.go_on.set(ctx, Some(cycle.goes_on_at), &Timer::MaxBlock);
        } else if !can_abort && self.phase == Phase::Open {
            self.close(ctx);
        }
    }

    fn next_step(&mut self, ctx: &mut Ctx<'_>) -> NextStep {
        let (Some(cycle), Some(manager)) = (&mut self.cycle, &self.transactions) else {
            return NextStep::Records(u64::MAX);
        };
        let now = ctx.now();
        if self.phase != Phase::Open || self.workload.is_blocked() || cycle.goes_on_at > now {
            return NextStep::Records(0);
        }
        let repeated = manager.call_to_repeat().filter(|_| !self.application.is_busy());
        match manager.state() {
            ProducerTransactionState::FatalError => NextStep::Close,
            _ if let Some(call) = repeated => NextStep::Call(call),
            ProducerTransactionState::Uninitialized => {
                NextStep::Call(ProducerCall::InitTransactions)
            }
            ProducerTransactionState::Ready if self.workload.is_due(now) => {
                cycle.begin(ctx);
                NextStep::Call(ProducerCall::BeginTransaction)
            }
            ProducerTransactionState::InTransaction => {
                let room = cycle.room(now);
                if room > 0 && !self.workload.is_done() {
                    return NextStep::Records(room);
                }
                NextStep::Call(cycle.end_call())
            }
            ProducerTransactionState::AbortableError => {
                NextStep::Call(ProducerCall::AbortTransaction)
            }
            _ => NextStep::Records(0),
        }
    }
}

/// What the application does next.
enum NextStep {
    Call(ProducerCall),
    /// It makes as many records as are due, up to so many.
    Records(u64),
    Close,
}
