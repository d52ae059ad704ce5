//! What happens with quotas of clients, in sentences.

use highwater_cluster::quota::QuotaKind;
use highwater_cluster::quota::event::QuotaEvent;

use super::{LogKind, Names, Narration, detail, story};

/// How what happened with quotas is told.
pub(super) fn narrate_quota(event: &QuotaEvent, names: &Names<'_>) -> Narration {
    match event {
        QuotaEvent::Changed { entity, name, value: Some(value) } => {
            story(LogKind::Other, "quota-set")
                .with("entity", entity)
                .with("name", name)
                .with("value", value)
        }
        QuotaEvent::Changed { entity, name, value: None } => {
            story(LogKind::Other, "quota-unset").with("entity", entity).with("name", name)
        }
        QuotaEvent::Throttled { broker, client, kind, api: _, entity, quota, wait } => {
            let told = match kind {
                QuotaKind::Produce => detail(LogKind::Produce, "throttled-produce"),
                QuotaKind::Fetch => detail(LogKind::Consume, "throttled-fetch"),
                QuotaKind::Request => detail(LogKind::Other, "throttled-request"),
            };
            let told = match kind {
                QuotaKind::Produce | QuotaKind::Fetch => {
                    told.with("quota", quota.bytes_per_second())
                }
                QuotaKind::Request => told.with("quota", quota),
            };
            told.said("name", names.node(*client))
                .with("broker", broker)
                .with("entity", entity)
                .with("wait", wait.millis())
        }
    }
}
