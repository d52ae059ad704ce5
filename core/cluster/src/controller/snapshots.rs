//! When a controller takes a snapshot of the metadata, and what is in it: Kafka's
//! `SnapshotGenerator`.

use highwater_log::Batch;

use super::Controller;
use crate::ctx::Ctx;
use crate::metadata::{SnapshotRecords, decode_batches, decode_snapshot};
use crate::raft::SnapshotId;

impl Controller {
    /// Takes a snapshot once so much was committed since the last one.
    pub(super) fn take_snapshot_if_due(&mut self, ctx: &mut Ctx<'_>) {
        if self.standing.bytes_since_snapshot < self.settings.snapshot_bytes {
            return;
        }
        self.standing.bytes_since_snapshot = 0;
        let end_offset = self.standing.applied();
        let mut records = SnapshotRecords::default();
        let mut from = self.quorum.log_start_offset();
        if let Some((former, bytes)) = self.quorum.latest_snapshot() {
            if former.end_offset >= end_offset {
                return;
            }
            from = former.end_offset;
            decode_snapshot(bytes).into_iter().for_each(|record| records.add(record));
        }
        let written: Vec<Batch> = self.quorum.committed_batches(from).cloned().collect();
        let Some(last) = written.last().map(Batch::header) else { return };
        let (epoch, timestamp) = (last.leader_epoch, last.max_timestamp);
        for batch in &written {
            let decoded = decode_batches(batch.bytes().clone());
            let decoded = decoded.expect("a controller writes records that can be read");
            decoded.into_iter().for_each(|(_, record)| records.add(record));
        }
        let id = SnapshotId { end_offset, epoch };
        self.quorum.keep_snapshot(ctx, id, records.encode(timestamp));
    }
}
