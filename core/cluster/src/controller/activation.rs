//! What the first active controller writes before anything else.

use std::sync::Arc;

use super::Controller;
use crate::ctx::Ctx;
use crate::metadata::MetadataRecord;
use crate::metadata::record::{ConfigRecord, ConfigResourceType, FeatureLevelRecord};

/// The features of the cluster. `metadata.version` is 4.2-IV1, the newest level all of whose records
/// are written here as Kafka writes them.
pub const FEATURES: [(&str, i16); 4] = [
    ("metadata.version", 29),
    ("eligible.leader.replicas.version", 1),
    ("group.version", 1),
    ("transaction.version", 2),
];

impl Controller {
    /// Whether eligible leader replicas are kept (KIP-966), as new clusters do since 4.1.
    pub(super) const ELR_ENABLED: bool = true;

    /// The first active controller of all writes what the cluster begins with.
    pub(super) fn write_first_records(&mut self, ctx: &mut Ctx<'_>) {
        let mut records: Vec<MetadataRecord> = FEATURES.into_iter().map(feature_level).collect();
        records.push(self.cluster_min_insync_replicas());
        self.write(ctx, &records);
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
