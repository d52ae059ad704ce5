//! What an application asks of its producer, call by call, and what it is told. The application has
//! one thread, as most have: a call waits until the one before it has returned.
//!
//! One that lives in the same process as its producer enqueues with [`Producer::call`], hands on to
//! [`Producer::handle`] every input that it gets, and after each takes what came back with
//! [`Producer::take_settled`]. A person calls by hand, through an action.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use highwater_log::{Header, LeaderEpoch, Offset, TimestampMs};

use crate::client::Alarm;
use crate::ctx::Ctx;
use crate::ids::{Generation, GroupId, MemberId, PartitionIndex, TopicName, TopicPartition};
use crate::producer::batch::NewRecord;
use crate::producer::error::ProducerError;
use crate::producer::transaction::{ProducerTransactionEvent, ProducerTransactionState};
use crate::producer::{Phase, Producer};
use crate::time::{Span, Time};
use crate::timer::Timer;

/// What an application asks of its producer: the methods of Kafka's `Producer`.
#[derive(Clone, Debug, PartialEq)]
pub enum ProducerCall {
    /// `initTransactions`: gets the producer id, ends what an earlier producer of the same
    /// `transactional.id` left open, and fences that one off.
    InitTransactions,
    /// `beginTransaction`: nothing is sent for it.
    BeginTransaction,
    /// `send`: returns once the record is in its batch; what becomes of it is told later.
    Send(ProducerRecord),
    /// `sendOffsetsToTransaction`: commits a consumer's offsets with the transaction.
    SendOffsets {
        /// The group, and the member that the application is.
        group: GroupMetadata,
        /// The offset of the next record to read, by partition.
        offsets: BTreeMap<TopicPartition, OffsetToCommit>,
    },
    /// `commitTransaction`: sends what is left, then ends the transaction.
    CommitTransaction,
    /// `abortTransaction`: drops what was not sent, then ends the transaction.
    AbortTransaction,
}

impl ProducerCall {
    /// The method of Kafka's `Producer`.
    pub fn method(&self) -> &'static str {
        match self {
            ProducerCall::InitTransactions => "initTransactions",
            ProducerCall::BeginTransaction => "beginTransaction",
            ProducerCall::Send(_) => "send",
            ProducerCall::SendOffsets { .. } => "sendOffsetsToTransaction",
            ProducerCall::CommitTransaction => "commitTransaction",
            ProducerCall::AbortTransaction => "abortTransaction",
        }
    }
}

/// Kafka's `ProducerRecord`.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerRecord {
    /// Where it goes.
    pub topic: TopicName,
    /// Its partition, if the application chose one.
    pub partition: Option<PartitionIndex>,
    /// Its timestamp; none for that of its sending.
    pub timestamp: Option<TimestampMs>,
    /// Its key; none for null.
    pub key: Option<Bytes>,
    /// Its value; none for null, which deletes the key from a compacted topic.
    pub value: Option<Bytes>,
    /// Its headers.
    pub headers: Arc<[Header]>,
}

/// Kafka's `ConsumerGroupMetadata`: who commits offsets, so that a member that was replaced cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMetadata {
    /// The group.
    pub group: GroupId,
    /// The generation, or a member's epoch; -1 for an application that is no member.
    pub generation: Generation,
    /// The member; empty for an application that is none.
    pub member: MemberId,
    /// `group.instance.id`, of a static member.
    pub instance: Option<Arc<str>>,
}

impl GroupMetadata {
    /// Of an application that is no member of the group.
    pub fn of_group(group: GroupId) -> Self {
        Self { group, generation: Generation(-1), member: MemberId::from(""), instance: None }
    }
}

/// Kafka's `OffsetAndMetadata`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetToCommit {
    /// The offset of the next record to read.
    pub offset: Offset,
    /// The leader epoch of the last record that was read.
    pub leader_epoch: Option<LeaderEpoch>,
    /// What the application adds.
    pub metadata: Arc<str>,
}

/// The number that the application knows a call by.
pub(crate) type Ticket = u64;

/// What became of a call or, for `send`, of its record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settled {
    /// The call.
    pub(crate) ticket: Ticket,
    /// What it returned, or the exception that it ended in.
    pub(crate) result: Result<Done, ProducerError>,
}

/// What a call returned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Done {
    /// The record is in its partition. There is no offset under acks=0.
    Record { partition: TopicPartition, offset: Option<Offset> },
    /// A call of any other kind.
    Call,
}

