//! The numbers that a log speaks of, each as a type of its own, so that an offset is never taken for an epoch.

use std::fmt;

/// Defines a number type: its order, its display, and its public field.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    };
}

number! {
    /// The position of a record in a partition. Never negative in a log.
    Offset(i64)
}
number! {
    /// The term of a partition's leader; each batch carries the epoch of the leader that appended it.
    LeaderEpoch(i32)
}
number! {
    /// The id of an idempotent or transactional producer; [`ProducerId::NONE`] for one that is neither.
    ProducerId(i64)
}
number! {
    /// The term of a producer: a newer instance fences the older one with a higher epoch.
    ProducerEpoch(i16)
}
number! {
    /// The number of a record within what one producer wrote to one partition; after the greatest comes 0.
    Sequence(i32)
}
number! {
    /// Milliseconds since 1970-01-01T00:00Z; [`TimestampMs::NONE`] stands for no timestamp.
    TimestampMs(i64)
}
number! {
    /// The version of the feature `transaction.version` under which a marker is written (KIP-890). From 2 on, a marker
    /// must carry a greater epoch than the producer had.
    TransactionVersion(i16)
}

impl Offset {
    /// The offset after this one.
    #[must_use]
    pub fn next(self) -> Self {
        self + 1
    }
}

/// Arithmetic stops at the ends of the range, so that an untrusted offset cannot overflow.
impl std::ops::Add<i64> for Offset {
    type Output = Self;

    fn add(self, records: i64) -> Self {
        Self(self.0.saturating_add(records))
    }
}

impl std::ops::Sub<i64> for Offset {
    type Output = Self;

    fn sub(self, records: i64) -> Self {
        Self(self.0.saturating_sub(records))
    }
}

/// How many records lie between two offsets.
impl std::ops::Sub for Offset {
    type Output = i64;

    fn sub(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

impl LeaderEpoch {
    /// No epoch: `RecordBatch.NO_PARTITION_LEADER_EPOCH`.
    pub const NONE: Self = Self(-1);
}

impl ProducerId {
    /// Neither idempotent nor transactional: `RecordBatch.NO_PRODUCER_ID`.
    pub const NONE: Self = Self(-1);

    /// Whether this names a producer.
    pub fn is_some(self) -> bool {
        self.0 > Self::NONE.0
    }
}

impl ProducerEpoch {
    /// No epoch: `RecordBatch.NO_PRODUCER_EPOCH`.
    pub const NONE: Self = Self(-1);
}

impl Sequence {
    /// No sequence: `RecordBatch.NO_SEQUENCE`.
    pub const NONE: Self = Self(-1);

    /// The sequence `by` records later. After `i32::MAX` comes 0: `DefaultRecordBatch.incrementSequence`.
    #[must_use]
    pub fn increment(self, by: i32) -> Self {
        if self.0 > i32::MAX.wrapping_sub(by) {
            Self(by.wrapping_sub(i32::MAX.wrapping_sub(self.0)).wrapping_sub(1))
        } else {
            Self(self.0.wrapping_add(by))
        }
    }

    /// The sequence `by` records earlier, going round below 0: `DefaultRecordBatch.decrementSequence`.
    #[must_use]
    pub fn decrement(self, by: i32) -> Self {
        if self.0 < by {
            Self(i32::MAX.wrapping_sub(by.wrapping_sub(self.0)).wrapping_add(1))
        } else {
            Self(self.0.wrapping_sub(by))
        }
    }
}

impl TimestampMs {
    /// No timestamp: `RecordBatch.NO_TIMESTAMP`.
    pub const NONE: Self = Self(-1);
}

impl std::ops::Add<i64> for TimestampMs {
    type Output = Self;

    fn add(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// The milliseconds between two timestamps.
impl std::ops::Sub for TimestampMs {
    type Output = i64;

    fn sub(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

impl TransactionVersion {
    /// Not known: what data batches and replicated markers are checked with.
    pub const UNKNOWN: Self = Self(-1);
}

/// Who sets the timestamp of a record: topic config `message.timestamp.type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimestampType {
    /// The producer.
    #[default]
    CreateTime,
    /// The leader, when it appends: all records of a batch then have the batch's maximum timestamp.
    LogAppendTime,
}

impl fmt::Display for TimestampType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::CreateTime => "CreateTime",
            Self::LogAppendTime => "LogAppendTime",
        })
    }
}

/// How the records of a batch are compressed; the header never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Compression {
    /// Every compression type, in the order of their ids.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The id in the lowest three bits of a batch's attributes.
    pub fn id(self) -> u8 {
        self as u8
    }

    /// The type with this id, if there is one.
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.get(usize::from(id)).copied()
    }

    /// The type with this name, as `compression.type` spells it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|compression| compression.name() == name)
    }

    /// The name as `compression.type` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
