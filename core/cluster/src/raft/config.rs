//! The settings of the quorum, by Kafka's names and with Kafka's defaults.

use crate::cluster_spec::ClusterSpec;
use crate::configs::BrokerConfig;
use crate::ids::BrokerId;
use crate::time::Span;

/// The settings of the quorum.
#[derive(Clone, Debug)]
pub(crate) struct QuorumConfig {
    /// `controller.quorum.election.timeout.ms`: up to twice as long, by chance, so that voters do
    /// not all stand for election at once.
    pub(super) election_timeout: Span,
    /// `controller.quorum.election.backoff.max.ms`: how long the last of the successors waits that
    /// a leader names when it resigns.
    pub(super) election_backoff_max: Span,
    /// `controller.quorum.fetch.timeout.ms`: how long a voter bears it that it cannot fetch.
    pub(super) fetch_timeout: Span,
    /// `controller.quorum.request.timeout.ms`
    pub(super) request_timeout: Span,
    /// `controller.quorum.retry.backoff.ms`
    pub(super) retry_backoff: Span,
    /// `metadata.log.max.record.bytes.between.snapshots`
    pub(crate) snapshot_bytes: u64,
    /// `metadata.max.retention.bytes`; negative for no limit.
    pub(super) retention_bytes: i64,
}

impl QuorumConfig {
    pub(crate) fn new(spec: &ClusterSpec) -> Self {
        // No broker has this id: what comes out are the settings that are no single broker's own.
        let shared = BrokerConfig::new(spec, BrokerId(-1));
        Self {
            election_timeout: shared.quorum_election_timeout,
            election_backoff_max: shared.quorum_election_backoff_max,
            fetch_timeout: shared.quorum_fetch_timeout,
            request_timeout: shared.quorum_request_timeout,
            retry_backoff: shared.quorum_retry_backoff,
            snapshot_bytes: u64::try_from(shared.metadata_snapshot_bytes).unwrap_or(1).max(1),
            retention_bytes: shared.metadata_retention_bytes,
        }
    }

    /// How long a leader goes without fetches of a majority: Kafka's `CHECK_QUORUM_TIMEOUT_FACTOR`.
    pub(super) fn check_quorum_timeout(&self) -> Span {
        Span(self.fetch_timeout.0 + self.fetch_timeout.0 / 2)
    }

    /// How long a voter may go without a fetch until the leader tells it again that it leads.
    pub(super) fn begin_epoch_interval(&self) -> Span {
        Span(self.fetch_timeout.0 / 2)
    }

    /// How long the successor in that place waits until it stands for election: the first not at
    /// all, each further one twice as long as the one before (`strictExponentialElectionBackoffMs`).
    pub(super) fn successor_backoff(&self, place: Option<usize>, successors: usize) -> Span {
        let max = self.election_backoff_max.0;
        match place {
            Some(0) => Span(0),
            Some(place) if place < successors => {
                let doublings = (successors - place).min(63);
                Span(max >> doublings)
            }
            _ => Span(max),
        }
    }
}
