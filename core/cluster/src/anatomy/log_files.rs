//! A replica's log opened: its files, and what the cleaner has done and could do.

use highwater_log::{CleanedBatch, CleanerPass, Log, Offset, Segment, TimestampMs};

use crate::ids::{BrokerId, TopicPartition};
use crate::remote::{RemoteSegment, RemoteSegmentState};
use crate::view::ReplicaView;
use crate::world::World;

/// A replica's log opened.
#[derive(Clone, Debug, PartialEq)]
pub struct LogAnatomy {
    /// On which broker.
    pub broker: BrokerId,
    /// Whether that broker's process runs.
    pub is_running: bool,
    /// Its offsets, epochs and role.
    pub replica: ReplicaView,
    /// Its segments, oldest first; the last is the active one.
    pub segments: Vec<SegmentFiles>,
    /// What the cleaner could do; none if the topic is not compacted.
    pub cleaning: Option<Cleaning>,
    /// What the cleaner's last pass did, since the broker started.
    pub last_pass: Option<PassAnatomy>,
}

/// The files of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentFiles {
    /// What the files are named after.
    pub base_offset: Offset,
    /// The offset after its last.
    pub next_offset: Offset,
    /// Whether it is the one that is appended to.
    pub is_active: bool,
    /// How many batches it holds.
    pub batches: usize,
    /// The bytes of the `.log` file.
    pub log_bytes: usize,
    /// The bytes of the `.index` file that are in use.
    pub index_bytes: usize,
    /// The bytes of the `.timeindex` file that are in use.
    pub time_index_bytes: usize,
    /// How many aborted transactions the `.txnindex` file names.
    pub aborted: usize,
    /// The greatest timestamp of its batches; none if it holds none.
    pub max_timestamp: Option<TimestampMs>,
    /// What it is to the cleaner; none if the topic is not compacted.
    pub part: Option<CleanedPart>,
    /// Where it lies; none if the topic has no remote tier.
    pub tier: Option<Tier>,
}

/// Where a segment lies (KIP-405).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// On the broker's disk only.
    Local,
    /// On the disk, and copied to the remote store.
    Both,
    /// In the remote store only.
    Remote,
}

/// What a segment of a compacted log is to the cleaner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CleanedPart {
    /// A pass has gone over it.
    Clean,
    /// The next pass goes over it.
    Dirty,
    /// It is left alone yet: it is active, young, or holds records at or above the last stable offset.
    Uncleanable,
}

/// What the cleaner could do to a log now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaning {
    /// Where the last pass ended.
    pub first_dirty_offset: Offset,
    /// From where on all must be left alone.
    pub first_uncleanable_offset: Offset,
    /// The bytes of the clean part.
    pub clean_bytes: u64,
    /// The bytes of the part that could be cleaned.
    pub dirty_bytes: u64,
    /// Whether a pass is due, by `min.cleanable.dirty.ratio` or `max.compaction.lag.ms`.
    pub is_due: bool,
}

/// What a pass of the cleaner did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassAnatomy {
    /// The offset up to which the log was clean then (exclusive).
    pub end_offset: Offset,
    /// The bytes of the segments before the pass.
    pub size_before: usize,
    /// The bytes of what it wrote.
    pub size_after: usize,
    /// Records that stayed.
    pub kept: usize,
    /// Records that went.
    pub dropped: usize,
    /// What became of each batch, the first of them.
    pub batches: Vec<CleanedBatch>,
    /// How many batches are not among them.
    pub left_out: usize,
}

/// The batches of a pass that are handed out.
const MOST_BATCHES: usize = 300;

