//! The transaction coordinator of a broker: the transactional ids whose partition of
//! `__transaction_state` the broker leads (KIP-98, KIP-360, KIP-890).

use std::collections::BTreeMap;

use bytes::Bytes;
use highwater_log::ProducerId;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::WriteTxnMarkersRequest;

use crate::configs::BrokerConfig;
use crate::ctx::Ctx;
use crate::group::java_hash;
use crate::ids::{BrokerId, NodeId, TopicPartition, TransactionalId};
use crate::input::ReplyTo;
use crate::message::{Request, Response};

mod add;
mod answers;
mod client_version;
mod describe;
mod end;
mod expire;
mod init;
mod load;
mod markers;
mod metadata;
mod pattern;
pub(crate) mod records;
mod state;
pub(crate) mod told;
mod writes;

use add::Adds;
pub(crate) use answers::{added, refusal};
pub(crate) use client_version::client_version;
#[cfg(feature = "real-clients")]
pub(crate) use client_version::mark_older_client;
use expire::Ticks;
use markers::Markers;
use metadata::Transaction;
pub use state::TransactionState;
use writes::Write;

/// Where the coordinator writes, and what else it needs of its broker.
pub(crate) trait TransactionLog {
    /// Appends a record to a partition of `__transaction_state`. Once it is replicated, or failed to
    /// be, the broker says so by [`TransactionCoordinator::written`] with the token that this returns.
    fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        record: (Bytes, Option<Bytes>),
    ) -> Result<u64, ResponseError>;

    /// How many partitions `__transaction_state` has, or will have.
    fn partition_count(&self) -> i32;

    /// A producer id that nobody has had.
    fn next_producer_id(&mut self, ctx: &mut Ctx<'_>) -> Result<ProducerId, ResponseError>;

    /// Who leads a partition.
    fn leader_of(&self, partition: &TopicPartition) -> Leader;

    /// The partition of `__consumer_offsets` that holds the offsets of a group.
    fn group_partition(&self, group: &str) -> TopicPartition;

    /// Sends markers to the leaders of partitions. The answer comes to
    /// [`TransactionCoordinator::markers_answered`].
    fn send_markers(&mut self, ctx: &mut Ctx<'_>, to: BrokerId, request: WriteTxnMarkersRequest);
}

/// Who leads a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leader {
    /// This broker.
    Broker(BrokerId),
    /// Nobody at present.
    None,
    /// There is no such partition.
    NoPartition,
}

/// The transaction coordinator of a broker.
#[derive(Clone, Debug, Default)]
pub(crate) struct TransactionCoordinator {
    /// The partitions of `__transaction_state` that the broker leads.
    partitions: BTreeMap<i32, Coordinated>,
    writes: BTreeMap<u64, Write>,
    adds: Adds,
    markers: Markers,
    ticks: Ticks,
}

/// The transactional ids of one partition.
#[derive(Clone, Debug)]
struct Coordinated {
    /// The leader epoch of the partition, by which leaders of other partitions know a coordinator that
    /// was replaced.
    epoch: i32,
    transactions: BTreeMap<TransactionalId, Transaction>,
}

/// What the coordinator needs while it handles one thing.
struct Turn<'a, 'w> {
    ctx: &'a mut Ctx<'w>,
    log: &'a mut dyn TransactionLog,
}

impl Turn<'_, '_> {
    /// The settings of the coordinator's broker.
    fn config(&self) -> BrokerConfig {
        BrokerConfig::new(&self.ctx.world.spec, self.broker())
    }

    fn broker(&self) -> BrokerId {
        match self.ctx.me() {
            NodeId::Broker(broker) => broker,
            other => unreachable!("{other} coordinates no transactions"),
        }
    }
}

impl TransactionCoordinator {
    /// Answers InitProducerId with a transactional id, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn,
    /// DescribeTransactions or ListTransactions, now or later.
    pub(crate) fn handle(
        &mut self,
        ctx: &mut Ctx<'_>,
        reply: ReplyTo,
        request: &Request,
        log: &mut dyn TransactionLog,
    ) {
        let turn = &mut Turn { ctx, log };
        let result = match request {
            Request::InitProducerId(body) => self.init_producer_id(turn, reply, body),
            Request::AddPartitionsToTxn(body) => {
                self.add_partitions(turn, reply, body);
                Ok(())
            }
            Request::AddOffsetsToTxn(body) => self.add_offsets(turn, reply, body),
            Request::EndTxn(body) => self.end_txn(turn, reply, body),
            Request::DescribeTransactions(body) => {
                let response = self.describe(turn, body);
                turn.ctx.respond(reply, response);
                Ok(())
            }
            Request::ListTransactions(body) => {
                let response = self.list(turn, body);
                turn.ctx.respond(reply, response);
                Ok(())
            }
            other => unreachable!("a transaction coordinator gets no {:?}", other.api_key()),
        };
        if let Err(error) = result {
            let response: Response = refusal(request, error);
            turn.ctx.respond(reply, response);
        }
        self.schedule_ticks(turn);
    }

    /// The partition of a transactional id, if the broker leads it.
    fn check_coordinator(&self, turn: &Turn<'_, '_>, id: &str) -> Result<i32, ResponseError> {
        let count = turn.log.partition_count();
        if count == 0 {
            return Err(ResponseError::CoordinatorNotAvailable);
        }
        let partition = partition_for(id, count);
        let leads = self.partitions.contains_key(&partition);
        if leads { Ok(partition) } else { Err(ResponseError::NotCoordinator) }
    }

    /// What is known of a transactional id, if the broker coordinates it.
    fn transaction(
        &mut self,
        turn: &Turn<'_, '_>,
        id: &TransactionalId,
    ) -> Result<(i32, Option<&mut Transaction>), ResponseError> {
        if id.as_str().is_empty() || !records::fits(id.as_str()) {
            return Err(ResponseError::InvalidRequest);
        }
        let partition = self.check_coordinator(turn, id.as_str())?;
        let coordinated = self.partitions.get_mut(&partition).expect("it was checked");
        Ok((partition, coordinated.transactions.get_mut(id)))
    }
}

/// The partition of `__transaction_state` that a transactional id belongs to: Kafka's
/// `Utils.abs(transactionalId.hashCode()) % partitions`.
pub(crate) fn partition_for(id: &str, partition_count: i32) -> i32 {
    (java_hash::hash_code(id) & i32::MAX) % partition_count
}

#[cfg(test)]
mod tests;
