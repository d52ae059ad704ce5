//! What a pass of the cleaner did, as plain data.

use crate::ids::{Offset, TimestampMs};

/// One pass over one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanerPass {
    /// The offset up to which the log is clean now (exclusive): its new cleaner checkpoint.
    pub end_offset: Offset,
    /// The segments that were written, in order.
    pub segments: Vec<CleanedSegment>,
}

/// A segment that the cleaner wrote in place of one or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanedSegment {
    /// The base offsets of the segments that it replaces; the first is its own.
    pub sources: Vec<Offset>,
    /// The bytes of the segments that it replaces.
    pub size_before: usize,
    /// Its own bytes.
    pub size_after: usize,
    /// What became of each batch, in order.
    pub batches: Vec<CleanedBatch>,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanedBatch {
    pub base_offset: Offset,
    pub last_offset: Offset,
    pub fate: BatchFate,
    /// The records that are left, in order.
    pub kept: Vec<Offset>,
    /// Those that are not, in order.
    pub dropped: Vec<DroppedRecord>,
}

/// What is left of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BatchFate {
    /// It is as it was, to the byte.
    Untouched,
    /// It was written anew: without some records, or because its tombstones or its marker got a delete horizon.
    Rewritten {
        /// The time from which its tombstones or its marker may go, if it has one now (KIP-534).
        delete_horizon: Option<TimestampMs>,
    },
    /// Only its header is left.
    Emptied(EmptyReason),
    /// Nothing is left.
    Removed,
}

/// Why the header of a batch without records is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmptyReason {
    /// It holds the last sequence, or the epoch, of a producer that is still known.
    LastOfProducer,
    /// It is the last of what could be cleaned, and tells where that ends.
    EndOfRound,
}

/// A record that the cleaner took, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DroppedRecord {
    pub offset: Offset,
    pub reason: DropReason,
}

/// Why the cleaner took a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// Its key has a newer value.
    Superseded {
        /// Where the newest that the pass knew of is.
        by: Offset,
    },
    /// A tombstone whose batch has passed its delete horizon (`delete.retention.ms`).
    TombstoneExpired,
    /// It belongs to a transaction that was aborted.
    Aborted,
    /// The marker of a transaction of which nothing is left, past its delete horizon.
    MarkerExpired,
    /// It has no key, so it cannot be in a compacted log; one from before the log was compacted may be.
    NoKey,
}

impl CleanerPass {
    /// The bytes of all segments that were replaced.
    pub fn size_before(&self) -> usize {
        self.segments.iter().map(|segment| segment.size_before).sum()
    }

    /// The bytes of the segments that replace them.
    pub fn size_after(&self) -> usize {
        self.segments.iter().map(|segment| segment.size_after).sum()
    }

    /// How many records were kept.
    pub fn kept(&self) -> usize {
        self.batches().map(|batch| batch.kept.len()).sum()
    }

    /// How many records were dropped.
    pub fn dropped(&self) -> usize {
        self.batches().map(|batch| batch.dropped.len()).sum()
    }

    /// All batches that the pass read, in order.
    pub fn batches(&self) -> impl Iterator<Item = &CleanedBatch> {
        self.segments.iter().flat_map(|segment| &segment.batches)
    }
}
