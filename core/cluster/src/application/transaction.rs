//! Exactly once: what is written and how far was read are committed in one transaction (KIP-98). The
//! group's coordinator takes the offsets only from a member of the generation that owns the partitions,
//! so that one that was replaced cannot commit (KIP-447).

use std::sync::Arc;

use crate::application::{Application, Step};
use crate::ctx::Ctx;
use crate::producer::{OffsetToCommit, ProducerCall};

impl Application {
    /// Before anything is read, what an earlier application of that `transactional.id` left open is
    /// ended, and it itself is fenced off.
    pub(super) fn initialize(&mut self, ctx: &mut Ctx<'_>) {
        self.step = Step::Initializing;
        self.output.call(ctx, ProducerCall::InitTransactions);
    }

    pub(super) fn go_on_initializing(&mut self, ctx: &mut Ctx<'_>) -> bool {
        match self.output.take_returned() {
            None => return false,
            Some(Ok(())) => self.poll_again(ctx),
            Some(Err(error)) if error.is_timeout() => self.initialize(ctx),
            Some(Err(error)) => self.fail(ctx, &error.to_string()),
        }
        true
    }

    /// Sends the offsets into the transaction, of the member that read the records.
    pub(super) fn send_offsets(&mut self, ctx: &mut Ctx<'_>) {
        let Some(group) = self.reader.clone() else { return self.poll_again(ctx) };
        let offsets = self.consumer.positions().into_iter().map(|(partition, offset)| {
            (partition, OffsetToCommit { offset, leader_epoch: None, metadata: Arc::from("") })
        });
        let offsets = offsets.collect();
        self.step = Step::SendingOffsets;
        self.output.call(ctx, ProducerCall::SendOffsets { group, offsets });
    }

    pub(super) fn go_on_sending_offsets(&mut self, ctx: &mut Ctx<'_>) -> bool {
        match self.output.take_returned() {
            None => return false,
            Some(Err(error)) => self.give_up_transaction(ctx, &error.to_string()),
            Some(Ok(())) => match self.take_failure() {
                Some(error) => self.give_up_transaction(ctx, &error),
                None if self.is_to_crash() => self.crash(ctx),
                None => self.commit_transaction(ctx),
            },
        }
        true
    }

    pub(super) fn go_on_committing_transaction(&mut self, ctx: &mut Ctx<'_>) -> bool {
        match self.output.take_returned() {
            None => return false,
            Some(Ok(())) => {
                self.reader = None;
                self.settled(ctx);
            }
            // The coordinator may have decided already: only asking again can tell.
            Some(Err(error)) if error.is_timeout() && !self.output.can_abort() => {
                self.commit_transaction(ctx);
            }
            Some(Err(error)) => self.give_up_transaction(ctx, &error.to_string()),
        }
        true
    }

    pub(super) fn go_on_aborting(&mut self, ctx: &mut Ctx<'_>) -> bool {
        match self.output.take_returned() {
            None => return false,
            Some(Ok(())) => {
                self.reader = None;
                self.note_settled();
                let error = self.last_error.clone().unwrap_or_else(|| "aborted".into());
                self.go_back(ctx, &error);
            }
            Some(Err(error)) if error.is_timeout() => {
                self.output.call(ctx, ProducerCall::AbortTransaction);
            }
            Some(Err(error)) => self.fail(ctx, &error.to_string()),
        }
        true
    }

    /// The first record of a transaction was read: it begins.
    pub(super) fn begin_transaction(&mut self, ctx: &mut Ctx<'_>) {
        if self.reader.is_none() {
            self.reader = Some(self.consumer.group_metadata());
            self.output.call(ctx, ProducerCall::BeginTransaction);
        }
    }

    fn commit_transaction(&mut self, ctx: &mut Ctx<'_>) {
        self.step = Step::CommittingTransaction;
        self.output.call(ctx, ProducerCall::CommitTransaction);
    }

    /// Something went wrong: what the transaction holds is undone, if that is possible; else another
    /// producer of that `transactional.id` is there, or nobody knows what is in the logs.
    fn give_up_transaction(&mut self, ctx: &mut Ctx<'_>, error: &str) {
        if !self.output.can_abort() {
            return self.fail(ctx, error);
        }
        self.last_error = Some(error.into());
        self.step = Step::Aborting;
        self.output.call(ctx, ProducerCall::AbortTransaction);
    }
}
