//! Appending: as the leader, which gives out offsets, and as a follower, which takes them.

use bytes::Bytes;

use super::{Log, validate};
use crate::batch::{Batch, split_batches};
use crate::builder::BatchBuilder;
use crate::control::EndTransactionMarker;
use crate::error::{AppendError, CorruptReason};
use crate::ids::{
    LeaderEpoch, Offset, ProducerEpoch, ProducerId, TimestampMs, TimestampType, TransactionVersion,
};
use crate::producer::{
    AbortedTxn, BatchMetadata, CompletedTxn, ProducerAppendInfo, ProducerStateManager,
};

/// Who wrote what is appended: each is checked differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppendOrigin {
    /// A producer: everything is checked.
    Client,
    /// A group or transaction coordinator: sequences are not, and control batches are allowed.
    Coordinator,
    /// The leader of the metadata log, as a coordinator.
    RaftLeader,
    /// A leader, as its follower sees it: the leader has checked it.
    Replication,
}

/// What an append did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendInfo {
    /// The offset of the first record.
    pub first_offset: Offset,
    /// The offset of the last record; below the first if nothing was handed over.
    pub last_offset: Offset,
    /// The greatest timestamp of a batch.
    pub max_timestamp: TimestampMs,
    /// The time of append under `LogAppendTime`, else [`TimestampMs::NONE`].
    pub log_append_time: TimestampMs,
    /// The log start offset at that time.
    pub log_start_offset: Offset,
    /// How many batches were appended.
    pub batch_count: usize,
    /// How many bytes were appended.
    pub size_in_bytes: usize,
    /// The client had sent this before: nothing was appended, and the offsets are those of the first time.
    pub duplicate: bool,
    /// The base offset of the segment that was begun for it, if one was.
    pub rolled: Option<Offset>,
}

/// What producers wrote in an append, once it is checked.
struct ProducerUpdates {
    appends: Vec<ProducerAppendInfo>,
    completed: Vec<CompletedTxn>,
}

impl Log {
    /// Appends what a producer sent: one batch at offset 0. Checks its CRC, its size, its records and their timestamps, and
    /// the producer's epoch and sequence; gives it the offsets at the log end. A batch that the producer has sent before
    /// is answered with the offsets that it got then.
    ///
    /// A batch cut short at the end of the bytes is left out, as in Kafka.
    pub fn append_as_leader(
        &mut self,
        batches: &Bytes,
        epoch: LeaderEpoch,
        now: TimestampMs,
    ) -> Result<AppendInfo, AppendError> {
        self.append_as_leader_from(
            AppendOrigin::Client,
            batches,
            epoch,
            TransactionVersion::UNKNOWN,
            now,
        )
    }

    /// Appends as the leader on behalf of `origin`. The transaction version matters for markers.
    pub fn append_as_leader_from(
        &mut self,
        origin: AppendOrigin,
        batches: &Bytes,
        epoch: LeaderEpoch,
        version: TransactionVersion,
        now: TimestampMs,
    ) -> Result<AppendInfo, AppendError> {
        let (batches, torn) = whole_batches(batches)?;
        if let (true, Some(torn)) = (batches.is_empty(), torn) {
            return Err(torn);
        }
        validate::check_batches(&batches, origin, &self.config)?;
        let (mut placed, mut next_offset) =
            (Vec::with_capacity(batches.len()), self.log_end_offset);
        for batch in &batches {
            let batch =
                validate::validate(batch, origin, &self.config, now)?.place(next_offset, epoch);
            next_offset = batch.header().next_offset();
            placed.push(batch);
        }
        self.append_placed(placed, origin, version, now)
    }

    /// Appends the marker that ends a transaction. Under transaction version 2 its epoch must be greater than the one that
    /// the producer wrote with.
    pub fn append_end_transaction(
        &mut self,
        producer_id: ProducerId,
        producer_epoch: ProducerEpoch,
        marker: EndTransactionMarker,
        epoch: LeaderEpoch,
        version: TransactionVersion,
        now: TimestampMs,
    ) -> Result<AppendInfo, AppendError> {
        let builder = BatchBuilder::end_transaction(producer_id, producer_epoch, marker, now);
        let batch = builder.build(Offset(0), LeaderEpoch::NONE);
        self.append_as_leader_from(AppendOrigin::Coordinator, batch.bytes(), epoch, version, now)
    }

