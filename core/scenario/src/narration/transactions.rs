//! Transactions in sentences.

use highwater_cluster::event::{EventKind, TransactionState};

use super::{LogKind, Narration, detail, list, story};

/// What is told of a transactional id, its markers and those who wait for them.
pub(super) fn narrate_transaction(kind: &EventKind) -> Option<Narration> {
    Some(match kind {
        EventKind::TransactionStateChanged {
            coordinator,
            id,
            from,
            to,
            producer_id,
            producer_epoch,
            partitions,
        } => match to {
            TransactionState::Empty => detail(LogKind::Produce, "transaction-initialised")
                .with("id", id)
                .with("producer", producer_id)
                .with("epoch", producer_epoch)
                .because("transaction-initialised.because"),
            TransactionState::Ongoing if from == to => {
                detail(LogKind::Produce, "transaction-extended")
                    .with("id", id)
                    .with("partitions", list(partitions))
            }
            TransactionState::Ongoing => detail(LogKind::Produce, "transaction-begun")
                .with("id", id)
                .with("partitions", list(partitions)),
            TransactionState::PrepareCommit | TransactionState::PrepareAbort => {
                let commits = *to == TransactionState::PrepareCommit;
                let sentence =
                    if commits { "transaction-to-commit" } else { "transaction-to-abort" };
                detail(LogKind::Produce, sentence)
                    .with("id", id)
                    .with("broker", coordinator)
                    .because("transaction-decided.because")
            }
            // Most are committed: the first is of the story, as `Firsts` knows.
            TransactionState::CompleteCommit => {
                detail(LogKind::Produce, "transaction-committed").with("id", id)
            }
            TransactionState::CompleteAbort => {
                story(LogKind::Produce, "transaction-aborted").with("id", id)
            }
            TransactionState::Dead => detail(LogKind::Produce, "transaction-dead").with("id", id),
            TransactionState::PrepareEpochFence => {
                detail(LogKind::Produce, "transaction-fence").with("id", id)
            }
        },
        EventKind::TransactionMarkerWritten { broker, partition, offset, commit, .. } => {
            let sentence = if *commit { "marker-commit" } else { "marker-abort" };
            detail(LogKind::Produce, sentence)
                .with("broker", broker)
                .with("partition", partition)
                .with("offset", offset)
        }
        EventKind::LastStableOffsetAdvanced { partition, to, .. } => {
            detail(LogKind::Produce, "last-stable-offset")
                .with("partition", partition)
                .with("to", to)
        }
        _ => return None,
    })
}
