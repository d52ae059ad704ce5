//! Deliberate bugs: each breaks one rule of the engine, to prove that the checkers bite. Only the
//! feature `deliberate-bugs` can switch one on; without it, [`Bugs`] is empty and every question
//! about it is answered at compile time.

/// A rule that can be broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bug {
    /// A leader counts only itself: its high watermark is its log end.
    EarlyHighWatermark,
    /// A leader that takes over an ISR from the controller moves its high watermark back.
    HighWatermarkBack,
    /// A produce request with acks=all is answered before the ISR has its records.
    EarlyAck,
    /// Consumers are served up to the log end.
    ReadsUncommitted,
    /// A leader does not tell a follower where their logs part, so nothing is truncated.
    NoTruncation,
    /// A follower leaves out the first of several batches that it has fetched.
    FollowerGap,
    /// Sequence numbers of idempotent producers are not checked.
    NoSequenceCheck,
    /// A leader that was replaced goes on leading in the new epoch.
    KeepsLeading,
    /// The controller elects whoever is alive, even where the topic does not allow it.
    ElectsOutsider,
    /// The controller does not look at the epochs of an AlterPartition request.
    StaleIsr,
    /// A leader asks for a follower to be in the ISR before it has caught up.
    EarlyIsr,
    /// A group's coordinator gives every member the partitions of the first.
    TwoOwners,
    /// A new coordinator does not load the offsets that groups have committed.
    LostCommit,
    /// A transaction coordinator takes requests of producers whose epoch is over.
    NoFencing,
    /// Readers of committed records are served up to the high watermark.
    IgnoresLastStableOffset,
    /// A leader writes each marker of a transaction twice.
    MarkerTwice,
    /// The leader of a group assigns a partition to two members.
    AssignsTwice,
    /// A consumer commits what it hands out before it is worked on.
    CommitsFirst,
    /// A group's coordinator does not look at the generation of a commit.
    ZombieCommits,
    /// The leader of a share partition hands out records that somebody holds.
    HandsOutTwice,
    /// The locks of records that were handed out never run out.
    LocksForEver,
    /// Records are handed out however often they were before.
    NoDeliveryLimit,
    /// A new share coordinator does not load which records were acknowledged.
    ForgetsAcknowledged,
    /// What a share group gives up is archived without having been in its dead-letter queue.
    SkipsDeadLetters,
    /// What a share group is done with goes into its dead-letter queue.
    DeadLettersAcknowledged,
    /// A segment may leave the disk as soon as it begins to be copied to the remote tier.
    DeletesBeforeCopied,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::EarlyHighWatermark,
        Self::HighWatermarkBack,
        Self::EarlyAck,
        Self::ReadsUncommitted,
        Self::NoTruncation,
        Self::FollowerGap,
        Self::NoSequenceCheck,
        Self::KeepsLeading,
        Self::ElectsOutsider,
        Self::StaleIsr,
        Self::EarlyIsr,
        Self::TwoOwners,
        Self::LostCommit,
        Self::NoFencing,
        Self::IgnoresLastStableOffset,
        Self::MarkerTwice,
        Self::AssignsTwice,
        Self::CommitsFirst,
        Self::ZombieCommits,
        Self::HandsOutTwice,
        Self::LocksForEver,
        Self::NoDeliveryLimit,
        Self::ForgetsAcknowledged,
        Self::SkipsDeadLetters,
        Self::DeadLettersAcknowledged,
        Self::DeletesBeforeCopied,
    ];

    /// Its name, as a person types it.
    pub fn name(self) -> &'static str {
        match self {
            Self::EarlyHighWatermark => "early-high-watermark",
            Self::HighWatermarkBack => "high-watermark-back",
            Self::EarlyAck => "early-ack",
            Self::ReadsUncommitted => "reads-uncommitted",
            Self::NoTruncation => "no-truncation",
            Self::FollowerGap => "follower-gap",
            Self::NoSequenceCheck => "no-sequence-check",
            Self::KeepsLeading => "keeps-leading",
            Self::ElectsOutsider => "elects-outsider",
            Self::StaleIsr => "stale-isr",
            Self::EarlyIsr => "early-isr",
            Self::TwoOwners => "two-owners",
            Self::LostCommit => "lost-commit",
            Self::NoFencing => "no-fencing",
            Self::IgnoresLastStableOffset => "ignores-last-stable-offset",
            Self::MarkerTwice => "marker-twice",
            Self::AssignsTwice => "assigns-twice",
            Self::CommitsFirst => "commits-first",
            Self::ZombieCommits => "zombie-commits",
            Self::HandsOutTwice => "hands-out-twice",
            Self::LocksForEver => "locks-for-ever",
            Self::NoDeliveryLimit => "no-delivery-limit",
            Self::ForgetsAcknowledged => "forgets-acknowledged",
            Self::SkipsDeadLetters => "skips-dead-letters",
            Self::DeadLettersAcknowledged => "dead-letters-acknowledged",
            Self::DeletesBeforeCopied => "deletes-before-copied",
        }
    }

    /// The bug of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bug| bug.name() == name)
    }
}

/// The bug that is switched on in a world, if any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bugs {
    #[cfg(feature = "deliberate-bugs")]
    on: Option<Bug>,
}

impl Bugs {
    /// One bug, switched on.
    #[cfg(feature = "deliberate-bugs")]
    pub fn only(bug: Bug) -> Self {
        Self { on: Some(bug) }
    }

    /// Whether a bug is switched on.
    #[cfg(feature = "deliberate-bugs")]
    pub(crate) fn has(self, bug: Bug) -> bool {
        self.on == Some(bug)
    }

    /// Whether a bug is switched on: none can be.
    #[cfg(not(feature = "deliberate-bugs"))]
    pub(crate) const fn has(self, _bug: Bug) -> bool {
        false
    }
}