    /// Appends what a follower has fetched, as it stands. Offsets must ascend and not lie below the log end; they may leave
    /// gaps, since compaction does. A batch cut short at the end of the bytes is left out: a fetch may end so.
    pub fn append_as_follower(
        &mut self,
        batches: &Bytes,
        now: TimestampMs,
    ) -> Result<AppendInfo, AppendError> {
        let (batches, _torn) = whole_batches(batches)?;
        for pair in batches.windows(2) {
            let (after, offset) = (pair[0].last_offset(), pair[1].base_offset());
            if offset <= after {
                return Err(AppendError::OffsetsOutOfOrder { offset, after });
            }
        }
        if let (Some(first), Some(last)) = (batches.first(), batches.last())
            && first.base_offset() < self.log_end_offset
        {
            return Err(AppendError::UnexpectedAppendOffset {
                first_offset: first.base_offset(),
                last_offset: last.last_offset(),
                log_end_offset: self.log_end_offset,
            });
        }
        self.append_placed(batches, AppendOrigin::Replication, TransactionVersion::UNKNOWN, now)
    }

    /// Appends batches that have their offsets and epochs. What comes first here happens even if what follows refuses the
    /// append: the epoch is noted and the segment rolled, as in Kafka.
    fn append_placed(
        &mut self,
        batches: Vec<Batch>,
        origin: AppendOrigin,
        version: TransactionVersion,
        now: TimestampMs,
    ) -> Result<AppendInfo, AppendError> {
        let mut info = self.describe(&batches);
        if batches.is_empty() {
            return Ok(info);
        }
        for header in batches.iter().map(Batch::header).filter(|header| header.leader_epoch.0 >= 0)
        {
            self.epochs.assign(header.leader_epoch, header.base_offset);
        }
        let (size, segment_bytes) = (info.size_in_bytes, self.config.segment_bytes);
        // What its leader has, a follower takes: the leader may have appended it under other settings.
        if size > segment_bytes && origin != AppendOrigin::Replication {
            return Err(AppendError::RecordListTooLarge { size, segment_bytes });
        }
        info.rolled = self.maybe_roll(&info, now);
        if let Some(known) = self.find_duplicate(&batches, origin) {
            return Ok(duplicate_info(info, known));
        }
        let updates = check_producers(&self.producers, &batches, origin, version)?;
        for batch in batches {
            self.segments.active_mut().append(batch, self.config.index_interval_bytes, now);
        }
        self.log_end_offset = info.last_offset.next();
        self.update_producers(&updates);
        if self.log_end_offset - self.flushed_offset >= self.config.flush_messages {
            self.flush();
        }
        Ok(info)
    }

    fn describe(&self, batches: &[Batch]) -> AppendInfo {
        let headers = || batches.iter().map(Batch::header);
        let first = headers().next();
        let stamped =
            first.is_some_and(|header| header.timestamp_type == TimestampType::LogAppendTime);
        let max_timestamp =
            headers().map(|header| header.max_timestamp).max().unwrap_or(TimestampMs::NONE);
        AppendInfo {
            first_offset: first.map_or(self.log_end_offset, |header| header.base_offset),
            last_offset: headers()
                .next_back()
                .map_or(self.log_end_offset - 1, |header| header.last_offset()),
            max_timestamp,
            log_append_time: if stamped { max_timestamp } else { TimestampMs::NONE },
            log_start_offset: self.log_start_offset,
            batch_count: batches.len(),
            size_in_bytes: batches.iter().map(Batch::size_in_bytes).sum(),
            duplicate: false,
            rolled: None,
        }
    }

    fn maybe_roll(&mut self, info: &AppendInfo, now: TimestampMs) -> Option<Offset> {
        let active = self.segments.active();
        if !active.should_roll(
            &self.config,
            info.size_in_bytes,
            info.last_offset,
            info.max_timestamp,
            now,
        ) {
            return None;
        }
        self.roll_at(info.first_offset, now);
        Some(self.segments.active().base_offset())
    }

    fn find_duplicate(&self, batches: &[Batch], origin: AppendOrigin) -> Option<BatchMetadata> {
        if origin != AppendOrigin::Client {
            return None;
        }
        let mut headers =
            batches.iter().map(Batch::header).filter(|header| header.has_producer_id());
        headers.find_map(|header| self.producers.find_duplicate(header))
    }