/// The application's thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Application {
    queue: VecDeque<(ProducerCall, Option<Ticket>)>,
    waiting: Option<Waiting>,
    settled: Vec<Settled>,
    /// The call that ended in an exception last, if the application has not dealt with that.
    thrown: Option<Thrown>,
    give_up: Alarm,
}

/// A call that ended in an exception.
#[derive(Clone, Debug)]
pub(super) struct Thrown {
    pub(super) call: ProducerCall,
    pub(super) error: ProducerError,
}

/// A call that has not returned.
#[derive(Clone, Debug)]
struct Waiting {
    call: ProducerCall,
    ticket: Option<Ticket>,
    since: Time,
}

impl Application {
    /// Whether a call has not returned, or has not begun.
    pub(super) fn is_busy(&self) -> bool {
        self.waiting.is_some() || !self.queue.is_empty()
    }

    /// The call that has not returned.
    pub(super) fn waiting_call(&self) -> Option<&ProducerCall> {
        self.waiting.as_ref().map(|waiting| &waiting.call)
    }

    /// The method that has not returned.
    pub(super) fn waits_in(&self) -> Option<&'static str> {
        self.waiting_call().map(ProducerCall::method)
    }

    /// Whether `send` waits: for metadata, or for memory.
    pub(super) fn is_blocked_in_send(&self) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| matches!(waiting.call, ProducerCall::Send(_)))
    }

    /// The application learns what became of a call that it keeps track of.
    pub(super) fn settle(&mut self, ticket: Option<Ticket>, result: Result<Done, ProducerError>) {
        if let Some(ticket) = ticket {
            self.settled.push(Settled { ticket, result });
        }
    }

    /// The call that ended in an exception since this was last asked.
    pub(super) fn take_thrown(&mut self) -> Option<Thrown> {
        self.thrown.take()
    }

    /// The process ends: what was not called is not called any more.
    pub(super) fn stop(&mut self) {
        self.queue.clear();
    }
}

impl Producer {
    /// Enqueues a call of an application in the same process. What becomes of it is told under `ticket`: see [`Producer::take_settled`].
    #[allow(dead_code)]
    pub(crate) fn call(&mut self, ctx: &mut Ctx<'_>, call: ProducerCall, ticket: Option<Ticket>) {
        if self.phase != Phase::Open {
            let closed = ProducerError::illegal_state(
                "Cannot perform operation after producer has been closed".to_owned(),
            );
            return self.application.settle(ticket, Err(closed));
        }
        self.application.queue.push_back((call, ticket));
        self.run(ctx);
    }

    /// What has been settled since the application last asked.
    #[allow(dead_code)]
    pub(crate) fn take_settled(&mut self) -> Vec<Settled> {
        std::mem::take(&mut self.application.settled)
    }

    /// Why a call would throw at once. None if it would not, as far as can be known before it is made.
    pub(crate) fn refusal(&self, call: &ProducerCall) -> Option<ProducerError> {
        match &self.transactions {
            Some(manager) => manager.refusal(call, self.idempotence.as_ref()?.producer()),
            None if matches!(call, ProducerCall::Send(_)) => None,
            None => Some(ProducerError::not_transactional(self.idempotence.is_some())),
        }
    }

    /// Why a call by hand is pointless: it would throw at once. While another call has not returned that
    /// cannot be known, and the call waits for its turn.
    pub(crate) fn refusal_by_hand(&self, call: &ProducerCall) -> Option<ProducerError> {
        if self.application.is_busy() { None } else { self.refusal(call) }
    }

    /// Where it sends to by itself.
    pub(crate) fn topic(&self) -> &TopicName {
        &self.config.topic
    }

    /// The state of its transactions, if it is transactional.
    pub(crate) fn transaction_state(&self) -> Option<ProducerTransactionState> {
        self.transactions.as_ref().map(|manager| manager.state())
    }

    /// Whether it makes its transactions by itself.
    pub(crate) fn has_plan(&self) -> bool {
        self.cycle.is_some()
    }

    /// Puts a call behind those that wait.
    pub(super) fn enqueue_call(&mut self, call: ProducerCall) {
        self.application.queue.push_back((call, None));
    }

