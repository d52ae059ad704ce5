//! How a controller begins, and what the active one writes first.

use std::sync::Arc;

use super::Controller;
use crate::ctx::Ctx;
use crate::metadata::MetadataRecord;
use crate::metadata::record::{ConfigRecord, ConfigResourceType, FeatureLevelRecord};

/// The features of the cluster. `metadata.version` is 4.2-IV1, the newest level all of whose records
/// are written here as Kafka writes them.
const FEATURES: [(&str, i16); 4] = [
    ("metadata.version", 29),
    ("eligible.leader.replicas.version", 1),
    ("group.version", 1),
    ("transaction.version", 2),
];

impl Controller {
    /// Whether eligible leader replicas are kept (KIP-966), as new clusters do since 4.1.
    pub(super) const ELR_ENABLED: bool = true;

    pub(super) fn start(&mut self, ctx: &mut Ctx<'_>) {
        let voters = ctx.controllers();
        let leader = voters.iter().copied().min().expect("a cluster has a controller");
        if leader != self.id {
            return self.quorum.become_follower(leader);
        }
        self.quorum.become_leader(self.id, &voters, ctx.timestamp());
        let mut records: Vec<MetadataRecord> = FEATURES.into_iter().map(feature_level).collect();
        records.push(self.cluster_min_insync_replicas());
        self.write(ctx, &records);
        self.schedule_elections(ctx);
    }

    /// With eligible leader replicas the whole cluster has one `min.insync.replicas`, and it stands
    /// in the metadata log: who is eligible depends on it.
    fn cluster_min_insync_replicas(&self) -> MetadataRecord {
        let record = ConfigRecord {
            resource_type: ConfigResourceType::BROKER,
            resource_name: Arc::from(""),
            name: Arc::from("min.insync.replicas"),
            value: Some(Arc::from(self.settings.min_insync_replicas.to_string())),
        };
        record.into()
    }
}

fn feature_level((name, level): (&str, i16)) -> MetadataRecord {
    FeatureLevelRecord { name: Arc::from(name), level }.into()
}