    fn update_producers(&mut self, updates: &ProducerUpdates) {
        for aborted in take_over(&mut self.producers, updates) {
            self.segments.active_mut().append_aborted(aborted);
        }
    }

    /// Takes a batch that is in the log already into the state of producers; answers the transactions that it aborts.
    pub(super) fn replay(&mut self, batch: &Batch) -> Vec<AbortedTxn> {
        replay(&mut self.producers, batch)
    }

    /// The state of producers after the batches of the active segment, from the snapshot at its base: what Kafka does after
    /// truncation and at start.
    pub(super) fn rebuild_producers(&mut self) {
        let active = self.segments.active();
        let mut producers = active.snapshot().from_snapshot();
        for batch in active.batches() {
            replay(&mut producers, batch);
        }
        producers.remove_unreplicated(self.high_watermark);
        self.producers = producers;
    }
}

/// Splits bytes; a batch cut short at their end is told apart from one that is wrong.
fn whole_batches(bytes: &Bytes) -> Result<(Vec<Batch>, Option<AppendError>), AppendError> {
    match split_batches(bytes.clone()) {
        (batches, None) => Ok((batches, None)),
        (batches, Some(corrupt)) if matches!(corrupt.reason, CorruptReason::Truncated { .. }) => {
            Ok((batches, Some(corrupt.into())))
        }
        (_, Some(corrupt)) => Err(corrupt.into()),
    }
}

fn duplicate_info(info: AppendInfo, known: BatchMetadata) -> AppendInfo {
    AppendInfo {
        first_offset: known.first_offset(),
        last_offset: known.last_offset,
        max_timestamp: known.timestamp,
        log_append_time: known.timestamp,
        batch_count: 0,
        size_in_bytes: 0,
        duplicate: true,
        ..info
    }
}

/// Checks all batches that have a producer, in order; nothing takes effect yet.
fn check_producers(
    producers: &ProducerStateManager,
    batches: &[Batch],
    origin: AppendOrigin,
    version: TransactionVersion,
) -> Result<ProducerUpdates, AppendError> {
    let mut updates = ProducerUpdates { appends: Vec::new(), completed: Vec::new() };
    for batch in batches.iter().filter(|batch| batch.header().has_producer_id()) {
        let producer_id = batch.header().producer_id;
        let known = updates.appends.iter().position(|append| append.producer_id() == producer_id);
        let index = known.unwrap_or_else(|| {
            updates.appends.push(producers.prepare_update(producer_id, origin));
            updates.appends.len() - 1
        });
        let completed = check_batch(&mut updates.appends[index], batch, version)?;
        updates.completed.extend(completed);
    }
    Ok(updates)
}

fn check_batch(
    append: &mut ProducerAppendInfo,
    batch: &Batch,
    version: TransactionVersion,
) -> Result<Option<CompletedTxn>, AppendError> {
    let header = batch.header();
    if !header.is_control {
        return append.append_data(header).map(|()| None);
    }
    // Without a marker, the cleaner has taken the whole transaction.
    let Some((marker, timestamp)) = batch.end_transaction_marker()? else {
        return Ok(None);
    };
    append.append_marker(marker, header.producer_epoch, header.base_offset, timestamp, version)
}

/// Takes over what was checked; answers the transactions that were aborted.
fn take_over(producers: &mut ProducerStateManager, updates: &ProducerUpdates) -> Vec<AbortedTxn> {
    updates.appends.iter().for_each(|append| producers.update(append));
    let mut aborted = Vec::new();
    for completed in &updates.completed {
        if completed.is_aborted {
            aborted.push(AbortedTxn {
                producer_id: completed.producer_id,
                first_offset: completed.first_offset,
                last_offset: completed.last_offset,
                last_stable_offset: producers.last_stable_offset(completed),
            });
        }
        producers.complete_transaction(completed);
    }
    aborted
}

/// Takes a batch of the log into the state of producers. It was checked when it was appended; bytes that come from
/// elsewhere and do not pass leave the state as it is.
fn replay(producers: &mut ProducerStateManager, batch: &Batch) -> Vec<AbortedTxn> {
    let batches = std::slice::from_ref(batch);
    let checked =
        check_producers(producers, batches, AppendOrigin::Replication, TransactionVersion::UNKNOWN);
    checked.map_or_else(|_| Vec::new(), |updates| take_over(producers, &updates))
}
