//! The states of a transactional producer, and which may follow which.

/// The state of a transactional producer: the `State` of Kafka's `TransactionManager`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProducerTransactionState {
    /// It has no producer id.
    Uninitialized,
    /// It has asked for one.
    Initializing,
    /// A transaction may begin.
    Ready,
    /// A transaction has begun.
    InTransaction,
    /// The transaction is to be committed: what is left is sent, then the coordinator told.
    CommittingTransaction,
    /// The transaction is to be aborted.
    AbortingTransaction,
    /// Something went wrong that ends with the transaction: the application has to abort it.
    AbortableError,
    /// Something went wrong for good: the application has to close the producer.
    FatalError,
}

impl ProducerTransactionState {
    /// Its name in Kafka's messages.
    pub fn name(self) -> &'static str {
        match self {
            ProducerTransactionState::Uninitialized => "UNINITIALIZED",
            ProducerTransactionState::Initializing => "INITIALIZING",
            ProducerTransactionState::Ready => "READY",
            ProducerTransactionState::InTransaction => "IN_TRANSACTION",
            ProducerTransactionState::CommittingTransaction => "COMMITTING_TRANSACTION",
            ProducerTransactionState::AbortingTransaction => "ABORTING_TRANSACTION",
            ProducerTransactionState::AbortableError => "ABORTABLE_ERROR",
            ProducerTransactionState::FatalError => "FATAL_ERROR",
        }
    }

    /// Whether it may follow `source`.
    pub(super) fn may_follow(self, source: Self) -> bool {
        use ProducerTransactionState as S;
        match self {
            S::Uninitialized => matches!(source, S::Ready | S::AbortableError),
            S::Initializing => {
                matches!(
                    source,
                    S::Uninitialized | S::CommittingTransaction | S::AbortingTransaction
                )
            }
            S::Ready => {
                matches!(
                    source,
                    S::Initializing | S::CommittingTransaction | S::AbortingTransaction
                )
            }
            S::InTransaction | S::CommittingTransaction => {
                let before = if self == S::InTransaction { S::Ready } else { S::InTransaction };
                source == before
            }
            S::AbortingTransaction => matches!(source, S::InTransaction | S::AbortableError),
            S::AbortableError => matches!(
                source,
                S::InTransaction | S::CommittingTransaction | S::AbortableError | S::Initializing
            ),
            S::FatalError => true,
        }
    }

    pub(super) fn is_error(self) -> bool {
        matches!(
            self,
            ProducerTransactionState::AbortableError | ProducerTransactionState::FatalError
        )
    }

    pub(in crate::producer) fn is_completing(self) -> bool {
        matches!(
            self,
            ProducerTransactionState::CommittingTransaction
                | ProducerTransactionState::AbortingTransaction
        )
    }
}
