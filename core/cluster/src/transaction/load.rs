//! Transactional ids as the log tells of them, when a broker becomes their coordinator, and their end
//! when it no longer is.

use std::collections::BTreeMap;

use bytes::Bytes;
use highwater_log::LeaderEpoch;

use crate::ctx::Ctx;
use crate::ids::TransactionalId;
use crate::transaction::metadata::Transaction;
use crate::transaction::records::{decode_key, decode_value};
use crate::transaction::{Coordinated, TransactionCoordinator, TransactionLog, Turn};

impl TransactionCoordinator {
    /// The broker leads a partition from here on, in this epoch: its transactional ids are what its
    /// records, in the order of the log, tell. What an earlier coordinator had decided is finished.
    pub(crate) fn partition_loaded(
        &mut self,
        ctx: &mut Ctx<'_>,
        (partition, epoch): (i32, LeaderEpoch),
        records: impl IntoIterator<Item = (Bytes, Option<Bytes>)>,
        log: &mut dyn TransactionLog,
    ) {
        let turn = &mut Turn { ctx, log };
        let mut transactions: BTreeMap<TransactionalId, Transaction> = BTreeMap::new();
        for (key, value) in records {
            let Some(id) = decode_key(&key) else { continue };
            match value.as_deref().map(decode_value) {
                None => {
                    transactions.remove(&id);
                }
                Some(Some(metadata)) => {
                    transactions.insert(id.clone(), Transaction::new(id, metadata));
                }
                // A value of a version that is not known: Kafka, too, leaves it as it was.
                Some(None) => {}
            }
        }
        let prepared: Vec<TransactionalId> = transactions
            .values()
            .filter(|transaction| transaction.metadata.state.is_prepared())
            .map(|transaction| transaction.id.clone())
            .collect();
        self.partitions.insert(partition, Coordinated { epoch: epoch.0, transactions });
        for id in prepared {
            let now = turn.ctx.timestamp();
            let coordinated = self.partitions.get_mut(&partition).expect("it was just put there");
            let transaction = coordinated.transactions.get_mut(&id).expect("it was just found");
            let target = transaction.prepare_complete(now);
            self.send_markers(turn, partition, &id, target);
        }
        self.schedule_ticks(turn);
    }

    /// The broker no longer leads a partition: its transactional ids are dropped, and whoever waits is
    /// told.
    pub(crate) fn partition_unloaded(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        log: &mut dyn TransactionLog,
    ) {
        let turn = &mut Turn { ctx, log };
        self.partitions.remove(&partition);
        self.give_up_markers(partition);
        self.give_up_writes(turn, partition);
    }
}
