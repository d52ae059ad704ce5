//! Following: fetching the log from the leader, and taking back what the leader does not have.

use highwater_log::{LeaderEpoch, Offset};
use kafka_protocol::messages as kafka;

use super::{Io, QuorumTimer, Raft, Role, SnapshotFetch};
use crate::event::EventKind;
use crate::ids::ControllerId;

impl Raft {
    pub(super) fn on_fetched(
        &mut self,
        io: &mut dyn Io,
        peer: ControllerId,
        body: &kafka::FetchResponse,
    ) {
        let data = body.responses.iter().flat_map(|topic| &topic.partitions).next();
        let Some(data) = data.filter(|_| body.error_code == 0) else {
            return self.pause(io, peer);
        };
        if data.error_code != 0 {
            self.pause(io, peer);
        }
        let told = (data.current_leader.leader_id.0, data.current_leader.leader_epoch);
        if self.follow_what_is_told(io, told, data.error_code) {
            return;
        }
        if !matches!(self.memory.role, Role::Follower { .. }) {
            return;
        }
        if data.diverging_epoch.epoch >= 0 {
            let end = Offset(data.diverging_epoch.end_offset);
            self.truncate(io, LeaderEpoch(data.diverging_epoch.epoch), end);
        } else if data.snapshot_id.epoch >= 0 {
            let end = Offset(data.snapshot_id.end_offset);
            let epoch = LeaderEpoch(data.snapshot_id.epoch);
            self.begin_snapshot_fetch(SnapshotFetch::new(end, epoch));
        } else {
            self.take_over(io, data);
        }
        if let Role::Follower { has_fetched, .. } = &mut self.memory.role {
            *has_fetched = true;
        }
        self.set_timer(io, QuorumTimer::Fetch, self.config.fetch_timeout);
    }

    fn take_over(&mut self, io: &mut dyn Io, data: &kafka::fetch_response::PartitionData) {
        if let Some(records) = data.records.as_ref().filter(|records| !records.is_empty()) {
            let appended = self.log.append_as_follower(records, io.timestamp());
            appended.expect("the leader sends what follows on what it was told to be there");
            // It is counted as having it as soon as it asks for what comes next.
            self.log.flush();
        }
        if data.high_watermark >= 0 {
            self.commit_up_to(Offset(data.high_watermark));
        }
    }

    /// Cuts off what the leader does not have: `truncateToEndOffset`.
    fn truncate(&mut self, io: &mut dyn Io, epoch: LeaderEpoch, leader_end: Offset) {
        let (own_epoch, own_end) = self.end_of_epoch(epoch);
        let to = if own_epoch == epoch { own_end.min(leader_end) } else { own_end };
        let committed = self.memory.high_watermark.unwrap_or(self.log.log_start_offset());
        assert!(to >= committed, "what is committed is never taken back");
        let from = self.log.log_end_offset();
        if self.log.truncate_to(to) {
            self.log.flush();
            io.emit(EventKind::MetadataLogTruncated { controller: self.me, from, to });
        }
    }
}
