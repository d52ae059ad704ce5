//! What happens with quotas of clients, in sentences.

use highwater_cluster::ids::NodeId;
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
        QuotaEvent::Throttled { by, client, kind, entity, quota, wait, is_refused, .. } => {
            let told = match kind {
                QuotaKind::Produce => detail(LogKind::Produce, "throttled-produce"),
                QuotaKind::Fetch => detail(LogKind::Consume, "throttled-fetch"),
                QuotaKind::Request => detail(LogKind::Other, "throttled-request"),
                QuotaKind::ControllerMutation if *is_refused => {
                    detail(LogKind::Other, "refused-mutations")
                }
                QuotaKind::ControllerMutation => detail(LogKind::Other, "throttled-mutations"),
            };
            let told = match kind {
                QuotaKind::Produce | QuotaKind::Fetch => {
                    told.with("quota", quota.bytes_per_second())
                }
                QuotaKind::Request | QuotaKind::ControllerMutation => told.with("quota", quota),
            };
            let told = match by {
                NodeId::Broker(broker) => told.with("broker", broker),
                NodeId::Controller(_) | NodeId::Client(_) => told,
            };
            told.said("name", names.node(*client))
                .with("entity", entity)
                .with("wait", wait.millis())
        }
    }
}