    /// Lets the application make its calls until one has to wait.
    pub(super) fn run_calls(&mut self, ctx: &mut Ctx<'_>) {
        loop {
            if let Some(waiting) = self.application.waiting.take() {
                match self.returned(ctx, &waiting) {
                    Some(result) => self.has_returned(ctx, waiting, result),
                    None => {
                        let gives_up = waiting.since + Span::from_millis(self.config.max_block_ms);
                        self.application.waiting = Some(waiting);
                        self.application.give_up.set(ctx, Some(gives_up), &Timer::MaxBlock);
                        return;
                    }
                }
            }
            let Some((call, ticket)) = self.application.queue.pop_front() else { break };
            let waiting = Waiting { call, ticket, since: ctx.now() };
            match self.begin_call(ctx, &waiting) {
                Ok(()) => self.application.waiting = Some(waiting),
                Err(error) => self.refused_call(ctx, waiting, error),
            }
        }
        self.application.give_up.set(ctx, None, &Timer::MaxBlock);
    }

    /// The application calls; the error is what is thrown at once.
    fn begin_call(&mut self, ctx: &mut Ctx<'_>, waiting: &Waiting) -> Result<(), ProducerError> {
        if let Some(refusal) = self.refusal(&waiting.call) {
            return Err(refusal);
        }
        let Some(manager) = &mut self.transactions else { return Ok(()) };
        let state = self.idempotence.as_mut().expect("a transactional producer is idempotent");
        match &waiting.call {
            ProducerCall::InitTransactions => manager.initialize(ctx.transaction_version())?,
            ProducerCall::BeginTransaction => manager.begin(state)?,
            ProducerCall::Send(_) => {}
            ProducerCall::SendOffsets { group, offsets } => {
                manager.send_offsets(group.clone(), offsets.clone(), state)?;
            }
            ProducerCall::CommitTransaction => manager.begin_end(true, state)?,
            ProducerCall::AbortTransaction => manager.begin_end(false, state)?,
        }
        self.tell_of_transactions(ctx);
        Ok(())
    }

    /// What a call that was made returned; none if it has not returned.
    fn returned(
        &mut self,
        ctx: &mut Ctx<'_>,
        waiting: &Waiting,
    ) -> Option<Result<(), ProducerError>> {
        let max_block = Span::from_millis(self.config.max_block_ms);
        let is_late = ctx.now().since(waiting.since) >= max_block;
        if let ProducerCall::Send(record) = &waiting.call {
            return self.returned_from_send(ctx, record, waiting.ticket, is_late);
        }
        let manager = self.transactions.as_mut().expect("only its calls wait");
        let returned = match &waiting.call {
            ProducerCall::BeginTransaction => Some(Ok(())),
            ProducerCall::SendOffsets { .. } => manager.take_offsets_outcome(),
            _ => manager.take_outcome(),
        };
        let method = manager.awaited(&waiting.call);
        let timed_out = || {
            let waited = self.config.max_block_ms;
            let message = format!("Timeout expired after {waited}ms while awaiting {method}");
            Err(ProducerError::timeout(message))
        };
        returned.or_else(|| is_late.then(timed_out))
    }

    /// Tries to send the record for which the application waits in `send`.
    fn returned_from_send(
        &mut self,
        ctx: &mut Ctx<'_>,
        record: &ProducerRecord,
        ticket: Option<Ticket>,
        is_late: bool,
    ) -> Option<Result<(), ProducerError>> {
        let record = NewRecord {
            topic: record.topic.clone(),
            partition: record.partition,
            timestamp: record.timestamp.unwrap_or_else(|| ctx.timestamp()),
            key: record.key.clone(),
            value: record.value.clone(),
            headers: record.headers.clone(),
        };
        match self.send(ctx, &record, ticket) {
            Ok(()) => Some(Ok(())),
            Err(error) if is_late => {
                self.send_failed(ctx, &record, ticket, error);
                Some(Ok(()))
            }
            Err(_) => None,
        }
    }

    fn has_returned(
        &mut self,
        ctx: &mut Ctx<'_>,
        waiting: Waiting,
        result: Result<(), ProducerError>,
    ) {
        self.workload.waited(ctx.now().since(waiting.since));
        if matches!(waiting.call, ProducerCall::Send(_)) {
            // What becomes of the record is told with its batch.
            return;
        }
        match result {
            Ok(()) => self.application.settle(waiting.ticket, Ok(Done::Call)),
            Err(error) => self.refused_call(ctx, waiting, error),
        }
    }

    /// A call ended in an exception.
    fn refused_call(&mut self, ctx: &mut Ctx<'_>, waiting: Waiting, error: ProducerError) {
        self.totals.last_failure = Some(error.to_string().into());
        let event = ProducerTransactionEvent::CallFailed {
            call: waiting.call.method(),
            error: error.clone(),
        };
        self.emit_transaction(ctx, event);
        self.application.settle(waiting.ticket, Err(error.clone()));
        self.application.thrown = Some(Thrown { call: waiting.call, error });
    }
}
