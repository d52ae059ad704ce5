//! The states of a transactional id.

/// The state of a transactional id at its coordinator, in Kafka's own words (KIP-98).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransactionState {
    /// The producer has its id and epoch, and has begun nothing yet.
    Empty,
    /// Partitions are part of a transaction that is open.
    Ongoing,
    /// It is decided that the transaction is committed; the markers are being written.
    PrepareCommit,
    /// It is decided that the transaction is aborted; the markers are being written.
    PrepareAbort,
    /// The transaction is committed, and every partition has its marker.
    CompleteCommit,
    /// The transaction is aborted, and every partition has its marker.
    CompleteAbort,
    /// The transactional id was not used for so long that it is about to be forgotten.
    Dead,
    /// An open transaction is about to be aborted, since its producer is being fenced.
    PrepareEpochFence,
}

impl TransactionState {
    /// All of them, in the order of the numbers by which records name them.
    pub const ALL: [Self; 8] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
        Self::Dead,
        Self::PrepareEpochFence,
    ];

    /// The state as Kafka's tools print it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
            Self::Dead => "Dead",
            Self::PrepareEpochFence => "PrepareEpochFence",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The number by which a record names it.
    pub(super) fn id(self) -> i8 {
        self as i8
    }

    /// The state of that number.
    pub(super) fn from_id(id: i8) -> Option<Self> {
        Self::ALL.get(usize::try_from(id).ok()?).copied()
    }

    /// Whether a transaction's outcome is decided, and its markers are being written.
    pub fn is_prepared(self) -> bool {
        matches!(self, Self::PrepareCommit | Self::PrepareAbort)
    }

    /// Whether a transactional id in this state can be forgotten.
    pub(super) fn may_expire(self) -> bool {
        matches!(self, Self::Empty | Self::CompleteCommit | Self::CompleteAbort)
    }

    /// Whether one may follow upon the other.
    pub(super) fn may_become(self, next: Self) -> bool {
        use TransactionState as S;
        match next {
            S::Empty => self.may_expire(),
            S::Ongoing => self == S::Ongoing || self.may_expire(),
            S::PrepareCommit => self == S::Ongoing,
            // With transaction version 2, what never began can be aborted too (KIP-890).
            S::PrepareAbort => self == S::Ongoing || self.may_expire(),
            S::CompleteCommit => self == S::PrepareCommit,
            S::CompleteAbort => self == S::PrepareAbort,
            S::Dead => self.may_expire(),
            S::PrepareEpochFence => self == S::Ongoing,
        }
    }
}