impl World {
    /// A replica's log opened; none if the broker has none of the partition.
    pub fn log_anatomy(&self, broker: BrokerId, partition: &TopicPartition) -> Option<LogAnatomy> {
        let whole = self.whole_log(broker, partition)?;
        let log = &*whole;
        let cleaning = log.config().compact.then(|| cleaning(log, self.timestamp()));
        let tiers = self.tiers(broker, partition);
        Some(LogAnatomy {
            broker,
            is_running: self.is_running(broker),
            replica: self.replica_view(broker, partition)?,
            segments: log
                .segments()
                .map(|segment| SegmentFiles {
                    tier: tiers.as_ref().map(|tiers| tiers.of(segment)),
                    ..segment_files(log, segment, cleaning.as_ref())
                })
                .collect(),
            last_pass: self.last_cleaning(broker, partition).map(PassAnatomy::of),
            cleaning,
        })
    }

    /// What tells where each segment of a replica lies; none if its topic has no remote tier.
    pub(super) fn tiers(&self, broker: BrokerId, partition: &TopicPartition) -> Option<Tiers<'_>> {
        let log = self.log(broker, partition).filter(|log| log.config().remote_storage)?;
        let mut copied = self.remote_segments(broker, partition);
        copied.retain(|known| known.state == RemoteSegmentState::CopyFinished);
        Some(Tiers { log, copied })
    }
}

/// What of a replica lies where.
pub(super) struct Tiers<'a> {
    /// What is on the disk.
    log: &'a Log,
    /// What is in the remote store.
    copied: Vec<&'a RemoteSegment>,
}

impl Tiers<'_> {
    /// Where a segment lies.
    pub(super) fn of(&self, segment: &Segment) -> Tier {
        if segment.base_offset() < self.log.local_log_start_offset()
            && self.log.segments().all(|own| own.base_offset() != segment.base_offset())
        {
            return Tier::Remote;
        }
        let is_copied = self.copied.iter().any(|known| {
            known.start_offset <= segment.base_offset()
                && segment.next_offset() <= known.end_offset.next()
                && segment.batch_count() > 0
        });
        if is_copied { Tier::Both } else { Tier::Local }
    }
}

impl PassAnatomy {
    fn of(pass: &CleanerPass) -> Self {
        Self {
            end_offset: pass.end_offset,
            size_before: pass.size_before(),
            size_after: pass.size_after(),
            kept: pass.kept(),
            dropped: pass.dropped(),
            batches: pass.batches().take(MOST_BATCHES).cloned().collect(),
            left_out: pass.batches().count().saturating_sub(MOST_BATCHES),
        }
    }
}

/// The files of a segment of a log.
pub(super) fn segment_files(
    log: &Log,
    segment: &Segment,
    cleaning: Option<&Cleaning>,
) -> SegmentFiles {
    let base_offset = segment.base_offset();
    let part = |cleaning: &Cleaning| {
        if base_offset >= cleaning.first_uncleanable_offset {
            CleanedPart::Uncleanable
        } else if segment.next_offset() <= cleaning.first_dirty_offset {
            CleanedPart::Clean
        } else {
            CleanedPart::Dirty
        }
    };
    SegmentFiles {
        base_offset,
        next_offset: segment.next_offset(),
        is_active: base_offset == log.active_segment().base_offset(),
        batches: segment.batch_count(),
        log_bytes: segment.size_in_bytes(),
        index_bytes: segment.offset_index_size_in_bytes(),
        time_index_bytes: segment.time_index_size_in_bytes(),
        aborted: segment.aborted_transactions().count(),
        max_timestamp: Some(segment.max_timestamp().timestamp).filter(|time| time.0 >= 0),
        part: cleaning.map(part),
        tier: None,
    }
}

/// What the cleaner could do to a log.
pub(super) fn cleaning(log: &Log, now: TimestampMs) -> Cleaning {
    let chosen = log.log_to_clean(now);
    Cleaning {
        first_dirty_offset: chosen.first_dirty_offset,
        first_uncleanable_offset: chosen.first_uncleanable_offset,
        clean_bytes: chosen.clean_bytes,
        dirty_bytes: chosen.cleanable_bytes,
        is_due: chosen.is_due(log.config().min_cleanable_dirty_ratio),
    }
}
