//! What happens with quotas.

use std::sync::Arc;

use kafka_protocol::messages::ApiKey;

use super::{QuotaEntity, QuotaKind, QuotaValue};
use crate::ids::NodeId;
use crate::time::Span;

/// Something that happened with quotas.
#[derive(Clone, Debug, PartialEq)]
pub enum QuotaEvent {
    /// A quota was given, or with no value taken away.
    Changed { entity: QuotaEntity, name: Arc<str>, value: Option<QuotaValue> },
    /// A client has had more than its quota allows: it is told to wait, and nothing is read from it until then.
    Throttled {
        /// The broker that it had too much of, or the controller.
        by: NodeId,
        client: NodeId,
        kind: QuotaKind,
        /// What was asked in the request with which that came to light.
        api: ApiKey,
        /// Whose quota it is.
        entity: QuotaEntity,
        quota: QuotaValue,
        wait: Span,
        /// Whether what it asked is not done.
        is_refused: bool,
    },
}
